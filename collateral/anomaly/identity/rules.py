"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.identity.ghost_animals import GhostLimits, ghost_animals
from collateral.anomaly.identity.tag_cloned import TagClonedLimits, tag_cloned
from collateral.anomaly.identity.tag_moved import TagMovedLimits, tag_moved
from collateral.anomaly.identity.tag_removed import TagRemovedLimits, tag_removed
from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = (
    HerdRule("R4", ghost_animals, GhostLimits()),
    HerdRule("R8", tag_removed, TagRemovedLimits()),
    HerdRule("R9", tag_cloned, TagClonedLimits()),
    HerdRule("R10", tag_moved, TagMovedLimits()),
)
