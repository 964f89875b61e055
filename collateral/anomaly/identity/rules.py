"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = ()
