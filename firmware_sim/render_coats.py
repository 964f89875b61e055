"""Coats: what one animal looks like, drawn once from its key and the herd's look."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]  # BGR, 0-255


@dataclass(frozen=True, slots=True)
class Build:
    """Body measures of a grown animal, metres."""

    length: float
    width: float
    height: float
    head: float


BUILDS = {
    "cattle": Build(length=1.75, width=0.78, height=1.38, head=0.52),
    "sheep": Build(length=1.0, width=0.52, height=0.78, head=0.27),
    "pig": Build(length=1.15, width=0.45, height=0.68, head=0.33),
}


@dataclass(frozen=True, slots=True)
class Coat:
    """Colours and patches of one animal. `patches` rows: along (-1..1), across (-1..1), length, width, turn."""

    body: Colour
    patch: Colour
    head: Colour
    legs: Colour
    blaze: Colour | None
    patches: NDArray[np.float64]
    size: float
    roughness: float


_BROWNS: list[Colour] = [(66, 98, 146), (56, 82, 126), (86, 122, 164), (46, 64, 100)]
_WHITE: Colour = (205, 214, 220)
_BLACK: Colour = (38, 38, 42)
_HERDS = ("simmental", "simmental", "holstein", "angus", "yellow", "mixed")


@lru_cache(maxsize=8192)
def coat_of(species: str, look_seed: int, key: str) -> Coat:
    """The same key under the same look always wears the same coat."""
    rng = np.random.default_rng((look_seed, zlib.crc32(key.encode())))
    if species == "cattle":
        herd = _HERDS[look_seed % len(_HERDS)]
        breed = str(rng.choice(_HERDS[:5])) if herd == "mixed" or rng.random() < 0.08 else herd
        return _cattle(breed, rng)
    return _sheep(rng) if species == "sheep" else _pig(rng)


def _cattle(breed: str, rng: np.random.Generator) -> Coat:
    size = float(rng.normal(1.0, 0.05))
    if breed == "holstein":
        return _coat(rng, _WHITE, _BLACK, _BLACK, _WHITE, _WHITE, _patches(rng, 5, 9), size)
    if breed == "angus":
        tone = _shade(_BLACK, rng, 0.25)
        return _coat(rng, tone, tone, tone, tone, None, _patches(rng, 0, 1), size)
    brown = _BROWNS[int(rng.integers(len(_BROWNS)))]
    if breed == "yellow":
        return _coat(rng, brown, (110, 160, 205), brown, (95, 140, 190), None, _patches(rng, 0, 2), size)
    return _coat(rng, brown, _WHITE, _WHITE, _WHITE, None, _patches(rng, 1, 5), size)


def _sheep(rng: np.random.Generator) -> Coat:
    black = rng.random() < 0.07
    body: Colour = (58, 60, 66) if black else (188, 202, 210)
    face: Colour = _BLACK if black or rng.random() < 0.45 else (176, 192, 204)
    dye: Colour = (70, 70, 190) if rng.random() < 0.25 else (180, 110, 60)
    marks = _patches(rng, 1, 2) * (0.35, 0.4, 0.4, 0.5, 1) if rng.random() < 0.3 else _patches(rng, 0, 1)
    return _coat(rng, body, dye, face, face, None, marks, float(rng.normal(1.0, 0.07)), roughness=0.6)


def _pig(rng: np.random.Generator) -> Coat:
    pink: Colour = (158, 168, 214)
    spots: Colour = (62, 64, 74) if rng.random() < 0.15 else (120, 138, 172)
    return _coat(rng, pink, spots, pink, pink, None, _patches(rng, 0, 3), float(rng.normal(1.0, 0.07)))


def _coat(
    rng: np.random.Generator,
    body: Colour,
    patch: Colour,
    head: Colour,
    legs: Colour,
    blaze: Colour | None,
    patches: NDArray[np.float64],
    size: float,
    roughness: float = 0.45,
) -> Coat:
    tones = [_shade(colour, rng, 0.1) for colour in (body, patch, head, legs)]
    return Coat(tones[0], tones[1], tones[2], tones[3], blaze, patches, min(max(size, 0.8), 1.2), roughness)


def _shade(colour: Colour, rng: np.random.Generator, spread: float) -> Colour:
    factor = float(np.clip(rng.normal(1.0, spread), 0.6, 1.4))
    return (min(255.0, colour[0] * factor), min(255.0, colour[1] * factor), min(255.0, colour[2] * factor))


def _patches(rng: np.random.Generator, fewest: int, below: int) -> NDArray[np.float64]:
    count = int(rng.integers(fewest, below))
    return np.column_stack(
        [
            rng.uniform(-0.95, 0.95, count),
            rng.uniform(-0.9, 0.9, count),
            rng.uniform(0.14, 0.42, count),
            rng.uniform(0.3, 0.8, count),
            rng.uniform(0, np.pi, count),
        ]
    )
