"""What a rule is: a pure function from facts and limits to findings, with the number it has in the risk table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from collateral.facts.herd import HerdFacts
from collateral.facts.loan import LoanFacts
from collateral.model.finding import Finding
from collateral.model.saying import Refusal, say

Overrides = Mapping[str, Mapping[str, Any]]
"""Limits that a bank or a farm has set: rule name -> field of its limits -> value."""


@dataclass(frozen=True)
class HerdRule:
    """A rule about one farm. `number`: R1-R26. `limits`: a frozen dataclass, the defaults; every field can be set per
    bank and farm."""

    number: str
    judge: Callable[[HerdFacts, Any], list[Finding]]
    limits: Any

    @property
    def name(self) -> str:
        """How findings and cases call it."""
        return self.judge.__name__

    def findings(self, facts: HerdFacts, overrides: Overrides) -> list[Finding]:
        return self.judge(facts, limits_of(self, overrides))


@dataclass(frozen=True)
class LoanRule:
    """A rule about one loan's money and papers."""

    number: str
    judge: Callable[[LoanFacts, Any], list[Finding]]
    limits: Any

    @property
    def name(self) -> str:
        return self.judge.__name__

    def findings(self, facts: LoanFacts, overrides: Overrides) -> list[Finding]:
        return self.judge(facts, limits_of(self, overrides))


class LimitRefused(Refusal):
    """A limit that the rule does not have, or a value that it cannot have; the message says what it takes."""


def limits_of(rule: HerdRule | LoanRule, overrides: Overrides) -> Any:
    """The limits a rule works with: its own, changed by what was set. Raises LimitRefused."""
    own = overrides.get(rule.name)
    if not own:
        return rule.limits
    return replace(rule.limits, **{field: checked_limit(rule, field, value) for field, value in own.items()})


def checked_limit(rule: HerdRule | LoanRule, field: str, value: Any) -> Any:
    """`value` as this limit of the rule takes it; None stays None (back to the default). Raises LimitRefused."""
    known = {each.name for each in fields(rule.limits)}
    if field not in known:
        if not known:
            raise LimitRefused(say("{rule} has no limits", rule=rule.name))
        raise LimitRefused(
            say("{rule} has no limit '{limit}'; it has: {known}", rule=rule.name, limit=field, known=sorted(known))
        )
    if value is None:
        return None
    default = getattr(rule.limits, field)
    if isinstance(default, bool) or not isinstance(default, int | float):
        fits = type(value) is type(default)
    else:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or (isinstance(default, int) and value != int(value)):
        raise LimitRefused(
            say(
                "{rule}.{limit} is a {kind} such as {default}; got {value!r}",
                rule=rule.name, limit=field, kind=type(default).__name__, default=default, value=value,
            )
        )  # fmt: skip
    return type(default)(value)
