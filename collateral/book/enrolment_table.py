"""Reading a CSV of animals or groups as it comes from a farm's spreadsheet: its header and its rows of text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from collateral.contract.spreadsheet import (
    MOST_ROWS,
    Line,
    RowFault,
    Table,
    TableRefused,
    meanings,
    name_of,
    opened,
    refused,
)
from collateral.model.saying import Saying, say

# What a column may be called, besides its own name.
HEADERS: dict[str, tuple[str, ...]] = {
    "ear_tag": ("畜禽标识", "畜禽标识号", "耳标", "耳标号", "tag", "identity"),
    "rfid": ("电子标识", "电子耳标", "iso11784", "iso 11784"),
    "dev_eui": ("deveui", "设备号", "智能耳标", "智能耳标号"),
    "species": ("畜种", "物种"),
    "pen": ("圈舍", "栏舍", "圈舍号", "pen_id"),
    "breed": ("品种",),
    "born": ("出生日期", "birth", "birth_date"),
    "weight_kg": ("体重", "体重kg", "体重(kg)", "weight"),
    "value": ("估值", "评估价值", "价值", "估值(元)", "value_cny"),
}


@dataclass(frozen=True)
class Columns:
    """What a file may hold: its columns with their other names, those that it must have, and what is said of a file
    that holds nothing else."""

    headers: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    empty: tuple[Saying, Saying]

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The column that each name means."""
        return meanings(self.headers)


ANIMALS = Columns(
    HEADERS, ("ear_tag", "species", "pen"),
    (say("holds no animal"), say("give one row per animal below the header")),
)  # fmt: skip
GROUPS = Columns(
    {
        "group": ("群", "群号", "批次", "批次号", "group_id"),
        "species": HEADERS["species"],
        "pen": HEADERS["pen"],
        "head": ("头数", "只数", "数量", "存栏", "count"),
        "weight_kg": ("均重", "平均体重", *HEADERS["weight_kg"]),
        "value": ("每头估值", "单价", *HEADERS["value"]),
    },
    ("group", "species", "pen", "head"),
    (say("holds no group"), say("give one row per group below the header")),
)


def read(data: bytes, of: Columns = ANIMALS) -> tuple[list[Line], list[RowFault]]:
    """The rows of a file, and those that have too many cells. Raises TableRefused."""
    table = opened(data, of.by_name)
    lines: list[Line] = []
    faults: list[RowFault] = []
    for line in table.lines(_columns(table, of), MOST_ROWS):
        if isinstance(line, Line):
            lines.append(line)
        else:
            faults.append(line)
    if not lines and not faults:
        raise refused(table.header_line, "empty", *of.empty)
    return lines, faults


def _columns(table: Table, of: Columns) -> list[str]:
    """What each cell of the header means. Raises TableRefused."""
    columns = [of.by_name.get(name_of(cell), "") for cell in table.header]
    line, known = table.header_line, list(of.headers)
    strange = say("is no known column"), say("rename or remove it; known: {known}", known=known)
    faults = [
        RowFault(line, cell, "", "unknown_column", *strange)
        for cell, column in zip(table.header, columns, strict=True) if not column
    ]  # fmt: skip
    twice = say("stands in the header twice"), say("remove one")
    faults += [RowFault(line, c, "", "column_twice", *twice) for c in known if columns.count(c) > 1]
    missing = say("is missing from the header")
    faults += [
        RowFault(line, c, "", "missing_column", missing, say("add it; or call it {name}", name=of.headers[c][0]))
        for c in of.required if c not in columns
    ]  # fmt: skip
    if faults:
        raise TableRefused(faults)
    return columns
