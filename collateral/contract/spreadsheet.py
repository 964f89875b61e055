"""A table as a spreadsheet saves it (CSV): its encoding, its separator, its cells, each row with the line it begins at.

Whatever comes from a farm, a bank or a hand reader is read here; what its columns mean is said by those who ask. Pure.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collateral.model.saying import Saying, say

SEPARATORS = ",;\t"
MOST_ROWS = 200_000  # with a row an animal: ten times the largest herd that is known of [I]; longer is a mistake
SHOWN = 80  # characters of a row that has too many cells


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong: line of the file (from 1), column, value as it stands there, why, and what to do.

    `column` "": the row as a whole. `code` names the kind of fault for programs and translations.
    """

    line: int
    column: str
    value: str
    code: str
    why: Saying
    fix: Saying

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        shown = f" {self.value!r}" if self.value else ""
        return f"{where}{shown}: {self.why}; {self.fix}"


class TableRefused(ValueError):
    """The file as a whole cannot be read; `faults` say why."""

    def __init__(self, faults: list[RowFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where it begins in the file, and its cells by column. Empty cells are left out."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: its header, and below it its rows, which are read once."""

    separator: str
    header_line: int
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]

    def lines(self, columns: Sequence[str], most: int | None = None) -> Iterator[Line | RowFault]:
        """Each row that is not empty, by the columns that the header means ("": nobody asks for it), or what is wrong
        with it. Raises TableRefused where the file is no table any more, or holds more than so many rows."""
        filled = ((number, cells) for number, cells in self.rows if any(cells))
        for count, (number, cells) in enumerate(filled, start=1):
            if most is not None and count > most:
                raise refused(number, "too_long", say("has more than {rows} rows", rows=most), say("split the file"))
            if any(cells[len(columns) :]):
                why = say("has {cells} cells, the header {columns}", cells=len(cells), columns=len(columns))
                shown = self.separator.join(cells)[:SHOWN]
                yield RowFault(number, "", shown, "cells", why, say("quote separators in cells"))
            else:
                yield Line(number, {c: v for c, v in zip(columns, cells, strict=False) if c and v})


def opened(data: bytes, names: Container[str]) -> Table:
    """A file whose columns may have these `names`, as `name_of` gives them. Raises TableRefused."""
    text = text_of(data)
    separator = separator_of(text.partition("\n")[0], names)
    rows = records(text, separator)
    line, header = next(rows, (1, []))
    return Table(separator, line, header, rows)


def text_of(data: bytes) -> str:
    """UTF-8 with or without a byte order mark, else GB18030, as Chinese spreadsheets save. Raises TableRefused."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise refused(1, "encoding", say("is no plain text"), say("save it as CSV, UTF-8 or GB18030"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused(1, "encoding", say("is neither UTF-8 nor GB18030"), say("save it as CSV UTF-8"))


def separator_of(line: str, names: Container[str]) -> str:
    """The one by which most names in a line are known."""
    return max(SEPARATORS, key=lambda s: sum(name_of(cell) in names for cell in line.split(s)))


def records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins at: a quoted cell may go over several lines. Raises TableRefused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for record in reader:
            yield begins, [plain(cell) for cell in record]
            begins = reader.line_num + 1
    except csv.Error as error:
        why = say("is no CSV from here on ({error})", error=str(error))
        raise refused(begins, "csv", why, say("close the quotes")) from error


def meanings(headers: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The column that each name means, as `name_of` gives names; `headers`: what a column may be called besides."""
    return {name.casefold(): column for column, names in headers.items() for name in (column, *names)}


def name_of(cell: str) -> str:
    """A cell as the name of a column."""
    return plain(cell).strip('"').casefold()


def refused(line: int, code: str, why: Saying, fix: Saying) -> TableRefused:
    """What is wrong with a file from a line on, to be raised."""
    return TableRefused([RowFault(line, "", "", code, why, fix)])


def plain(cell: str) -> str:
    """Without full-width digits, and without the apostrophe that keeps a spreadsheet from rounding."""
    return unicodedata.normalize("NFKC", cell).strip().removeprefix("'").strip()
