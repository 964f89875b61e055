"""A hand reader's CSV of tag reads: encoding, header, rows, each fault with its line. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from collateral.book.enrolment_table import RowFault
from collateral.book.session import SessionRead
from collateral.model.ids import PenId, TagId
from collateral.model.place import Position

HEADERS: dict[str, tuple[str, ...]] = {
    "tag": ("耳标", "耳标号", "电子耳标", "畜禽标识", "eid", "rfid", "dev_eui"),
    "read_at": ("时间", "读取时间", "time", "date_time"),
    "pen": ("圈舍", "栏舍", "圈舍号", "pen_id"),
    "reader": ("读写器", "设备号"),
    "latitude": ("纬度", "lat"),
    "longitude": ("经度", "lon"),
}
REQUIRED = ("tag", "read_at", "pen")
MOST_ROWS = 200_000
CLOCK_SLACK = timedelta(minutes=5)
_COLUMN = {name.casefold(): column for column, names in HEADERS.items() for name in (column, *names)}


@dataclass(frozen=True, slots=True)
class Place:
    """What a file may refer to. `pens`: by id and by name. `zone`: of times without one. `reader`: if none is told."""

    pens: Mapping[str, PenId]
    zone: tzinfo
    reader: str


def read(data: bytes, place: Place, now: datetime) -> tuple[list[SessionRead], list[RowFault]]:
    """The reads of the rows that can be understood, and what is wrong with the others, in the order of the file. A
    file that cannot be read as a whole has one fault at line 1 and no reads."""
    text = _text(data)
    if text is None:
        return [], [_fault(1, "", "", "encoding", ("is neither UTF-8 nor GB18030", "save it as CSV UTF-8"))]
    found = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    columns = [_COLUMN.get(cell.strip().casefold(), "") for cell in next(found, [])]
    if missing := [c for c in REQUIRED if c not in columns]:
        add = "add it to the header; known: " + ", ".join(HEADERS)
        return [], [_fault(1, c, "", "missing_column", ("is missing from the header", add)) for c in missing]
    reads: list[SessionRead] = []
    faults: list[RowFault] = []
    for cells in found:
        row = {c: v.strip().removeprefix("'") for c, v in zip(columns, cells, strict=False) if c}
        if not any(row.values()):
            continue
        if len(reads) + len(faults) >= MOST_ROWS:
            said = (f"has more than {MOST_ROWS} rows", "split the file")
            return reads, [*faults, _fault(found.line_num, "", "", "too_long", said)]
        wrong = list(_wrong(found.line_num, row, place, now))
        faults += wrong
        if not wrong:
            reads.append(_read(row, place))
    return reads, faults


def _read(row: dict[str, str], place: Place) -> SessionRead:
    where = _position(row)
    return SessionRead(
        pen_id=place.pens[row["pen"]], tag_id=TagId(row["tag"].lower()), read_at=_moment(row["read_at"], place.zone),
        reader=row.get("reader") or place.reader, position=where,
    )  # fmt: skip


def _wrong(line: int, row: dict[str, str], place: Place, now: datetime) -> Iterator[RowFault]:
    tag, pen, read_at = (row.get(c, "") for c in ("tag", "pen", "read_at"))
    if not tag.isascii() or not tag.isalnum():
        yield _fault(line, "tag", tag, "tag", ("is no tag number", "give 15 or 16 digits as text, not rounded"))
    if pen not in place.pens:
        yield _fault(line, "pen", pen, "pen", ("is no pen of this session", "give the id or name of one that is"))
    try:
        if _moment(read_at, place.zone) > now + CLOCK_SLACK:
            yield _fault(line, "read_at", read_at, "future", ("lies in the future", "set the reader's clock"))
    except ValueError:
        yield _fault(line, "read_at", read_at, "time", ("is no time", "write it as 2026-06-01 09:12:00"))
    try:
        _position(row)
    except ValueError as error:
        shown = f"{row.get('latitude', '')},{row.get('longitude', '')}"
        yield _fault(line, "latitude", shown, "place", (str(error), "give both in degrees, or neither"))


def _moment(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text.replace("/", "-"))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _position(row: dict[str, str]) -> Position | None:
    latitude, longitude = row.get("latitude", ""), row.get("longitude", "")
    return Position(float(latitude), float(longitude)) if latitude or longitude else None


def _text(data: bytes) -> str | None:
    """UTF-8 with or without a byte order mark, else GB18030, as Chinese spreadsheets save."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _separator(text: str) -> str:
    return max(",;\t", key=text.partition("\n")[0].count)


def _fault(line: int, column: str, value: str, code: str, said: tuple[str, str]) -> RowFault:
    return RowFault(line, column, value, code, *said)
