"""A hand reader's CSV of tag reads: encoding, header, rows, each fault with its line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from collateral.book.session import SessionRead
from collateral.contract.spreadsheet import MOST_ROWS, RowFault, Table, TableRefused, meanings, name_of, opened, plain
from collateral.model.ids import PenId, TagId
from collateral.model.place import Position
from collateral.model.saying import say

HEADERS: dict[str, tuple[str, ...]] = {
    "tag": ("耳标", "耳标号", "电子耳标", "畜禽标识", "eid", "rfid", "dev_eui"),
    "read_at": ("时间", "读取时间", "time", "date_time"),
    "pen": ("圈舍", "栏舍", "圈舍号", "pen_id"),
    "reader": ("读写器", "设备号"),
    "latitude": ("纬度", "lat"),
    "longitude": ("经度", "lon"),
}
REQUIRED = ("tag", "read_at", "pen")
CLOCK_SLACK = timedelta(minutes=5)
_COLUMN = meanings(HEADERS)


@dataclass(frozen=True, slots=True)
class Place:
    """What a file may refer to. `pens`: by id and by name. `zone`: of times without one. `reader`, `pen` (one of the
    keys of `pens`): where a row tells none."""

    pens: Mapping[str, PenId]
    zone: tzinfo
    reader: str
    pen: str | None = None


def read(data: bytes, place: Place, now: datetime) -> tuple[list[SessionRead], list[RowFault]]:
    """The reads of the rows that can be understood, and what is wrong with the others, in the order of the file. A
    file that cannot be read as a whole, or not to its end, has a fault at the line up to which it was read."""
    reads: list[SessionRead] = []
    faults: list[RowFault] = []
    # Cells are read without full-width letters, so names of pens are held against them without.
    pens = {plain(name): pen for name, pen in place.pens.items()}
    place = replace(place, pens=pens, pen=place.pen and plain(place.pen))
    try:
        table = opened(data, _COLUMN)
        for line in table.lines(_columns(table, place), MOST_ROWS):
            if isinstance(line, RowFault):
                faults.append(line)
                continue
            row = {"pen": place.pen or "", **line.cells}
            wrong = list(_wrong(line.number, row, place, now))
            faults += wrong
            if not wrong:
                reads.append(_read(row, place))
    except TableRefused as refused:
        faults += refused.faults
    return reads, faults


def _columns(table: Table, place: Place) -> list[str]:
    """What each cell of the header means. Raises TableRefused where one that is needed is missing."""
    columns = [_COLUMN.get(name_of(cell), "") for cell in table.header]
    if missing := [c for c in REQUIRED if c not in columns and not (c == "pen" and place.pen)]:
        said = say("is missing from the header"), say("add it to the header; known: {known}", known=list(HEADERS))
        raise TableRefused([RowFault(table.header_line, c, "", "missing_column", *said) for c in missing])
    return columns


def _read(row: dict[str, str], place: Place) -> SessionRead:
    where = _position(row)
    return SessionRead(
        pen_id=place.pens[row["pen"]], tag_id=TagId(row["tag"].lower()), read_at=_moment(row["read_at"], place.zone),
        reader=row.get("reader") or place.reader, position=where,
    )  # fmt: skip


def _wrong(line: int, row: dict[str, str], place: Place, now: datetime) -> Iterator[RowFault]:
    tag, pen, read_at = (row.get(c, "") for c in ("tag", "pen", "read_at"))
    if not tag.isascii() or not tag.isalnum():
        fix = say("give 15 or 16 digits as text, not rounded")
        yield RowFault(line, "tag", tag, "tag", say("is no tag number"), fix)
    if pen not in place.pens:
        fix = say("give the id or name of one that is")
        yield RowFault(line, "pen", pen, "pen", say("is no pen of this session"), fix)
    try:
        if _moment(read_at, place.zone) > now + CLOCK_SLACK:
            yield RowFault(line, "read_at", read_at, "future", say("lies in the future"), say("set the reader's clock"))
    except ValueError:
        yield RowFault(line, "read_at", read_at, "time", say("is no time"), say("write it as 2026-06-01 09:12:00"))
    try:
        _position(row)
    except ValueError:
        shown = f"{row.get('latitude', '')},{row.get('longitude', '')}"
        fix = say("give both in degrees, or neither")
        yield RowFault(line, "latitude", shown, "place", say("is no place on earth"), fix)


def _moment(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text.replace("/", "-"))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _position(row: dict[str, str]) -> Position | None:
    latitude, longitude = row.get("latitude", ""), row.get("longitude", "")
    return Position(float(latitude), float(longitude)) if latitude or longitude else None
