"""Detections kept as lines of JSON, so that a clip can be counted again without its pictures.

One object per frame: {"frame": n, "t": seconds, "boxes": [[x1, y1, x2, y2, score, class], ...]}; class may be left out,
and so may `t`. A line that cannot be used is named with its number and its fault, and the rest goes on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from vision.errors import VisionError
from vision.gate.sight import NO_CLASS, Sight

FRAME_RATE = 25.0  # frames a second where a file gives no times
FORM = '{"frame": 0, "t": 0.0, "boxes": [[x1, y1, x2, y2, score, class], ...]}'
Tell = Callable[[str], None]


class _Unusable(Exception):
    """What is wrong with a line."""


class DetectionsFile:
    """Reads sights from a file; `skipped` lines and `boxes_skipped` were left out of them."""

    def __init__(self, path: Path, tell: Tell, frame_rate: float | None = None) -> None:
        """tell: called with one line of words for every fault. frame_rate: frames a second, for files without `t`."""
        self._path, self._tell = path, tell
        self._rate, self._rate_given = frame_rate or FRAME_RATE, frame_rate is not None
        self._last: tuple[int, float] | None = None
        self._clock: tuple[int, float] | None = None
        self.skipped = self.boxes_skipped = self.frames = 0

    def __iter__(self) -> Iterator[Sight]:
        """The frames in order. Raises VisionError when the file cannot be opened."""
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                yield from self._sights(file)
        except OSError as error:
            raise VisionError(
                f"{self._path} cannot be read ({error.strerror}): name a file with one {FORM} a line"
            ) from error

    def _sights(self, file: TextIO) -> Iterator[Sight]:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                sight = self._sight(number, line)
            except _Unusable as fault:
                self.skipped += 1
                self._tell(f"{self._path}, line {number}: {fault}; the line is left out")
                continue
            self.frames += 1
            yield sight

    def _sight(self, number: int, line: str) -> Sight:
        row = _object(line)
        frame = _frame(row, self._last[0] + 1 if self._last else 0)
        t = self._time(row, frame)
        if self._last and (frame <= self._last[0] or t <= self._last[1]):
            raise _Unusable(
                f"frame {frame} at {t:g} s does not come after frame {self._last[0]} at {self._last[1]:g} s"
            )
        listed = row.get("boxes", [])
        if not isinstance(listed, list):
            raise _Unusable("boxes is no list")
        boxes = [box for at, one in enumerate(listed) if (box := self._box(number, at, one)) is not None]
        self._last = frame, t
        table = np.array(boxes, np.float64).reshape(-1, 6)
        return Sight(frame, t, table[:, :4], table[:, 4], table[:, 5].astype(np.int64))

    def _time(self, row: dict[str, Any], frame: int) -> float:
        """Its own time, or the last known one carried on at the frame rate, which known times correct."""
        given = row.get("t")
        if given is None:
            since_frame, since = self._clock or (0, 0.0)
            return since + (frame - since_frame) / self._rate
        if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
            raise _Unusable(f"t is {given!r}, not a number of seconds")
        if self._clock and not self._rate_given and frame > self._clock[0] and given > self._clock[1]:
            self._rate = (frame - self._clock[0]) / (float(given) - self._clock[1])
        self._clock = frame, float(given)
        return float(given)

    def _box(self, number: int, at: int, one: Any) -> list[float] | None:
        try:
            return _numbers(one)
        except _Unusable as fault:
            self.boxes_skipped += 1
            self._tell(f"{self._path}, line {number}, box {at}: {fault}; the box is left out")
            return None


def line_of(sight: Sight) -> str:
    """One frame as a line of the file, without the line's end."""
    boxes = [
        [*(round(v, 2) for v in xyxy), round(score, 4), *([kind] if kind != NO_CLASS else [])]
        for xyxy, score, kind in zip(sight.xyxy.tolist(), sight.score.tolist(), sight.kind.tolist(), strict=True)
    ]
    return json.dumps({"frame": sight.frame, "t": round(sight.t, 4), "boxes": boxes})


def _object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise _Unusable(f"no JSON ({error}); write {FORM}") from error
    except RecursionError as error:
        raise _Unusable("nested too deeply") from error
    if not isinstance(row, dict):
        raise _Unusable(f"no object; write {FORM}")
    return row


def _frame(row: dict[str, Any], following: int) -> int:
    given = row.get("frame", following)
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given) or given != int(given):
        raise _Unusable(f"frame is {given!r}, not a whole number")
    return int(given)


def _numbers(one: Any) -> list[float]:
    """Left, top, right, bottom, score, class of one box."""
    if not isinstance(one, list | tuple) or not 5 <= len(one) <= 6:
        raise _Unusable("not [x1, y1, x2, y2, score] or [x1, y1, x2, y2, score, class]")
    values = [*one[:5], NO_CLASS if len(one) == 5 or one[5] is None else one[5]]
    if any(isinstance(v, bool) or not isinstance(v, int | float) or not abs(v) < 1e9 for v in values):
        raise _Unusable("holds something that is no finite number")
    x1, y1, x2, y2, score, kind = (float(v) for v in values)
    if x2 <= x1 or y2 <= y1:
        raise _Unusable(f"has the size {x2 - x1:g} x {y2 - y1:g}")
    if not 0 <= score <= 1:
        raise _Unusable(f"has the score {score:g}, outside 0..1")
    if kind != int(kind):
        raise _Unusable(f"has the class {kind:g}, not a whole number")
    return [x1, y1, x2, y2, score, kind]
