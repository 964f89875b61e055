"""The rules there are, in the order they are asked. To add one: a module in its room, a line in the room's rules."""

from __future__ import annotations

from collateral.anomaly.counting import rules as counting
from collateral.anomaly.devices import rules as devices
from collateral.anomaly.health import rules as health
from collateral.anomaly.identity import rules as identity
from collateral.anomaly.lending import rules as lending
from collateral.anomaly.removal import rules as removal
from collateral.anomaly.rule import HerdRule, LoanRule, Overrides
from collateral.facts.herd import HerdFacts
from collateral.facts.loan import LoanFacts
from collateral.model.finding import Finding

NO_OVERRIDES: Overrides = {}

HERD_RULES: tuple[HerdRule, ...] = (
    *devices.RULES, *removal.RULES, *counting.RULES, *identity.RULES, *health.RULES,
)  # fmt: skip
LOAN_RULES: tuple[LoanRule, ...] = lending.RULES

ALL_RULES: tuple[HerdRule | LoanRule, ...] = (*HERD_RULES, *LOAN_RULES)


def findings(facts: HerdFacts, overrides: Overrides = NO_OVERRIDES) -> list[Finding]:
    """What all rules conclude about one farm at one moment, before inhibition."""
    return [finding for rule in HERD_RULES for finding in rule.findings(facts, overrides)]


def loan_findings(facts: LoanFacts, overrides: Overrides = NO_OVERRIDES) -> list[Finding]:
    """What all rules conclude about one loan's money and papers at one moment."""
    return [finding for rule in LOAN_RULES for finding in rule.findings(facts, overrides)]
