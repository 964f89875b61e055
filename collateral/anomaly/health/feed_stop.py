"""A herd that chews less for two days (R18): no feed, and often no money for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collateral.anomaly.common_mode import LEAST_MATES, mean
from collateral.anomaly.data_quality import MAD_TO_SIGMA
from collateral.anomaly.health.weather import in_heat, thi_until
from collateral.facts.herd import HerdFacts
from collateral.facts.series import DAY_HOURS, Floats, HerdSeries
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId

BACK_H = 2 * DAY_HOURS
LEAST_HOURS = 6  # of each 12 h that an animal must be known in to count [I]
PART_H = 12
MEDIAN_ERROR = 1.2533  # a median's standard error, in those of a mean


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStopLimits:
    """`less_share`: how much less the herd's median animal chews over 48 h (R18, -20 % [I]), less a `slack` for that
    median's error and for habits that have taken in the first poor days; in each half day at least `each_share` [I].
    Three standard errors of the median must fit between it and `sure_share` less [I]. `known_share`: with less of the
    weather known than this, nobody can say that it is not the weather's doing [I]."""

    less_share: float = 0.20
    slack: float = 0.07
    each_share: float = 0.10
    sure_share: float = 0.05
    known_share: float = 2 / 3


LIMITS = FeedStopLimits()


def feed_stop(facts: HerdFacts, limits: FeedStopLimits = LIMITS) -> list[Finding]:
    """The median animal of a loan has ruminated a fifth less than is usual for 48 h on end.

    Cause: feed has run out or was cut, a sign of a borrower in straits; contaminated feed or water. Denominator: the
    loan's ruminants with a known habit. Window: 48 h, of which every half day is low. Minimum sample: eight animals.
    Suppressed: heat in the window, until it has been over for 48 h. Blue instead of yellow while the weather is not
    known. Source: R18, -20 % for 48 h [I]; rumination of domain 2.3.
    """
    series = facts.series
    if series is None:
        return []
    index = thi_until(facts, series.ends_at, BACK_H + DAY_HOURS)
    if in_heat(index)[-BACK_H:].any():
        return []
    known = float(np.isfinite(index[-BACK_H:]).mean())
    severity = Severity.YELLOW if known >= limits.known_share else Severity.BLUE
    shares = chewing_shares(series)
    findings = []
    for loan in facts.loans:
        rows = [facts.row_of[t.animal_id] for t in facts.of_loan[loan]]
        share = _median_share(shares[rows], limits)
        if share is not None:
            findings.append(_finding(facts, series, loan, severity, share, int(np.isfinite(shares[rows, -1]).sum())))
    return findings


def chewing_shares(series: HerdSeries) -> Floats:
    """Rumination as a share of the animal's usual, in each of the last four half days: (animals, 4)."""
    values = series.rumination_min.values[:, -BACK_H:]
    expected = series.rumination_min.usual[:, series.local_hours[-BACK_H:]]
    both = np.isfinite(values) & np.isfinite(expected)
    values, expected = np.where(both, values, np.nan), np.where(both, expected, np.nan)
    parts = []
    for start in range(0, BACK_H, PART_H):
        part = slice(start, start + PART_H)
        usual = mean(expected[:, part])
        enough = (both[:, part].sum(axis=1) >= LEAST_HOURS) & (usual > 0)
        parts.append(np.where(enough, mean(values[:, part]) / np.where(enough, usual, 1), np.nan))
    shares: Floats = np.stack(parts, axis=1).astype(np.float32)
    return shares


def _median_share(shares: Floats, limits: FeedStopLimits) -> float | None:
    """The median animal's share over the 48 h, if it was low throughout; None if not, or if too few are known."""
    known = shares[np.isfinite(shares).all(axis=1)]
    if len(known) < LEAST_MATES:
        return None
    own = known.mean(axis=1)
    whole = float(np.median(own))
    error = MEDIAN_ERROR * MAD_TO_SIGMA * float(np.median(np.abs(own - whole))) / np.sqrt(len(own))
    low = whole <= min(1 - limits.less_share + limits.slack, 1 - limits.sure_share - 3 * error)
    return whole if low and np.median(known, axis=0).max() <= 1 - limits.each_share else None


def _finding(
    facts: HerdFacts, series: HerdSeries, loan: LoanId, severity: Severity, share: float, animals: int
) -> Finding:  # fmt: skip
    since = series.begins(series.hours - BACK_H)
    figures = {
        "less_share": round(1 - share, 3), "animals": animals, "hours": BACK_H,
        "weather_known": severity is Severity.YELLOW,
    }  # fmt: skip
    return Finding(
        rule="feed_stop", severity=severity, farm_id=facts.farm.farm_id, loan_id=loan, subject=loan, as_of=facts.as_of,
        since=since, testimonies=(Testimony(witness=Witness.TAG, since=since, particulars=figures),), figures=figures,
    )  # fmt: skip
