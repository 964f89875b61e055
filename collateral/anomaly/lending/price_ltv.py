"""The animals are worth too little for the loan, or their price falls fast (R20)."""

from __future__ import annotations

from dataclasses import dataclass

from collateral.anomaly.lending.papers import begin_of, finding
from collateral.facts.loan import ClassLine, LoanFacts
from collateral.model.finding import Finding, Severity
from collateral.valuation.prices import change, series_of
from collateral.valuation.ratio import allowed_minor, basis_points, cure_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLtvLimits:
    """`warn_below` and `red_above`: how far under and over the loan's ceiling yellow and red begin, as shares.
    `price_fall`: within `price_days` (R20)."""

    warn_below: float = 0.05
    red_above: float = 0.10
    price_fall: float = 0.15
    price_days: int = 30


LIMITS = PriceLtvLimits()


def price_ltv(facts: LoanFacts, limits: PriceLtvLimits = LIMITS) -> list[Finding]:
    """The loan's ratio (抵押率) nears or exceeds its ceiling, or the market price of its animals falls fast.

    Cause: falling prices, deaths and sales that left the book, a balance that is not paid down. Denominator: the value
    of all pledged animals; animals that are missing are other rules' matter. Window: now; for the fall 30 days, weighed
    by live mass. Minimum sample: one class with a known market price; for the fall a price 30 days old. Suppressed: a
    price that is stale proves no fall. Yellow from the ceiling less 5 points, orange above it, red above it by 10
    points or at -15 % in 30 days when the herd is evidenced, else orange. Source: R20.
    """
    priced = [line for line in facts.lines if line.li_per_kg is not None]
    if not priced:
        return []
    fall = _change(facts, [line for line in priced if not line.is_stale], limits)
    severity = _severity(facts, fall, limits)
    if severity is None:
        return []
    since = begin_of(max(line.priced_on for line in priced if line.priced_on))
    return [finding("price_ltv", facts, severity, min(since, facts.as_of), _figures(facts, priced, fall))]


def _severity(facts: LoanFacts, fall: float | None, limits: PriceLtvLimits) -> Severity | None:
    ceiling = facts.loan.ltv_ceiling
    if _is_above(facts, ceiling + limits.red_above) or (fall is not None and fall <= -limits.price_fall):
        return Severity.RED
    if _is_above(facts, ceiling):
        return Severity.ORANGE
    return Severity.YELLOW if _is_above(facts, ceiling - limits.warn_below) else None


def _is_above(facts: LoanFacts, share: float) -> bool:
    """In whole fen: a ratio exactly at a limit is not above it."""
    return facts.loan.balance.minor > allowed_minor(facts.value_minor, basis_points(share))


def _change(facts: LoanFacts, fresh: list[ClassLine], limits: PriceLtvLimits) -> float | None:
    """The change of the price of the whole herd, each class by its mass; None where a class has no such past."""
    on, mass, moved = facts.as_of.date(), 0, 0.0
    for line in fresh:
        series = series_of(line, facts.prices, on)
        own = change(series, on, limits.price_days) if series else None
        if own is None:
            return None
        mass, moved = mass + line.mass_g, moved + line.mass_g * own
    return moved / mass if mass else None


def _figures(facts: LoanFacts, priced: list[ClassLine], fall: float | None) -> dict[str, object]:
    balance, ceiling = facts.loan.balance.minor, basis_points(facts.loan.ltv_ceiling)
    return {
        "ltv": round(facts.ltv, 4), "ceiling": facts.loan.ltv_ceiling, "value_minor": facts.value_minor,
        "balance_minor": balance, "cure_minor": cure_minor(balance, facts.value_minor, ceiling),
        "price_change": None if fall is None else round(fall, 4), "is_stale": any(line.is_stale for line in priced),
        "prices": [{"species": str(p.species), "stock_class": p.stock_class, "li_per_kg": p.li_per_kg,
                    "on": p.priced_on.isoformat() if p.priced_on else None, "source": p.price_source} for p in priced],
    }  # fmt: skip
