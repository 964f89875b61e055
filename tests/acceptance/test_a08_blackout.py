"""A8: gateway and both cameras lose power from 23:00 to 03:30, and 18 of 500 are gone when they come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings
from collateral.facts.events import Outage
from collateral.facts.herd import CameraState, GatewayState, HerdFacts, Track
from collateral.model.case import Case
from collateral.model.finding import Severity
from collateral.model.ids import BranchId, CameraId, GatewayId
from tests.herds import counted, facts, fixes, gateway, track

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DARK_FROM = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
DARK_UNTIL = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)  # 03:30
HEAD, GONE = 500, 18
TAKEN_AT = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # 01:00, when nobody looked
DELIVERED_BY = DARK_UNTIL + 20 * MINUTE


@cache
def _measured(number: int) -> list[datetime]:
    first = DARK_FROM - 6 * HOUR + timedelta(minutes=number % 60)
    times = [first + HOUR * n for n in range(16)]
    return [t for t in times if number >= GONE or t < TAKEN_AT]


@dataclass(frozen=True)
class Spell:
    """The farm's own record. A tag keeps what it measures and sends it when its gateway is back: with original times,
    later than measured. `keeps`: every how many of the tags do so."""

    keeps: int = 2

    def measured(self, number: int, now: datetime) -> list[datetime]:
        """When a tag measured something until `now`: hourly, at its own minute, and never again once taken."""
        return [t for t in _measured(number) if t <= now]

    def stored(self, number: int, as_of: datetime, known_at: datetime) -> list[datetime]:
        """Of these, what the database holds at `known_at`, as of `as_of`."""
        kept = number % self.keeps == 0 and known_at >= DELIVERED_BY and number >= GONE
        return [t for t in self.measured(number, as_of) if kept or not DARK_FROM <= t < DARK_UNTIL]

    def picture(self, as_of: datetime, known_at: datetime | None = None) -> HerdFacts:
        """The facts as of a moment, from what was stored by `known_at` (None: by that moment)."""
        known = known_at or as_of
        tracks = [self._track(n, sorted(self.stored(n, as_of, known))) for n in range(HEAD)]
        picture = facts(tracks, cameras=[self._camera("cam-1", as_of, 241), self._camera("cam-2", as_of, 240)],
                        gateways=[self._gateway(as_of)], as_of=as_of)  # fmt: skip
        return replace(picture, outages=self._outages(as_of))

    def _track(self, number: int, times: list[datetime]) -> Track:
        walked = fixes((30, 30), (31, 31), ending=times[-1], every=HOUR)
        return track(number, walked=walked, seen=times[-1])

    def _gateway(self, now: datetime) -> GatewayState:
        is_dark = DARK_FROM <= now < DARK_UNTIL
        catching_up = DARK_UNTIL <= now < DELIVERED_BY
        return gateway(heard=DARK_FROM if is_dark else now, backlog=DARK_FROM if catching_up else None)

    def _camera(self, name: str, now: datetime, sees: int) -> CameraState:
        """A picture every five minutes with power; half of the herd stands in the view of each."""
        times = [DARK_FROM + 5 * MINUTE * n for n in range(-60, 100)]
        seen = [t for t in times if t <= now and now - t < 4 * HOUR and not DARK_FROM < t < DARK_UNTIL]
        heads = [sees if t < DARK_UNTIL else sees - GONE // 2 for t in seen]
        camera = counted(*(heads or [0]), ending=seen[-1] if seen else now)
        counts = tuple(
            replace(c, captured_at=t, camera_id=CameraId(name)) for c, t in zip(camera.counts, seen, strict=False)
        )
        return replace(camera, camera_id=CameraId(name), counts=counts)

    def _outages(self, now: datetime) -> tuple[Outage, ...]:
        if now < DARK_UNTIL:
            return ()
        before = tuple(
            c
            for name, sees in (("cam-1", 241), ("cam-2", 240))
            for c in self._camera(name, DARK_FROM, sees).counts[-1:]
        )
        return (Outage(gateway_id=GatewayId("g1"), began_at=DARK_FROM, ended_at=DARK_UNTIL, counts_before=before),)


def _moments() -> list[datetime]:
    minutes = {*range(-10, 17), *range(20, 280, 10), *range(56, 64), *range(268, 510, 6)}
    return [DARK_FROM + minute * MINUTE for minute in sorted(minutes)]


@pytest.fixture(scope="module")
def played() -> tuple[Desk, list[tuple[datetime, Change, Case]]]:
    """The night, by the minute where minutes matter, until the tags have had their time to report."""
    desk, changes, spell = Desk(BranchId("b1")), [], Spell()
    for now in _moments():
        changes += [(now, c.change, c.case) for c in desk.look(findings(spell.picture(now)), now)]
    return desk, changes


def opened(played: tuple[Desk, list[tuple[datetime, Change, Case]]]) -> dict[str, datetime]:
    return {case.rule: now for now, change, case in played[1] if change is Change.OPENED}


def test_yellow_within_fifteen_minutes_and_orange_at_sixty(played: tuple[Desk, list]) -> None:  # type: ignore[type-arg]
    steps = [(now, case.severity) for now, change, case in played[1]
             if case.rule == "farm_blackout" and change in (Change.OPENED, Change.GRAVER)]  # fmt: skip
    (yellow, first), (orange, second) = steps
    assert (first, second) == (Severity.YELLOW, Severity.ORANGE)
    assert yellow - DARK_FROM <= 15 * MINUTE
    assert 60 * MINUTE <= orange - DARK_FROM <= 61 * MINUTE


def test_no_alert_about_single_tags_and_nothing_red(played: tuple[Desk, list]) -> None:  # type: ignore[type-arg]
    assert set(opened(played)) == {"farm_blackout", "recount_after_blackout"}
    assert max(case.severity for _, _, case in played[1]) is Severity.ORANGE


def test_on_return_the_case_shows_500_and_482_and_asks_for_a_recount_within_a_day(played: tuple[Desk, list]) -> None:  # type: ignore[type-arg]
    assert opened(played)["recount_after_blackout"] - DARK_UNTIL <= 6 * MINUTE
    case = next(c for c in played[0].standing.values() if c.rule == "recount_after_blackout")
    assert (case.severity, len(case.animals)) == (Severity.ORANGE, GONE)
    assert (case.figures["before"], case.figures["after"]) == (500, 482)
    assert case.figures["recount_due_at"] == (DARK_UNTIL + 24 * HOUR).isoformat()
    cameras = [t["particulars"] for t in case.testimonies if t["witness"] == "camera"]
    assert [(c["before"], c["after"]) for c in cameras] == [(241, 232), (240, 231)]


def test_nobody_is_named_before_the_tags_had_their_time(played: tuple[Desk, list]) -> None:  # type: ignore[type-arg]
    named = [now for now, _, case in played[1] if case.rule == "recount_after_blackout" and case.animals]
    assert min(named) - DARK_UNTIL >= 3 * HOUR


@pytest.mark.parametrize("moment", [DARK_FROM + 2 * HOUR, DARK_FROM + 4 * HOUR, DARK_UNTIL - MINUTE])
def test_late_data_say_alive_for_when_they_were_measured_and_for_no_later_moment(moment: datetime) -> None:
    spell = Spell()
    at_the_time, afterwards = spell.picture(moment), spell.picture(moment, known_at=DARK_UNTIL + 12 * HOUR)
    for before, after, number in zip(at_the_time.tracks, afterwards.tracks, range(HEAD), strict=True):
        assert before.last_seen_at
        assert after.last_seen_at
        measured = [t for t in spell.measured(number, moment) if t >= DARK_FROM]
        kept = number >= GONE and number % spell.keeps == 0
        assert after.last_seen_at == (measured[-1] if kept and measured else before.last_seen_at)
        assert after.last_seen_at <= moment


def test_the_taken_are_alive_at_no_moment_of_the_gap_however_late_one_looks() -> None:
    spell = Spell(keeps=1)
    for hours in range(1, 5):
        picture = spell.picture(DARK_FROM + hours * HOUR, known_at=DARK_UNTIL + 48 * HOUR)
        assert all(t.last_seen_at and t.last_seen_at < DARK_FROM for t in picture.tracks[:GONE])


def test_the_night_looked_at_again_with_late_data_says_no_less_about_the_blackout() -> None:
    """What arrived later makes no silent farm of 01:00 one that was heard."""
    at_one = DARK_FROM + 2 * HOUR
    early = {f.rule: f.severity for f in findings(Spell().picture(at_one))}
    late = {f.rule: f.severity for f in findings(Spell().picture(at_one, known_at=DARK_UNTIL + 12 * HOUR))}
    assert early["farm_blackout"] is late["farm_blackout"] is Severity.ORANGE
