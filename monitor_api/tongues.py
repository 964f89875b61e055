"""In which language a request is answered, and how a saying is said in it.

English is the language of the source and of callers that ask for none; Chinese comes from `locale`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from babel.core import negotiate_locale

from collateral.model.saying import Saying, Tongue, plain_word
from collateral.ops.catalogs import compiled, stored
from monitor_api.recognising import Pattern, patterns, recognised

Language = Literal["en", "zh"]
CATALOG = Path(__file__).with_name("locale") / "zh_CN" / "LC_MESSAGES" / "api.po"

# One language range of RFC 9110 section 12.5.4, with its weight.
_RANGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:\s*;\s*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")
_spoken: ContextVar[Language] = ContextVar("spoken", default="en")


def wanted(accept_language: str) -> Language:
    """The language that an `Accept-Language` header asks for; English where it asks for none that is spoken here."""
    found = [match for part in accept_language.split(",") if (match := _RANGE.fullmatch(part.strip()))]
    weighed = [(float(match[2] or 1), match[1].lower()) for match in found]
    preferred = [tag for weight, tag in sorted(weighed, key=lambda w: -w[0]) if weight > 0]
    return "zh" if negotiate_locale(preferred, ["en", "zh"], sep="-") == "zh" else "en"


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Within this, `spoken` says things in `language`; threads that a request starts inherit it."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken(text: str) -> str:
    """A saying in the language of the request. Other text comes from the database, where sayings are kept in English:
    it is recognised where a template fits, and else left as it is."""
    if _spoken.get() == "en":
        return text
    tongue = _chinese()
    if isinstance(text, Saying):
        return str(tongue.shown(text))
    found = recognised(text, _patterns())
    return str(tongue.shown(found)) if found else tongue.sentence(text)


@cache
def _chinese() -> Tongue:
    catalog = compiled(CATALOG)

    def word(of: StrEnum) -> str:
        said = catalog.pgettext(type(of).__name__, of.value)
        return plain_word(of) if said == of.value else said

    return Tongue(sentence=catalog.gettext, word=word, comma="、", semicolon="；")


@cache
def _patterns() -> list[Pattern]:
    return patterns(message.id for message in stored(CATALOG) if isinstance(message.id, str) and not message.context)
