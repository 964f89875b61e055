"""One frame, an iterator of frames, and the report of what became of the rest."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self

from vision.detector import Image

NAMED_FAULTS = 20  # more are counted, not named: a card full of broken frames must not fill the log

End = Literal["open", "whole", "cut off", "lost", "stopped"]


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """One decoded frame.

    index: its number in the source from 0, counting those that were broken or passed over.
    at_s: seconds since the first frame, never falling. taken_at: the moment it shows, aware, where the source tells.
    image: (H,W,3) BGR uint8.
    """

    index: int
    at_s: float
    taken_at: datetime | None
    image: Image


@dataclass(frozen=True, slots=True)
class FramesReport:
    """What was read so far.

    source: where from, without a password. read: frames handed out. passed_over: good frames not handed out, because
    `every_s` asked for fewer or because they came faster than they were used. broken: frames that could not be
    decoded. promised: frames that the source says it holds, where it says so. reconnects: times a live source came
    back. faults: what was wrong, in words, the first few. ended: 'open' (not yet), 'whole', 'cut off' (a recording
    that stops before its promised end), 'lost' (a live source that stayed away), 'stopped' (by the reader).
    """

    source: str
    read: int = 0
    passed_over: int = 0
    broken: int = 0
    promised: int | None = None
    reconnects: int = 0
    faults: tuple[str, ...] = ()
    ended: End = "open"

    def as_json(self) -> dict[str, Any]:
        """The same, ready for `json.dumps`."""
        return asdict(self)


class Frames(ABC):
    """An iterator of `VideoFrame`; `report` may be read at any time and is final after the last frame.

    Use it in a `with` block, or call `close`: leaving early ends it as 'stopped'.
    """

    def __init__(self, source: str, promised: int | None = None) -> None:
        self._source, self._promised = source, promised
        self._read = self._passed_over = self._broken = self._reconnects = 0
        self._faults: list[str] = []
        self._ended: End = "open"

    @property
    def report(self) -> FramesReport:
        """What was read so far, and why it ended."""
        return FramesReport(
            self._source,
            self._read,
            self._passed_over,
            self._broken,
            self._promised,
            self._reconnects,
            tuple(self._faults),
            self._ended,
        )

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> VideoFrame:
        frame = self._next() if self._ended == "open" else None
        if frame is None:
            self._finish("whole")
            raise StopIteration
        self._read += 1
        return frame

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the source go; safe to call twice."""
        self._finish("stopped")

    def _finish(self, end: End) -> None:
        if self._ended == "open":
            self._ended = end
        self._release()

    def _fault(self, words: str) -> None:
        if len(self._faults) < NAMED_FAULTS:
            self._faults.append(words)

    @abstractmethod
    def _next(self) -> VideoFrame | None:
        """The next frame to hand out, or None after the last."""

    @abstractmethod
    def _release(self) -> None:
        """Close what is open; called more than once."""


class Pace:
    """Chooses which frames are due when one every `every_s` seconds is enough; None: all of them."""

    def __init__(self, every_s: float | None) -> None:
        self._every_s, self._next_s = every_s, -math.inf

    def due(self, at_s: float) -> bool:
        """Whether the frame at `at_s` is wanted; ask once per frame, in order."""
        if self._every_s is None:
            return True
        slack = 1e-6  # 0.1 + 0.2 must not miss 0.3
        if at_s < self._next_s - slack:
            return False
        start = at_s if self._next_s == -math.inf else self._next_s
        steps = math.floor((at_s - start) / self._every_s + slack) + 1  # a gap is not caught up with a burst
        self._next_s = start + steps * self._every_s
        return True
