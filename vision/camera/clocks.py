"""A camera whose clock is wrong proves nothing about when. Pictures' own times against the times they came."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from vision.camera.finding import Evidence

AHEAD_S = 30.0  # a picture cannot come before it was taken; gateways' clocks are a few seconds apart
BACK_S = 2.0  # a clock that is set right by the network may step back a little
BEHIND_S = 600.0
_STEADY_S = 10.0
_STEADY_PICTURES = 5


@dataclass(slots=True)
class ClockCheck:
    """Remembers the newest picture's time and the last few delays. A backlog that is being sent is late, not wrong:
    it comes faster than it was taken, so its delay shrinks; a wrong clock keeps the same delay."""

    newest: datetime | None = None
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=_STEADY_PICTURES))

    def look(self, taken: datetime, arrived: datetime | None) -> Evidence | None:
        """What is wrong with this picture's time, or None. arrived: when it came, by our own clock."""
        backwards = 0.0 if self.newest is None else (self.newest - taken).total_seconds()
        # a clock that was put back counts from there on, so one step is one finding, not one for ever
        self.newest = taken
        if backwards > BACK_S:
            return Evidence("seconds back from the picture before", backwards, 0.0, BACK_S)
        return None if arrived is None else self._against_arrival(taken, arrived)

    def _against_arrival(self, taken: datetime, arrived: datetime) -> Evidence | None:
        delay = (arrived - taken).total_seconds()
        self.delays.append(delay)
        if delay < -AHEAD_S:
            return Evidence("seconds ahead of its arrival", -delay, 0.0, AHEAD_S)
        steady = len(self.delays) == _STEADY_PICTURES and max(self.delays) - min(self.delays) < _STEADY_S
        if steady and min(self.delays) > BEHIND_S:
            return Evidence("seconds behind its arrival, always the same", delay, 0.0, BEHIND_S)
        return None
