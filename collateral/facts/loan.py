"""What a rule about money and papers sees: one loan at one moment, read-only. Gathered by
`collateral.store.loan_facts`.

Prices are whole 厘 (thousandths of the currency's main unit) per kg of live weight: a market quotes 27.904 RMB/kg, and
whole fen would lose that. Amounts are whole fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from collateral.model.herd import Species
from collateral.model.ids import FarmId
from collateral.model.loan import Loan
from collateral.model.pledge_match import PledgeMatch


@dataclass(frozen=True, slots=True, order=True)
class PricePoint:
    """What a kilogram of live weight cost on a day, in 厘."""

    on: date
    li_per_kg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """The prices of one kind of animal from one source, oldest first, one a day at most.

    `stock_class`: such as finishing or breeding; empty for any. `region`: the leading digits of the county code for
    which it speaks, such as 13 for Hebei; empty for the whole country.
    """

    species: Species
    stock_class: str
    region: str
    source: str
    points: tuple[PricePoint, ...]


class Ineligible(StrEnum):
    """Why a pledged animal does not count towards the borrowing base. In order: the first that applies is the one."""

    GONE = "gone"  # dead, sold or substituted, and not yet taken off the pledge
    DEAD_UNCONFIRMED = "dead_unconfirmed"
    MISSING = "missing"
    DISPUTED = "disputed"
    FOREIGN = "foreign"
    UNTAGGED = "untagged"
    TAMPERED = "tampered"
    CLONED = "cloned"
    UNSEEN = "unseen"
    DISEASED = "diseased"
    OVER_AGE = "over_age"
    UNINSURED = "uninsured"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLine:
    """The pledged animals of one species and class that are valued alike. `mass_g`: of all of them together.

    `priced_on` None: no price is known, and they stand at the value assessed when they were pledged.
    """

    species: Species
    stock_class: str
    head: int
    mass_g: int
    value_minor: int
    li_per_kg: int | None = None
    priced_on: date | None = None
    price_source: str | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IneligibleSum:
    """How many head, and of what value, do not count for one reason."""

    reason: Ineligible
    head: int
    value_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurancePolicy:
    """An insurance policy (保单) for a loan's animals; `species` None covers any. Both days belong to the period."""

    policy_no: str
    insurer: str
    species: Species | None
    insured_head: int
    begins_on: date
    ends_on: date
    bank_is_first_beneficiary: bool

    def is_in_force(self, on: date) -> bool:
        return self.begins_on <= on <= self.ends_on

    def covers(self, species: Species) -> bool:
        return self.species is None or self.species is species


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFiling:
    """A filing in the chattel registry (中登网); `ends_on` is the last day of its term."""

    registration_no: str
    filed_on: date
    ends_on: date


class FiveClass(StrEnum):
    """五级分类, from best to worst: 正常, 关注, 次级, 可疑, 损失. The last three are non-performing."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreBanking:
    """What core banking says of a loan on a day. `drawdown_as_agreed` None: nobody has looked. `supervisor`: the
    third party (监管方) named in the loan's file."""

    on: date
    overdue_days: int
    five_class: FiveClass
    drawdown_as_agreed: bool | None = None
    supervisor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HerdSeen:
    """The newest reconciliation of the loan: how many head the book has, and how many of them are evidenced."""

    as_of: datetime
    book: int
    tags_seen: int
    camera_head: int | None
    coverage: float


class Dimension(StrEnum):
    """By what a portfolio is concentrated."""

    FARM = "farm"
    SPECIES = "species"
    COUNTY = "county"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioShare:
    """Which share (0-1) of all outstanding balances hangs on one farm, species, county or supervisor that this loan
    hangs on too. `loans`: in the portfolio. `is_largest`: no loan of the group owes more, so this one speaks for it."""

    dimension: Dimension
    name: str
    share: float
    loans: int
    is_largest: bool


@dataclass(frozen=True, kw_only=True)
class LoanFacts:
    """One loan as of one moment. `farms`: where its animals stand.

    `lines` are all pledged animals by class, `ineligible` those of them that do not count, each animal once. `prices`:
    every series that is known, those among them that valued the lines. `policies`: also those that have ended; empty
    when none is on record. `pledge_matches`: what the newest list of each partner bank has of it.
    """

    loan: Loan
    as_of: datetime
    farms: tuple[FarmId, ...]
    lines: tuple[ClassLine, ...] = ()
    ineligible: tuple[IneligibleSum, ...] = ()
    prices: tuple[PriceSeries, ...] = ()
    policies: tuple[InsurancePolicy, ...] = ()
    filings: tuple[RegistryFiling, ...] = ()
    core_banking: CoreBanking | None = None
    herd: HerdSeen | None = None
    shares: tuple[PortfolioShare, ...] = ()
    pledge_matches: tuple[PledgeMatch, ...] = ()

    @property
    def head(self) -> int:
        """Pledged head."""
        return sum(line.head for line in self.lines)

    @property
    def value_minor(self) -> int:
        """What all pledged animals are worth (押品估值)."""
        return sum(line.value_minor for line in self.lines)

    @property
    def eligible_minor(self) -> int:
        """What those of them are worth that count."""
        return self.value_minor - sum(line.value_minor for line in self.ineligible)

    @property
    def ltv(self) -> float:
        """抵押率: the balance as a share of the value. Without any value a very large number, which still sorts."""
        return self.loan.balance.minor / max(self.value_minor, 1)
