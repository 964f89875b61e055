"""What a world lets be said whatever the scenario: gateways that go down are down, and hot air is hot."""

from __future__ import annotations

import numpy as np

from bench.evaluation.air import HOUR_S
from bench.evaluation.delivery import Outage
from bench.evaluation.truth import Need
from bench.evaluation.world import DAY_S, World
from collateral.model.finding import Severity

STANDS_S = 7 * DAY_S  # how long after its end a case may still be opened: asking for a recount, for one
MUST_TICKS = 2.5  # shorter ones may pass between two looks


def told_outages(world: World, tick_s: float) -> None:
    """Write every outage that the play may see into its script; `tick_s`: the longest time between two looks."""
    whole = len(world.estate.herd.gateways)
    for outage in world.outages:
        if outage.end_s < world.live_s - 7 * DAY_S:
            continue
        together = {o.gateway for o in world.outages if o.start_s < outage.end_s and outage.start_s < o.end_s}
        must = (
            outage.end_s - outage.start_s > MUST_TICKS * tick_s + 900
            and outage.start_s > world.live_s
            and not _is_close(world, outage)
        )
        world.script.add(
            what="farm down" if len(together) == whole else "gateway down", rules=("R14",),
            since_s=outage.start_s, until_s=outage.end_s + STANDS_S, decisive_s=outage.start_s + 600,
            severity=Severity.YELLOW, within_s=HOUR_S + 2 * tick_s, need=Need.MUST if must else Need.MAY,
            place=world.estate.farm.farm_id,
        )  # fmt: skip
        world.script.add(
            what="nothing heard or seen", rules=("R26", "R15"), since_s=outage.start_s, until_s=outage.end_s + DAY_S,
            decisive_s=outage.start_s, need=Need.MAY, place=world.estate.farm.farm_id,
        )  # fmt: skip


def told_air(world: World) -> None:
    """Hours and days in which the air itself is a matter (R19)."""
    hot = np.flatnonzero(world.air.thi >= 74.0)
    for day in np.unique(hot // 24):
        since = world.begins_s + day * DAY_S
        world.script.add(
            what="hot air", rules=("R19",), since_s=since, until_s=since + 3 * DAY_S, decisive_s=since, need=Need.MAY
        )


def _is_close(world: World, outage: Outage) -> bool:
    """Whether another outage is close: one case may speak for both."""
    return any(o is not outage and abs(o.start_s - outage.start_s) < STANDS_S for o in world.outages)
