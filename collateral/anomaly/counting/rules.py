"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.counting.count_gap import CountGapLimits, count_gap
from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = (HerdRule("R3", count_gap, CountGapLimits()),)
