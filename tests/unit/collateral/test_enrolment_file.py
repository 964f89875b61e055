"""A farm's spreadsheet, as farms really send it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book.enrolment_file import Enrolled, Known, check
from collateral.book.enrolment_rows import Outcome
from collateral.book.enrolment_table import read
from collateral.contract.spreadsheet import MOST_ROWS, RowFault, TableRefused
from collateral.model.herd import AnimalStatus, Species

TODAY = date(2026, 6, 1)
HEADER = "ear_tag,rfid,dev_eui,species,pen,breed,born,weight_kg,value"
GOOD = "215052400001000,156000000001000,c000000000001000,cattle,p1,Simmental,2025-03-01,410.5,15000"
BOOKED = Enrolled(
    animal_id="n-1", ear_tag="215052400001000", farm_id="f1", pen="p1", species=Species.CATTLE, rfid="156000000001000",
    dev_eui="c000000000001000", breed="Simmental", born=date(2025, 3, 1), weight_kg=410.5, value_minor=1_500_000,
    loan_id="L1",
)  # fmt: skip
PENS = {"p1": ("p1", Species.CATTLE), "东栏": ("p1", Species.CATTLE), "s1": ("s1", Species.SHEEP)}


def known(*animals: Enrolled, loan: str | None = "L1", counties: frozenset[str] = frozenset({"150524"})) -> Known:
    return Known(
        farm_id="f1", loan_id=loan, pens=PENS, counties=counties, counties_from="enrolled",
        animals={a.ear_tag: a for a in animals}, rfids={a.rfid: a.animal_id for a in animals if a.rfid},
        euis={a.dev_eui: a.animal_id for a in animals if a.dev_eui}, may_name=frozenset({"L1"}),
    )  # fmt: skip


def file(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    return "\n".join((header, *rows)).encode(encoding)


def faults(row: str, book: Known | None = None) -> list[RowFault]:
    return check(*read(file(row)), book or known(), TODAY).faults


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_chinese_headers_and_cells_are_read_as_chinese_spreadsheets_save_them(encoding: str, separator: str) -> None:
    header = separator.join(("畜禽标识", "畜种", "圈舍", "出生日期", "体重(kg)", "估值(元)", "品种"))
    row = separator.join(("２15052400001000", "牛", "东栏", "2025年3月1日", "410.5", "15000元", "西门塔尔"))
    checked = check(*read(file(row, header=header, encoding=encoding)), known(), TODAY)
    assert checked.faults == []
    (found,) = checked.rows
    assert (found.animal.ear_tag, found.animal.breed, found.animal.pen) == ("215052400001000", "西门塔尔", "p1")
    assert (found.animal.born, found.animal.value_minor) == (date(2025, 3, 1), 1_500_000)


def _with(column: str, value: str) -> str:
    cells = GOOD.split(",")
    cells[HEADER.split(",").index(column)] = value
    return ",".join(cells)


BAD = [
    ("ear_tag", "2.15052E+14", "rounded"), ("ear_tag", "21505240000100", "ear_tag"), ("ear_tag", "", "empty_cell"),
    ("ear_tag", "21505240000100X", "ear_tag"), ("ear_tag", "115052400001000", "species_digit"),
    ("ear_tag", "299052400001000", "county"), ("ear_tag", "215052300001000", "county"), ("rfid", "12345", "rfid"),
    ("rfid", "156999999999999", "rfid"), ("dev_eui", "0000000000000000", "dev_eui"), ("dev_eui", "c00", "dev_eui"),
    ("species", "goat", "species"), ("pen", "p9", "pen"), ("pen", "s1", "pen"), ("born", "2026-06-02", "date"),
    ("born", "2025-02-30", "date"), ("born", "1990-01-01", "date"), ("born", "soon", "date"),
    ("weight_kg", "NaN", "weight_kg"), ("weight_kg", "-3", "weight_kg"), ("weight_kg", "410500", "weight_kg"),
    ("value", "nan", "value"), ("value", "inf", "value"), ("value", "0", "value"), ("value", "1e12", "value"),
    ("value", "", "empty_cell"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "code"), BAD)
def test_every_bad_cell_is_named_by_line_column_value_reason_and_advice(column: str, value: str, code: str) -> None:
    (fault,) = faults(_with(column, value))
    assert (fault.line, fault.column, fault.value, fault.code) == (2, column, value, code)
    assert fault.why
    assert fault.fix


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    found = faults("115052400001000,1,xyz,cattle,p9,,2030-01-01,heavy,dear")
    assert {f.column for f in found} == {"ear_tag", "pen", "rfid", "dev_eui", "born", "weight_kg", "value"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (file(GOOD, header=HEADER.replace("breed", "colour")), "unknown_column"),
        (file(GOOD, header=HEADER.replace("ear_tag", "breed")), "missing_column"),
        (file(GOOD, header=HEADER.replace("breed", "品种") + ",breed"), "column_twice"), (file(), "empty"), (b"", "missing_column"),
        (file(GOOD, encoding="utf-16"), "encoding"), (file('"215'), "csv"), (b"ear_tag,species,pen\n\xff\xff", "encoding"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_animals_is_refused_as_a_whole(data: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as refused:
        check(*read(data), known(), TODAY)
    assert code in {fault.code for fault in refused.value.faults}


def test_a_quoted_cell_over_two_lines_does_not_shift_the_line_numbers() -> None:
    first = GOOD.replace("Simmental", '"Simmental\ncross"')
    (fault,) = check(*read(file(first, "215052400001001,,,goat,p1,,,,1")), known(), TODAY).faults
    assert fault.line == 4


def test_what_is_so_already_is_unchanged_and_what_differs_is_listed() -> None:
    assert [r.outcome for r in check(*read(file(GOOD)), known(BOOKED), TODAY).rows] == [Outcome.UNCHANGED]
    (row,) = check(*read(file(_with("weight_kg", "455"))), known(BOOKED), TODAY).rows
    assert (row.outcome, row.changes, row.animal.animal_id) == (Outcome.UPDATED, {"weight_kg": (410.5, 455.0)}, "n-1")
    bare = "215052400001000,,,cattle,p1,,,,15000"  # an empty cell says nothing
    assert [r.outcome for r in check(*read(file(bare)), known(BOOKED), TODAY).rows] == [Outcome.UNCHANGED]


def _held(**changed: object) -> Known:
    return known(Enrolled(**{name: getattr(BOOKED, name) for name in Enrolled.__slots__} | changed))  # type: ignore[attr-defined]


HELD = [
    ({"loan_id": "L2"}, "pledged", "another loan"), ({"status": AnimalStatus.SOLD, "loan_id": None}, "gone", "sold"),
    ({"farm_id": "f2", "loan_id": None}, "other_farm", "transfer"), ({"rfid": "156000000009999"}, "other_number", "156000000009999"),
    ({"ear_tag": "215052400001001"}, "borne", "another animal"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "code", "said"), HELD)
def test_what_the_book_says_otherwise_is_a_fault(changed: dict[str, object], code: str, said: str) -> None:
    found = faults(GOOD, _held(**changed))
    assert code in {fault.code for fault in found}
    assert any(said in str(fault) for fault in found)
    assert "L2" not in str(found)  # a loan of another branch is not named


def test_without_any_list_of_counties_only_the_province_is_checked() -> None:
    assert faults(_with("ear_tag", "244999900001000"), known(counties=frozenset())) == []
    (fault,) = faults(_with("ear_tag", "299999900001000"), known(counties=frozenset()))
    assert fault.code == "county"


def test_a_replaced_ear_tag_is_told_its_successor() -> None:
    book = known()
    book.animals["215052400001000"] = Enrolled(
        animal_id="n-1", ear_tag="215052400002000", farm_id="f1", pen="p1", species=Species.CATTLE
    )
    (fault,) = faults(GOOD, book)
    assert (fault.code, "215052400002000" in fault.why) == ("replaced", True)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    try:
        lines, _ = read(data)
    except TableRefused:
        return
    assert len(lines) <= MOST_ROWS


@given(st.lists(st.tuples(*[st.text(max_size=12)] * 5), max_size=5))
def test_no_cells_break_it_and_every_row_is_taken_or_told(rows: list[tuple[str, ...]]) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows([("ear_tag", "species", "pen", "born", "value"), *rows])
    try:
        checked = check(*read(out.getvalue().encode(errors="replace")), known(), TODAY)
    except TableRefused:
        return
    assert {r.line for r in checked.rows}.isdisjoint(f.line for f in checked.faults)
