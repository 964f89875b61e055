"""How a detector's scores are marked: windows, early detections worth more, false ones dearer the farther off.

Written from the published rules (Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms", ICMLA 2015):
each anomaly has a window; the best detection inside it earns up to 1 by how early it is; a missed window costs the
profile's `miss`; every detected row outside costs up to the profile's `false`, little just after a window. Rows of the
first 15 % of a file (of at most 5,000 rows) are neither right nor wrong. One threshold serves all files. 0 is the
detector that says nothing, 100 the perfect one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Window = tuple[int, int]
"""First and last row of an anomaly, both inside."""

PROBATION = 0.15
PROBATION_MOST = 750


@dataclass(frozen=True, slots=True)
class Profile:
    """What a false row and a missed window cost; a found one earns 1."""

    name: str
    false: float
    miss: float


PROFILES = (Profile("standard", 0.11, 1.0), Profile("low_fp", 0.22, 1.0), Profile("low_fn", 0.11, 2.0))


def probation(rows: int) -> int:
    """How many rows at the beginning of a file are not judged."""
    return min(int(PROBATION * rows), PROBATION_MOST)


def windows_around(anomalies: Sequence[int], rows: int) -> list[Window]:
    """A tenth of the file, shared by its anomalies and centred on each; those that touch are one."""
    if not anomalies:
        return []
    half = int(0.1 * rows / len(anomalies) / 2)
    found: list[Window] = []
    for row in sorted(anomalies):
        first, last = max(row - half, probation(rows)), min(row + half, rows - 1)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def worth(position: Floats) -> Floats:
    """The scaled sigmoid: nearly 1 at -1 (a window's beginning), 0 at its end, nearly -1 from 1 on."""
    return np.where(position > 3.0, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, 3.0))) - 1.0)


def best(scores: Sequence[Floats], windows: Sequence[Sequence[Window]]) -> dict[str, float]:
    """Each profile's result at its best threshold, 0-100, over files of scores (one row per row) and windows."""
    rows = _rows(scores, windows)
    return {profile.name: _best(rows, sum(map(len, windows)), profile) for profile in PROFILES}


@dataclass(frozen=True, slots=True)
class _Rows:
    """All judged rows of all files, by falling score: what each is worth, and in which window (-1: none)."""

    score: Floats
    worth: Floats
    window: npt.NDArray[np.int64]


def _rows(scores: Sequence[Floats], windows: Sequence[Sequence[Window]]) -> _Rows:
    parts, before = [], 0
    for file, own in zip(scores, windows, strict=True):
        values, belongs = _of_file(len(file), own, before)
        first = probation(len(file))
        parts.append((file[first:], values[first:], belongs[first:]))
        before += len(own)
    score, value, window = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(-score, kind="stable")
    return _Rows(score[order], value[order], window[order])


def _of_file(rows: int, windows: Sequence[Window], before: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    row = np.arange(rows)
    value, belongs = np.full(rows, -1.0), np.full(rows, -1, np.int64)
    for number, (first, last) in enumerate(windows):
        width = last - first + 1
        after = row > last
        value[after] = worth((row[after] - last) / max(width - 1, 1))
        inside = (row >= first) & ~after
        value[inside] = worth(-(last - row[inside] + 1) / width) / worth(np.array([-1.0]))[0]
        belongs[inside] = before + number
    return value, belongs


def _best(rows: _Rows, windows: int, profile: Profile) -> float:
    """Lower the threshold row by row and keep the best sum seen; a tie is one step."""
    gain = np.where(rows.window < 0, profile.false * rows.worth, 0.0)
    earned = np.zeros(windows)
    found = np.zeros(windows, np.bool_)
    for at in np.flatnonzero(rows.window >= 0):
        window = rows.window[at]
        gain[at] = max(rows.worth[at] - earned[window], 0.0) + (0.0 if found[window] else profile.miss)
        earned[window], found[window] = max(earned[window], rows.worth[at]), True
    totals = np.cumsum(gain)
    ends = np.append(rows.score[1:] != rows.score[:-1], True)
    perfect = windows * (1.0 + profile.miss)
    return float(100.0 * max(totals[ends].max(initial=0.0), 0.0) / perfect)
