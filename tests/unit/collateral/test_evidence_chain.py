"""A chain of evidence: whole, or what is wrong with it."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.contract.evidence import BEGIN, canonical, fingerprint, read_record
from collateral.evidence.chain import Kept, Link, rehung, verify
from tests.unit.collateral.records import DAWN, chain, record


def says(kept: list[Kept], **more: str) -> str:
    return "\n".join(fault.says for fault in verify(kept, more).faults)


def test_a_chain_as_it_was_written_is_whole() -> None:
    kept = chain(5)
    found = verify(kept)
    assert (found.records, found.faults) == (5, ())
    assert (found.chains[0].first, found.chains[0].last, found.chains[0].newest) == (1, 5, kept[-1].name)


def test_two_cameras_and_two_beginnings_may_lie_in_one_row() -> None:
    later = chain(2, since=DAWN + timedelta(days=1))
    rows = [one for three in zip(chain(2), chain(2, "cam-2"), later, strict=True) for one in three]
    found = verify(rows)
    assert (len(found.chains), found.faults) == (3, ())


@given(st.integers(0, 4), st.data())
def test_any_changed_byte_is_found(place: int, data: st.DataObject) -> None:
    kept = chain(5)
    content = bytearray(kept[place].content)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    kept[place] = Kept(kept[place].name, bytes(content))
    assert verify(kept).faults


def test_a_record_that_was_changed_and_given_a_new_name_no_longer_holds_the_next() -> None:
    kept = chain(3)
    forged = canonical(msgspec.structs.replace(read_record(kept[1].content), frame_sha256="b" * 64))
    assert "does not follow number 2" in says([kept[0], Kept(fingerprint(forged), forged), kept[2]])


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_removed_record_is_found(gone: int) -> None:
    kept = chain(5)
    assert f"1 missing before it, from number {gone + 1}" in says(kept[:gone] + kept[gone + 1 :])


def test_a_swapped_order_is_found() -> None:
    kept = chain(4)
    kept[1], kept[2] = kept[2], kept[1]
    assert "out of order" in says(kept)


def test_a_record_written_twice_is_found() -> None:
    kept = chain(3)
    assert "written twice" in says([*kept, kept[-1]])


def test_what_was_let_go_from_the_front_is_no_fault_and_is_said() -> None:
    found = verify(chain(5)[2:])
    assert (found.faults, found.chains[0].first) == ((), 3)


def test_a_cut_off_end_is_found_by_who_has_seen_it() -> None:
    kept = chain(4)
    assert says(kept[:2]) == ""
    assert "seen elsewhere" in says(kept[:2], **{"cam-1": kept[-1].name})


def test_a_beginning_that_names_one_before_is_none() -> None:
    content = canonical(record(Link(DAWN, 2, BEGIN)))
    assert "is no beginning" in says([Kept(fingerprint(content), content)])


def test_what_is_no_record_is_named_and_the_rest_is_followed() -> None:
    kept = [*chain(2), Kept("f" * 64, b"{}")]
    found = verify(kept)
    assert (found.records, len(found.faults), found.chains[0].last) == (3, 1, 2)


def test_the_same_said_differently_is_no_record() -> None:
    content = chain(1)[0].content
    assert read_record(content).number == 1
    with pytest.raises(ValueError, match="canonical"):
        read_record(content.replace(b",", b", ", 1))


def test_a_record_may_be_hung_elsewhere_before_it_is_shown_and_then_says_why_a_chain_begins() -> None:
    kept = chain(3)
    content = rehung(kept[-1].content, Link.first(DAWN + timedelta(days=1), "state damaged"))
    moved, before = read_record(content), read_record(kept[-1].content)
    assert (moved.number, moved.previous, moved.chain_begins) == (1, BEGIN, "state damaged")
    assert (moved.frame_sha256, moved.count) == (before.frame_sha256, before.count)
    found = verify([*kept, Kept(fingerprint(content), content)])
    assert (found.faults, [one.begins for one in found.chains]) == ((), ["", "state damaged"])
    assert rehung(content, Link.after(kept[1].content)) == kept[-1].content


def test_a_record_of_before_chains_said_why_they_begin_is_read_as_it_was() -> None:
    content = chain(1)[0].content
    assert b"chain_begins" not in content
    assert canonical(read_record(content)) == content


def test_only_a_chains_first_record_may_say_why_it_begins() -> None:
    with pytest.raises(ValueError, match="only the first record"):
        record(Link(DAWN, 2, "a" * 64, "no reason"))


def test_a_chain_that_was_gone_on_with_from_an_old_end_is_found_to_be_forked() -> None:
    kept = chain(4)
    other = canonical(record(Link.after(kept[1].content), best=9))
    assert "out of order, or written twice" in says([*kept, Kept(fingerprint(other), other)])
