"""Named streams of chance: each consumer has its own, so that adding one does not shift the others."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator called `names` under `seed`; the same again for the same arguments, on every machine."""
    key = tuple(crc32(name.encode()) if isinstance(name, str) else name for name in names)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
