"""What a rule is: a pure function from facts and limits to findings, with the number it has in the risk table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collateral.facts.herd import HerdFacts
from collateral.facts.loan import LoanFacts
from collateral.model.finding import Finding

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


class UnknownLimit(ValueError):
    """A limit was set that the rule does not have; the message lists those it has."""


def limits_of(rule: HerdRule | LoanRule, overrides: Overrides) -> Any:
    """The limits a rule works with: its own, changed by what was set. Raises UnknownLimit."""
    own = overrides.get(rule.name)
    if not own:
        return rule.limits
    try:
        return replace(rule.limits, **own)
    except TypeError as error:
        known = ", ".join(type(rule.limits).__dataclass_fields__)
        raise UnknownLimit(f"{rule.name} has no limit among {', '.join(own)}; it has: {known}") from error
