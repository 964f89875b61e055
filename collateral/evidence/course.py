"""How a camera's count went over time: when it is known, and when and why it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

GAP_STEPS = 3.0
"""Nothing is known between two counts that lie more than this many usual steps apart."""
NO_COUNT = "no count"


@dataclass(frozen=True, slots=True)
class Moment:
    """One count: when, and the interval around the best figure, whole head. All three None: unknown, for `why`."""

    at: datetime
    low: int | None
    best: int | None
    high: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which nothing is known, and why: the camera's reason, or NO_COUNT."""

    since: datetime
    until: datetime
    why: str


def known_runs(ordered: Sequence[Moment]) -> list[list[Moment]]:
    """Known counts that follow one another without a gap and without anything unknown between them.

    ordered: by time.
    """
    runs: list[list[Moment]] = [[]]
    longest = _longest(ordered)
    for moment in ordered:
        if moment.best is None or (runs[-1] and moment.at - runs[-1][-1].at > longest):
            runs.append([])
        if moment.best is not None:
            runs[-1].append(moment)
    return [run for run in runs if run]


def unknown_stretches(ordered: Sequence[Moment]) -> list[Stretch]:
    """When nothing is known: from an unknown count to the next one, and where none came at all.

    The last count speaks for one usual step. ordered: by time.
    """
    found: list[Stretch] = []
    longest, step = _longest(ordered), usual_step(ordered)
    ends = [moment.at for moment in ordered[1:]] + [moment.at + step for moment in ordered[-1:]]
    for moment, until in zip(ordered, ends, strict=True):
        silent = until - moment.at > longest
        if moment.best is None:
            _add(found, Stretch(moment.at, moment.at + step if silent else until, moment.why or "unknown"))
        if silent:
            _add(found, Stretch(moment.at + (step if moment.best is None else timedelta()), until, NO_COUNT))
    return found


def usual_step(ordered: Sequence[Moment]) -> timedelta:
    """The usual time between two counts: the median, ten minutes where there is but one."""
    steps = sorted(after.at - before.at for before, after in pairwise(ordered))
    return steps[len(steps) // 2] if steps else timedelta(minutes=10)


def _longest(ordered: Sequence[Moment]) -> timedelta:
    return max(usual_step(ordered) * GAP_STEPS, timedelta(seconds=1))


def _add(found: list[Stretch], stretch: Stretch) -> None:
    if found and found[-1].why == stretch.why and found[-1].until == stretch.since:
        found[-1] = Stretch(found[-1].since, stretch.until, stretch.why)
    else:
        found.append(stretch)
