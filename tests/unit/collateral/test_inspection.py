"""Count sessions: what makes them pass, and what makes them prove nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collateral.book import inspection, reads_file
from collateral.book.pen_findings import by_pen
from collateral.book.session import (
    CountedBy,
    CountSession,
    Herd,
    SessionHeads,
    SessionPhoto,
    SessionPlan,
    SessionRead,
)
from collateral.model.ids import AnimalId, FarmId, LoanId, PenId, TagId
from collateral.model.loan import Movement, MovementKind

NINE = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CLOSED = NINE + timedelta(hours=2)
A, B = PenId("A"), PenId("B")
PLAN = SessionPlan(
    session_id="s1", loan_id=LoanId("L1"), farm_id=FarmId("f1"), pens=(A, B), opened_at=NINE, opened_by="inspector",
    freeze_from=NINE, freeze_until=NINE + timedelta(hours=2),
)  # fmt: skip


def tag(n: int) -> TagId:
    return TagId(f"{n:016x}")


def herd(head: int = 200, **more: object) -> Herd:
    known = Herd(
        pledged={tag(n): AnimalId(f"a{n}") for n in range(head)}, enrolled=frozenset(tag(n) for n in range(head)),
        names={f"2130825{n:08}": tag(n) for n in range(head)},
    )  # fmt: skip
    return replace(known, **more)


def reads(pen: PenId, numbers: Sequence[int], minute: int = 5) -> tuple[SessionRead, ...]:
    at = NINE + timedelta(minutes=minute)
    return tuple(
        SessionRead(pen_id=pen, tag_id=tag(n), read_at=at + timedelta(seconds=i), reader="r1")
        for i, n in enumerate(numbers)
    )


def heads(pen: PenId, number: int, minute: int = 30) -> SessionHeads:
    return SessionHeads(pen_id=pen, heads=number, counted_at=NINE + timedelta(minutes=minute), counted_by=CountedBy.EYE)


def photos(tags: Sequence[TagId], *, matches: bool = True) -> tuple[SessionPhoto, ...]:
    return tuple(
        SessionPhoto(tag_id=t, sha256=f"{i:064x}", taken_at=NINE + timedelta(minutes=90), matches=matches)
        for i, t in enumerate(tags)
    )


SAMPLE = tuple(tag(n) for n in range(20))
GOOD = CountSession(
    plan=PLAN, reads=reads(A, range(100)) + reads(B, range(100, 200), 40), heads=(heads(A, 100), heads(B, 100, 60)),
    sample=SAMPLE, photos=photos(SAMPLE),
)  # fmt: skip


def refusals(session: CountSession, known: Herd | None = None, movements: Sequence[Movement] = ()) -> tuple[str, ...]:
    result = inspection.close(session, known or herd(), movements, CLOSED)
    assert result.passed == (not result.refused_because)
    return result.refused_because


def test_a_session_in_which_all_were_read_once_and_the_sample_photographed_passes() -> None:
    result = inspection.close(GOOD, herd(), [], CLOSED)
    assert (result.gross, result.unique_tags, result.duplicates, result.foreign, result.untagged) == (
        200,
        200,
        0,
        (),
        0,
    )
    assert (result.absent, result.passed, result.counted) == ((), True, ((A, 100), (B, 100)))


def test_absent_animals_are_named_and_do_not_spoil_the_count() -> None:
    result = inspection.close(replace(GOOD, reads=GOOD.reads[3:]), herd(), [], CLOSED)
    assert result.absent == ("a0", "a1", "a2")


def test_reading_a_tag_again_in_its_pen_is_no_duplicate() -> None:
    assert refusals(replace(GOOD, reads=GOOD.reads + reads(A, range(50), 20))) == ()


def test_one_tag_in_two_pens_refuses_and_proves_what_moved_when() -> None:
    moved = replace(GOOD, reads=GOOD.reads + reads(B, [7], 45))
    (reason,) = refusals(moved)
    assert reason.startswith("duplicates: 1 tags were read in two pens")
    (proof,) = inspection.seen_twice(moved)
    assert (proof.tag_id, proof.first.pen_id, proof.then.pen_id) == (tag(7), A, B)
    assert proof.apart == timedelta(minutes=39, seconds=53)


def test_heads_beyond_the_tags_are_untagged_and_too_many_refuse() -> None:
    few, many = replace(GOOD, heads=(heads(A, 102),)), replace(GOOD, heads=(heads(A, 105),))
    assert refusals(few) == ()
    sum_of_pens, untagged = refusals(many)
    assert "add up to 205, but only 200 different tags" in sum_of_pens
    assert untagged == "untagged: 5 of 205 head; find out whose they are"


def test_head_pledged_by_number_needs_no_tags() -> None:
    assert refusals(replace(GOOD, heads=(heads(A, 150),)), herd(by_number={A: 50})) == ()


def test_a_later_count_of_a_pen_replaces_an_earlier_one() -> None:
    assert refusals(replace(GOOD, heads=(heads(A, 130, 30), heads(A, 100, 50)))) == ()


def test_foreign_tags_refuse_from_two_percent_on() -> None:
    strangers = herd(196, enrolled=frozenset(tag(n) for n in range(196)))
    (reason,) = refusals(GOOD, strangers)
    assert reason == "foreign: 4 of 200 head; find out whose they are"
    assert refusals(GOOD, replace(strangers, pledged=dict(herd(197).pledged))) == ()


def test_enrolled_animals_that_are_not_pledged_are_not_foreign() -> None:
    assert inspection.close(GOOD, herd(150, enrolled=herd().enrolled), [], CLOSED).foreign == ()


def test_a_reader_may_read_official_numbers_where_the_book_has_tags() -> None:
    by_number = tuple(replace(r, tag_id=TagId(f"2130825{int(r.tag_id, 16):08}")) for r in GOOD.reads)
    assert refusals(replace(GOOD, reads=by_number)) == ()


def test_a_pen_nobody_counted_refuses() -> None:
    found = refusals(replace(GOOD, reads=GOOD.reads[:100], heads=()))
    assert "pens without any read or count: B; count them too" in found


def test_without_sample_or_photographs_it_does_not_pass() -> None:
    assert refusals(replace(GOOD, sample=None)) == ("no sample was drawn; draw it and photograph 20 tags",)
    assert refusals(replace(GOOD, photos=GOOD.photos[:18])) == ("sample photos are missing: 2 of 20; photograph them",)
    (wrong,) = refusals(replace(GOOD, photos=photos(SAMPLE[:1], matches=False) + GOOD.photos[1:]))
    assert wrong.startswith(f"photos do not show the enrolled animal: {tag(0)}")
    same = tuple(replace(p, sha256="0" * 64) for p in GOOD.photos)
    assert refusals(replace(GOOD, photos=same)) == (
        "the same photo was filed for several tags; photograph each animal",
    )


def test_a_broken_or_endless_freeze_window_refuses() -> None:
    late = replace(GOOD, reads=(*GOOD.reads[:-1], replace(GOOD.reads[-1], read_at=NINE + timedelta(hours=3))))
    assert refusals(late) == ("the freeze window was broken: 1 reads or counts lie outside it; count again",)
    endless = replace(GOOD, plan=replace(PLAN, freeze_until=NINE + timedelta(hours=7)))
    assert refusals(endless) == ("the freeze window is longer than 6 hours; count in a shorter one",)


def test_an_approved_movement_within_the_freeze_window_refuses() -> None:
    sale = Movement(
        movement_id="m1", loan_id=LoanId("L1"), kind=MovementKind.SALE, animal_ids=frozenset(),
        start=NINE + timedelta(hours=1), end=NINE + timedelta(hours=5),
    )  # fmt: skip
    assert refusals(GOOD, movements=[sale]) == ("movement m1 is approved within the freeze window; count after it",)
    assert refusals(GOOD, movements=[replace(sale, start=NINE + timedelta(hours=4))]) == ()


@given(st.permutations(GOOD.reads[:12]))
def test_the_hash_of_the_reads_does_not_depend_on_their_order(shuffled: list[SessionRead]) -> None:
    assert inspection.reads_sha256(shuffled) == inspection.reads_sha256(GOOD.reads[:12])


def test_one_read_more_changes_the_hash() -> None:
    assert inspection.reads_sha256(GOOD.reads[:12]) != inspection.reads_sha256(GOOD.reads[:13])


@given(
    walked=st.sets(st.integers(0, 99)), unread=st.sets(st.integers(0, 199)), untagged=st.integers(0, 30),
    strangers=st.integers(0, 10),
)  # fmt: skip
def test_gross_is_unique_and_twice_read_and_untagged(
    walked: set[int], unread: set[int], untagged: int, strangers: int
) -> None:
    first = [n for n in range(100) if n not in unread]
    second = [n for n in [*walked, *range(100, 200), *range(900, 900 + strangers)] if n not in unread]
    session = replace(
        GOOD, reads=reads(A, first) + reads(B, second, 40), heads=(heads(A, len(first) + untagged),)
    )  # fmt: skip
    result = inspection.close(session, herd(), [], CLOSED)
    assert result.gross == result.unique_tags + result.duplicates + result.untagged
    assert result.duplicates == len(inspection.seen_twice(session)) == len(walked - unread)
    assert len(result.absent) + result.unique_tags - len(result.foreign) == 200
    assert len(result.foreign) == strangers
    if walked - unread:
        assert not result.passed


@given(st.data())
def test_every_head_of_a_pen_stands_under_one_heading_and_the_pens_tie_with_the_result(data: st.DataObject) -> None:
    tags = st.lists(st.integers(0, 260), unique=True, max_size=40)
    counted = [heads(pen, data.draw(st.integers(0, 60))) for pen in (A, B) if data.draw(st.booleans())]
    session = replace(
        GOOD, reads=reads(A, data.draw(tags)) + reads(B, data.draw(tags), 40), heads=tuple(counted), sample=None,
        photos=(),
    )  # fmt: skip
    known = herd(
        100, enrolled=frozenset(tag(n) for n in range(200)), by_number={A: data.draw(st.integers(0, 9))},
        booked_in={tag(n): A if n < 60 else B for n in range(100)},
    )  # fmt: skip
    result, pens = inspection.close(session, known, [], CLOSED), by_pen(session, known)
    assert [pen.book for pen in pens] == [60 + known.by_number[A], 40]
    assert all(pen.gross == max(pen.tags, pen.heads or 0) for pen in pens)
    assert sum(pen.gross for pen in pens) == result.gross
    assert sum(pen.absent for pen in pens) == len(result.absent)
    assert sum(pen.untagged for pen in pens) == result.untagged
    read_in = [{r.tag_id for r in session.reads if r.pen_id == pen} for pen in (A, B)]
    assert {pen.twice for pen in pens} == {len((read_in[0] & read_in[1]) & known.enrolled)}
    assert {t for t in read_in[0] | read_in[1] if int(t, 16) >= 200} == set(result.foreign)


def test_a_walked_pen_shows_twice_in_both() -> None:
    walked = replace(GOOD, reads=reads(A, range(120)) + reads(B, range(1, 121), 40), heads=())
    first, second = by_pen(walked, herd(121, booked_in={tag(n): A for n in range(121)}))
    assert (first.booked, first.twice, second.booked, second.twice) == (1, 119, 1, 119)
    assert (first.book, first.absent, second.book) == (121, 0, 0)


def test_a_pen_told_beside_the_file_is_that_of_rows_without_one() -> None:
    here = replace(SHANGHAI, pen="B")
    data = b"EID,Time,pen\n0000000000000001,2026-06-01 17:05:00,\n0000000000000002,2026-06-01 17:06:00,A\n"
    found, faults = reads_file.read(data, here, CLOSED)
    assert ([r.pen_id for r in found], faults) == ([B, A], [])
    without = b"EID,Time\n0000000000000001,2026-06-01 17:05:00\n"
    assert [r.pen_id for r in reads_file.read(without, here, CLOSED)[0]] == [B]
    assert [f.column for f in reads_file.read(without, SHANGHAI, CLOSED)[1]] == ["pen"]


SHANGHAI = reads_file.Place({"A": A, "B": B, "北栏": B}, ZoneInfo("Asia/Shanghai"), "wand 7")


def test_a_hand_readers_file_is_read_in_local_time_with_chinese_headers() -> None:
    text = "耳标号,读取时间,圈舍\n'156000000000001,2026/06/01 17:05:00,北栏\n"
    for data in (text.encode("gb18030"), text.encode("utf-8-sig")):
        (read,), faults = reads_file.read(data, SHANGHAI, CLOSED)
        assert faults == []
        assert (read.tag_id, read.pen_id, read.reader) == ("156000000000001", B, "wand 7")
        assert read.read_at == NINE + timedelta(minutes=5)


def test_each_bad_row_is_told_with_its_line_and_the_good_ones_are_read() -> None:
    data = (
        b"pen,tag,read_at,latitude,longitude\nA,00A1,2026-06-01T09:05:00Z,41,116\nC,00A2,2026-06-01T09:05:00Z,,\n"
        b"A,1.56E+14,2026-06-01T09:05:00Z,,\nA,00A3,yesterday,,\nA,00A4,2026-06-02T09:05:00Z,,\n\nA,00A5,2026-06-01T09:06:00Z,200,116\n"
    )
    found, faults = reads_file.read(data, SHANGHAI, CLOSED)
    assert [r.tag_id for r in found] == ["00a1"]
    assert [(f.line, f.code) for f in faults] == [(3, "pen"), (4, "tag"), (5, "time"), (6, "future"), (8, "place")]


def test_a_file_without_the_needed_columns_or_in_no_encoding_is_refused_as_a_whole() -> None:
    assert [f.column for f in reads_file.read(b"pen,ear\nA,1\n", SHANGHAI, CLOSED)[1]] == ["tag", "read_at"]
    assert [f.code for f in reads_file.read(b"\xff\xfep\x00e\x00", SHANGHAI, CLOSED)[1]] == ["encoding"]
    assert [f.code for f in reads_file.read(b"", SHANGHAI, CLOSED)[1]] == ["missing_column"] * 3


def test_a_cell_too_many_is_told_and_what_stands_before_a_broken_quote_is_read() -> None:
    data = b'pen;tag;read_at\nA;00A1;2026-06-01T09:05:00Z\nA;00A2;2026-06-01T09:05:00Z;7\nA;00A3;"2026-06-01\n'
    found, faults = reads_file.read(data, SHANGHAI, CLOSED)
    assert [r.tag_id for r in found] == ["00a1"]
    assert [(f.line, f.code) for f in faults] == [(3, "cells"), (4, "csv")]


def test_a_pen_and_a_number_may_be_written_in_full_width() -> None:
    there = replace(SHANGHAI, pens={"１号舍（东）": A})
    data = "tag,read_at,pen\n１5６,2026-06-01 17:05:00,1号舍（东）\n".encode()
    assert [(r.tag_id, r.pen_id) for r in reads_file.read(data, there, CLOSED)[0]] == [("156", A)]


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reader(data: bytes) -> None:
    reads_file.read(data, SHANGHAI, CLOSED)
    reads_file.read(b"tag,read_at,pen\n" + data, SHANGHAI, CLOSED)
