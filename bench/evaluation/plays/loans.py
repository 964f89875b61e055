"""Money and papers, day after day: a price that falls, cattle pledged twice, cover that ends, a loan unpaid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from bench.evaluation.stage import Play, play_loan
from bench.evaluation.truth import Need, Script
from collateral.facts.loan import (
    ClassLine,
    CoreBanking,
    Dimension,
    FiveClass,
    HerdSeen,
    InsurancePolicy,
    LoanFacts,
    PortfolioShare,
    PricePoint,
    PriceSeries,
    RegistryFiling,
)  # fmt: skip
from collateral.model.finding import Severity
from collateral.model.herd import Species
from collateral.model.ids import BranchId, FarmId, LoanId
from collateral.model.loan import Loan
from collateral.model.money import Money
from collateral.model.pledge_match import PledgeMatch
from firmware_sim.chance import stream

HEAD, KG, LI_PER_KG = 400, 610, 27_900  # A12
CEILING = 0.70
BALANCE = 408_456_000  # 60 % of 400 x 610 kg x 27.9 (A12), fen
WEEK_SD = 0.008  # an ordinary week's move of the price [I]
SINCE = date(2026, 1, 5)  # a Monday
LOOK_S = 6 * 3_600  # the 06:00 job


@dataclass
class Course:
    """One loan's life: what differs from an honest one, per day from SINCE on."""

    seed: int
    days: int
    prices: list[int] = field(default_factory=list)
    balance_minor: int = BALANCE
    insured_until: int = 10_000
    insured_head: int = HEAD
    bank_first: bool = True
    filed_until: int = 10_000
    overdue_from: int = 10_000
    share: float = 0.05
    matches_from: int = 10_000

    def facts(self) -> Iterator[LoanFacts]:
        """Each morning's facts."""
        for day in range(self.days):
            yield self._on(day)

    def _on(self, day: int) -> LoanFacts:
        on = SINCE + timedelta(days=day)
        as_of = at(day)
        week = day // 7
        price = self.prices[min(week, len(self.prices) - 1)]
        mass_g = HEAD * KG * 1_000
        points = tuple(
            PricePoint(SINCE + timedelta(days=7 * (w - HISTORY_WEEKS)), p)
            for w, p in enumerate([self.prices[0]] * HISTORY_WEEKS + self.prices[: week + 1])
        )
        overdue = max(0, day - self.overdue_from + 1)
        matches = tuple(
            PledgeMatch(
                match_id=n, scheme="cn-tag", subject=f"a{n:05}", partner="bank-x", listed_on=on,
                found_at=at(self.matches_from),
                heard_at=as_of - timedelta(hours=1),
            )
            for n in range(200 if day >= self.matches_from else 0)
        )  # fmt: skip
        return LoanFacts(
            loan=Loan(
                loan_id=LoanId("L1"), branch_id=BranchId("b1"), contract_no="HT-1", borrower_zh="借款人",
                borrower_en="Borrower", principal=Money(500_000_000), balance=Money(self.balance_minor),
                ltv_ceiling=CEILING, drawn_on=SINCE - timedelta(days=90), matures_on=SINCE + timedelta(days=400),
            ),
            as_of=as_of, farms=(FarmId("f1"),),
            lines=(ClassLine(
                species=Species.CATTLE, stock_class="finishing", head=HEAD, mass_g=mass_g,
                value_minor=round(mass_g * price / 10_000), li_per_kg=price, priced_on=points[-1].on,
                price_source="market",
            ),),
            prices=(PriceSeries(
                species=Species.CATTLE, stock_class="finishing", region="", source="market", points=points,
            ),),
            policies=(InsurancePolicy(
                policy_no="P1", insurer="insurer", species=Species.CATTLE, insured_head=self.insured_head,
                begins_on=SINCE - timedelta(days=200), ends_on=SINCE + timedelta(days=self.insured_until),
                bank_is_first_beneficiary=self.bank_first,
            ),),
            filings=(RegistryFiling(registration_no="R1", filed_on=SINCE - timedelta(days=90),
                                    ends_on=SINCE + timedelta(days=self.filed_until)),),
            core_banking=CoreBanking(
                on=on, overdue_days=overdue, drawdown_as_agreed=True,
                five_class=FiveClass.SPECIAL_MENTION if overdue else FiveClass.NORMAL,
            ),
            herd=HerdSeen(as_of=as_of - timedelta(minutes=5), book=HEAD, tags_seen=390, camera_head=384, coverage=0.97),
            shares=(PortfolioShare(dimension=Dimension.FARM, name="f1", share=self.share, loans=40, is_largest=True),),
            pledge_matches=matches,
        )  # fmt: skip


HISTORY_WEEKS = 8


def at(day: int) -> datetime:
    """06:00 UTC of a day of the course."""
    return datetime(SINCE.year, SINCE.month, SINCE.day, tzinfo=UTC) + timedelta(days=day, seconds=LOOK_S)


def price_fall(seed: int) -> Play:
    """-24 % over 26 weeks, as in 2024 (A12): yellow at -7.7 %, orange at -14.3 %."""
    course = Course(seed, 26 * 7 + 3, prices=_walk(seed, 26, drift=-0.24 / 26))
    script = Script()
    base = BALANCE / (HEAD * KG * 100 / 1_000)  # LTV times price
    for ltv, severity in ((CEILING - 0.05, Severity.YELLOW), (CEILING, Severity.ORANGE)):
        week = next((w for w, p in enumerate(course.prices) if base / p / ltv > 1.0), None)
        if week is not None:
            _must(script, "R20", f"LTV over {ltv:.2f}", 7 * week, severity, within_days=1)
    _may(script, "R20")
    return play_loan("price_fall", course.facts(), script)


def double_pledge(seed: int) -> Play:
    """200 of the same tags on another bank's list (A7)."""
    course, script = Course(seed, 20, prices=_walk(seed, 3), matches_from=9), Script()
    _must(script, "R7", "double pledge", 9, Severity.RED, within_days=1, red=True)
    return play_loan("double_pledge", course.facts(), script)


def insurance_lapse(seed: int) -> Play:
    """The policy ends and nobody renews it: 30 and 7 days before, and red when it has lapsed over a standing herd."""
    course, script = Course(seed, 60, prices=_walk(seed, 8), insured_until=45), Script()
    for day, severity in ((15, Severity.BLUE), (38, Severity.YELLOW), (46, Severity.RED)):
        _must(script, "R21", f"insurance {severity.word}", day, severity, within_days=1, red=severity is Severity.RED)
    return play_loan("insurance_lapse", course.facts(), script)


def insurance_short(seed: int) -> Play:
    """Fewer head insured than pledged, and another is first beneficiary."""
    course, script = Course(seed, 10, prices=_walk(seed, 2), insured_head=300, bank_first=False), Script()
    _must(script, "R21", "insured too few", 0, Severity.ORANGE, within_days=1)
    return play_loan("insurance_short", course.facts(), script)


def registration_lapse(seed: int) -> Play:
    """The filing in the chattel registry runs out: 60, 30 and 7 days before."""
    course, script = Course(seed, 80, prices=_walk(seed, 11), filed_until=75), Script()
    for day, severity in ((15, Severity.BLUE), (45, Severity.YELLOW), (68, Severity.ORANGE)):
        _must(script, "R23", f"registration {severity.word}", day, severity, within_days=1)
    return play_loan("registration_lapse", course.facts(), script)


def arrears(seed: int) -> Play:
    """The loan is not repaid: 1, 31 and more than 90 days."""
    course, script = Course(seed, 120, prices=_walk(seed, 17), overdue_from=10), Script()
    for day, severity in ((10, Severity.YELLOW), (40, Severity.ORANGE), (100, Severity.RED)):
        _must(script, "R22", f"overdue {severity.word}", day, severity, within_days=1, red=severity is Severity.RED)
    return play_loan("arrears", course.facts(), script)


def concentration(seed: int) -> Play:
    """A quarter of the portfolio on one farm."""
    course, script = Course(seed, 5, prices=_walk(seed, 1), share=0.25), Script()
    _must(script, "R24", "concentration", 0, Severity.YELLOW, within_days=1)
    return play_loan("concentration", course.facts(), script)


def honest_loan(seed: int) -> Play:
    """A month of ordinary prices and papers in order: nothing."""
    course = Course(seed, 30, prices=_walk(seed, 5))
    return play_loan("honest_loan", course.facts(), Script(), quiet=False)


def _walk(seed: int, weeks: int, drift: float = 0.0) -> list[int]:
    """Weekly prices in 厘 per kg, a walk around a drift."""
    steps = stream(seed, "prices", weeks).normal(0, WEEK_SD, weeks)
    noise = steps * (0.3 if drift else 1.0)
    return [LI_PER_KG, *(round(float(p)) for p in LI_PER_KG * (1 + np.arange(1, weeks + 1) * drift + np.cumsum(noise)))]


def _must(
    script: Script, rule: str, what: str, day: int, severity: Severity, *, within_days: int, red: bool = False
) -> None:
    moment = at(day).timestamp()
    script.add(
        what=what, rules=(rule,), since_s=moment, until_s=float("inf"), decisive_s=moment, severity=severity,
        within_s=within_days * 86_400.0, place="L1", red=red,
    )  # fmt: skip


def _may(script: Script, rule: str) -> None:
    script.add(what="price moves", rules=(rule,), since_s=0.0, until_s=float("inf"), decisive_s=0.0, need=Need.MAY)
