"""`plot`: counts against time, with their band, from the files that `count` and the HTTP interface write."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from collateral.evidence.course import Moment
from vision.commands.sheet import write_picture, zone_named
from vision.commands.terminal import say
from vision.count_plot import plot_counts
from vision.errors import VisionError

_WANTED = 'want one object per count: {"at": "2026-06-01T08:00:00Z", "low": 4, "best": 5, "high": 6} or a reason'


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("counts", type=Path, metavar="COUNTS", help="JSON array, or JSON lines: one object per count")
    parser.add_argument("--out", type=Path, required=True, help="where to write the chart: .png or .jpg")
    parser.add_argument("--book", type=int, help="head in the book, drawn as a line")
    parser.add_argument("--title", default="", help="whose animals, or which camera")
    parser.add_argument("--zone", default="Asia/Shanghai", help="time zone of the axis")


def run(arguments: argparse.Namespace) -> int:
    moments = read_moments(arguments.counts)
    chart = plot_counts(moments, zone_named(arguments.zone), title=arguments.title, book=arguments.book)
    write_picture(arguments.out, chart)
    unknown = sum(moment.best is None for moment in moments)
    say(f"wrote {arguments.out}: {len(moments)} counts, {unknown} of them unknown")
    return 0


def read_moments(path: Path) -> list[Moment]:
    """The counts in a file: count messages, evidence records, answers of the HTTP interface, or plain figures."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise VisionError(f"{path} cannot be read: name a file of counts") from error
    return [_moment(row, path, place) for place, row in enumerate(_rows(text, path), 1)]


def _rows(text: str, path: Path) -> list[Any]:
    try:
        whole = json.loads(text)
    except ValueError:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise VisionError(f"{path} is neither JSON nor JSON lines ({error}): {_WANTED}") from error
    if isinstance(whole, dict):
        return list(whole["points"]) if isinstance(whole.get("points"), list) else [whole]
    return list(whole) if isinstance(whole, list) else [whole]


def _moment(row: Any, path: Path, place: int) -> Moment:
    try:
        at = datetime.fromisoformat(row.get("captured_at") or row["at"])
        figures = row["count"] if isinstance(row.get("count"), dict) else row
        why = str(figures.get("unknown_because") or row.get("unknown_because") or "")
        if figures.get("best") is None:
            return _aware(Moment(at, None, None, None, why))
        low, best, high = (int(figures[name]) for name in ("low", "best", "high"))
        return _aware(Moment(at, low, best, high))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise VisionError(f"{path}, count {place} cannot be read ({error}): {_WANTED}") from error


def _aware(moment: Moment) -> Moment:
    if moment.at.tzinfo is None:
        raise ValueError(f"{moment.at} has no zone")
    return moment
