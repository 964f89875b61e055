"""Is this picture a recording of an earlier one? Its noise is looked up among the noise of all that were kept."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vision.camera.finding import Evidence
from vision.camera.noise_print import Memory, Tiles, Words, agreement, words_of

Prints = tuple[Words, Words, Words]
YOUNGEST_S = 5.0  # neighbours in time resemble each other in any video, and an animal keeps its place for a while
_AGREE = 0.1
_STANDS_OUT = 0.065
# stills have no third chance, and those that a recorder cut from one film share some of its encoder's noise
_AGREE_STILL, _STANDS_OUT_STILL = 0.3, 0.2
_USUAL = 1.5
_WINDOW_S = 12.0
_LINGERS_S, _AS_GOOD = (0.45, 1.6), 0.6
_SHARP, _SHARP_APART_S = 0.2, 0.7
_STILLS_S = 5.0  # pictures that come more slowly than this are stills
_LINK_S = 4.5  # pictures are kept every two seconds and a half at the most
_CHAIN = 3
_CHAIN_OF_STILLS = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """At `at_s` the picture of `of_s` was seen again."""

    at_s: float
    of_s: float
    agreement: float
    stands_out: float

    def continues(self, earlier: Hit, passed_s: float) -> bool:
        """Whether both come from one recording played at about its own speed; pictures come every `passed_s`."""
        here, there = self.at_s - earlier.at_s, self.of_s - earlier.of_s
        together = abs(here - there) <= 0.12 * here + 0.4 + 0.1 * passed_s
        return there > 0 and together and here <= max(_LINK_S, 3 * passed_s)


@dataclass(slots=True)
class ReplayCheck:
    """Prints kept with irregular distances, so that no loop can fit between them."""

    memory: Memory
    coarse: Memory
    keep_every_s: float
    hits: deque[Hit] = field(default_factory=lambda: deque(maxlen=64))
    usual: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    kept_at_s: float | None = None
    at_s: float | None = None

    def look(self, at_s: float, prints: Prints, flat: tuple[Tiles, Tiles]) -> Evidence | None:
        """prints: fine, coarse, coarse zoomed out; flat: fine and coarse tiles that show little but noise: what sways
        in the wind repeats itself, its noise does not. Evidence when pictures in a row repeat earlier ones in a row."""
        passed = 0.0 if self.at_s is None else at_s - self.at_s
        self.at_s = at_s
        hit = self._hit(at_s, prints, flat, stills=passed > _STILLS_S)
        evidence = None
        if hit is not None:
            evidence = self._chain(hit, passed)
            self.hits.append(hit)
        self._keep(at_s, prints)
        return evidence

    def _hit(self, at_s: float, prints: Prints, flat: tuple[Tiles, Tiles], *, stills: bool) -> Hit | None:
        found = [
            self._match(at_s, 0, self.memory, prints[0], flat[0], stills=stills),
            self._match(at_s, 1, self.coarse, prints[1], flat[1], stills=stills),
            self._match(at_s, 2, self.coarse, prints[2], flat[1], stills=stills),
        ]
        return max((hit for hit in found if hit is not None), key=lambda hit: hit.agreement, default=None)

    def _match(
        self, at_s: float, which: int, memory: Memory, print_: Words, flat: Tiles, *, stills: bool
    ) -> Hit | None:
        """The best earlier picture, when it stands out from what was kept just before and after it."""
        if memory.filled < 8:
            return None
        agreed = agreement(print_[words_of(flat)], memory.over(flat))
        old = np.where(at_s - memory.times[: memory.filled] >= YOUNGEST_S, agreed, np.float32(-1))
        best = int(np.argmax(old))
        most, around = float(old[best]), _around(agreed, best, (memory.kept - 1) % memory.entries)
        least, apart = (_AGREE_STILL, _STANDS_OUT_STILL) if stills else (_AGREE, _STANDS_OUT)
        needed = max(least, _USUAL * self.usual[which])
        if most < needed or most - around < max(apart, 0.3 * most):
            self.usual[which] += 0.02 * (max(most, 0.0) - self.usual[which])
            return None
        return Hit(at_s, float(memory.times[best]), most, most - around)

    def _chain(self, hit: Hit, passed_s: float) -> Evidence | None:
        """How many hits, each on another kept picture, this one continues."""
        stills = passed_s > _STILLS_S
        window = 6 * passed_s if stills else _WINDOW_S
        within = [earlier for earlier in self.hits if hit.at_s - earlier.at_s <= window]
        if stills:
            links, needed = self._in_a_row([*within, hit], passed_s), _CHAIN_OF_STILLS
        else:
            moments = _moments([*within, hit])
            links, needed = max(self._in_a_row(moments, passed_s), _sharp_ones(moments)), _CHAIN
        measure = f"pictures in a row that repeat those of {hit.at_s - hit.of_s:.0f} s before"
        return Evidence(measure, links, 0.0, needed) if links >= needed else None

    def _in_a_row(self, hits: list[Hit], passed_s: float) -> int:
        links, newest = min(1, len(hits)), hits[-1] if hits else None
        for earlier in reversed(hits[:-1]):
            follows = newest is not None and newest.continues(earlier, passed_s)
            if newest and follows and newest.of_s - earlier.of_s > 0.5 * self.keep_every_s:
                links, newest = links + 1, earlier
        return links

    def _keep(self, at_s: float, prints: Prints) -> None:
        distance = self.keep_every_s * (0.65 + 0.6 * ((self.memory.kept * 0.618034) % 1.0))
        if self.kept_at_s is None or at_s - self.kept_at_s >= distance:
            self.memory.keep(prints[0], at_s)
            self.coarse.keep(prints[1], at_s)
            self.kept_at_s = at_s


def _moments(hits: list[Hit]) -> list[Hit]:
    """The best hit on each kept picture, when it stands out in time as well: a recording passes a picture once, what
    sways or stays meets it for a second and more."""
    best: dict[float, Hit] = {}
    for hit in hits:
        if hit.of_s not in best or hit.agreement > best[hit.of_s].agreement:
            best[hit.of_s] = hit
    return sorted((hit for hit in best.values() if not _lingers(hit, hits)), key=lambda hit: hit.at_s)


def _lingers(hit: Hit, among: list[Hit]) -> bool:
    near = (other for other in among if _LINGERS_S[0] < abs(other.at_s - hit.at_s) < _LINGERS_S[1])
    return any(other.of_s == hit.of_s and other.agreement > _AS_GOOD * hit.agreement for other in near)


def _sharp_ones(hits: list[Hit]) -> int:
    """Hits beyond any doubt, whatever their order: a short loop is found now in one round, now in another."""
    links, newest_s = 0, math.inf
    for hit in reversed(hits):
        if hit.stands_out >= _SHARP and newest_s - hit.at_s >= _SHARP_APART_S:
            links, newest_s = links + 1, hit.at_s
    return links


def _around(agreed: NDArray[np.float32], best: int, newest: int) -> float:
    """The better of the neighbours in time. What resembles its neighbours as much is a place, not a moment."""
    if best == newest:  # what comes after it is not known yet
        return 1.0
    return float(max(agreed[best - 1], agreed[(best + 1) % len(agreed)]))
