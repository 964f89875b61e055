"""The scenarios: what happens, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable

from bench.evaluation.plays import devices, health, identity, inspection, loans, quiet, removal
from bench.evaluation.stage import Play

Scenario = Callable[[int], Play]

SCENARIOS: tuple[Scenario, ...] = (
    removal.theft_large, removal.theft_small, removal.silent_theft, removal.tags_cut, removal.slow_leak,
    removal.planned_sale, removal.sale_and_two_more,
    identity.tag_cloned, identity.tag_moved, identity.ghost_animals,
    devices.blackout_with_removal, devices.removal_seen_after_blackout, devices.cover_freeze_loop, devices.fleet_decay,
    health.outbreak, health.mortality, health.heat_then_feed_stop, health.ordinary_day, health.heat_day,
    inspection.foreign_cattle, inspection.counted_twice, inspection.honest_inspection, inspection.lazy_supervisor,
    loans.price_fall, loans.double_pledge, loans.insurance_lapse, loans.insurance_short, loans.registration_lapse,
    loans.arrears, loans.concentration, loans.honest_loan,
)  # fmt: skip
ONCE: tuple[Scenario, ...] = (removal.theft_largest,)
"""Too large to be played for every seed."""
MONTHS_A_SEED = 10


def quiet_month(seed: int, number: int) -> Play:
    """One of a seed's honest farm-months."""
    return quiet.honest(seed, number)
