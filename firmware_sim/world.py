"""The world: one hour after the other, what every tag says and which of it is heard. Pure, given the seed.

Each hour draws from streams of its own, so the same seed and the same times give the same world, in however
many steps it is played.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from collateral.contract.enrolment import Enrolment
from firmware_sim import radio, tag
from firmware_sim.chance import stream
from firmware_sim.herd import Floats, Ints, herd_of
from firmware_sim.movement import movement
from firmware_sim.scenario import Scenario, next_at
from firmware_sim.theft import Alarm, Removal, plan
from firmware_sim.uplinks import Uplinks
from firmware_sim.weather import weather

HOUR_S = 3_600
JITTER_S = 15
DRIVEN_ACTIVITY, DRIVEN_STEPS = 92.0, 450  # five minutes at a walk [I]


def whole_hour(moment: datetime) -> int:
    """The last whole hour at or before `moment`, in hours since the epoch."""
    return int(moment.timestamp() // HOUR_S)


class World:
    """From the whole hour at or before `begin` on; `live` is where history ends and the scenario may begin."""

    def __init__(self, enrolment: Enrolment, seed: int, begin: datetime, live: datetime, scenario: Scenario) -> None:
        self.seed, self.herd = seed, herd_of(enrolment)
        herd, self._hour = self.herd, whole_hour(begin)
        self.moves = movement(seed, herd)
        self._weather = weather(seed, len(herd.farms))
        self._farm = herd.farm[: herd.tagged]
        self._begin_s = self._hour * float(HOUR_S)
        self.tags = tag.tags(seed, self._farm, self._begin_s, live.timestamp())
        self._fixes = tag.FixState(
            stream(seed, "first fix").normal(0, 1, (herd.tagged, 2)), np.zeros(herd.tagged, bool)
        )
        self._sequence = stream(seed, "sequence").integers(100, 5_000, herd.tagged)
        self._out_until_s = np.zeros(herd.tagged)
        self.removal = self._planned(scenario, enrolment, live)
        self._departs_s = np.full(herd.tagged, np.inf)
        if self.removal is not None:
            for row, at in self.removal.departs_s.items():
                self._departs_s[row] = at

    @property
    def until_s(self) -> int:
        """Up to when uplinks have been made, epoch seconds."""
        return self._hour * HOUR_S

    def local_hour(self, farm: int, at_s: float) -> float:
        """Hour of the day on a farm, with its fraction."""
        return ((at_s + self._offset_s(farm, at_s)) / HOUR_S) % 24

    def next_hour(self) -> Uplinks:
        """What was heard in the next hour, in order of time."""
        hour_s, rng = self._hour * HOUR_S, stream(self.seed, "hour", self._hour)
        jitter = rng.integers(-JITTER_S, JITTER_S + 1, self.herd.tagged)
        at_s = (hour_s + self.tags.offset_s + jitter).astype(np.int64)
        sent = at_s < np.minimum(self.tags.silent_from_s, self._departs_s)
        self._out_until_s = radio.begin_outages(self._out_until_s, hour_s, rng)
        self._sequence = self._sequence + sent
        made, received = self._measured(at_s, rng)
        heard = sent & received.heard & (at_s >= self._out_until_s)
        self._hour += 1
        order = np.flatnonzero(heard)
        regular = made.where(order[np.argsort(at_s[order], kind="stable")])
        alarms = self._alarms(hour_s)
        return regular if alarms is None else regular.joined(alarms)

    def places(self, rows: Ints, at_s: float, farm: int) -> Floats:
        """Where `rows` of one farm are, metres from their pen's corner; NaN for one that is no longer in it."""
        hour = np.full(len(rows), self.local_hour(farm, at_s))
        places = self.moves.place(rows, np.full(len(rows), float(at_s)), hour)
        if self.removal is not None:
            for index, row in enumerate(rows.tolist()):
                if at_s >= self.removal.departs_s.get(row, np.inf):
                    there = self.removal.place(row, at_s)
                    places[index] = (np.nan, np.nan) if there is None else there - self.herd.corner[row]
        return places

    # -- inside ---------------------------------------------------------------------------------------------

    def _planned(self, scenario: Scenario, enrolment: Enrolment, live: datetime) -> Removal | None:
        if scenario.theft is None:
            return None
        zone = next(farm.zone for farm in self.herd.farms if farm.farm_id == scenario.theft.farm)
        begins = next_at(scenario.theft.begins, live, zone)
        return plan(scenario.theft, begins, enrolment, self.herd, self.moves, self.tags, self.seed)

    def _offset_s(self, farm: int, at_s: float) -> float:
        offset = datetime.fromtimestamp(at_s, UTC).astimezone(self.herd.farms[farm].zone).utcoffset()
        return 0.0 if offset is None else offset.total_seconds()

    def _measured(self, at_s: Ints, rng: np.random.Generator) -> tuple[Uplinks, radio.Received]:
        """What every tag would say at `at_s`, and how it came in."""
        herd, rows, when = self.herd, np.arange(self.herd.tagged), at_s.astype(np.float64)
        offsets = np.array([self._offset_s(farm, float(when[0])) for farm in range(len(herd.farms))])
        local_s = when + offsets[self._farm]
        hour = (local_s / HOUR_S) % 24
        fix = tag.fixes(self._fixes, rng)
        lat, lon = self._degrees(rows, herd.corner[rows] + self.moves.place(rows, when, hour) + fix.offset_m)
        useless = np.where(fix.is_missing, np.nan, 0.0)
        active = tag.activity(self.tags.activity, hour, rng)
        received = radio.receive(herd.to_gateway_m[rows], rng)
        made = Uplinks(
            row=rows, sequence=self._sequence, measured_s=at_s,
            lat=np.where(fix.is_null, 0.0, lat + useless), lon=np.where(fix.is_null, 0.0, lon + useless),
            fix_error_m=fix.error_m, steps=tag.steps(active, 1.0, rng), activity=active,
            ear_temp_c=tag.ear_temp_c(self.tags.core_c, self._weather.air_c(when, self._farm, local_s), rng),
            battery_pct=self._battery(rows, at_s), rssi_dbm=received.rssi_dbm, snr_db=received.snr_db,
            rumination_min=tag.rumination_min(active, rng),
        )  # fmt: skip
        return made, received

    def _degrees(self, rows: Ints, places: Floats) -> tuple[Floats, Floats]:
        lat, lon = np.empty(len(rows)), np.empty(len(rows))
        for number, farm in enumerate(self.herd.farms):
            own = self.herd.farm[rows] == number
            lat[own], lon[own] = farm.ground.lat_of(places[own, 1]), farm.ground.lon_of(places[own, 0])
        return lat, lon

    def _alarms(self, hour_s: int) -> Uplinks | None:
        """Motion-triggered reports in the hour from `hour_s`; confirmed, so none is lost."""
        every = self.removal.alarms if self.removal is not None else ()
        due = sorted((a for a in every if hour_s <= a.at_s < hour_s + HOUR_S), key=lambda a: a.at_s)
        return self._as_uplinks(due) if due else None

    def _as_uplinks(self, due: list[Alarm]) -> Uplinks:
        rows = np.array([alarm.row for alarm in due])
        when = np.array([alarm.at_s for alarm in due])
        sequence = []
        for row in rows:
            self._sequence[row] += 1
            sequence.append(self._sequence[row])
        rng = stream(self.seed, "alarms", int(when[0]))
        lat, lon = self._degrees(rows, np.array([(alarm.x_m, alarm.y_m) for alarm in due]))
        air = self._weather.air_c(
            when.astype(np.float64), self.herd.farm[rows], when + self._offset_s(0, float(when[0]))
        )
        received = radio.receive(self.herd.to_gateway_m[rows] + 200.0, rng)
        return Uplinks(
            row=rows, sequence=np.array(sequence), measured_s=when, lat=lat, lon=lon,
            fix_error_m=np.array([alarm.error_m for alarm in due]), steps=np.full(len(due), float(DRIVEN_STEPS)),
            activity=np.full(len(due), DRIVEN_ACTIVITY),
            ear_temp_c=tag.ear_temp_c(self.tags.core_c[rows], air, rng),
            battery_pct=self._battery(rows, when),
            rssi_dbm=received.rssi_dbm, snr_db=received.snr_db, rumination_min=np.zeros(len(due)),
        )  # fmt: skip

    def _battery(self, rows: Ints, when: Ints) -> Floats:
        days = (when - self._begin_s) / tag.DAY_S
        return np.clip(self.tags.battery_pct[rows] - days * self.tags.battery_loss[rows], 1.0, 100.0)
