"""Small SVG pictures: bars and lines, nothing to install."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 300, 60, 60, 34
COLOURS = ("#33658a", "#f26419", "#86bbd8", "#758e4f", "#999999", "#55344e")


def bars(file: Path, title: str, names: Sequence[str], series: dict[str, Sequence[float]]) -> None:
    """Groups of bars, one group a name, one bar a series, with their figures above them."""
    top = max(max(values) for values in series.values()) or 1.0
    group = (WIDTH - LEFT - 20) / len(names)
    bar = group * 0.8 / len(series)
    parts = _frame(title, top, list(series))
    for number, values in enumerate(series.values()):
        for at, value in enumerate(values):
            x, high = LEFT + at * group + group * 0.1 + number * bar, _plot_height() * value / top
            y = HEIGHT - BOTTOM - high
            parts += [
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar:.1f}" height="{high:.1f}" fill="{COLOURS[number]}"/>',
                f'<text x="{x + bar / 2:.1f}" y="{y - 3:.1f}" text-anchor="middle" font-size="10">{value:g}</text>',
            ]
    for at, name in enumerate(names):
        x = LEFT + (at + 0.5) * group
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{escape(name)}</text>')
    _write(file, parts)


def line(file: Path, title: str, x: Sequence[float], y: Sequence[float], under: str) -> None:
    """One line with dots; `under` says what runs along the bottom."""
    top, low = max(y) or 1.0, min(x)
    wide = (WIDTH - LEFT - 20) / ((max(x) - low) or 1)
    places = [(LEFT + (a - low) * wide, HEIGHT - BOTTOM - _plot_height() * b / top) for a, b in zip(x, y, strict=True)]
    parts = _frame(title, top, [])
    ends = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    parts.append(f'<polyline points="{ends}" fill="none" stroke="{COLOURS[0]}" stroke-width="2"/>')
    parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{COLOURS[1]}"/>' for a, b in places]
    for at in sorted({min(x), 0.0, max(x)} if min(x) < 0 else {min(x), max(x)}):
        parts.append(
            f'<text x="{LEFT + (at - low) * wide:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{at:g}</text>'
        )
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(under)}</text>')
    _write(file, parts)


def _plot_height() -> float:
    return HEIGHT - BOTTOM - TOP - 12


def _frame(title: str, top: float, names: Sequence[str]) -> list[str]:
    parts = [
        f'<text x="{LEFT}" y="18" font-size="14">{escape(title)}</text>',
        f'<path d="M{LEFT} {TOP} V{HEIGHT - BOTTOM} H{WIDTH - 10}" fill="none" stroke="#444"/>',
        f'<text x="{LEFT - 6}" y="{HEIGHT - BOTTOM - _plot_height() + 4:.0f}" text-anchor="end">{top:g}</text>',
        f'<text x="{LEFT - 6}" y="{HEIGHT - BOTTOM + 4}" text-anchor="end">0</text>',
    ]
    for number, name in enumerate(names):
        x = LEFT + number * (WIDTH - LEFT) / max(len(names), 1)
        parts.append(f'<rect x="{x:.0f}" y="{HEIGHT - 24}" width="10" height="10" fill="{COLOURS[number]}"/>')
        parts.append(f'<text x="{x + 14:.0f}" y="{HEIGHT - 15}">{escape(name)}</text>')
    return parts


def _write(file: Path, parts: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="11"><rect width="100%" height="100%" fill="#fff"/>'
    )
    file.write_text("\n".join([head, *parts, "</svg>\n"]), "utf-8")
