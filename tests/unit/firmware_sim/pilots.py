"""The pilot and its worlds, for tests."""

from datetime import UTC, datetime, timedelta
from functools import cache

from collateral.contract.enrolment import Enrolment
from firmware_sim import pilot, scenario
from firmware_sim.enrol import enrol
from firmware_sim.uplinks import Uplinks
from firmware_sim.world import World

LIVE = datetime(2026, 3, 1, 17, tzinfo=UTC)  # 01:00 in Shanghai
DAY = timedelta(days=1)


@cache
def enrolment(seed: int = 1) -> Enrolment:
    return enrol(pilot.read(), seed, LIVE, "herdlien-demo")


def world(seed: int = 1, *, story: str = "quiet_night", history: timedelta = DAY) -> World:
    return World(enrolment(), seed, LIVE - history, LIVE, scenario.read(story))


def played(made: World, until: datetime) -> Uplinks:
    """Everything heard up to the hour of `until`."""
    found = made.next_hour()
    while made.until_s < until.timestamp():
        found = found.joined(made.next_hour())
    return found
