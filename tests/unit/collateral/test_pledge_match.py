"""Lists of keyed hashes between banks: what matches, what is refused, what they do not tell."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book import drawdown
from collateral.book.drawdown import Block, BlockState, OverrideRefused
from collateral.book.pledge_match import COLUMNS, Hit, OwnPledge, RoundKey, hits, own_list, read_list, wanted
from collateral.contract.spreadsheet import TableRefused
from collateral.model.herd import Species
from collateral.model.ids import LoanId, PersonId
from collateral.model.person import Person, Role

KEY = RoundKey("2026Q2", bytes(32))
NEXT_ROUND, OTHER_KEY = RoundKey("2026Q3", KEY.secret), RoundKey("2026Q2", b"\1" * 32)


def pledge(
    number: str, *, farm_no: str | None = None, species: Species = Species.CATTLE, year: int = 2026
) -> OwnPledge:
    return OwnPledge(
        loan_id="L1", animal_id=f"a{number}", species=species, farm_id="f1", farm_no=farm_no, since=date(year, 1, 1),
        until=date(year, 12, 31), numbers=(("cn-tag", number),),
    )  # fmt: skip


def compared(ours: list[OwnPledge], theirs: list[OwnPledge]) -> list[Hit]:
    rows, faults = read_list(own_list(theirs, KEY), KEY)
    assert faults == []
    return hits(wanted(ours, KEY), rows)


TAGS = st.integers(0, 40).map(lambda n: f"2150524{n:08d}")


@given(st.sets(TAGS), st.sets(TAGS))
def test_exactly_the_numbers_that_both_hold_match(ours: set[str], theirs: set[str]) -> None:
    found = compared([pledge(t) for t in ours], [pledge(t) for t in theirs])
    assert {hit.subject for hit in found} == {f"a{t}" for t in ours & theirs}


def test_the_same_digits_in_another_scheme_are_another_number() -> None:
    rfid = replace(pledge("215052400000001"), numbers=(("iso-11784", "215052400000001"),))
    assert compared([pledge("215052400000001")], [rfid]) == []


@pytest.mark.parametrize(
    ("theirs", "matches"),
    [
        (pledge("215052400000002", farm_no="F-1"), True), (pledge("215052400000002", farm_no="F-2"), False),
        (pledge("215052400000002", farm_no="F-1", species=Species.SHEEP), False),
        (pledge("215052400000002", farm_no="F-1", year=2024), False), (pledge("215052400000002"), False),
    ],
)  # fmt: skip
def test_a_farm_matches_where_species_and_time_agree(theirs: OwnPledge, matches: bool) -> None:
    found = compared([pledge("215052400000001", farm_no="F-1")], [theirs])
    assert [(hit.scheme, hit.subject) for hit in found] == ([("farm", "f1")] if matches else [])


def test_a_list_tells_no_number_no_plain_hash_and_nothing_by_its_order() -> None:
    tags = [f"2150524{n:08d}" for n in range(50)]
    text = own_list([pledge(t, farm_no="F-1") for t in tags], KEY).decode()
    assert not [t for t in tags if t in text or hashlib.sha256(t.encode()).hexdigest() in text]
    assert own_list([pledge(t, farm_no="F-1") for t in reversed(tags)], KEY).decode() == text


@pytest.mark.parametrize("key", [NEXT_ROUND, OTHER_KEY])
def test_a_list_of_another_key_or_round_is_refused_and_not_taken_for_good_news(key: RoundKey) -> None:
    with pytest.raises(TableRefused, match="was not made with the key of round"):
        read_list(own_list([pledge("215052400000001")], key), KEY)


def test_a_list_with_names_of_customers_is_refused() -> None:
    text = own_list([pledge("215052400000001")], KEY).decode().replace("digest,", "digest,customer,", 1)
    with pytest.raises(TableRefused, match="names of customers"):
        read_list(text.encode(), KEY)


def test_a_list_that_breaks_off_is_refused_with_its_line() -> None:
    good = own_list([pledge("215052400000001")], KEY)
    with pytest.raises(TableRefused, match="line 4: is no CSV from here on"):
        read_list(good + b'cn-tag,"' + b"0" * 64 + b"\n", KEY)


def test_bad_rows_are_listed_and_the_others_taken_and_a_bare_number_is_not_repeated() -> None:
    good = own_list([pledge("215052400000001")], KEY).decode()
    bad = "cn-tag,215052400000077,,,\nname,00,,,\nfarm," + "0" * 64 + ",goat,,\nfarm," + "0" * 64 + ",pig,soon,\nx\n"
    rows, faults = read_list((good + bad).encode(), KEY)
    assert len(rows) == 1
    assert [(f.line, f.code) for f in faults] == [
        (4, "digest"),
        (5, "scheme"),
        (6, "species"),
        (7, "date"),
        (8, "cells"),
    ]
    assert "215052400000077" not in str(faults)
    assert COLUMNS[0] == "scheme"


def person(name: str, role: Role) -> Person:
    return Person(person_id=PersonId(name), login=name, name=name, role=role, branch_id=None)


PEOPLE = [person("ann", Role.OFFICER), person("rob", Role.RISK), person("roy", Role.RISK), person("eve", Role.AUDITOR)]
BLOCK = Block(
    block_id=1, loan_id=LoanId("L1"), cause="double_pledge", state=BlockState.STANDING, matches=frozenset({1, 2}),
    placed_at=None,  # type: ignore[arg-type]
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from([drawdown.ask, drawdown.confirm, drawdown.decline]), st.sampled_from(PEOPLE)))
)
def test_no_block_is_passed_by_fewer_than_two_people(steps: list[tuple[object, Person]]) -> None:
    block = BLOCK
    for step, who in steps:
        try:
            block = step(block, who)  # type: ignore[operator]
        except OverrideRefused:
            continue
        if not block.bars:
            assert block.asked_by != block.confirmed_by
            assert block.confirmed_by in {"rob", "roy"}


def test_new_matches_put_a_request_for_an_override_back_and_no_matches_lift_the_block() -> None:
    asked = drawdown.ask(BLOCK, PEOPLE[0])
    assert drawdown.renewed(asked, frozenset({1})) == asked
    more = drawdown.renewed(asked, frozenset({1, 2, 3}))
    assert (more.state, more.asked_by, more.matches) == (BlockState.STANDING, None, frozenset({1, 2, 3}))
    assert not drawdown.renewed(asked, frozenset()).bars
