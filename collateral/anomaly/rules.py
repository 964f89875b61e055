"""The rules there are, in the order they are asked. To add one: write it in a module of its own, list it here."""

from __future__ import annotations

from collections.abc import Callable

from collateral.anomaly.count_gap import count_gap
from collateral.anomaly.group_removal import group_removal
from collateral.anomaly.left_fence import left_fence
from collateral.anomaly.silence import farm_blackout, gateway_silence, tag_silence
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Finding

Rule = Callable[[HerdFacts], list[Finding]]

RULES: tuple[Rule, ...] = (farm_blackout, gateway_silence, tag_silence, group_removal, left_fence, count_gap)


def findings(facts: HerdFacts) -> list[Finding]:
    """What all rules conclude about one farm at one moment, before inhibition."""
    return [finding for rule in RULES for finding in rule(facts)]
