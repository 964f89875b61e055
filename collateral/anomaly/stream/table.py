"""Rows of text with a time and a value, scored row by row: what a file holds, without the file.

One row goes out for each that came in, with `anomaly_score` behind it. A row whose value is no number scores 0 and is
counted; so is a row whose time cannot be read, which is judged without the usual of its hour.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from collateral.anomaly.stream.detector import LIMITS, StreamDetector, StreamLimits

SCORE = "anomaly_score"
TIMES = ("timestamp", "time", "datetime", "date", "at", "t", "ds", "measured_at", "received_at")
VALUES = ("value", "y", "v")
MILLISECONDS_FROM = 1e11
"""A number of seconds would lie in the year 5138; as milliseconds it lies in 1973."""
OTHER_WRITINGS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y%m%d%H%M%S")


@dataclass(slots=True)
class Tally:
    """What was met on the way: `rows` in all, of which `no_number` had no value and `no_time` no readable time."""

    rows: int = 0
    no_number: int = 0
    no_time: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """Where time and value stand; `time` None: nowhere."""

    time: int | None
    value: int


class NoSuchColumn(ValueError):
    """The column asked for is not in the header; the message lists those that are."""


def scored(
    rows: Iterable[Sequence[str]], tally: Tally, value: str | None = None, limits: StreamLimits = LIMITS
) -> Iterator[list[str]]:
    """Each row, header included, with its score behind it. `value` names the column to judge. Blank lines are no rows.

    Raises NoSuchColumn, before anything is told.
    """
    lines = (row for row in rows if row)
    first = next(lines, None)
    if first is None:
        return
    header = [cell.strip() for cell in first] if value is not None or _is_header(first) else None
    columns = _columns(header or first, is_header=header is not None, value=value)
    detector = StreamDetector(limits)
    if header is not None:
        yield [*first, SCORE]
    else:
        yield _scored(first, columns, detector, tally)
    for row in lines:
        yield _scored(row, columns, detector, tally)


def seconds(text: str) -> float:
    """Seconds since 1970 of a written time: ISO 8601 or a number, and some others; without a zone, UTC. NaN: unread."""
    text = text.strip()
    try:
        return _since_1970(datetime.fromisoformat(text))
    except ValueError:
        pass
    number = number_of(text)
    if number is not None and len(text) < 14:
        return number / 1000.0 if abs(number) >= MILLISECONDS_FROM else number
    return _otherwise_written(text.replace("/", "-", 2) if text[:4].isdigit() else text)


def number_of(text: str) -> float | None:
    """The finite number that stands in a cell, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _scored(row: Sequence[str], columns: Columns, detector: StreamDetector, tally: Tally) -> list[str]:
    tally.rows += 1
    value = number_of(row[columns.value]) if columns.value < len(row) else None
    if value is None:
        tally.no_number += 1
        return [*row, "0"]
    at_s = math.nan
    if columns.time is not None:
        at_s = seconds(row[columns.time]) if columns.time < len(row) else math.nan
        tally.no_time += math.isnan(at_s)
    return [*row, f"{detector.push(at_s, value):.6g}"]


def _since_1970(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _otherwise_written(text: str) -> float:
    try:
        return _since_1970(datetime.fromisoformat(text))
    except ValueError:
        pass
    for writing in OTHER_WRITINGS:
        try:
            return _since_1970(datetime.strptime(text, writing).replace(tzinfo=UTC))
        except ValueError:
            continue
    return math.nan


def _is_header(row: Sequence[str]) -> bool:
    """Whether a first row names its columns: no cell is a number, and none a time."""
    cells = [cell.strip() for cell in row]
    return not any(number_of(cell) is not None or not math.isnan(seconds(cell)) for cell in cells if cell)


def _columns(row: Sequence[str], *, is_header: bool, value: str | None) -> Columns:
    names = [name.lower() for name in row]
    if not is_header:
        return Columns(0, 1) if len(row) > 1 else Columns(None, 0)
    time = next((names.index(name) for name in TIMES if name in names), None)
    if time is None:
        time = next((i for i, name in enumerate(names) if "time" in name or "date" in name), None)
    if value is not None:
        if value.lower() not in names:
            raise NoSuchColumn(f"there is no column {value!r}; there are: {', '.join(row)}")
        return Columns(time, names.index(value.lower()))
    if time is None and len(names) > 1:
        time = 0
    named = next((names.index(name) for name in VALUES if name in names), None)
    others = [i for i in range(len(names)) if i != time]
    return Columns(time, named if named is not None else others[0] if others else 0)
