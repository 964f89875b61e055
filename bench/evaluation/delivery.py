"""What of it arrives, and when: radio loss, gateways without link or power, tags that report once an hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import Estate
from firmware_sim.chance import stream
from firmware_sim.herd import Floats

Flags = npt.NDArray[np.bool_]

RADIO_LOSS = 0.05  # random (domain 4.2)
OUTAGE_S = (600.0, 86_400.0)  # bursty outages of 10 min to 24 h (domain 4.2), log-uniform [I]
OUTAGES_A_DAY = 1 / 30  # per gateway [I]
POWER_SHARE = 0.5  # of outages: nothing is heard; otherwise only the link is cut and the gateway keeps readings [I]
WHOLE_FARM_A_DAY = 0.3 / 30  # mains or line of the whole farm [I]
WHOLE_FARM_S = (600.0, 21_600.0)
WILL_S = 90.0  # one and a half keep-alives until the broker speaks a gateway's will
DRAIN_S = 300.0  # until a backlog is through [I]
HEARTBEAT_S = 300
TRAVEL_S = 3.0  # from tag to database


@dataclass(frozen=True, slots=True)
class Outage:
    """One gateway from `start_s` until `end_s`. `power`: it hears nothing; else it keeps readings for later."""

    gateway: int
    start_s: float
    end_s: float
    power: bool


@dataclass(eq=False)
class Delivery:
    """(animals, hours): whether a report reached a gateway with power, and when it was in the database."""

    heard: Flags
    arrives_s: Floats


def outages(seed: int, farm: Estate, since_s: float, until_s: float) -> list[Outage]:
    """What goes wrong by itself between two moments."""
    rng = stream(seed, farm.farm.farm_id, "outages")
    days = max(0.0, (until_s - since_s) / 86_400.0)
    found = []
    for gateway in range(len(farm.herd.gateways)):
        starts = since_s + (until_s - since_s) * rng.random(rng.poisson(OUTAGES_A_DAY * days))
        found += [Outage(gateway, s, s + _long(rng, OUTAGE_S), bool(rng.random() < POWER_SHARE)) for s in starts]
    for start in since_s + (until_s - since_s) * rng.random(rng.poisson(WHOLE_FARM_A_DAY * days)):
        end, power = start + _long(rng, WHOLE_FARM_S), bool(rng.random() < POWER_SHARE)
        found += [Outage(gateway, start, end, power) for gateway in range(len(farm.herd.gateways))]
    return sorted(found, key=lambda o: o.start_s)


def delivery(seed: int, farm: Estate, begins_s: float, hours: int) -> Delivery:
    """Every hourly report, before outages."""
    rng = stream(seed, farm.farm.farm_id, "delivery")
    heard = rng.random((farm.head, hours), np.float32) >= RADIO_LOSS
    measured = begins_s + HOUR_S * np.arange(hours)[None, :] + farm.offset_s[:, None]
    return Delivery(heard, measured + TRAVEL_S)


def cut(made: Delivery, farm: Estate, outage: Outage) -> None:
    """What an outage does to the reports that fall into it."""
    rows = np.flatnonzero(farm.herd.gateway == outage.gateway)
    begins = made.arrives_s[rows[0], 0] - TRAVEL_S - farm.offset_s[rows[0]]
    first = max(0, int((outage.start_s - begins) // HOUR_S) - 1)
    last = min(made.heard.shape[1], int((outage.end_s - begins) // HOUR_S) + 2)
    if first >= last:
        return
    block = np.ix_(rows, np.arange(first, last))
    measured = begins + HOUR_S * np.arange(first, last)[None, :] + farm.offset_s[rows][:, None]
    inside = (measured >= outage.start_s) & (measured < outage.end_s)
    if outage.power:
        made.heard[block] &= ~inside
    else:
        waited = outage.end_s + DRAIN_S * (measured - outage.start_s) / max(1.0, outage.end_s - outage.start_s)
        made.arrives_s[block] = np.where(inside, np.maximum(made.arrives_s[block], waited), made.arrives_s[block])


def _long(rng: np.random.Generator, between: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(np.log(between[0]), np.log(between[1]))))
