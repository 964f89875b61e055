"""How many of the animals that nobody has just seen are really gone: chances over the whole number missing.

Silence of one tag is a lost tag; silences beyond what tag loss explains are animals. So the question is asked of all
silent animals together, as a distribution over how many are gone, which cameras and physical counts then narrow.

A herd either loses animals or it does not, and that is one question for all its pools of unseen animals: where long
silences show a loss, silences of a day or two are no longer given the benefit of the doubt. (To ask it pool by pool
called a seventh of a loss spread over two weeks present.) Arrays here are by the number gone, index 0 to the size of
the pool.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Chances = npt.NDArray[np.float64]

LOSS_PRIOR = 0.10  # that anything at all is missing from a herd between two counts [I]; how much has no scale: 1/head
PRESENT_IF_OUTSIDE = 0.02
NEGLIGIBLE = 1e-300
TAIL = 0.025  # on either side of a 95 % interval
NOBODY: Chances = np.ones(1)
"""Nobody's presence is in doubt."""


@dataclass(frozen=True, slots=True)
class Silence:
    """How many tags fall silent although their animals are there: `expected` of them, with a rate that differs from
    herd to herd (`shape` of its gamma distribution). `outage`: the chance that something common silenced any number."""

    expected: float
    shape: float
    outage: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that is independent of the tags: so many head, give or take `sigma`, of those in its reach.

    `reach`: which share of the unseen animals it would have counted. `spell`: the chance that it missed many this time,
    and so says little.
    """

    head: float
    sigma: float
    book: int
    reach: float
    spell: float

    def fits(self, size: int) -> Chances:
        """How likely this count was, had 0 to `size` gone."""
        off = (self.head - (self.book - np.arange(size + 1) * self.reach)) / self.sigma
        fits: Chances = np.exp(-0.5 * off**2) / (self.sigma * math.sqrt(2 * math.pi))
        fits = (1.0 - self.spell) * fits + self.spell / (self.book + 1.0)
        return np.maximum(fits, NEGLIGIBLE)


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """Pools of unseen animals, not yet judged: how likely what is known of them was, by the number gone, in a herd that
    loses none without a word (`honest`) and in one that does (`losing`), each times the chance of that number. `none`:
    the chance that one that does has lost none of these."""

    honest: Chances
    losing: Chances
    none: float

    def beside(self, other: Doubt) -> Doubt:
        """These pools and others of the same herd."""
        honest, losing = np.convolve(self.honest, other.honest), np.convolve(self.losing, other.losing)
        return Doubt(honest, losing, self.none * other.none)

    def narrowed(self, counts: list[Counted]) -> Doubt:
        """What is left after independent counts."""
        honest, losing = self.honest, self.losing
        for count in counts:
            honest, losing = honest * count.fits(len(honest) - 1), losing * count.fits(len(losing) - 1)
            most = max(honest.max(), losing.max())
            honest, losing = honest / most, losing / most
        return Doubt(honest, losing, self.none)

    def chances(self) -> Chances:
        """How many are gone: index 0 to the size of all pools, summing to 1."""
        loses = LOSS_PRIOR / (1.0 - self.none) if self.none < 1.0 else 0.0  # what loses has lost at least one
        chances = loses * self.losing
        chances[: len(self.honest)] += (1.0 - LOSS_PRIOR - loses * self.none) * self.honest
        return _normal(chances)


def unknown(size: int) -> Doubt:
    """Nothing speaks for or against: probably all are there, and a loss of any size is possible."""
    return _doubt(np.ones(size + 1))


def silent(size: int, silence: Silence) -> Doubt:
    """`size` tags are silent: either their animals are gone, or the tags fell silent by themselves."""
    by_themselves = (1.0 - silence.outage) * _overdispersed(size, silence) + silence.outage / (size + 1)
    return _doubt(by_themselves[::-1])


def outside(size: int) -> Doubt:
    """Last heard beyond their fence, each for itself, whether or not the herd loses others."""
    gone = 1.0 - PRESENT_IF_OUTSIDE
    n = np.arange(size + 1)
    log_ways = np.concatenate(([0.0], np.cumsum(np.log((size - n[:-1]) / (n[:-1] + 1.0)))))
    each = np.exp(log_ways + n * math.log(gone) + (size - n) * math.log(PRESENT_IF_OUTSIDE))
    return Doubt(each, each, 1.0)


def together(pools: list[Chances]) -> Chances:
    """How many are gone from several blocks that have nothing in common."""
    total = np.ones(1)
    for pool in sorted(pools, key=len):
        total = np.convolve(total, pool)
    return _normal(total)


def interval(chances: Chances) -> tuple[int, int]:
    """The 95 % interval of how many are gone: fewest, most."""
    reached, last = np.cumsum(chances), len(chances) - 1
    return min(last, int(np.searchsorted(reached, TAIL))), min(last, int(np.searchsorted(reached, 1.0 - TAIL)))


def median(chances: Chances) -> int:
    """The middle of how many are gone."""
    return int(np.searchsorted(np.cumsum(chances), 0.5))


def _doubt(likely: Chances) -> Doubt:
    """One pool, given how likely what is known of it was, by the number gone."""
    by_size = 1.0 / np.arange(1, len(likely) + 1)
    by_size /= by_size.sum()
    return Doubt(likely[:1], likely * by_size, float(by_size[0]))


def _overdispersed(size: int, silence: Silence) -> Chances:
    """Negative binomial chances of 0 to `size` silent tags: a Poisson count whose rate is gamma distributed."""
    shape, mean = silence.shape, max(silence.expected, 1e-9)
    steps = np.log((shape + np.arange(size)) / np.arange(1, size + 1)) + math.log(mean / (shape + mean))
    return np.exp(shape * math.log(shape / (shape + mean)) + np.concatenate(([0.0], np.cumsum(steps))))


def _normal(chances: Chances) -> Chances:
    total = chances.sum()
    return chances / total if total > 0 else np.full(len(chances), 1.0 / len(chances))
