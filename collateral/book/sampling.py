"""Which tags an inspector must photograph, and what photographs without a fault prove.

The draw is one that nobody can choose beforehand and anybody can check afterwards. When a session is opened the bank
draws a secret number and publishes its hash; the inspector then reads the tags; the seed is the hash of the session,
of all its reads and of the secret. The inspector does not know the secret, the bank cannot change it after the reads,
and once it is told the draw can be repeated: tags are ordered by the hash of seed and tag, and the first are taken.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

from collateral.model.ids import TagId

SAMPLE = 20  # tags to photograph (A6)
CONFIDENCE = 0.95


def published(secret: bytes) -> str:
    """What is told of a secret before the reads: its SHA-256, in hex."""
    return hashlib.sha256(secret).hexdigest()


def seed(session_id: str, reads_sha256: str, secret: bytes) -> str:
    """The seed of a session's draw, in hex."""
    return hashlib.sha256(f"{session_id}\n{reads_sha256}\n".encode() + secret).hexdigest()


def drawn(tags: Iterable[TagId], seed_hex: str, size: int = SAMPLE) -> tuple[TagId, ...]:
    """`size` different tags of those given, or all when there are no more; the same for the same seed."""
    return tuple(sorted(set(tags), key=lambda tag: hashlib.sha256(f"{seed_hex}{tag}".encode()).digest())[:size])


def chance_of_finding_at_most(faults: int, herd: int, ghosts: int, sample: int) -> float:
    """Hypergeometric: the chance that a sample of a herd with so many ghosts shows at most so many faults."""
    ways = math.comb(herd, sample)
    found = range(max(0, sample - (herd - ghosts)), min(faults, ghosts, sample) + 1)
    return sum(math.comb(ghosts, f) * math.comb(herd - ghosts, sample - f) for f in found) / ways


def most_ghosts(herd: int, sample: int, faults: int = 0, confidence: float = CONFIDENCE) -> int:
    """How many of the herd may at most be ghosts, at this confidence, when a sample showed so many faults: exact.

    20 photographs of 500 without a fault leave up to 68. Raises ValueError when the sample is larger than the herd or
    the faults are more than the sample.
    """
    if not 0 <= faults <= sample <= herd:
        raise ValueError(f"needs faults <= sample <= herd, got {faults}, {sample}, {herd}")
    low, high = faults, herd - (sample - faults)
    while low < high:
        middle = (low + high + 1) // 2
        if chance_of_finding_at_most(faults, herd, middle, sample) > 1.0 - confidence:
            low = middle
        else:
            high = middle - 1
    return low


def sample_for(herd: int, ghosts: int, confidence: float = CONFIDENCE) -> int:
    """How many photographs without a fault prove that fewer than `ghosts` are ghosts."""
    return next(
        (n for n in range(1, herd + 1) if chance_of_finding_at_most(0, herd, ghosts, n) <= 1.0 - confidence), herd
    )
