"""Reading a sheet (CSV): every row becomes the columns of its table, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from collateral.contract.spreadsheet import Line, TableRefused, name_of, opened

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong in a sheet; the header is line 1. `column` "": the row as a whole."""

    line: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """The rows that can be used, each with its line, and what is wrong with the others."""

    rows: tuple[tuple[int, Row], ...]
    faults: tuple[RowFault, ...]


class SheetRefused(ValueError):
    """The file as a whole is not such a sheet; the message says what is wrong, or what its first line must hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`name` in the sheet, `becomes` in the table. `read` raises ValueError saying what it expects. An empty field of a
    column with `may_be_empty` becomes `otherwise`. `is_past`: a day that cannot lie ahead."""

    name: str
    read: Callable[[str], Any]
    becomes: str = ""
    may_be_empty: bool = False
    otherwise: Any = None
    is_past: bool = False

    @property
    def field(self) -> str:
        return self.becomes or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One kind of sheet. `key`: the fields that make a row the same row again. `spans`: pairs of days in their order;
    `exactly_one`: fields of which one is filled; `together`: fields that are filled all or none."""

    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    spans: tuple[tuple[str, str], ...] = ()
    exactly_one: tuple[str, ...] = ()
    together: tuple[str, ...] = ()


def read(sheet: Sheet, data: bytes, today: date) -> ReadSheet:
    """The rows of a sheet. Raises SheetRefused when it is no such sheet."""
    try:
        return _read(sheet, data, today)
    except TableRefused as error:
        raise SheetRefused(str(error)) from error


def _read(sheet: Sheet, data: bytes, today: date) -> ReadSheet:
    table = opened(data, {column.name for column in sheet.columns})
    names = [name_of(cell) for cell in table.header]
    _check_header(sheet, names)
    rows: list[tuple[int, Row]] = []
    faults: list[RowFault] = []
    first: dict[tuple[Any, ...], int] = {}
    for line in table.lines(names):
        if not isinstance(line, Line):
            faults.append(RowFault(line.line, line.column, f"{line.value!r} {line.why}; {line.fix}"))
            continue
        row, found = _row(sheet, line.cells, line.number, today)
        key = tuple(row.get(name) for name in sheet.key)
        if not found and key in first:
            found = [RowFault(line.number, sheet.key[0], f"says the same again as line {first[key]}; keep one of them")]
        if found:
            faults += found
        else:
            first[key] = line.number
            rows.append((line.number, row))
    return ReadSheet(tuple(rows), tuple(faults))


def _check_header(sheet: Sheet, names: list[str]) -> None:
    known = {column.name for column in sheet.columns}
    missing = [c.name for c in sheet.columns if c.name not in names and not c.may_be_empty]
    unknown = [name for name in names if name not in known]
    twice = sorted({name for name in names if names.count(name) > 1})
    wrong = [
        f"{what} {', '.join(found)}"
        for what, found in (("lacks", missing), ("has unknown", unknown), ("has twice", twice)) if found
    ]  # fmt: skip
    if wrong:
        columns = ", ".join(c.name + (" (may be left out)" if c.may_be_empty else "") for c in sheet.columns)
        raise SheetRefused(f"the first line {' and '.join(wrong)}; a sheet of {sheet.kind} has the columns {columns}")


def _row(sheet: Sheet, given: dict[str, str], line: int, today: date) -> tuple[Row, list[RowFault]]:
    row: Row = {}
    faults = []
    for column in sheet.columns:
        try:
            row[column.field] = _field(column, given.get(column.name, ""), today)
        except ValueError as error:
            faults.append(RowFault(line, column.name, str(error)))
    if not faults:
        faults += [
            RowFault(line, end, f"{row[end]} lies before {begin} {row[begin]}")
            for begin, end in sheet.spans if row[end] < row[begin]
        ]  # fmt: skip
        if sheet.exactly_one and sum(row[name] is not None for name in sheet.exactly_one) != 1:
            faults.append(RowFault(line, sheet.exactly_one[0], f"fill exactly one of {', '.join(sheet.exactly_one)}"))
        if len({row[name] is None for name in sheet.together}) > 1:
            faults.append(RowFault(line, sheet.together[0], f"fill all of {', '.join(sheet.together)} or none"))
    return row, faults


def _field(column: Column, text: str, today: date) -> Any:
    if not text:
        if column.may_be_empty:
            return column.otherwise
        raise ValueError("is empty")
    value = column.read(text)
    if column.is_past and value > today:
        raise ValueError(f"{value} lies ahead; today is {today}")
    return value
