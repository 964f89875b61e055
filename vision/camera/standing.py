"""Does the picture stand still, be it the same again, encoded anew, or with noise put on top?"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from vision.camera.finding import Evidence
from vision.camera.glance import Grey
from vision.camera.noise_print import Tiles, Words, tile_agreement

_APART_S = 0.45
_RECENT = 12
_STILL = 0.3  # of the usual change
_AGREE = 0.06
_MORE_THAN_USUAL = 0.14
_AGES_S = (0.9, 2.6)
_WARM_UP, _WARM_UP_S = 16, 5.0


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    at_s: float
    noise: Grey
    print_: Words


@dataclass(slots=True)
class StandingCheck:
    """Compares a picture with those of the last seconds. The usual change is learnt while the picture moves."""

    recent: deque[_Past] = field(default_factory=lambda: deque(maxlen=_RECENT))
    usual_change: float = 1.0
    usual_agreement: float = -0.08
    began_s: float = 0.0
    judged: int = 0

    def look(self, at_s: float, noise: Grey, print_: Words, flat: Tiles) -> Evidence | None:
        """Evidence that the picture stands, or None. at_s: seconds; noise: sensor pixels as they are;
        flat: the tiles that show little but noise."""
        evidence = self._same(at_s, noise) or self._same_below_noise(at_s, print_, flat)
        if not self.recent or at_s - self.recent[-1].at_s >= _APART_S:
            self.recent.append(_Past(at_s, noise, print_))
        return evidence

    def begin_anew(self, at_s: float) -> None:
        """The scene has changed; its noise can be judged again after some seconds."""
        self.began_s, self.judged = at_s, 0

    def _same(self, at_s: float, noise: Grey) -> Evidence | None:
        past = self._before(at_s, 0.9)
        if past is None:
            return None
        change = float(np.abs(noise - past.noise).mean())
        threshold = _STILL * self.usual_change
        if change < threshold:
            return Evidence("change of single pixels in a second, grey levels", change, self.usual_change, threshold)
        self.usual_change += 0.05 * (min(change, 3 * self.usual_change) - self.usual_change)
        return None

    def _same_below_noise(self, at_s: float, print_: Words, flat: Tiles) -> Evidence | None:
        """The frozen picture's own noise stays below the noise put on top; a live picture's never stays."""
        ages = [past for past in self.recent if _AGES_S[0] <= at_s - past.at_s <= _AGES_S[1]]
        if len(ages) < 3:
            return None
        least = min(tile_agreement(print_, past.print_, flat) for past in ages)
        threshold = max(_AGREE, self.usual_agreement + _MORE_THAN_USUAL)
        self.judged += 1
        if least > threshold and self.judged > _WARM_UP and at_s - self.began_s > _WARM_UP_S:
            return Evidence("noise that stays for seconds, agreement", least, self.usual_agreement, threshold)
        self.usual_agreement += 0.02 * (least - self.usual_agreement)
        return None

    def _before(self, at_s: float, age_s: float) -> _Past | None:
        """The newest remembered picture that is at least so old."""
        return next((past for past in reversed(self.recent) if at_s - past.at_s >= age_s), None)
