"""A data sheet as a page for people."""

from __future__ import annotations

from collections.abc import Iterator

from vision.papers.data_sheet import DataSheet, SetSheet, SplitSheet
from vision.papers.leaks import TWIN

_SHOWN = 12  # examples of leaks; the JSON beside the page has all


def page(sheet: DataSheet, grid: str | None = None) -> str:
    """Markdown. grid: name of the picture beside the page, None without one."""
    lines = ["# Data sheet", "", f"Everything below by name and bytes: SHA-256 `{sheet.sha256}`.", ""]
    lines += [f"![samples]({grid})", ""] if grid else []
    lines += [*_overview(sheet), "", *_leaks(sheet)]
    for name, one in sheet.sets.items():
        lines += ["", f"## {name}", "", *_set(one)]
    return "\n".join(lines) + "\n"


def _overview(sheet: DataSheet) -> Iterator[str]:
    yield "| set | split | pictures | head | per picture (least, median, most) | classes | licence of the source |"
    yield "|---|---|---|---|---|---|---|"
    for name, one in sheet.sets.items():
        for split, row in one.splits.items():
            spread = "-" if row.head_per_picture is None else ", ".join(f"{value:g}" for value in row.head_per_picture)
            classes = ", ".join(f"{kind} {number}" for kind, number in row.classes.items()) or "-"
            yield (f"| {name} | {split} | {row.pictures} | {row.head} | {spread} | {classes} | {one.source.licence} |")


def _leaks(sheet: DataSheet) -> Iterator[str]:
    exact = sum(leak.exact for leak in sheet.leaks)
    yield (
        f"Validation pictures that training has as well: {exact} with the same bytes, {len(sheet.leaks) - exact} "
        f"look the same (correlation {TWIN:g} of greys at 32 x 32 pixels, upright, turned or mirrored)."
    )
    if sheet.leaks:
        yield from ("", "| validation | training | alike |", "|---|---|---|")
    for leak in sorted(sheet.leaks, key=lambda leak: -leak.alike)[:_SHOWN]:
        yield f"| {leak.val} | {leak.train} | {'same bytes' if leak.exact else f'{leak.alike:.3f}'} |"
    if len(sheet.leaks) > _SHOWN:
        yield f"| and {len(sheet.leaks) - _SHOWN} more | | |"


def _set(one: SetSheet) -> Iterator[str]:
    yield f"From {one.source.origin}. Licence: {one.source.licence}."
    if one.source.caution:
        yield f"Mind: {one.source.caution}."
    for split, row in one.splits.items():
        yield ""
        yield f"**{split}**: {row.pictures} pictures; {_sizes(row)}; {_sides(row)}."
        if row.unlabelled:
            yield f"{row.unlabelled} pictures have no label file and are held to be empty."
        if row.repeated:
            yield f"{sum(len(group) - 1 for group in row.repeated)} pictures repeat others byte for byte."
        if row.scenes:
            yield from ("", "| scene | pictures | head |", "|---|---|---|")
            yield from (f"| {scene} | {count} | {head} |" for scene, (count, head) in row.scenes.items())
    if one.broken:
        yield from ("", f"Could not be read ({len(one.broken)}): " + "; ".join(one.broken[:_SHOWN]))


def _sizes(row: SplitSheet) -> str:
    return "sizes " + ", ".join(f"{size} ({number})" for size, number in row.sizes.items())


def _sides(row: SplitSheet) -> str:
    if row.box_side is None or row.small is None:
        return "no boxes"
    told = " / ".join(f"{side:g}" for side in row.box_side)
    return f"box side at 640 pixels, 5/25/50/75/95 %: {told}, {row.small:.0%} below 16"
