"""What was said in a play: the cases that were opened, how grave they became and when, and which animals were named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collateral.alerting.cases import Change, Changed
from collateral.anomaly.rules import HERD_RULES, LOAN_RULES
from collateral.model.case import CaseState
from collateral.model.finding import Audience, Finding, Severity

NUMBER = {r.name: r.number for r in HERD_RULES} | {r.name: r.number for r in LOAN_RULES}
ANIMAL_RULES = frozenset({"R11", "R17"})
"""Judged by the animals that they name: one case gathers many of them."""
AGAIN_S = 2 * 86_400.0  # an animal named again after so long without is a new naming


@dataclass
class Raised:
    """One case, or one animal's naming by a rule about single animals. `steps`: when it reached which severity."""

    rule: str
    number: str
    place: str
    farm: str
    opened_s: float
    audience: Audience
    animal: str | None = None
    steps: list[tuple[float, Severity]] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    closed_s: float = float("inf")

    @property
    def severity(self) -> Severity:
        """The gravest it became."""
        return max(severity for _, severity in self.steps)

    def reached_s(self, severity: Severity) -> float | None:
        """When it first stood at `severity` or graver."""
        return next((at for at, step in self.steps if step >= severity), None)


@dataclass
class Record:
    """Everything raised in one play. `animal_days`: watched, of the animals in the book."""

    cases: list[Raised] = field(default_factory=list)
    namings: list[Raised] = field(default_factory=list)
    animal_days: float = 0.0
    ticks: int = 0
    _open: dict[int, Raised] = field(default_factory=dict)
    _last: dict[tuple[str, str], tuple[float, Raised]] = field(default_factory=dict)

    def keep(self, findings: Sequence[Finding], changes: Iterable[Changed], now: datetime) -> None:
        """Take one tick in."""
        at_s = now.timestamp()
        self.ticks += 1
        for change in changes:
            self._case(change, at_s)
        for finding in findings:
            if NUMBER[finding.rule] in ANIMAL_RULES:
                for animal in finding.animals:
                    self._name(finding, str(animal), at_s)

    def _case(self, change: Changed, at_s: float) -> None:
        """A case that is opened again is heard of again: another one here."""
        case = change.case
        number = int(case.case_id)
        raised = self._open.get(number)
        if raised is None or change.change is Change.REOPENED:
            raised = self._open[number] = Raised(
                case.rule, NUMBER[case.rule], str(case.loan_id or case.farm_id), str(case.farm_id), at_s, case.audience,
                steps=[(at_s, case.severity)],
            )  # fmt: skip
            self.cases.append(raised)
        if case.severity > raised.steps[-1][1]:
            raised.steps.append((at_s, case.severity))
        raised.closed_s = at_s if case.state is CaseState.RESOLVED else float("inf")
        raised.named.update(map(str, case.animals))

    def _name(self, finding: Finding, animal: str, at_s: float) -> None:
        last = self._last.get((finding.rule, animal))
        if last is None or at_s - last[0] > AGAIN_S:
            raised = Raised(
                finding.rule, NUMBER[finding.rule], str(finding.loan_id or finding.farm_id), str(finding.farm_id), at_s,
                finding.audience, animal, [(at_s, finding.severity)],
            )  # fmt: skip
            self.namings.append(raised)
        else:
            raised = last[1]
            if finding.severity > raised.steps[-1][1]:
                raised.steps.append((at_s, finding.severity))
        self._last[finding.rule, animal] = (at_s, raised)
