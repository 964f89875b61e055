"""One loan for tests of valuation and of the rules about money and papers: build the facts, then say what differs."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from collateral.facts.loan import HerdSeen, InsurancePolicy, LoanFacts, PricePoint, PriceSeries
from collateral.model.herd import Species
from collateral.model.ids import BranchId, FarmId, LoanId
from collateral.model.loan import Loan
from collateral.model.money import Money
from collateral.valuation.eligibility import exclusions, sums
from collateral.valuation.terms import TERMS, ValuationTerms
from collateral.valuation.worth import Standing, lines, valued

BEGIN = date(2026, 1, 5)
HEAD, WEIGHT_G, LI = 400, 610_000, 27_900  # story A12: 400 head x 610 kg x 27.9 RMB/kg
BALANCE = 408_456_000


def loan(balance_minor: int = BALANCE, ceiling: float = 0.70) -> Loan:
    """A12's loan: 60 % of RMB 6,807,600, ceiling 70 %."""
    return Loan(
        loan_id=LoanId("L1"), branch_id=BranchId("b1"), contract_no="C-1", borrower_zh="测试", borrower_en="Test",
        principal=Money(max(500_000_000, balance_minor)), balance=Money(balance_minor), ltv_ceiling=ceiling,
        drawn_on=date(2025, 12, 1), matures_on=date(2026, 12, 1),
    )  # fmt: skip


def herd(head: int = HEAD, *, seen: datetime | None = None, **differing: Any) -> list[Standing]:
    """`head` cattle of 610 kg, each by name."""
    usual: dict[str, Any] = {
        "species": Species.CATTLE, "head": 1, "assessed_minor": 1_701_900, "county": "130826", "weight_g": WEIGHT_G,
        "seen_at": seen or moment(BEGIN),
    }  # fmt: skip
    return [Standing(key=f"a{n:04}", **(usual | differing)) for n in range(head)]


def series(*prices: tuple[date, int], species: Species = Species.CATTLE, region: str = "", source: str = "market") -> PriceSeries:  # fmt: skip
    points = tuple(PricePoint(on, li) for on, li in prices)
    return PriceSeries(species=species, stock_class="", region=region, source=source, points=points)


def falling(share: float, days: int, *, flat_days: int = 0, noise: float = 0.0, seed: int = 1, every: int = 7) -> PriceSeries:  # fmt: skip
    """A price that stands for a while until BEGIN, then falls by `share` in a straight line over `days`."""
    rng = random.Random(seed)
    ahead = [(BEGIN + timedelta(days=d), max(0.0, d / days)) for d in range(-flat_days, days + 1, every)]
    return series(*((on, round(LI * (1 - share * part) * math.exp(rng.gauss(0, noise)))) for on, part in ahead))


def moment(on: date) -> datetime:
    return datetime.combine(on, time(6), UTC)


def facts(
    on: date = BEGIN, *, standings: Iterable[Standing] | None = None, prices: Iterable[PriceSeries] = (),
    policies: Iterable[InsurancePolicy] = (), terms: ValuationTerms = TERMS, of: Loan | None = None,
    evidenced: bool = True, **others: Any,
) -> LoanFacts:  # fmt: skip
    """The facts of one loan on a day, valued as `collateral.store.loan_facts` does it."""
    found = valued(herd(seen=moment(on)) if standings is None else standings, tuple(prices), on, terms)
    insured = tuple(policies)
    head = sum(w.standing.head for w in found)
    seen = HerdSeen(as_of=moment(on), book=head, tags_seen=head, camera_head=None, coverage=0.98)
    return LoanFacts(
        loan=of or loan(), as_of=moment(on), farms=(FarmId("f1"),), lines=lines(found),
        ineligible=sums(exclusions(found, insured, moment(on), terms)), prices=tuple(prices), policies=insured,
        herd=seen if evidenced and head else None, **others,
    )  # fmt: skip
