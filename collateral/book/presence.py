"""How many of the animals that nobody has just seen are really gone: chances over the whole number missing.

Silence of one tag is a lost tag; silences beyond what tag loss explains are animals. So the question is asked of all
silent animals together, as a distribution over how many are gone, which cameras and physical counts then narrow.
Arrays here are chances by the number gone, index 0 to the size of the pool, summing to 1.
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


def unknown(size: int) -> Chances:
    """Nothing speaks for or against: probably all are there, and a loss of any size is possible."""
    chances = np.zeros(size + 1)
    chances[0] = 1.0
    if size:
        by_size = 1.0 / np.arange(1, size + 1)
        chances[0] = 1.0 - LOSS_PRIOR
        chances[1:] = LOSS_PRIOR * by_size / by_size.sum()
    return chances


def silent(size: int, silence: Silence) -> Chances:
    """`size` tags are silent: either their animals are gone, or the tags fell silent by themselves."""
    by_themselves = (1.0 - silence.outage) * _overdispersed(size, silence) + silence.outage / (size + 1)
    return _normal(unknown(size) * by_themselves[::-1])


def outside(size: int) -> Chances:
    """Last heard beyond their fence, each for itself."""
    gone = 1.0 - PRESENT_IF_OUTSIDE
    n = np.arange(size + 1)
    log_ways = np.concatenate(([0.0], np.cumsum(np.log((size - n[:-1]) / (n[:-1] + 1.0)))))
    return _normal(np.exp(log_ways + n * math.log(gone) + (size - n) * math.log(PRESENT_IF_OUTSIDE)))


def together(pools: list[Chances]) -> Chances:
    """How many are gone from several pools in all."""
    total = np.ones(1)
    for pool in sorted(pools, key=len):
        total = np.convolve(total, pool)
    return _normal(total)


def narrowed(chances: Chances, counts: list[Counted]) -> Chances:
    """What is left of the chances after independent counts."""
    gone = np.arange(len(chances))
    for count in counts:
        off = (count.head - (count.book - gone * count.reach)) / count.sigma
        fits = np.exp(-0.5 * off**2) / (count.sigma * math.sqrt(2 * math.pi))
        fits = (1.0 - count.spell) * fits + count.spell / (count.book + 1.0)
        chances = chances * np.maximum(fits, NEGLIGIBLE)
    return _normal(chances)


def interval(chances: Chances) -> tuple[int, int]:
    """The 95 % interval of how many are gone: fewest, most."""
    reached, last = np.cumsum(chances), len(chances) - 1
    return min(last, int(np.searchsorted(reached, TAIL))), min(last, int(np.searchsorted(reached, 1.0 - TAIL)))


def median(chances: Chances) -> int:
    """The middle of how many are gone."""
    return int(np.searchsorted(np.cumsum(chances), 0.5))


def _overdispersed(size: int, silence: Silence) -> Chances:
    """Negative binomial chances of 0 to `size` silent tags: a Poisson count whose rate is gamma distributed."""
    shape, mean = silence.shape, max(silence.expected, 1e-9)
    steps = np.log((shape + np.arange(size)) / np.arange(1, size + 1)) + math.log(mean / (shape + mean))
    return np.exp(shape * math.log(shape / (shape + mean)) + np.concatenate(([0.0], np.cumsum(steps))))


def _normal(chances: Chances) -> Chances:
    total = chances.sum()
    return chances / total if total > 0 else np.full(len(chances), 1.0 / len(chances))
