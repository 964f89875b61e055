"""Does a camera that hangs still show what it always shows, as sharply, and all of it?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from vision.camera.finding import Evidence, Trick
from vision.camera.glance import Glance, Grey
from vision.camera.habits import WAVING
from vision.camera.sharpness import Sharpness
from vision.camera.suspicion import Suspicion
from vision.camera.view import View, light_of, view_of

MOST_VIEWS = 4  # a camera that keeps changing its size must not fill the memory
Found = dict[Trick, Evidence | None]
_MOVED = 1.1  # pixels of the outline
_SHARP, _SMEARED, _NOT_SMEARED = 0.72, 0.45, 0.72
_PART = 0.3
_RECOGNISED = 0.4  # of the blocks; a crowd that gets up leaves .45 and more, another place .36 and less
_FEWEST_BLOCKS = 12
_STIRRING = 0.6  # grey levels a second
_DISTURBED = 0.15
_STIRS_AFTER_S = 0.8
_SHIFT_EVERY_S = 0.4  # phase correlation is the dearest check


@dataclass(slots=True)
class ViewCheck:
    """The views that one camera is known for, and what is going on in front of it. `waving`: something moves there;
    `disturbed`: a good part of it is lighter or darker than usual."""

    views: dict[str, View] = field(default_factory=dict)
    waving: Suspicion = field(default_factory=Suspicion)
    at_s: float = 0.0
    means: Grey | None = None
    means_s: float = -math.inf
    turned: Found = field(default_factory=dict)
    turned_s: float = -math.inf
    disturbed: bool = False

    def look(self, glance: Glance, now: datetime, passed_s: float, *, sure: bool) -> Found:
        """What is wrong with the view. now: not running backwards; sure: nothing is suspected, so it may be learnt."""
        self.at_s += passed_s
        view = self._known(glance, passed_s)
        self.disturbed = view is not None and view.disturbed(glance.blocks) > _DISTURBED
        if view is None:
            return {}
        found: Found = {Trick.PARTLY_COVERED: self._part(view, glance, now)}
        found |= _softness(view.sharpness(glance)) | self._turn(view, glance)
        if sure and not any(found.values()):
            view.learn(glance, passed_s)
        return found

    def _known(self, glance: Glance, passed_s: float) -> View | None:
        """The view for this kind of light and size; None while it is still being learnt."""
        name = f"{light_of(glance)} {glance.outline.shape}"
        view = self.views.get(name)
        if view is None:
            newest = [*self.views.items()][1 - MOST_VIEWS :]
            self.views = dict(newest) | {name: view_of(glance)}
        elif not view.ready:
            view.learn(glance, passed_s)
        else:
            return view
        return None

    def _part(self, view: View, glance: Glance, now: datetime) -> Evidence | None:
        """What hides a part of the view and keeps still is a rag; what stirs is an animal, for a minute at least."""
        lost = view.lost(glance.blocks)
        share = float(lost.sum() / max(view.structured, 1))
        before = self._means_before(glance)
        hidden = view.structured >= _FEWEST_BLOCKS and share >= _PART
        self.waving = self.waving.after(now, WAVING, looks_wrong=hidden)
        still = hidden and before is not None and _stirring(glance.blocks.mean - before, lost) < _STIRRING
        if not (still or (hidden and self.waving.holds)):
            return None
        return Evidence("share of the view without structure", share, 0.0, _PART)

    def _means_before(self, glance: Glance) -> Grey | None:
        before = self.means
        if self.at_s - self.means_s >= _STIRS_AFTER_S:
            self.means, self.means_s = glance.blocks.mean, self.at_s
        return before

    def _turn(self, view: View, glance: Glance) -> Found:
        if self.at_s - self.turned_s >= _SHIFT_EVERY_S:
            self.turned, self.turned_s = _turned(view, glance), self.at_s
        return self.turned


def _turned(view: View, glance: Glance) -> Found:
    shift = view.shift(glance)
    moved = shift.pixels >= _MOVED and shift.agree >= 4 and shift.agree > 2 * shift.at_rest
    away = not moved and shift.voters >= 6 and shift.at_rest <= 1 and shift.agree <= 3
    away = away and view.recognised(glance) < _RECOGNISED
    by = Evidence("shift of the view, pixels", shift.pixels * glance.scale, 0.0, _MOVED * glance.scale)
    rest = Evidence("twelfths of the view where they were", shift.at_rest, shift.voters, 2.0)
    return {Trick.MOVED: by if moved else None, Trick.TURNED_AWAY: rest if away else None}


def _softness(left: Sharpness | None) -> Found:
    if left is None:
        return {}
    measure = "share of the usual sharpness"
    if left.best < _SHARP:
        return {Trick.DEFOCUSED: Evidence(measure, left.best, 1.0, _SHARP)}
    if left.worst < _SMEARED and left.best > _NOT_SMEARED:
        return {Trick.BLURRED: Evidence(measure, left.worst, 1.0, _SMEARED)}
    return {}


def _stirring(change: Grey, lost: NDArray[np.bool_]) -> float:
    """How much the hidden blocks brighten and darken beyond what the lamps do to all."""
    return float(np.percentile(np.abs(change - np.median(change))[lost], 75))
