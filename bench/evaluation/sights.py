"""What the cameras of a simulated farm have said by a moment."""

from __future__ import annotations

import numpy as np

from bench.evaluation.air import HOUR_S
from bench.evaluation.delivery import DRAIN_S
from bench.evaluation.estate import gateway_id
from bench.evaluation.eyes import SEES, SIGMA
from bench.evaluation.world import COUNTS_BEFORE_S, DAY_S, World, moment
from collateral.facts.events import LyingView
from collateral.facts.herd import CameraState
from collateral.model.herd import CameraCount, HeadCount

LYING_S, LYING_EVERY_S = 2 * DAY_S, 1_800.0
COUNTING_S = 5.0  # from picture to stored count [I]
Z95 = 1.96


class Sights:
    """The counts of each camera, newest four hours, as they arrive."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._arrives = np.stack([self._arrivals(camera) for camera in range(len(world.estate.cameras))])
        self._made: dict[tuple[int, int], CameraCount] = {}
        at_s = world.eyes.at_s
        self._every_s = float(at_s[1] - at_s[0]) if len(at_s) > 1 else 300.0
        self._lying: tuple[LyingView, ...] = ()
        self._lying_hour = -1
        self._views: dict[tuple[int, int], LyingView | None] = {}

    def cameras(self, at_s: float) -> tuple[CameraState, ...]:
        """Every camera with its counts, oldest first."""
        return tuple(self._camera(number, at_s) for number in range(len(self._world.estate.cameras)))

    def before(self, gateway: int, at_s: float) -> tuple[CameraCount, ...]:
        """The newest known count of each camera of a gateway in the hour before a moment."""
        at = self._world.eyes.at_s
        first, last = np.searchsorted(at, (at_s - HOUR_S, at_s))
        found = []
        for number in np.flatnonzero(self._world.estate.camera_gateway == gateway).tolist():
            known = [c for f in range(first, last) if (c := self._count(number, f)).count is not None]
            found += known[-1:]
        return tuple(found)

    def lying(self, at_s: float) -> tuple[LyingView, ...]:
        """How many lay in the pictures of the last two days; made anew once an hour."""
        hour = int(at_s // HOUR_S)
        if self._lying_hour != hour:
            self._lying_hour, until = hour, hour * HOUR_S
            first, last = np.searchsorted(self._world.eyes.at_s, (until - LYING_S, until), side="right")
            step = max(1, int(LYING_EVERY_S / self._every_s))
            self._lying = tuple(
                view for number in range(len(self._world.estate.cameras)) for frame in range(first, last, step)
                if self._arrives[number, frame] <= until and (view := self._view(number, frame)) is not None
            )  # fmt: skip
        return self._lying

    def _view(self, number: int, frame: int) -> LyingView | None:
        if (number, frame) not in self._views:
            self._views[number, frame] = self._seen(number, frame)
        return self._views[number, frame]

    def _seen(self, number: int, frame: int) -> LyingView | None:
        count = self._count(number, frame)
        if count.count is None:
            return None
        return LyingView(
            camera_id=count.camera_id, captured_at=count.captured_at, seen=count.count.best,
            pen_id=self._world.estate.pens[int(self._world.estate.camera_pen[number])].pen_id,
            lying=round(count.count.best * self._world.eyes.lies[number, frame]), frame_sha256=count.frame_sha256,
        )  # fmt: skip

    def _camera(self, number: int, at_s: float) -> CameraState:
        farm, eyes = self._world.estate, self._world.eyes
        first, last = np.searchsorted(eyes.at_s, (at_s - COUNTS_BEFORE_S, at_s), side="right")
        there = np.flatnonzero(self._arrives[number, first:last] <= at_s) + first
        return CameraState(
            camera_id=farm.cameras[number], pen_id=farm.pens[farm.camera_pen[number]].pen_id,
            gateway_id=gateway_id(farm, farm.camera_gateway[number]),
            interval_s=int(self._every_s),
            counts=tuple(self._count(number, frame) for frame in there.tolist()),
        )  # fmt: skip

    def _count(self, number: int, frame: int) -> CameraCount:
        made = self._made.get((number, frame))
        if made is None:
            made = self._made[number, frame] = self._counted(number, frame)
        return made

    def _counted(self, number: int, frame: int) -> CameraCount:
        world, eyes = self._world, self._world.eyes
        at_s, blind = float(eyes.at_s[frame]), int(eyes.blind[number, frame])
        count = None
        if blind == SEES:
            best = max(0, round(world.head_in(int(world.estate.camera_pen[number]), at_s) * eyes.share[number, frame]))
            half = round(Z95 * SIGMA * best)
            count = HeadCount(max(0, best - half), best, best + half)
        return CameraCount(
            camera_id=world.estate.cameras[number], captured_at=moment(at_s), count=count,
            unknown_because=eyes.reasons[blind] or None, frame_sha256=f"{number:032x}{frame:032x}",
        )  # fmt: skip

    def _arrivals(self, camera: int) -> np.ndarray:
        """When each frame's count was stored; infinity when it was never taken."""
        world = self._world
        at_s = world.eyes.at_s
        arrives = at_s + COUNTING_S
        for outage in world.outages:
            if outage.gateway != world.estate.camera_gateway[camera]:
                continue
            inside = (at_s >= outage.start_s) & (at_s < outage.end_s)
            waited = outage.end_s + DRAIN_S * (at_s - outage.start_s) / max(1.0, outage.end_s - outage.start_s)
            arrives = np.where(inside, np.inf if outage.power else np.maximum(arrives, waited), arrives)
        return arrives
