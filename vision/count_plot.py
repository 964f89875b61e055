"""Count against time: the best figure with its band, the book's figure as a line, unknown times shaded with the reason.

Drawn with OpenCV, which counting needs anyhow: a plotting library would be ten times the size of all of vision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from collateral.evidence.course import NO_COUNT, Moment, Stretch, known_runs, unknown_stretches, usual_step
from vision import lettering
from vision.detector import Image
from vision.errors import VisionError
from vision.lettering import BOLD

PAPER, INK, QUIET, GRID = (252, 250, 248), (46, 36, 26), (118, 106, 94), (232, 228, 224)
BAND, LINE, BOOK, UNKNOWN, UNKNOWN_INK = (226, 208, 186), (122, 80, 20), (40, 60, 170), (236, 232, 228), (104, 92, 80)
WIDTH, HEIGHT = 1400, 560
LEFT, RIGHT, TOP, BOTTOM = 84, 120, 92, 76
LETTERS = 17
MOST_DOTS = 120  # more of them would run into one another
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_HOURS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720)
_MINUTES = (1, 2, 5, 10, 15, 30)


def plot_counts(moments: Sequence[Moment], zone: ZoneInfo, *, title: str = "", book: int | None = None) -> Image:
    """The chart, (H,W,3) BGR uint8; times in `zone`. Raises VisionError when there is nothing to draw."""
    ordered = sorted(moments, key=lambda moment: moment.at)
    if not ordered:
        raise VisionError("no counts to draw: give a file with at least one")
    axes = _Axes.around(ordered, book)
    page = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    for stretch in unknown_stretches(ordered):
        _shade(page, axes, stretch)
    _grid(page, axes, zone)
    for run in known_runs(ordered):
        _run(page, axes, run, dots=len(ordered) <= MOST_DOTS)
    if book is not None:
        _book(page, axes, book)
    _title(page, ordered, title, zone)
    return page


@dataclass(frozen=True, slots=True)
class _Axes:
    since: datetime
    until: datetime
    low: float
    high: float
    step: int

    @classmethod
    def around(cls, ordered: Sequence[Moment], book: int | None) -> _Axes:
        known = [head for moment in ordered for head in (moment.low, moment.high) if head is not None]
        values = known + ([book] if book is not None else [])
        least, most = (min(values), max(values)) if values else (0, 10)
        room = max((most - least) * 0.12, 2)
        step = next((step for step in _STEPS if (most - least + 2 * room) / step <= 6), _STEPS[-1])
        low, high = max(0, (least - room) // step * step), -(-(most + room) // step) * step
        until = ordered[-1].at + (usual_step(ordered) if ordered[-1].best is None or len(ordered) == 1 else timedelta())
        return cls(ordered[0].at, until, low, high, step)

    def x(self, at: datetime) -> int:
        share = (at - self.since) / max(self.until - self.since, timedelta(seconds=1))
        return round(LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT))

    def y(self, head: float) -> int:
        return round(HEIGHT - BOTTOM - (head - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM))


def _shade(page: Image, axes: _Axes, stretch: Stretch) -> None:
    left, right = axes.x(stretch.since), max(axes.x(stretch.until), axes.x(stretch.since) + 2)
    page[TOP : HEIGHT - BOTTOM, left:right] = UNKNOWN
    said = f"unknown: {stretch.why}" if stretch.why != NO_COUNT else stretch.why
    size, room = LETTERS - 3, right - left - 12
    for text in (said, stretch.why):
        if lettering.wide(text, size) <= room:
            lettering.write(page, text, ((left + right) / 2, TOP + size + 8), size, UNKNOWN_INK, anchor="middle")
            return


def _grid(page: Image, axes: _Axes, zone: ZoneInfo) -> None:
    head = axes.low
    while head <= axes.high:
        y = axes.y(head)
        cv2.line(page, (LEFT, y), (WIDTH - RIGHT, y), GRID, 1)
        lettering.write(page, f"{head:g}", (LEFT - 12, y + 6), LETTERS, QUIET, anchor="right")
        head += axes.step
    foot = HEIGHT - BOTTOM
    cv2.line(page, (LEFT, foot), (WIDTH - RIGHT, foot), QUIET, 1)
    last: str | None = None
    for at in _ticks(axes, zone):
        x, local = axes.x(at), at.astimezone(zone)
        cv2.line(page, (x, foot), (x, foot + 6), QUIET, 1)
        lettering.write(page, f"{local:%H:%M}", (x, foot + 26), LETTERS, QUIET, anchor="middle")
        if f"{local:%m-%d}" != last:
            last = f"{local:%m-%d}"
            lettering.write(page, last, (x, foot + 48), LETTERS, QUIET, anchor="middle")


def _ticks(axes: _Axes, zone: ZoneInfo) -> Iterator[datetime]:
    """Round local times, at most nine of them."""
    span = axes.until - axes.since
    lengths = [timedelta(minutes=m) for m in _MINUTES] + [timedelta(hours=h) for h in _HOURS]
    step = next((length for length in lengths if span / length <= 8), lengths[-1])
    start = axes.since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    at = start
    while at <= axes.until:
        if at >= axes.since:
            yield at
        at += step


def _run(page: Image, axes: _Axes, run: Sequence[Moment], *, dots: bool) -> None:
    """Band and line; a count that stands alone is a mark with its interval."""
    points = [(axes.x(m.at), axes.y(m.low or 0), axes.y(m.best or 0), axes.y(m.high or 0)) for m in run]
    if len(points) == 1:
        x, low, best, high = points[0]
        cv2.rectangle(page, (x - 4, high), (x + 4, low), BAND, -1)
        cv2.circle(page, (x, best), 4, LINE, -1, cv2.LINE_AA)
        return
    around = [(x, high) for x, _, _, high in points] + [(x, low) for x, low, _, _ in reversed(points)]
    over = page.copy()
    cv2.fillPoly(over, [np.array(around, np.int32)], BAND, cv2.LINE_AA)
    page[:] = cv2.addWeighted(over, 0.8, page, 0.2, 0)
    cv2.polylines(page, [np.array([(x, best) for x, _, best, _ in points], np.int32)], False, LINE, 2, cv2.LINE_AA)
    if dots:
        for x, _, best, _ in points:
            cv2.circle(page, (x, best), 3, LINE, -1, cv2.LINE_AA)


def _book(page: Image, axes: _Axes, book: int) -> None:
    y = axes.y(book)
    for x in range(LEFT, WIDTH - RIGHT, 14):
        cv2.line(page, (x, y), (min(x + 8, WIDTH - RIGHT), y), BOOK, 2, cv2.LINE_AA)
    lettering.write(page, f"book {book}", (WIDTH - RIGHT + 10, y + 6), LETTERS, BOOK, weight=BOLD)


def _title(page: Image, ordered: Sequence[Moment], title: str, zone: ZoneInfo) -> None:
    first, last = (moment.at.astimezone(zone) for moment in (ordered[0], ordered[-1]))
    hours = (first.utcoffset() or timedelta()) / timedelta(hours=1)
    span = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, UTC{f'{hours:+g}' if hours else ''}"
    lettering.write(page, span, (WIDTH - 24, 44), LETTERS, QUIET, anchor="right")
    room = WIDTH - LEFT - 60 - lettering.wide(span, LETTERS)
    lettering.write(page, lettering.cut(title or "Head count", 24, room, BOLD), (LEFT, 44), 24, INK, weight=BOLD)
    x = LEFT
    for said, colour, tall in (("best figure", LINE, 2), ("95 % interval", BAND, 6), (_unknown(ordered), UNKNOWN, 6)):
        cv2.rectangle(page, (x, 68 - tall), (x + 22, 68 + tall), colour, -1)
        text = lettering.cut(said, LETTERS - 2, WIDTH - 24 - x - 30)
        lettering.write(page, text, (x + 30, 74), LETTERS - 2, QUIET)
        x += 30 + lettering.wide(text, LETTERS - 2) + 28


def _unknown(ordered: Sequence[Moment]) -> str:
    """Every reason and how long it lasted, also of times too short to be written on."""
    lasted: dict[str, timedelta] = {}
    for stretch in unknown_stretches(ordered):
        lasted[stretch.why] = lasted.get(stretch.why, timedelta()) + stretch.until - stretch.since
    reasons = [f"{why} {_length(length)}" for why, length in lasted.items()]
    return f"unknown: {', '.join(reasons)}" if reasons else "unknown: at no time"


def _length(length: timedelta) -> str:
    minutes = max(1, round(length / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes / 60:.3g} h" if minutes < 48 * 60 else f"{minutes / 1440:.3g} days"
