"""`python -m collateral.anomaly score`: files in, the same rows with a score out."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.anomaly.__main__ import main
from collateral.anomaly.stream.table import NoSuchColumn, Tally, scored, seconds

cells = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\x00"), max_size=8)


def rows_of(text: str, **how: str) -> tuple[list[list[str]], Tally]:
    tally = Tally()
    return list(scored(csv.reader(io.StringIO(text)), tally, **how)), tally


@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=30))
def test_every_row_comes_out_as_it_went_in_with_one_cell_more(rows: list[list[str]]) -> None:
    found = list(scored(rows, Tally()))
    assert [row[:-1] for row in found] == rows
    assert all(row[-1] == "anomaly_score" or 0.0 <= float(row[-1]) < 1.0 for row in found)


def test_a_row_without_a_number_scores_nothing_and_is_counted() -> None:
    found, tally = rows_of(
        "timestamp,value\n2026-01-01 00:00:00,1\n2026-01-01 00:05:00,\n2026-01-01,nan\nx,2\n2026-01-02\n"
    )
    assert [row[-1] for row in found][2:4] == ["0", "0"]
    assert (tally.rows, tally.no_number, tally.no_time) == (5, 3, 1)
    assert found[-1] == ["2026-01-02", "0"]


@pytest.mark.parametrize(
    ("header", "row"),
    [("timestamp,value", "{t},{v}"), ("ds,y", "{t},{v}"), ("when_time,head", "{t},{v}"), ("value,timestamp", "{v},{t}"),
     ("cow,t,value", "a,{t},{v}"), ("", "{t},{v}"), ("reading", "{v}")],
)  # fmt: skip
def test_columns_are_found_by_their_names_or_places(header: str, row: str) -> None:
    body = [row.format(t=f"2026-01-01 {h:02}:00:00", v=50 if h == 20 else 1 + h % 2) for h in range(24)]
    found, tally = rows_of("\n".join([header, *body] if header else body))
    scores = [float(line[-1]) for line in found if line[-1] != "anomaly_score"]
    assert scores.index(max(scores)) == 20
    assert (tally.rows, tally.no_number) == (24, 0)


def test_a_column_can_be_named_and_one_that_is_not_there_is_told() -> None:
    found, _ = rows_of("t,calm,wild\n1,0,1\n2,0,2\n3,0,900\n", value="wild")
    assert float(found[-1][-1]) > 0
    with pytest.raises(NoSuchColumn, match="calm, wild"):
        rows_of("t,calm,wild\n1,0,1\n", value="heat")


@pytest.mark.parametrize(
    "text",
    ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05", "2026/01/02 03:04:05", "01/02/2026 03:04:05", "1767323045",
     "1767323045000", "2026-01-02T11:04:05+08:00", "02.01.2026 03:04:05", "20260102030405"],
)  # fmt: skip
def test_times_are_read_in_the_ways_people_write_them(text: str) -> None:
    assert seconds(text) == 1767323045.0


def test_a_folder_keeps_its_shape_and_a_broken_file_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in", tmp_path / "in" / "scored"
    (source / "barn" / "deep").mkdir(parents=True)
    good = "timestamp,value\n2026-01-01 00:00:00,1\n2026-01-01 00:05:00,2\n"
    (source / "a.csv").write_text(good)
    (source / "barn" / "deep" / "B.CSV").write_text(good)
    (source / "barn" / "empty.csv").write_text("")
    (source / "barn" / "words.csv").write_text("timestamp,value\na,b\n")
    (source / "notes.txt").write_text("no stream")
    assert main(["score", str(source), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "barn/empty.csv: NOT SCORED: it is empty" in said
    assert "barn/words.csv: NOT SCORED: no row has a number" in said
    assert "2 of 4 files could not be scored" in said
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == ["a.csv", "barn/deep/B.CSV"]
    assert (out / "a.csv").read_text().splitlines()[0] == "timestamp,value,anomaly_score"
    for name in ("barn/empty.csv", "barn/words.csv"):
        (source / name).unlink()
    assert main(["score", str(source), "--out", str(out)]) == 0  # what was written before is not scored again


def test_one_file_goes_to_the_screen_or_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "one.csv"
    source.write_bytes(b"\xef\xbb\xbftimestamp,value\r\n2026-01-01 00:00:00,5\r\n")
    assert main(["score", str(source)]) == 0
    assert capsys.readouterr().out == "timestamp,value,anomaly_score\n2026-01-01 00:00:00,5,0\n"
    assert main(["score", str(source), "--out", str(tmp_path / "new" / "two.csv")]) == 0
    assert (tmp_path / "new" / "two.csv").read_text() == "timestamp,value,anomaly_score\n2026-01-01 00:00:00,5,0\n"


def test_what_cannot_be_done_is_told_and_nothing_half_done_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "one.csv"
    source.write_text("timestamp,value\n2026-01-01,5\n")
    assert main(["score", str(tmp_path)]) == 2
    assert main(["score", str(tmp_path / "nowhere.csv")]) == 1
    assert main(["score", str(source), "--out", str(source)]) == 1
    assert main(["score", str(source), "--out", str(tmp_path / "x.csv"), "--value", "heat"]) == 1
    said = capsys.readouterr().err
    assert "--out FOLDER" in said
    assert "No such file" in said
    assert "there is no column 'heat'; there are: timestamp, value" in said
    assert os.listdir(tmp_path) == ["one.csv"]  # noqa: PTH208
    assert source.read_text() == "timestamp,value\n2026-01-01,5\n"
