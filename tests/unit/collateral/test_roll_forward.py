"""Opening + in - out = closing, animal by animal, whatever happens in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book.roll_forward import Entry, RollForward, roll_forward
from collateral.model.ids import LoanId
from collateral.model.loan import MovementKind

LOAN, START = LoanId("L1"), datetime(2026, 5, 1, tzinfo=UTC)
END = START + timedelta(days=31)
OUT = (MovementKind.SALE, MovementKind.DEATH, MovementKind.RELEASE, MovementKind.SUBSTITUTION)
IN = (MovementKind.BIRTH, MovementKind.PURCHASE, MovementKind.SUBSTITUTION)

Month = tuple[dict[str, int], dict[str, int], list[Entry]]


@st.composite
def months(draw: st.DrawFn) -> Month:
    """A month in which only what the book allows happens: opening, closing, and the journal."""
    held = dict.fromkeys(draw(st.lists(st.integers(0, 30).map(str), unique=True, max_size=20)), 1)
    held |= draw(st.dictionaries(st.sampled_from(["pigs-1", "pigs-2"]), st.integers(1, 60)))
    opening, journal = dict(held), []
    for number in range(draw(st.integers(0, 15))):
        at = START + timedelta(hours=number + 1)
        singles = sorted(unit for unit, head in held.items() if head == 1)
        if singles and draw(st.booleans()):
            unit, kind = draw(st.sampled_from(singles)), draw(st.sampled_from((*OUT, MovementKind.TRANSFER)))
            journal.append(Entry(unit=unit, head=-1, kind=kind, at=at, request_id=number))
            del held[unit]
            if kind is MovementKind.TRANSFER:
                journal.append(Entry(unit=unit, head=1, kind=kind, at=at, request_id=number))
                held[unit] = 1
        else:
            unit = f"new-{number}"
            kind_in = draw(st.sampled_from((*IN, None)))
            journal.append(Entry(unit=unit, head=1, kind=kind_in, at=at, request_id=number))
            held[unit] = 1
    return opening, held, journal


def rolled(month: Month) -> RollForward:
    opening, closing, journal = month
    return roll_forward(LOAN, START, END, opening, closing, journal)


@given(months())
def test_a_book_kept_by_movements_ties(month: Month) -> None:
    result = rolled(month)
    assert (result.difference, result.ties) == (0, True)
    assert result.closing == result.expected == sum(month[1].values())


@given(months(), st.data())
def test_the_order_in_which_movements_are_told_does_not_matter(month: Month, data: st.DataObject) -> None:
    opening, closing, journal = month
    assert rolled((opening, closing, data.draw(st.permutations(journal)))) == rolled(month)


@given(months(), st.data())
def test_an_animal_that_left_without_a_movement_is_named(month: Month, data: st.DataObject) -> None:
    opening, closing, journal = month
    present = sorted(unit for unit, head in closing.items() if head == 1)
    if not present:
        return
    stolen = data.draw(st.sampled_from(present))
    result = rolled((opening, {u: n for u, n in closing.items() if u != stolen}, journal))
    assert (result.difference, result.unexplained_out, result.ties) == (-1, {stolen: 1}, False)


@given(months())
def test_two_differences_that_cancel_out_do_not_tie(month: Month) -> None:
    opening, closing, journal = month
    result = rolled((opening | {"sold-off": 1}, closing | {"swapped-in": 1}, journal))
    assert (result.difference, result.ties) == (0, False)
    assert (result.unexplained_out, result.unexplained_in) == ({"sold-off": 1}, {"swapped-in": 1})


def test_a_movement_that_takes_out_what_is_not_there_is_contradicted() -> None:
    twice = [
        Entry(unit="a", head=-1, kind=MovementKind.SALE, at=START + timedelta(hours=n), request_id=n) for n in (1, 2)
    ]
    result = rolled(({"a": 1}, {}, twice))
    assert (result.contradicted, result.ties) == ((2,), False)
    again = [Entry(unit="a", head=1, kind=MovementKind.PURCHASE, at=END, request_id=7)]
    assert rolled(({"a": 1}, {"a": 2}, again)).contradicted == (7,)


def test_an_entry_outside_the_period_is_an_error() -> None:
    with pytest.raises(ValueError, match="outside"):
        rolled(({}, {}, [Entry(unit="a", head=1, kind=None, at=START)]))
