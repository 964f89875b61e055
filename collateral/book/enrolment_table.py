"""Reading a CSV of animals as it comes from a farm's spreadsheet: encoding, separator, header, rows of text. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

REQUIRED = ("ear_tag", "species", "pen")
MOST_ROWS = 200_000  # ten times the largest herd that is known of [I]; what is longer is a mistake

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
_COLUMN = {name.casefold(): column for column, names in HEADERS.items() for name in (column, *names)}
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong: line of the file (from 1), column, value as it stands there, why, and what to do.

    `code` names the kind of fault for programs and translations.
    """

    line: int
    column: str
    value: str
    code: str
    why: str
    fix: str

    def __str__(self) -> str:
        shown = f" {self.value!r}" if self.value else ""
        return f"line {self.line}, {self.column}{shown}: {self.why}; {self.fix}"


class TableRefused(ValueError):
    """The file as a whole cannot be read; `faults` say why. No row was looked at."""

    def __init__(self, faults: list[RowFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where it begins in the file, and its cells by column. Empty cells are left out."""

    number: int
    cells: dict[str, str]


def read(data: bytes) -> tuple[list[Line], list[RowFault]]:
    """The rows of a file, and those that have too many cells. Raises TableRefused."""
    text = _text(data)
    separator = _separator(text)
    records = _records(text, separator)
    line, header = next(records, (1, []))
    columns = _columns(line, header)
    lines, faults = [], []
    for number, record in records:
        cells = [_plain(cell) for cell in record]
        if not any(cells):
            continue
        if any(cells[len(columns) :]):
            faults.append(_fault(number, "", separator.join(record)[:80], "cells", (
                f"has {len(cells)} cells, the header {len(columns)}", "quote separators in cells")))  # fmt: skip
            continue
        lines.append(Line(number, {c: v for c, v in zip(columns, cells, strict=False) if v}))
        if len(lines) > MOST_ROWS:
            raise _refused(number, "", "", "too_long", f"has more than {MOST_ROWS} rows", "split the file")
    if not lines and not faults:
        raise _refused(line, "", "", "empty", "holds no animal", "give one row per animal below the header")
    return lines, faults


def _text(data: bytes) -> str:
    """UTF-8 with or without a byte order mark, else GB18030, as Chinese spreadsheets save."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise _refused(1, "", "", "encoding", "is no plain text", "save it as CSV, UTF-8 or GB18030")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(1, "", "", "encoding", "is neither UTF-8 nor GB18030", "save it as CSV UTF-8")


def _separator(text: str) -> str:
    """The one by which most names in the header are known."""
    first = text.partition("\n")[0]
    return max(_SEPARATORS, key=lambda s: sum(_name(cell) in _COLUMN for cell in first.split(s)))


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins at: a quoted cell may go over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for record in reader:
            yield begins, record
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _refused(begins, "", "", "csv", f"is no CSV from here on ({error})", "close the quotes") from error


def _columns(line: int, header: list[str]) -> list[str]:
    columns = [_COLUMN.get(_name(cell), "") for cell in header]
    known = ", ".join(HEADERS)
    faults = [
        _fault(line, cell.strip(), "", "unknown_column", ("is no known column", f"rename or remove it; known: {known}"))
        for cell, column in zip(header, columns, strict=True) if not column
    ]  # fmt: skip
    faults += [
        _fault(line, c, "", "column_twice", ("stands in the header twice", "remove one"))
        for c in HEADERS if columns.count(c) > 1
    ]  # fmt: skip
    faults += [
        _fault(line, c, "", "missing_column", ("is missing from the header", f"add it; or call it {HEADERS[c][0]}"))
        for c in REQUIRED if c not in columns
    ]  # fmt: skip
    if faults:
        raise TableRefused(faults)
    return columns


def _name(cell: str) -> str:
    return _plain(cell).strip('"').casefold()


def _plain(cell: str) -> str:
    """Without full-width digits, and without the apostrophe that keeps a spreadsheet from rounding."""
    return unicodedata.normalize("NFKC", cell).strip().removeprefix("'").strip()


def _fault(line: int, column: str, value: str, code: str, said: tuple[str, str]) -> RowFault:
    return RowFault(line, column, value, code, *said)


def _refused(line: int, column: str, value: str, code: str, why: str, fix: str) -> TableRefused:
    return TableRefused([RowFault(line, column, value, code, why, fix)])
