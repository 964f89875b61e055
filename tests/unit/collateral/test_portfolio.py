"""On what a portfolio hangs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collateral.facts.loan import Dimension
from collateral.model.ids import LoanId
from collateral.valuation.portfolio import shares, split

NAMES = st.sampled_from(["f1", "f2", "f3"])
LOANS = st.dictionaries(
    st.sampled_from([LoanId(f"L{n}") for n in range(8)]),
    st.dictionaries(st.tuples(st.just(Dimension.FARM), NAMES), st.integers(1, 10**9), min_size=1),
    min_size=1,
)


@given(LOANS)
def test_shares_of_a_dimension_add_up_to_the_whole_and_one_loan_speaks_for_each(loans: dict[LoanId, dict[tuple[Dimension, str], int]]) -> None:  # fmt: skip
    outstanding = sum(owed for parts in loans.values() for owed in parts.values())
    found = shares(loans, outstanding)
    by_name = {s.name: s.share for of in found.values() for s in of}
    assert abs(sum(by_name.values()) - 1) < 1e-9
    speakers = [s.name for of in found.values() for s in of if s.is_largest]
    assert sorted(speakers) == sorted(by_name)


@given(st.integers(0, 10**12), st.dictionaries(NAMES, st.integers(0, 10**10), max_size=3))
def test_a_split_balance_loses_less_than_a_fen_per_part(balance: int, values: dict[str, int]) -> None:
    parts = split(balance, values)
    assert 0 <= sum(parts.values()) <= balance
    if sum(values.values()):
        assert balance - sum(parts.values()) < max(1, len(values))
