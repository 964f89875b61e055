"""Facts of a simulated farm as of a moment, as `collateral.store.facts` would gather them: only what had arrived.

Asked with moments that do not go back. What has not changed since the last moment is the same object again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from bench.evaluation import delivery
from bench.evaluation.air import HOUR_S
from bench.evaluation.columns import Columns
from bench.evaluation.delivery import DRAIN_S, HEARTBEAT_S, WILL_S
from bench.evaluation.estate import VALUE_MINOR, gateway_id, tag_id
from bench.evaluation.sights import Sights
from bench.evaluation.world import DAY_S, Extra, Known, World, moment
from collateral.facts.events import Outage
from collateral.facts.herd import GatewayState, HerdFacts, Track
from collateral.facts.outside import BUFFER_M
from collateral.model.ids import TagId
from collateral.model.place import Position
from collateral.model.reading import Fix

FIXES = 10  # newest ones kept, as in collateral.store.facts
INTERVAL_S = 3_600
OUTAGES_KNOWN_S = 7 * DAY_S
MARGIN_M = 0.5  # fences are rounded to a centimetre; nearer to the line than this is left to the real geometry
DAYS_KNOWN = {"deaths": 14, "sightings": 1, "regressions": 1, "checks": 30, "inspections": 30, "patrols": 30}


class Gatherer:
    """One world's facts, moment after moment."""

    def __init__(self, world: World) -> None:
        self._world, self._estate = world, world.estate
        self._columns, self._sights = Columns(world), Sights(world)
        heard = np.flatnonzero(world.delivery.heard)
        arrives = world.delivery.arrives_s.reshape(-1)[heard]
        order = np.argsort(arrives, kind="stable")
        self._reports, self._arrivals, self._done = heard[order], arrives[order], 0
        self._extras = sorted(world.extras, key=lambda e: e.arrives_s)
        self._retags = sorted(world.retags)
        self._last_seen = np.full(world.estate.head, -np.inf)
        self._seen_at: list[datetime | None] = [None] * world.estate.head
        self._tags = [tag_id(world.estate, row) for row in range(world.estate.head)]
        self._fixes: list[tuple[Fix, ...]] = [()] * world.estate.head
        self._who = [self._static(row) for row in range(world.estate.head)]
        self._near = np.full((world.estate.head, 3), np.nan)  # newest fix: x, y, error
        self._tracks: list[Track] = [self._track(row) for row in range(world.estate.head)]
        self._gateways = [gateway_id(world.estate, g) for g in range(len(world.estate.herd.gateways))]
        self._all: tuple[Track, ...] = ()

    def facts(self, at_s: float) -> HerdFacts:
        """What is known as of `at_s`, epoch seconds."""
        world = self._world
        self._listen(at_s)
        here = np.flatnonzero(world.struck_s > at_s)
        everybody = len(here) == self._estate.head
        tracks = tuple(self._tracks) if everybody else tuple(self._tracks[row] for row in here)
        return HerdFacts(
            farm=self._estate.farm, as_of=moment(at_s), tracks=tracks, groups=(),
            gateways=tuple(self._gateway(number, at_s) for number in range(len(self._gateways))),
            cameras=self._sights.cameras(at_s), movements=self._movements(at_s),
            series=self._columns.series(at_s, None if everybody else here, self._last_seen),
            climate=self._columns.climate(at_s), deaths=self._deaths(at_s),
            sightings=self._known(world.sightings, "sightings", at_s, "heard_at"),
            counter_regressions=self._known(world.regressions, "regressions", at_s, "at"),
            checks=self._known(world.checks, "checks", at_s, "checked_at"),
            inspections=self._known(world.inspections, "inspections", at_s, "closed_at"),
            patrols=self._known(world.patrols, "patrols", at_s, "due_at"), outages=self._outages(at_s),
            lying=self._sights.lying(at_s),
        )  # fmt: skip

    def _listen(self, at_s: float) -> None:
        """Take in what has arrived since the last moment."""
        until = int(np.searchsorted(self._arrivals, at_s, side="right"))
        fresh = self._reports[self._done : until]
        self._done = until
        rows, columns = np.divmod(fresh, self._world.hours)
        touched: set[int] = set()
        if len(rows):
            self._columns.hear(rows, columns)
            measured = self._world.begins_s + HOUR_S * columns + self._estate.offset_s[rows]
            self._keep_reports(rows, columns, measured)
            touched.update(rows.tolist())
        while self._extras and self._extras[0].arrives_s <= at_s:
            touched.add(self._hear_extra(self._extras.pop(0)))
        while self._retags and self._retags[0][0] <= at_s:
            touched.add(self._retag(*self._retags.pop(0)))
        self._renew(touched)

    def _keep_reports(self, rows: np.ndarray, columns: np.ndarray, measured: np.ndarray) -> None:
        """Newest word and newest fixes of each animal."""
        fixes = self._world.fixes
        newest = self._last_seen.copy()
        np.maximum.at(newest, rows, measured)
        # Of a long silence only the newest reports can still matter.
        kept = (columns >= max(fixes.first, int(columns.max()) - 2 * FIXES)) | (measured >= newest[rows])
        rows, columns, measured = rows[kept], columns[kept], measured[kept]
        place = np.maximum(0, columns - fixes.first)
        x, y, error = (a[rows, place].astype(np.float64) for a in (fixes.x_m, fixes.y_m, fixes.error_m))
        known = ~np.isnan(x) & (columns >= fixes.first)
        ground = self._estate.ground
        told = zip(
            rows.tolist(), measured.tolist(), known.tolist(), x.tolist(), y.tolist(), error.tolist(),
            ground.lat_of(y).tolist(), ground.lon_of(x).tolist(), (measured >= newest[rows]).tolist(), strict=True,
        )  # fmt: skip
        for row, at_s, has_fix, x_m, y_m, error_m, lat, lon, is_newest in told:
            if not (has_fix or is_newest):
                continue
            at = moment(at_s)
            if is_newest:
                self._seen_at[row] = at
            if has_fix:
                self._keep(row, Fix(measured_at=at, position=Position(lat, lon), error_m=error_m), (x_m, y_m, error_m))
        self._last_seen = newest

    def _keep(self, row: int, fix: Fix, place: tuple[float, float, float]) -> None:
        kept = self._fixes[row]
        if kept and fix.measured_at < kept[-1].measured_at:
            self._fixes[row] = tuple(sorted((*kept, fix), key=lambda f: f.measured_at))[-FIXES:]
        else:
            self._fixes[row] = (*kept[1 - FIXES :], fix)
            self._near[row] = place

    def _hear_extra(self, extra: Extra) -> int:
        ground = self._estate.ground
        position = Position(ground.lat_of(extra.y_m), ground.lon_of(extra.x_m))
        fix = Fix(measured_at=moment(extra.at_s), position=position, error_m=extra.error_m)
        self._keep(extra.row, fix, (extra.x_m, extra.y_m, extra.error_m))
        if extra.at_s > self._last_seen[extra.row]:
            self._last_seen[extra.row], self._seen_at[extra.row] = extra.at_s, fix.measured_at
        if extra.tamper:
            self._columns.tampered(extra.row, self._world.column(extra.at_s))
        return extra.row

    def _retag(self, _: float, row: int) -> int:
        """A new tag: what the old one said is no longer this animal's last word."""
        self._tags[row] = TagId(f"{int(self._tags[row], 16) + (1 << 32):016x}")
        self._fixes[row] = ()
        self._last_seen[row], self._seen_at[row] = -np.inf, None
        self._near[row] = np.nan
        return row

    def _renew(self, touched: set[int]) -> None:
        if not touched:
            return
        inside = self._is_inside()
        for row in touched:
            track = self._tracks[row] = self._track(row)
            if inside[row]:
                # What the property would find; asking the real geometry for every quiet animal is most of a tick.
                vars(track)["outside_run"] = ()

    def _is_inside(self) -> np.ndarray:
        """Whose newest fix is plainly within its fence, buffer and error allowed for; also who has none."""
        low, high = self._estate.herd.corner, self._estate.herd.corner + self._estate.herd.size
        place = self._near[:, :2]
        beyond = np.maximum(0, np.maximum(low - place, place - high))
        distance = np.hypot(beyond[:, 0], beyond[:, 1])
        return np.isnan(distance) | (distance <= BUFFER_M + self._near[:, 2] - MARGIN_M)

    def _static(self, row: int) -> tuple[Any, ...]:
        farm = self._estate
        return (
            farm.animal(row), f"2130826{row:08}", farm.pens[farm.herd.pen[row]], self._world.loan_of(row),
            gateway_id(farm, farm.herd.gateway[row]),
        )  # fmt: skip

    def _track(self, row: int) -> Track:
        animal, identity, pen, loan, gateway = self._who[row]
        seen = self._seen_at[row]
        return Track(
            animal, identity, self._tags[row], pen, loan, VALUE_MINOR, INTERVAL_S, gateway if seen else None, seen,
            self._fixes[row],
        )  # fmt: skip

    def _gateway(self, number: int, at_s: float) -> GatewayState:
        beat = at_s - (at_s + 37 * number) % HEARTBEAT_S
        down, back, backlog = _standing(self._world.outages, number, at_s)
        offline = down is not None and at_s >= down + WILL_S
        if down is not None:
            beat = down + WILL_S if offline else down - (down + 37 * number) % HEARTBEAT_S
        elif back is not None:
            beat = max(beat, back)
        return GatewayState(
            gateway_id=self._gateways[number], heartbeat_s=HEARTBEAT_S, last_heard_at=moment(beat),
            said_offline=offline, oldest_unsent_at=None if backlog is None else moment(backlog),
        )  # fmt: skip

    def _outages(self, at_s: float) -> tuple[Outage, ...]:
        """Those of an hour or longer that have ended within the week."""
        return tuple(
            Outage(
                gateway_id=self._gateways[o.gateway], began_at=moment(o.start_s), ended_at=moment(o.end_s),
                counts_before=self._sights.before(o.gateway, o.start_s),
            )
            for o in self._world.outages
            if o.end_s <= at_s < o.end_s + OUTAGES_KNOWN_S and o.end_s - o.start_s >= HOUR_S
        )  # fmt: skip

    def _movements(self, at_s: float) -> tuple[Any, ...]:
        """The newest version of each."""
        now = moment(at_s)
        newest = {k.thing.movement_id: k.thing for k in self._world.movements if k.known_s <= at_s}
        return tuple(m for m in newest.values() if m.start <= now and m.end >= now - timedelta(days=14))

    def _deaths(self, at_s: float) -> tuple[Any, ...]:
        """The newest version of each report."""
        newest = {k.thing.animal_id: k.thing for k in self._world.deaths if k.known_s <= at_s}
        since = moment(at_s) - timedelta(days=DAYS_KNOWN["deaths"])
        return tuple(death for death in newest.values() if death.died_at >= since)

    def _known(self, told: list[Known], kind: str, at_s: float, when: str) -> tuple[Any, ...]:
        if not told:
            return ()
        since = moment(at_s) - timedelta(days=DAYS_KNOWN[kind])
        return tuple(k.thing for k in told if k.known_s <= at_s and getattr(k.thing, when) >= since)


def _standing(
    outages: list[delivery.Outage], gateway: int, at_s: float
) -> tuple[float | None, float | None, float | None]:
    """Since when a gateway is down, when it came back last, and since when its readings still wait."""
    down = back = backlog = None
    for outage in outages:
        if outage.gateway != gateway or outage.start_s > at_s:
            continue
        if at_s < outage.end_s:
            down = outage.start_s if down is None else min(down, outage.start_s)
        else:
            back = max(back or 0.0, outage.end_s)
            if not outage.power and at_s < outage.end_s + DRAIN_S:
                backlog = outage.start_s
    return down, back, backlog
