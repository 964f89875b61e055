"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.counting.count_gap import CountGapLimits, count_gap
from collateral.anomaly.counting.counted_twice import CountedTwiceLimits, counted_twice
from collateral.anomaly.counting.foreign_cattle import ForeignCattleLimits, foreign_cattle
from collateral.anomaly.counting.patrol import PatrolLimits, patrol
from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = (
    HerdRule("R3", count_gap, CountGapLimits()),
    HerdRule("R5", foreign_cattle, ForeignCattleLimits()),
    HerdRule("R6", counted_twice, CountedTwiceLimits()),
    HerdRule("R25", patrol, PatrolLimits()),
)
