"""A3: 24 pledged head are driven off from 02:10 to 02:40, and their tags report until 02:20."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings
from collateral.facts.herd import CameraState, HerdFacts, Track
from collateral.model.case import Case
from collateral.model.finding import Severity
from collateral.model.ids import BranchId
from collateral.model.reading import Fix
from monitor_api.notify.message import message
from tests.herds import at, counted, facts, gateway, track

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BEGINS = datetime(2026, 3, 1, 18, 10, tzinfo=UTC)  # 02:10 in Shanghai
LAST_REPORT, LAST_ON_LORRY = BEGINS + 10 * MINUTE, BEGINS + 30 * MINUTE
HERD, STOLEN = 96, 24
SEEN_GOING = 22  # the camera misses two of those who go
GPS_M = 8.6  # on animals 10.8 +- 6.8 m
WALK_MPS = 1.3


class Night:
    """The truth of the night, and what has been said of it by any minute."""

    def __init__(self, seed: int, *, herd: int = HERD, stolen: int = STOLEN, has_camera: bool = True) -> None:
        self.rng = np.random.default_rng(seed)
        self.herd, self.stolen, self.has_camera = herd, stolen, has_camera
        self.walks = [self._walk(number) for number in range(herd)]
        self.counts = [self._count(BEGINS + 5 * MINUTE * n) for n in range(-48, 30)]

    def _walk(self, number: int) -> list[Fix]:
        """Hourly fixes, and one every two and a half minutes while driven, until the tag is cut off."""
        phase = float(self.rng.uniform(0, 3600))
        hours = [BEGINS + timedelta(seconds=phase) + HOUR * n for n in range(-8, 3)]
        place = self.rng.uniform(5, 55, 2)
        if number >= self.stolen:
            return [self._fix(t, *(place + self.rng.normal(0, 5, 2))) for t in hours]
        leaves = BEGINS + timedelta(seconds=float(self.rng.uniform(0, 120)))
        driven = [leaves + timedelta(seconds=150) * n for n in range(1, 4)]
        calm = [self._fix(t, *place) for t in hours if t <= leaves]
        return calm + [
            self._fix(t, 60 + WALK_MPS * (t - leaves).total_seconds(), 30.0) for t in driven if t <= LAST_REPORT
        ]

    def _fix(self, moment: datetime, east: float, north: float) -> Fix:
        error = self.rng.normal(0, GPS_M, 2)
        return Fix(measured_at=moment, position=at(east + error[0], north + error[1]), error_m=11.0)

    def _count(self, moment: datetime) -> int:
        gone = np.clip((moment - BEGINS) / (LAST_ON_LORRY - BEGINS), 0, 1) * SEEN_GOING * self.stolen / STOLEN
        return round(self.herd - gone - int(self.rng.integers(0, 2)))

    def camera(self, now: datetime) -> CameraState:
        seen = [c for n, c in enumerate(self.counts) if BEGINS + 5 * MINUTE * (n - 48) <= now][-48:]
        newest = BEGINS + 5 * MINUTE * ((now - BEGINS) // (5 * MINUTE))
        return counted(*seen, ending=newest)

    def picture(self, now: datetime) -> HerdFacts:
        tracks = [self._track(number, now) for number in range(self.herd)]
        return facts(
            tracks, cameras=[self.camera(now)] if self.has_camera else [], gateways=[gateway(heard=now)], as_of=now
        )

    def _track(self, number: int, now: datetime) -> Track:
        known = tuple(f for f in self.walks[number] if f.measured_at <= now)[-10:]
        return track(number, walked=known, seen=known[-1].measured_at)


def play(night: Night, until: datetime = BEGINS + 70 * MINUTE) -> tuple[Desk, list[tuple[Change, Case]]]:
    """Every minute from an hour before."""
    desk, changes = Desk(BranchId("b1")), []
    now = BEGINS - HOUR
    while now <= until:
        changes += [(c.change, c.case) for c in desk.look(findings(night.picture(now)), now)]
        now += MINUTE
    return desk, changes


@pytest.mark.parametrize("seed", range(5))
def test_one_red_case_within_five_minutes_of_the_second_witness(seed: int) -> None:
    night = Night(seed)
    desk, changes = play(night)
    reds = [case for case in desk.standing.values() if case.severity is Severity.RED]
    assert [case.rule for case in reds] == ["group_removal"]
    assert len(reds[0].animals) == STOLEN, "one case, not 24"
    assert {case.rule for _, case in changes} <= {"group_removal", "left_fence"}, "the first two out may be a stray"
    turned = next(c.last_seen_at for change, c in changes if c.severity is Severity.RED)
    second = datetime.fromisoformat(reds[0].figures["second_witness_at"])
    assert timedelta(0) <= turned - second <= 5 * MINUTE
    assert turned <= LAST_ON_LORRY + 5 * MINUTE
    assert reds[0].figures["night"]


def test_the_notice_lists_24_tags_with_last_positions_and_the_hashes_of_frames() -> None:
    night = Night(1)
    desk, _ = play(night)
    now = BEGINS + 70 * MINUTE
    (case,) = [c for c in desk.standing.values() if c.severity is Severity.RED]
    sent = message(case, "opened", night.picture(now), "C-1", now)
    assert sent["animal_count"] == len({a["tag_id"] for a in sent["animals"]}) == STOLEN
    assert all(a["longitude"] > at(90, 0).longitude for a in sent["animals"]), "last seen beyond the gate"
    frames = [frame for t in sent["testimonies"] if t["witness"] == "camera" for frame in t["frames"]]
    assert len(frames) == 3
    assert set(frames) <= {c.frame_sha256 for c in night.camera(now).counts}


def test_without_a_camera_it_is_orange() -> None:
    desk, _ = play(Night(2, has_camera=False))
    assert {(c.rule, c.severity) for c in desk.standing.values()} == {("group_removal", Severity.ORANGE)}


def test_three_of_five_hundred_are_orange_by_their_second_fix() -> None:
    night = Night(3, herd=500, stolen=3, has_camera=False)
    _, changes = play(night, until=BEGINS + 15 * MINUTE)
    orange = next(c for _, c in changes if c.severity is Severity.ORANGE)
    assert (orange.rule, len(orange.animals)) == ("left_fence", 3)
    second_fixes = sorted(night.walks[n][-2].measured_at for n in range(3))
    assert orange.last_seen_at - second_fixes[-1] <= 5 * MINUTE


def test_the_same_night_without_a_theft_says_nothing() -> None:
    _, changes = play(Night(4, stolen=0))
    assert changes == []
