"""One picture of a run: how long each rule took, from half of its truths to nearly all, on a logarithmic line."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path
from typing import Any

from bench.real.plots import COLOURS

WIDTH, LEFT, RIGHT, ROW, TOP = 640, 150, 30, 18, 40
MARKS = ((1.0, "at once"), (60.0, "1 min"), (3_600.0, "1 h"), (86_400.0, "1 d"), (604_800.0, "1 wk"))
LONGEST_S = 4e6
TITLE = "Delay from the decisive moment: half (dot) and 95 % (bar) of what was told"


def delays(file: Path, result: dict[str, Any]) -> None:
    """Write the picture of a run's JSON: a row a rule, with recall and precision beside its number."""
    told = {n: f for n, f in result["rules"].items() if f["delay_s"]["p50"] is not None}
    height = TOP + ROW * len(told) + 30
    parts = [f'<text x="8" y="18" font-size="13">{TITLE}</text>']
    for at_s, word in MARKS:
        x = _x(at_s)
        parts.append(f'<path d="M{x:.1f} {TOP - 8} V{height - 24}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle">{word}</text>')
    for row, (number, figures) in enumerate(told.items()):
        y = TOP + ROW * row + 4
        half, most = (_x(figures["delay_s"][q]) for q in ("p50", "p95"))
        words = f"{number}  recall {figures['recall']:.2f}"
        if figures["precision"] is not None:
            words += f", right {figures['precision']:.2f}"
        parts.append(f'<text x="8" y="{y + 4}" font-size="10">{escape(words)}</text>')
        parts.append(f'<path d="M{_x(0):.1f} {y} H{most:.1f}" stroke="{COLOURS[2]}" stroke-width="5"/>')
        parts.append(f'<circle cx="{half:.1f}" cy="{y}" r="4" fill="{COLOURS[0]}"/>')
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        'font-size="11"><rect width="100%" height="100%" fill="#fff"/>'
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([head, *parts, "</svg>"]) + "\n", encoding="utf-8")


def _x(delay_s: float) -> float:
    """Where a delay lies; under a second is at once."""
    share = math.log(max(1.0, delay_s)) / math.log(LONGEST_S)
    return LEFT + 30 + (WIDTH - LEFT - 30 - RIGHT) * min(1.0, share)
