"""From "this picture looks wrong" to "something is wrong", and back: slow to say, slow to take back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """How long it must look wrong before it is said, and right before it is taken back.

    rise_s and rise_pictures must both be reached. slack_s: so long may it look right in between. hold_s and
    hold_pictures: so long must it look right until the finding ends.
    """

    rise_s: float
    rise_pictures: int = 2
    hold_s: float = 10.0
    hold_pictures: int = 2
    slack_s: float = 0.6


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One suspicion about one camera. `since`: first wrong picture; `holds`: it is a finding."""

    since: datetime | None = None
    last_wrong: datetime | None = None
    wrong: int = 0
    right: int = 0
    holds: bool = False

    def after(self, now: datetime, patience: Patience, *, looks_wrong: bool) -> Suspicion:
        """The suspicion after one more picture; `now` must not run backwards."""
        return self._stronger(now, patience) if looks_wrong else self._weaker(now, patience)

    def _stronger(self, now: datetime, patience: Patience) -> Suspicion:
        since = self.since or now
        wrong = self.wrong + 1
        sure = wrong >= patience.rise_pictures and now - since >= timedelta(seconds=patience.rise_s)
        return Suspicion(since, now, wrong, 0, self.holds or sure)

    def _weaker(self, now: datetime, patience: Patience) -> Suspicion:
        if self.last_wrong is None:
            return self
        calm, right = now - self.last_wrong, self.right + 1
        if self.holds:
            over = right >= patience.hold_pictures and calm >= timedelta(seconds=patience.hold_s)
        else:
            over = calm > timedelta(seconds=patience.slack_s)
        return Suspicion() if over else replace(self, right=right)
