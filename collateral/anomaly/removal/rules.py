"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.removal.group_removal import GroupRemovalLimits, group_removal
from collateral.anomaly.removal.left_fence import LeftFenceLimits, left_fence
from collateral.anomaly.removal.planned_movement import PlannedMovementLimits, planned_movement
from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = (
    HerdRule("R2", group_removal, GroupRemovalLimits()),
    HerdRule("R1", left_fence, LeftFenceLimits()),
    HerdRule("R1", planned_movement, PlannedMovementLimits()),
)
