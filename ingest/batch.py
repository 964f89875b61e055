"""A batch grows until it is large or old. Pure: the age is told, not read from a clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.parcel import Parcel

MOST_BYTES = 16 * 1024 * 1024
"""Frames are large: a batch of them is committed by its bytes, long before its rows."""


@dataclass(slots=True)
class Batch:
    """Parcels that will be committed together, in the order they came."""

    most_rows: int
    most_age_s: float
    most_bytes: int = MOST_BYTES
    most_messages: int = 10_000
    parcels: list[Parcel] = field(default_factory=list)
    rows: int = 0
    size: int = 0
    since_s: float = 0.0

    def add(self, parcel: Parcel, now_s: float) -> None:
        """Put one parcel in; the age counts from the first."""
        if not self.parcels:
            self.since_s = now_s
        self.parcels.append(parcel)
        self.rows += parcel.rows
        self.size += parcel.size

    def due(self, now_s: float) -> bool:
        """Whether it is to be committed now."""
        return bool(self.parcels) and (self.full or now_s - self.since_s >= self.most_age_s)

    @property
    def full(self) -> bool:
        """Whether it is large enough, whatever its age."""
        return self.rows >= self.most_rows or self.size >= self.most_bytes or len(self.parcels) >= self.most_messages

    def wait_s(self, now_s: float, idle_s: float) -> float:
        """How long the next message may be awaited before this batch is due."""
        if not self.parcels:
            return idle_s
        return max(0.0, min(idle_s, self.since_s + self.most_age_s - now_s))

    def drain(self) -> list[Parcel]:
        """Hand everything out and start anew."""
        parcels, self.parcels = self.parcels, []
        self.rows = self.size = 0
        return parcels
