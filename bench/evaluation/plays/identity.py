"""Tags that are not what they say: cloned, moved to another animal, or worn by animals that never were."""

from __future__ import annotations

import numpy as np

from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import LAT, LON, drawn_head, estate, gateway_id, tag_id
from bench.evaluation.plays.calendar import mild, night
from bench.evaluation.plays.removal import aftermath
from bench.evaluation.stage import Play, every, play
from bench.evaluation.world import DAY_S, Known, World, moment, world
from collateral.facts.events import CounterRegression, IdentityCheck, TagSighting
from collateral.model.finding import Severity
from collateral.model.ids import FarmId, GatewayId
from collateral.model.place import Position
from firmware_sim.chance import stream

FAR_KM = 60.0  # the other farm (A5)
GHOSTS = 35  # half a pen: known frauds were most of the herd (domain 0.3)
GHOST_NOISE = 0.05  # of the channel's spread: a copied series with a little salt [I]
SWAPS = 2


def tag_cloned(seed: int) -> Play:
    """One tag is heard at two farms 60 km apart within ten minutes, and its counter runs back (A5)."""
    name = "tag_cloned"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 0.4, eventless=True)
    row = int(stream(seed, name, "row").integers(farm.head))
    first = made.live_s + 2 * HOUR_S
    there = Position(LAT + FAR_KM / 111.32, LON)
    for number in range(4):
        at_s = first + 600.0 * number
        here = number % 2 == 0
        sighting = TagSighting(
            tag_id=tag_id(farm, row), farm_id=farm.farm.farm_id if here else FarmId("elsewhere"),
            gateway_id=gateway_id(farm, farm.herd.gateway[row]) if here else GatewayId("g-elsewhere"),
            position=Position(LAT, LON) if here else there, heard_at=moment(at_s), frame_counter=900 + number // 2,
        )  # fmt: skip
        # A tag is a matter for two farms only from the second on; then all of it is gathered.
        made.sightings.append(Known(max(at_s, first + 600.0) + 5, sighting))
    regression = CounterRegression(tag_id=tag_id(farm, row), at=moment(first + 1_200), before=901, after=900)
    made.regressions.append(Known(first + 1_205, regression))
    made.script.add(
        what=name, rules=("R9",), since_s=first, until_s=made.ends_s, decisive_s=first + 605,
        severity=Severity.ORANGE, within_s=900.0, place=made.loan_of(row),
    )  # fmt: skip
    return play(name, made, every(made.live_s, made.live_s + 4 * HOUR_S, 300))


def tag_moved(seed: int) -> Play:
    """Two tags change wearers: from then on they tell of other bodies, and the muzzle check on the third day fails."""
    name = "tag_moved"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, mild(seed, name), 8.0, eventless=True)
    rng = stream(seed, name, "pairs")
    swap_s = made.live_s + 10 * HOUR_S
    checked = swap_s + 3 * DAY_S
    for number in range(SWAPS):
        one, other = _unlike(made, rng)
        column = made.first_report_after(one, swap_s)
        for channel in (made.body.activity, made.body.steps, made.body.rumination, made.body.temp_c):
            channel[[one, other], column:] = channel[[other, one], column:]
        check = IdentityCheck(animal_id=farm.animal(one), checked_at=moment(checked + number), matched=False)
        made.checks.append(Known(checked + number + 60, check))
        made.script.add(
            what=name, rules=("R10",), since_s=swap_s, until_s=made.ends_s, decisive_s=checked + number + 60,
            severity=Severity.YELLOW, within_s=2 * DAY_S, place=made.loan_of(one),
            animals=frozenset({str(farm.animal(one)), str(farm.animal(other))}),
        )  # fmt: skip
    aftermath(made, swap_s, ("R10", "R8"))
    return play(name, made, every(made.live_s, made.live_s + 6 * DAY_S, 2 * HOUR_S))


def _unlike(made: World, rng: np.random.Generator) -> tuple[int, int]:
    """Two animals of one pen whose usual activity differs clearly: who swaps tags sells the better one."""
    rows = made.estate.herd.pens[int(rng.integers(len(made.estate.pens)))].rows
    usual = np.nanmean(made.body.activity[rows][:, : made.column(made.live_s)], axis=1)
    order = rows[np.argsort(usual)]
    return int(order[int(rng.integers(3))]), int(order[-1 - int(rng.integers(3))])


def ghost_animals(seed: int) -> Play:
    """Half a pen that never was: one tag's series replayed under 35 names, from one place, unseen by cameras."""
    name = "ghost_animals"
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 0.6, eventless=True)
    rng = stream(seed, name, "ghosts")
    begins = made.live_s + 9 * HOUR_S  # by day, when a camera sees
    pen = int(farm.camera_pen[int(rng.integers(len(farm.camera_pen)))])
    rows = [int(r) for r in rng.choice(farm.herd.pens[pen].rows, GHOSTS, replace=False)]
    model = rows[0]
    for channel in (made.body.activity, made.body.steps, made.body.rumination, made.body.temp_c):
        spread = float(np.nanstd(channel[model]))
        copies = channel[model] + rng.normal(0, GHOST_NOISE * spread, (GHOSTS, made.hours))
        channel[rows] = np.maximum(copies, 0).astype(np.float32)
    made.rssi_dbm[rows] = made.rssi_dbm[model] + rng.normal(0, 0.2, GHOSTS)
    made.gone_s[rows] = made.begins_s - 1.0
    for column in (made.fixes.x_m, made.fixes.y_m):
        column[rows] = column[model] + rng.normal(0, 1.0, (GHOSTS, column.shape[1]))
    made.script.add(
        what=name, rules=("R4",), since_s=made.live_s, until_s=made.ends_s, decisive_s=begins,
        severity=Severity.RED, within_s=HOUR_S, place=made.loan_of(model), red=True,
    )  # fmt: skip
    aftermath(made, made.live_s, ("R3", "R4", "R8", "R9"))
    return play(name, made, every(begins, begins + 4 * HOUR_S, 300))
