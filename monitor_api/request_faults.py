"""What is wrong with a request's form, in words: pydantic's kinds of error, said in both languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from collateral.model.saying import Saying, say

_WHOLE = say("must be a whole number")
_NUMBER = say("must be a number")
_YES_NO = say("must be true or false")
_DAY = say("must be a day such as 2026-03-01")
_TIME = say("must be a time such as 2026-03-01T06:00:00+08:00")

_PLAIN: dict[str, Saying] = {
    "missing": say("is missing"),
    "extra_forbidden": say("is not known here; leave it out"),
    "json_invalid": say("is no JSON"),
    "string_type": say("must be text"),
    "list_type": say("must be a list"),
    "dict_type": say("must be an object"),
    "model_type": say("must be an object"),
    "model_attributes_type": say("must be an object"),
    "int_type": _WHOLE, "int_parsing": _WHOLE, "int_from_float": _WHOLE, "int_parsing_size": _WHOLE,
    "float_type": _NUMBER, "float_parsing": _NUMBER, "finite_number": _NUMBER,
    "bool_type": _YES_NO, "bool_parsing": _YES_NO,
    "date_type": _DAY, "date_parsing": _DAY, "date_from_datetime_parsing": _DAY, "date_from_datetime_inexact": _DAY,
    "datetime_type": _TIME, "datetime_parsing": _TIME, "datetime_from_date_parsing": _TIME,
    "timezone_aware": say("needs a time zone, such as 2026-03-01T06:00:00+08:00"),
}  # fmt: skip


_BOUNDED: dict[str, tuple[str, Callable[[Any], Saying]]] = {
    "string_too_short": ("min_length", lambda least: say("needs at least {least} characters", least=least)),
    "string_too_long": ("max_length", lambda most: say("may have {most} characters at most", most=most)),
    "bytes_too_long": ("max_length", lambda most: say("may have {most} bytes at most", most=most)),
    "too_short": ("min_length", lambda least: say("needs at least {least} entries", least=least)),
    "too_long": ("max_length", lambda most: say("may have {most} entries at most", most=most)),
    "string_pattern_mismatch": ("pattern", lambda form: say("must have the form {form}", form=form)),
    "literal_error": ("expected", lambda words: say("must be one of: {words}", words=words.replace(" or ", ", "))),
    "greater_than": ("gt", lambda bound: say("must be above {bound}", bound=bound)),
    "greater_than_equal": ("ge", lambda bound: say("must be at least {bound}", bound=bound)),
    "less_than": ("lt", lambda bound: say("must be below {bound}", bound=bound)),
    "less_than_equal": ("le", lambda bound: say("must be at most {bound}", bound=bound)),
}
"""By kind: the name of the bound in the error's context, and what is said of it."""


def told(errors: Sequence[Any]) -> Saying:
    """Everything that is wrong with a request: where, and what. A kind without words of its own keeps pydantic's."""
    return say("correct the request: {faults}", faults=[_fault(error) for error in errors])


def _fault(error: dict[str, Any]) -> Saying:
    place = ".".join(str(part) for part in error["loc"])
    return say("{place}: {fault}", place=place, fault=_what(error))


def _what(error: dict[str, Any]) -> Saying:
    kind = error["type"]
    if kind in _BOUNDED:
        bound, said = _BOUNDED[kind]
        return said(error["ctx"][bound])
    return _PLAIN.get(kind) or say("{message}", message=error["msg"])
