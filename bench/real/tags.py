"""SCR neck tags: raw activity and activity change in two-hour bins, calvings and heats, as arrays."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from collateral.facts.series import Floats

BIN = timedelta(hours=2)
BINS = 12


@dataclass(frozen=True, eq=False)
class Tags:
    """One herd: values (cows, bins), the first bin beginning at `first`; NaN: not measured."""

    cows: tuple[str, ...]
    first: datetime
    values: Floats

    def bin(self, at: datetime) -> int:
        return int((at - self.first) / BIN)

    def at_s(self) -> list[float]:
        """When each bin begins, in seconds of the herd's own clock."""
        zero = (self.first - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - the tags' clock names no zone
        return [zero + row * BIN.total_seconds() for row in range(self.values.shape[1])]


@dataclass(frozen=True, slots=True)
class Heat:
    """An oestrus as BovHEAT found it, first to last bin."""

    cow: str
    start: datetime
    stop: datetime


def read(file: Path, column: str) -> Tags:
    """One column of one of the two files of tags."""
    rows = [(r["cow_number"], datetime.fromisoformat(r["t"]), float(r[column])) for r in _rows(file) if r[column]]
    cows = {cow: row for row, cow in enumerate(sorted({cow for cow, _, _ in rows}))}
    first = min(at for _, at, _ in rows)
    values = np.full((len(cows), int((max(at for _, at, _ in rows) - first) / BIN) + 1), np.nan, np.float32)
    for cow, at, value in rows:
        values[cows[cow], int((at - first) / BIN)] = value
    return Tags(tuple(cows), first, values)


def calvings(folder: Path) -> dict[str, datetime]:
    """The day of each cow's calving (day resolution)."""
    return {
        r["Cow Number"]: datetime.fromisoformat(r["calving_date"])
        for r in _rows(folder / "labels_calving.csv") if r["calving_date"]
    }  # fmt: skip


def heats(folder: Path) -> list[Heat]:
    """Heats by another program at threshold 35: no gold standard."""
    return [
        Heat(r["Cow Number"], datetime.fromisoformat(r["start_dt_heat"]), datetime.fromisoformat(r["stop_dt_heat"]))
        for r in _rows(folder / "bovheat_output_heats_long.csv") if r["start_dt_heat"]
    ]  # fmt: skip


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)
