"""A5: three tags come off within a day, and one is heard at two farms 60 km apart within ten minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.identity.ineligible import ineligible_animals
from collateral.anomaly.rules import findings
from collateral.facts.events import TagSighting
from collateral.facts.herd import HerdFacts
from collateral.facts.loan import Ineligible
from collateral.model.case import Case
from collateral.model.finding import Audience, Finding, Severity
from collateral.model.ids import BranchId, FarmId, GatewayId, TagId
from collateral.valuation.base import BorrowingBase, borrowing_base
from tests import loans
from tests.herd_series import HerdLife, lived
from tests.herds import at, gateway

HEAD = 60
HOUR_OF = 300  # an hour of the made-up lives, which begins the play
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ADVANCE = 0.70


class Swap:
    """What happens, by minutes from the beginning of the play."""

    def __init__(self) -> None:
        self.life: HerdLife = lived(HEAD, days=14, rng=np.random.default_rng(21))
        self.begins = self.life.moment(HOUR_OF)
        self.removed = {3: self.begins - 20 * HOUR, 17: self.begins - 9 * HOUR, 41: self.begins + 7 * MINUTE}
        for row in (3, 17):
            self.life.lose_tag([row], at=HOUR_OF + int((self.removed[row] - self.begins) / HOUR))
        self.heard = (self._heard("f1", "g1", 0.0, 12), self._heard("f2", "g9", 60_000.0, 22))

    def _heard(self, farm: str, gateway_id: str, east_m: float, minute: int) -> TagSighting:
        return TagSighting(
            tag_id=TagId(f"{8:016x}"), farm_id=FarmId(farm), gateway_id=GatewayId(gateway_id), position=at(east_m, 0),
            heard_at=self.begins + minute * MINUTE,
        )  # fmt: skip

    def picture(self, now: datetime) -> HerdFacts:
        """As the store gathers it: whole hours of measurements, but a contact that opened at once."""
        hour = HOUR_OF + (now - self.begins) // HOUR
        series = self.life.series(hour)
        tamper = series.tamper.copy()
        tamper[[row for row, when in self.removed.items() if when <= now], -1] = True
        return replace(
            self.life.facts(hour), as_of=now, gateways=(gateway(heard=now),), series=replace(series, tamper=tamper),
            sightings=tuple(s for s in self.heard if s.heard_at <= now),
        )  # fmt: skip

    def minutes(self, upto: int = 45) -> Iterator[datetime]:
        return (self.begins + n * MINUTE for n in range(upto + 1))


def value_of(found: list[Finding], now: datetime) -> BorrowingBase:
    """The borrowing base of the loan on the findings that stand."""
    held = ineligible_animals(found)
    standings = [replace(s, held=held.get(s.key, frozenset())) for s in loans.herd(HEAD, seen=now)]  # type: ignore[call-overload]
    return borrowing_base(
        replace(loans.facts(now.date(), standings=standings, of=loans.loan(30_000_000, ADVANCE)), as_of=now)
    )


@pytest.fixture(scope="module")
def swap() -> Swap:
    return Swap()


@pytest.fixture(scope="module")
def played(swap: Swap) -> tuple[Desk, list[tuple[datetime, Change, Case]]]:
    desk, changes = Desk(BranchId("b1")), []
    for now in swap.minutes():
        changes += [(now, c.change, c.case) for c in desk.look(findings(swap.picture(now)), now)]
    return desk, changes


def turned(changes: list[tuple[datetime, Change, Case]], rule: str, severity: Severity) -> datetime:
    return next(now for now, _, case in changes if case.rule == rule and case.severity is severity)


def test_one_orange_case_of_removed_tags_and_one_of_a_clone_and_nothing_else(played: tuple[Desk, list]) -> None:  # type: ignore[type-arg]
    desk, _ = played
    banks = [c for c in desk.standing.values() if c.audience is Audience.BANK]
    assert {(c.rule, c.severity) for c in banks} == {
        ("tag_removed", Severity.ORANGE), ("tag_cloned", Severity.ORANGE),
    }  # fmt: skip
    assert desk.closed == []
    named = {c.rule: set(c.animals) for c in banks}
    assert named == {"tag_removed": {"a0003", "a0017", "a0041"}, "tag_cloned": {"a0008"}}


def test_both_are_raised_within_fifteen_minutes(swap: Swap, played: tuple[Desk, list]) -> None:  # type: ignore[type-arg]
    _, changes = played
    assert turned(changes, "tag_removed", Severity.ORANGE) - swap.removed[41] <= 15 * MINUTE
    assert turned(changes, "tag_cloned", Severity.ORANGE) - swap.heard[1].heard_at <= 15 * MINUTE


def test_two_removed_tags_are_yellow_before_the_third(swap: Swap, played: tuple[Desk, list]) -> None:  # type: ignore[type-arg]
    _, changes = played
    assert turned(changes, "tag_removed", Severity.YELLOW) == swap.begins


def test_availability_falls_by_the_value_of_the_animals_in_the_same_minute(swap: Swap) -> None:
    before = None
    for now in swap.minutes(30):
        found = findings(swap.picture(now))
        base = value_of(found, now)
        held = (
            {3, 17} | ({41} if now >= swap.removed[41] else set()) | ({8} if now >= swap.heard[1].heard_at else set())
        )
        per_head = base.gross_minor // HEAD
        assert base.gross_minor - base.eligible_minor == per_head * len(held)
        if before is not None:
            fallen = (before.eligible_minor - base.eligible_minor, before.available_minor - base.available_minor)
            newly = base.gross_minor - before.gross_minor == 0 and before.eligible_head - base.eligible_head
            assert fallen == (newly * per_head, pytest.approx(newly * per_head * ADVANCE, abs=1))
        before = base
    assert before is not None
    assert {line.reason: line.head for line in before.ineligible} == {Ineligible.TAMPERED: 3, Ineligible.CLONED: 1}
