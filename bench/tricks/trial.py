"""One clip before the checks: what was found, how soon, and what was said that is not so."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from vision.camera.finding import Trick
from vision.camera.watch import CameraWatch
from vision.detector import Image

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Meter:
    """CPU time of the checks alone, over all pictures of a run."""

    seconds: float = 0.0
    pictures: int = 0
    slowest_s: float = 0.0

    def ran(self, seconds: float) -> None:
        """One picture took so long."""
        self.seconds, self.pictures = self.seconds + seconds, self.pictures + 1
        self.slowest_s = max(self.slowest_s, seconds)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds from the first picture of the clip to each finding."""

    kind: str
    place: str
    first: dict[Trick, float]
    wanted: frozenset[Trick]
    seconds: float

    @property
    def delay_s(self) -> float | None:
        """Until the first finding that is right, or None."""
        return min((at for trick, at in self.first.items() if trick in self.wanted), default=None)

    @property
    def false(self) -> list[Trick]:
        """Findings that are not so."""
        return [trick for trick in self.first if trick not in self.wanted]


@dataclass(slots=True)
class Bench:
    """Shows clips to watches and keeps the outcomes."""

    meter: Meter = field(default_factory=Meter)
    outcomes: list[Outcome] = field(default_factory=list)

    def show(
        self,
        watch: CameraWatch,
        pictures: Iterable[Image],
        start_s: float,
        every_s: float,
        clock_s: float | None = None,
    ) -> tuple[dict[Trick, float], float]:
        """First time of each finding, seconds from the first of these pictures, and how long they last.

        clock_s: the camera's clock is off by so much; None: nothing is known about arrival.
        """
        first: dict[Trick, float] = {}
        number = -1
        for number, picture in enumerate(pictures):
            at = START + timedelta(seconds=start_s + number * every_s)
            began = time.thread_time()
            if clock_s is None:
                found = watch.look(picture, at)
            else:
                found = watch.look(picture, at + timedelta(seconds=clock_s), at)
            self.meter.ran(time.thread_time() - began)
            for finding in found:
                first.setdefault(finding.kind, number * every_s)
        return first, (number + 1) * every_s

    def clip(
        self,
        kind: str,
        place: str,
        known: CameraWatch,
        pictures: Iterable[Image],
        wanted: frozenset[Trick],
        start_s: float,
        every_s: float,
        clock_s: float | None = None,
    ) -> None:
        """Go on from where `known` stands, which is not changed."""
        first, seconds = self.show(copy.deepcopy(known), pictures, start_s, every_s, clock_s)
        self.outcomes.append(Outcome(kind, place, first, wanted, seconds))
