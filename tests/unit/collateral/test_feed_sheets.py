"""What a sheet of prices or papers may hold, and what is said about a row that cannot be used."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.valuation import sheets
from collateral.valuation.feeds import SHEETS
from collateral.valuation.sheets import ReadSheet, RowFault, SheetRefused

TODAY = date(2026, 6, 1)
PRICES = "species,region,source,priced_on,yuan_per_kg\n"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def read(kind: str, text: str) -> ReadSheet:
    return sheets.read(SHEETS[kind], text.encode(), TODAY)


def test_a_price_becomes_thousandths_and_what_is_left_out_is_for_all() -> None:
    sheet = read("prices", PRICES + "cattle,13,market,2026-05-31,27.904\n")
    assert sheet.faults == ()
    assert sheet.rows == (
        (2, {"species": "cattle", "stock_class": "", "region": "13", "source": "market", "priced_on": date(2026, 5, 31), "li_per_kg": 27_904}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("goat,,m,2026-05-31,27.9", "species", "goat is none of cattle, sheep, pig"),
        ("cattle,1308261,m,2026-05-31,27.9", "region", "not the beginning of a county code"),
        ("cattle,,,2026-05-31,27.9", "source", "is empty"),
        ("cattle,,m,31.05.2026,27.9", "priced_on", "is no day"),
        ("cattle,,m,2026-06-02,27.9", "priced_on", "lies ahead"),
        ("cattle,,m,2026-05-31,dear", "yuan_per_kg", "is no number"),
        ("cattle,,m,2026-05-31,NaN", "yuan_per_kg", "is not above 0"),
        ("cattle,,m,2026-05-31,-1", "yuan_per_kg", "is not above 0"),
        ("cattle,,m,2026-05-31,1e9", "yuan_per_kg", "is not above 0 and at most 1000"),
        ("cattle,,m,2026-05-31,27.9041", "yuan_per_kg", "more than three decimals"),
    ],
)
def test_a_row_that_cannot_be_used_says_where_and_why_and_the_others_are_read(row: str, column: str, says: str) -> None:
    sheet = read("prices", PRICES + row + "\npig,,m,2026-05-31,15\n")
    (fault,) = sheet.faults
    assert (fault.line, fault.column) == (2, column)
    assert says in fault.why
    assert [line for line, _ in sheet.rows] == [3]


def test_the_same_row_twice_is_refused_the_second_time() -> None:
    sheet = read("prices", PRICES + 2 * "cattle,,m,2026-05-31,27.9\n")
    assert len(sheet.rows) == 1
    assert sheet.faults == (RowFault(3, "species", "says the same again as line 2; keep one of them"),)


def test_a_policy_ends_after_it_begins_and_a_weighing_is_of_one_animal_or_one_group() -> None:
    policies = "policy_no,loan_id,insurer,species,insured_head,begins_on,ends_on,bank_is_first_beneficiary\n"
    sheet = read("policies", policies + "P1,L1,i,,5,2026-05-01,2026-04-01,yes\nP2,L1,i,,5,2026-05-01,2027-04-30,是\n")  # fmt: skip
    assert [(f.line, f.column) for f in sheet.faults] == [(2, "ends_on")]
    assert sheet.rows[0][1]["bank_is_first_beneficiary"] is True
    weighings = "animal_id,group_id,weighed_on,weight_kg,source\n"
    sheet = read("weighings", weighings + "a,g,2026-05-01,500,s\n,,2026-05-01,500,s\na,,2026-05-01,500.5,s\n")  # fmt: skip
    assert [f.line for f in sheet.faults] == [2, 3]
    assert sheet.rows[0][1]["weight_g"] == 500_500


def test_a_file_of_another_kind_is_refused_and_told_its_columns() -> None:
    with pytest.raises(
        SheetRefused, match=r"lacks source, priced_on, yuan_per_kg and has unknown price; .*stock_class \(may"
    ):
        read("prices", "species,price\ncattle,27\n")
    with pytest.raises(SheetRefused):
        read("prices", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_sheet_is_read_as_chinese_spreadsheets_save_it(encoding: str, separator: str) -> None:
    header = ("Species", " region ", "source", "priced_on", "yuan_per_kg")
    rows = (
        header,
        ("cattle", "'13", "华北，市场", "2026-05-31", "２7.904"),
        ("goat", "", "农贸市场", "2026-05-31", "1"),
    )
    data = "\r\n".join(separator.join(row) for row in rows).encode(encoding)
    sheet = sheets.read(SHEETS["prices"], data, TODAY)
    ((line, row),) = sheet.rows
    assert (line, row["region"], row["source"], row["li_per_kg"]) == (2, "13", "华北,市场", 27_904)
    assert sheet.faults == (RowFault(3, "species", "goat is none of cattle, sheep, pig"),)


def test_a_cell_over_two_lines_does_not_shift_the_line_numbers_and_a_cell_too_many_is_told() -> None:
    sheet = read("prices", PRICES + 'cattle,,"a\nb",2026-05-31,27.9\ncattle,,m,2026-05-31,27,9\n')
    assert [line for line, _ in sheet.rows] == [2]
    ((line, column, why),) = [(fault.line, fault.column, fault.why) for fault in sheet.faults]
    assert (line, column) == (4, "")
    assert "'cattle,,m,2026-05-31,27,9' has 6 cells, the header 5; quote separators in cells" in why


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (PRICES.encode("utf-16"), "line 1: is no plain text; save it as CSV, UTF-8 or GB18030"),
        (PRICES.encode() + b"\xff\xff", "line 1: is neither UTF-8 nor GB18030"),
        (PRICES.encode() + b'cattle,,"m', "line 2: is no CSV from here on"),
        (PRICES.replace("region", "source").encode(), "the first line has twice source"),
    ],
)
def test_what_is_no_sheet_at_all_is_refused_with_its_reason(data: bytes, says: str) -> None:
    with pytest.raises(SheetRefused, match=says):
        sheets.read(SHEETS["prices"], data, TODAY)


@given(st.sampled_from(sorted(SHEETS)), st.lists(st.lists(TEXT, max_size=10), max_size=6))
def test_whatever_the_rows_hold_each_is_read_or_named(kind: str, cells: list[list[str]]) -> None:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([c.name for c in SHEETS[kind].columns])
    table.writerows(cells)
    sheet = read(kind, out.getvalue())
    good, bad = {line for line, _ in sheet.rows}, {fault.line for fault in sheet.faults}
    assert not good & bad
    assert all(set(row) == {c.field for c in SHEETS[kind].columns} for _, row in sheet.rows)


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("f1,2026-05-31T06:00,31,60,station", "at", "has no time zone"),
        ("f1,2026-05-31T06:10+08:00,31,60,station", "at", "is no full hour"),
        ("f1,2026-05-31T06:00+08:00,hot,60,station", "temp_c", "is no number"),
        ("f1,2026-05-31T06:00+08:00,nan,60,station", "temp_c", "is not between -60 and 60"),
        ("f1,2026-05-31T06:00+08:00,31,160,station", "humidity_pct", "is not between 0 and 100"),
    ],
)
def test_an_hour_of_weather_has_a_zone_and_figures_that_can_be(row: str, column: str, says: str) -> None:
    sheet = read("weather", f"farm_id,at,temp_c,humidity_pct,source\n{row}\n")
    (fault,) = sheet.faults
    assert fault.column == column
    assert says in fault.why


def test_a_patrol_has_a_whole_position_and_photos_by_their_hash() -> None:
    head = "patrol_id,farm_id,loan_id,supervisor,due_at,latitude,longitude,photos\n"
    good, half, odd = "v1,f1,L1,Li,2026-05-31T06:00Z", "v2,f1,L1,Li,2026-05-31T06:00Z", "v3,f1,L1,Li,2026-05-31T06:00Z"
    sheet = read("patrols", f"{head}{good},44,116,{'ab' * 32}\n{half},44,,\n{odd},44,116,abc\n")
    assert [(row["patrol_id"], row["photos"]) for _, row in sheet.rows] == [("v1", ["ab" * 32])]
    assert [(fault.line, fault.column) for fault in sheet.faults] == [(3, "latitude"), (4, "photos")]
