"""Grading every loan once an hour of event time, and at once when its cases have moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from collateral.book.reconcile import Reconciled
from collateral.facts.loan import LoanFacts
from collateral.model.case import Case
from collateral.model.finding import Audience
from collateral.model.herd import Species
from collateral.model.ids import LoanId
from collateral.scoring.score import EarlyWarning, score
from collateral.scoring.standing import Standing

EVERY = timedelta(hours=1)


def due(
    warnings: Iterable[EarlyWarning], last: Mapping[LoanId, tuple[datetime, str]], now: datetime
) -> list[EarlyWarning]:
    """Which grades are worth keeping: a new hour's, and every one that differs from the last."""
    return [w for w in warnings if _is_due(w, last.get(w.loan_id), now)]


def warnings(
    loans: Mapping[LoanId, LoanFacts], books: Mapping[LoanId, Reconciled], cases: Iterable[Case], now: datetime
) -> list[EarlyWarning]:
    """The early-warning score of every loan that something secures."""
    standing: dict[LoanId, list[Case]] = {}
    for case in cases:
        if case.loan_id and case.audience is Audience.BANK:
            standing.setdefault(case.loan_id, []).append(case)
    return [score(_standing(facts, books.get(loan), standing.get(loan, []), now)) for loan, facts in loans.items()]


def _is_due(warning: EarlyWarning, last: tuple[datetime, str] | None, now: datetime) -> bool:
    return last is None or now - last[0] >= EVERY or last[1] != warning.word


def _standing(facts: LoanFacts, book: Reconciled | None, cases: list[Case], now: datetime) -> Standing:
    has_book = book is not None and book.book > 0
    return Standing(
        loan_id=facts.loan.loan_id, as_of=now, species=_species(facts),
        coverage=book.coverage if book and has_book else None,
        short_share=max(0.0, book.short / book.book) if book and has_book else None,
        short_proved=bool(book and book.shortfall_proved),
        ltv_margin=facts.loan.ltv_ceiling - facts.ltv if facts.value_minor else None,
        overdue_days=facts.core_banking.overdue_days if facts.core_banking else None,
        open_cases=tuple((case.rule, case.severity) for case in cases),
    )  # fmt: skip


def _species(facts: LoanFacts) -> Species:
    """That of most of the pledged head."""
    head: Counter[Species] = Counter()
    for line in facts.lines:
        head[line.species] += line.head
    return head.most_common(1)[0][0] if head else Species.CATTLE
