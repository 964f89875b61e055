"""A9: camera 2 is covered, camera 3 freezes for 40 seconds, camera 4 plays yesterday's ten minutes; camera 1 is honest.

The camera watch judges drawn pictures with sensor noise as `vision serve` does; the rules see only its counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings
from collateral.facts.herd import CameraState, HerdFacts
from collateral.model.case import Case
from collateral.model.finding import Severity
from collateral.model.herd import CameraCount, HeadCount
from collateral.model.ids import BranchId, CameraId, GatewayId, PenId
from tests.herds import facts, gateway, pen, track
from tests.unit.vision.camera_scenes import barn, live
from vision.camera.watches import Watches
from vision.detector import Image

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
EVERY = 10 * SECOND
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
YESTERDAY = NOON - 24 * 60 * MINUTE
TEN_MINUTES = int(10 * MINUTE / EVERY)
HEAD, SEEN = 60, 58
COVERED_AT, FROZEN_AT, FROZEN_FOR, REPLAYED_AT = NOON + 4 * MINUTE, NOON + 6 * MINUTE, 40 * SECOND, NOON + 5 * MINUTE
ENDS = NOON + 12 * MINUTE


@dataclass
class Camera:
    """One camera's pictures, what the watch made of them, and so its counts."""

    number: int
    watches: Watches
    counts: list[CameraCount] = field(default_factory=list)
    sequence: int = 0

    def __post_init__(self) -> None:
        self.live = live(1e9, seed=self.number, scene=barn(self.number, 320, 240))

    def send(self, picture: Image, moment: datetime) -> None:
        """As `vision serve` answers: a picture from a camera under suspicion counts unknown, with the reason."""
        self.sequence += 1
        found = self.watches.look(self.name, self.sequence, picture, moment, moment)
        self.counts.append(
            CameraCount(
                camera_id=CameraId(self.name), captured_at=moment,
                count=None if found else HeadCount(SEEN - 3, SEEN, SEEN + 3), unknown_because=found[0].kind.value if found else None,
                frame_sha256=hashlib.sha256(f"{self.name}{moment}".encode()).hexdigest(),
            )
        )  # fmt: skip

    @property
    def name(self) -> str:
        return f"cam-{self.number}"

    def state(self, now: datetime) -> CameraState:
        return CameraState(
            camera_id=CameraId(self.name), pen_id=PenId(f"p{self.number}"), gateway_id=GatewayId("g1"), interval_s=10,
            counts=tuple(c for c in self.counts if c.captured_at <= now),
        )  # fmt: skip


def cloth(rng: np.random.Generator) -> Image:
    """What a covered lens shows: smooth light, and noise."""
    light = np.linspace(70, 110, 320)[None, :, None] * np.ones((240, 1, 3))
    return np.clip(light + rng.normal(0, 2.5, light.shape), 0, 255).astype(np.uint8)


def steps(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin <= end:
        yield begin
        begin += EVERY


@pytest.fixture(scope="module")
def cameras() -> list[Camera]:
    """Ten minutes of yesterday, kept by whoever plays them again, and then today."""
    rng, watches = np.random.default_rng(4), Watches()
    found = [Camera(number, watches) for number in (1, 2, 3, 4)]
    recorded: list[Image] = []
    for n in range(TEN_MINUTES):
        recorded.append(next(found[3].live))
        found[3].send(recorded[-1], YESTERDAY + n * EVERY)
    held: dict[int, Image] = {}
    for now in steps(NOON - 3 * MINUTE, ENDS):
        for camera in found:
            picture = next(camera.live)
            if camera.number == 2 and now >= COVERED_AT:
                picture = cloth(rng)
            if camera.number == 3 and FROZEN_AT <= now <= FROZEN_AT + FROZEN_FOR:
                picture = held.setdefault(3, picture)
            if camera.number == 4 and now >= REPLAYED_AT and (at := int((now - REPLAYED_AT) / EVERY)) < TEN_MINUTES:
                picture = recorded[at]
            camera.send(picture, now)
    return found


def picture_of(cameras: list[Camera], now: datetime) -> HerdFacts:
    """Four pens, four loans, a camera on each."""
    herd = [
        track(HEAD * p + n, seen=now, loan=f"L{p}", where=replace(pen(f"p{p}")))
        for p in (1, 2, 3, 4) for n in range(HEAD)
    ]  # fmt: skip
    return facts(herd, cameras=[c.state(now) for c in cameras], gateways=[gateway(heard=now)], as_of=now)


@pytest.fixture(scope="module")
def played(cameras: list[Camera]) -> tuple[Desk, dict[str | None, list[tuple[datetime, Change, Case]]]]:
    """Every half minute; what happened, by loan."""
    desk, by_loan = Desk(BranchId("b1")), {}  # type: ignore[var-annotated]
    now = NOON - MINUTE
    while now <= ENDS:
        for change in desk.look(findings(picture_of(cameras, now)), now):
            by_loan.setdefault(change.case.loan_id, []).append((now, change.change, change.case))
        now += 30 * SECOND
    return desk, by_loan


@pytest.mark.parametrize(
    ("loan", "rule", "severity", "began", "within"),
    [
        ("L2", "camera_blinded", Severity.YELLOW, COVERED_AT, 2 * MINUTE),
        ("L3", "camera_replayed", Severity.ORANGE, FROZEN_AT, 2 * MINUTE),
        ("L4", "camera_replayed", Severity.ORANGE, REPLAYED_AT, 10 * MINUTE),
    ],
    ids=["covered", "frozen", "replayed"],
)
def test_each_trick_is_one_alert_in_its_time(played, loan, rule, severity, began, within) -> None:  # type: ignore[no-untyped-def]
    opened = [(now, case) for now, change, case in played[1][loan] if change is Change.OPENED]
    ((at, case),) = opened
    assert (case.rule, case.severity) == (rule, severity)
    assert timedelta(0) <= at - began <= within


def test_the_honest_camera_has_no_case(played) -> None:  # type: ignore[no-untyped-def]
    assert set(played[1]) == {"L2", "L3", "L4"}


def test_counts_under_a_trick_are_unknown_not_zero_and_not_the_last_value(cameras: list[Camera]) -> None:
    _, covered, frozen, replayed = cameras
    spells = [
        (covered, COVERED_AT + 20 * SECOND, ENDS, "covered"),
        (frozen, FROZEN_AT + 20 * SECOND, FROZEN_AT + FROZEN_FOR, "frozen"),
        (replayed, REPLAYED_AT + MINUTE, ENDS, "replayed"),
    ]
    for camera, since, until, because in spells:
        during = [c for c in camera.counts if since <= c.captured_at <= until]
        assert during
        assert {(c.count, c.unknown_because) for c in during} == {(None, because)}


def test_a_camera_that_looks_again_counts_again(cameras: list[Camera]) -> None:
    after = [c for c in cameras[2].counts if c.captured_at > FROZEN_AT + FROZEN_FOR + 2 * MINUTE]
    assert all(c.count is not None for c in after)


def test_the_cases_name_the_camera_and_the_hashes_of_its_pictures(played) -> None:  # type: ignore[no-untyped-def]
    for loan, name in (("L2", "cam-2"), ("L3", "cam-3"), ("L4", "cam-4")):
        case = played[1][loan][0][2]
        assert case.figures["cameras"] == [name]
        assert case.testimonies[0]["frames"]
