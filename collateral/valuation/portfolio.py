"""On what a portfolio hangs: the share of all balances that one farm, species, county or supervisor stands behind."""

from __future__ import annotations

from collections.abc import Mapping

from collateral.facts.loan import Dimension, PortfolioShare
from collateral.model.ids import LoanId

Parts = Mapping[tuple[Dimension, str], int]
"""How much of one loan's balance, in fen, hangs on what."""


def shares(loans: Mapping[LoanId, Parts], outstanding_minor: int) -> dict[LoanId, tuple[PortfolioShare, ...]]:
    """Per loan, the share of everything it hangs on. `outstanding_minor`: all balances together."""
    total: dict[tuple[Dimension, str], int] = {}
    largest: dict[tuple[Dimension, str], tuple[int, LoanId]] = {}
    for loan, parts in sorted(loans.items()):
        for what, owed in parts.items():
            total[what] = total.get(what, 0) + owed
            if what not in largest or owed > largest[what][0]:
                largest[what] = (owed, loan)
    return {
        loan: tuple(
            PortfolioShare(
                dimension=what[0], name=what[1], share=total[what] / max(outstanding_minor, 1), loans=len(loans),
                is_largest=largest[what][1] == loan,
            )
            for what in sorted(parts)
        )
        for loan, parts in loans.items()
    }  # fmt: skip


def split(balance_minor: int, values: Mapping[str, int]) -> dict[str, int]:
    """A balance over what secures it, by value; whole fen, rounded down."""
    whole = sum(values.values())
    return {name: balance_minor * value // whole if whole else 0 for name, value in values.items()}
