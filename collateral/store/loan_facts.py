"""Gathering what the rules about money and papers see: every loan as of one moment, in a few queries over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

from collateral.facts.loan import (
    CoreBanking,
    Dimension,
    FiveClass,
    HerdSeen,
    InsurancePolicy,
    LoanFacts,
    RegistryFiling,
)
from collateral.model.herd import Species
from collateral.model.ids import BranchId, LoanId
from collateral.model.loan import Loan
from collateral.model.money import Money
from collateral.store import pledge_match, valuations
from collateral.store.pledged_stock import Secured, secured
from collateral.valuation.eligibility import exclusions, sums
from collateral.valuation.portfolio import shares, split
from collateral.valuation.terms import TERMS, ValuationTerms
from collateral.valuation.worth import Worth, lines, valued

Paper = TypeVar("Paper")
HERD_SEEN_WITHIN = timedelta(days=1)  # an older reconciliation says nothing about now

_LOANS = """
SELECT loan_id, branch_id, contract_no, borrower_zh, borrower_en, principal_minor, balance_minor, currency,
       ltv_ceiling, drawn_on, matures_on
FROM loan WHERE (%(loan)s::text IS NULL OR loan_id = %(loan)s) ORDER BY loan_id
"""

_POLICIES = """
SELECT loan_id, policy_no, insurer, species, insured_head, begins_on, ends_on, bank_is_first_beneficiary
FROM insurance_policy WHERE (%(loan)s::text IS NULL OR loan_id = %(loan)s) ORDER BY loan_id, policy_no
"""

_FILINGS = """
SELECT loan_id, registration_no, filed_on, ends_on
FROM registry_filing WHERE (%(loan)s::text IS NULL OR loan_id = %(loan)s) AND filed_on <= %(on)s
ORDER BY loan_id, registration_no
"""

_STATUSES = """
SELECT DISTINCT ON (loan_id) loan_id, status_on, overdue_days, five_class, drawdown_as_agreed, supervisor
FROM core_banking_status WHERE (%(loan)s::text IS NULL OR loan_id = %(loan)s) AND status_on <= %(on)s
ORDER BY loan_id, status_on DESC
"""

_SEEN = """
SELECT l.loan_id, r.as_of, r.book, r.tags_seen, r.camera_best, r.coverage
FROM loan l
JOIN LATERAL (
    SELECT as_of, book, tags_seen, camera_best, coverage FROM reconciliation
    WHERE loan_id = l.loan_id AND as_of <= %(as_of)s AND as_of > %(herd_since)s ORDER BY as_of DESC LIMIT 1
) r ON true
WHERE (%(loan)s::text IS NULL OR l.loan_id = %(loan)s)
"""


def gather(connection: psycopg.Connection, as_of: datetime, terms: ValuationTerms = TERMS) -> list[LoanFacts]:
    """Every loan that something secures, as of `as_of` (aware), from what has been stored by now, by loan id."""
    return _gather(connection, as_of, None, terms)


def one(
    connection: psycopg.Connection, loan_id: str, as_of: datetime, terms: ValuationTerms = TERMS
) -> LoanFacts | None:
    """One loan, without its shares of the portfolio; None when there is none that the caller may see, or nothing
    secures it."""
    return next(iter(_gather(connection, as_of, loan_id, terms)), None)


def _gather(
    connection: psycopg.Connection, as_of: datetime, loan_id: str | None, terms: ValuationTerms
) -> list[LoanFacts]:
    at: dict[str, Any] = {
        "as_of": as_of, "on": as_of.date(), "loan": loan_id, "herd_since": as_of - HERD_SEEN_WITHIN,
    }  # fmt: skip
    prices = valuations.prices(connection, as_of.date())
    stock = secured(connection, as_of, loan_id, terms)
    with connection.cursor(row_factory=dict_row) as cursor:
        loans = [_loan(row) for row in cursor.execute(_LOANS, at)]
        policies = _by_loan((row, _policy(row)) for row in cursor.execute(_POLICIES, at))
        filings = _by_loan((row, _filing(row)) for row in cursor.execute(_FILINGS, at))
        statuses = {row["loan_id"]: _status(row) for row in cursor.execute(_STATUSES, at)}
        seen = {row["loan_id"]: _seen(row) for row in cursor.execute(_SEEN, at)}
    matches = pledge_match.current(connection, as_of, loan_id)
    found, worths = [], {}
    for loan in loans:
        behind = stock.get(loan.loan_id)
        if behind is None:
            continue
        worth = worths[loan.loan_id] = valued(behind.standings, prices, as_of.date(), terms)
        own = tuple(policies.get(loan.loan_id, ()))
        found.append(
            LoanFacts(
                loan=loan, as_of=as_of, farms=tuple(sorted(set(behind.farm_of.values()))), lines=lines(worth),
                ineligible=sums(exclusions(worth, own, as_of, terms)), prices=prices, policies=own,
                filings=tuple(filings.get(loan.loan_id, ())), core_banking=statuses.get(loan.loan_id),
                herd=seen.get(loan.loan_id), pledge_matches=matches.get(loan.loan_id, ()),
            )
        )  # fmt: skip
    return found if loan_id is not None else _with_shares(found, worths, stock)


def _with_shares(
    found: list[LoanFacts], worths: Mapping[LoanId, list[Worth]], stock: Mapping[LoanId, Secured]
) -> list[LoanFacts]:
    parts = {f.loan.loan_id: _parts(f, worths[f.loan.loan_id], stock[f.loan.loan_id]) for f in found}
    of = shares(parts, sum(f.loan.balance.minor for f in found))
    return [replace(f, shares=of[f.loan.loan_id]) for f in found]


def _parts(facts: LoanFacts, worths: list[Worth], behind: Secured) -> dict[tuple[Dimension, str], int]:
    balance = facts.loan.balance.minor
    by: dict[Dimension, Counter[str]] = {
        Dimension.FARM: Counter(),
        Dimension.SPECIES: Counter(),
        Dimension.COUNTY: Counter(),
    }
    for worth in worths:
        by[Dimension.FARM][behind.farm_of[worth.standing.key]] += worth.value_minor
        by[Dimension.SPECIES][worth.standing.species] += worth.value_minor
        if worth.standing.county:
            by[Dimension.COUNTY][worth.standing.county] += worth.value_minor
    parts = {(d, name): owed for d, values in by.items() for name, owed in split(balance, values).items()}
    supervisor = facts.core_banking.supervisor if facts.core_banking else None
    return parts | ({(Dimension.SUPERVISOR, supervisor): balance} if supervisor else {})


def _loan(row: dict[str, Any]) -> Loan:
    return Loan(
        loan_id=LoanId(row["loan_id"]), branch_id=BranchId(row["branch_id"]), contract_no=row["contract_no"],
        borrower_zh=row["borrower_zh"], borrower_en=row["borrower_en"],
        principal=Money(row["principal_minor"], row["currency"]), balance=Money(row["balance_minor"], row["currency"]),
        ltv_ceiling=row["ltv_ceiling"], drawn_on=row["drawn_on"], matures_on=row["matures_on"],
    )  # fmt: skip


def _policy(row: dict[str, Any]) -> InsurancePolicy:
    return InsurancePolicy(
        policy_no=row["policy_no"], insurer=row["insurer"], species=Species(row["species"]) if row["species"] else None,
        insured_head=row["insured_head"], begins_on=row["begins_on"], ends_on=row["ends_on"],
        bank_is_first_beneficiary=row["bank_is_first_beneficiary"],
    )  # fmt: skip


def _filing(row: dict[str, Any]) -> RegistryFiling:
    return RegistryFiling(registration_no=row["registration_no"], filed_on=row["filed_on"], ends_on=row["ends_on"])


def _status(row: dict[str, Any]) -> CoreBanking:
    return CoreBanking(
        on=row["status_on"], overdue_days=row["overdue_days"], five_class=FiveClass(row["five_class"]),
        drawdown_as_agreed=row["drawdown_as_agreed"], supervisor=row["supervisor"],
    )  # fmt: skip


def _seen(row: dict[str, Any]) -> HerdSeen:
    return HerdSeen(
        as_of=row["as_of"], book=row["book"], tags_seen=row["tags_seen"], camera_head=row["camera_best"],
        coverage=row["coverage"],
    )  # fmt: skip


def _by_loan(rows: Iterable[tuple[dict[str, Any], Paper]]) -> dict[str, list[Paper]]:
    found: dict[str, list[Paper]] = {}
    for row, made in rows:
        found.setdefault(row["loan_id"], []).append(made)
    return found
