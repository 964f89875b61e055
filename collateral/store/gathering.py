"""All that the rules see of a farm: what changes by the minute read each time, what changes by the hour kept a while."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import psycopg

from collateral.facts.herd import CameraState, HerdFacts
from collateral.model.herd import Farm
from collateral.model.ids import AnimalId, CameraId, FarmId
from collateral.store import facts, farm_deaths, farm_events, herd_series, inspections, reconciliations

REFRESH = timedelta(minutes=15)  # the roll-ups behind the columns are five minutes old at best
HOUR = timedelta(hours=1)


@dataclass(eq=False)
class Gatherer:
    """Gathers farm after farm, in the present or over the past. Keeps only what it can read again."""

    reader: herd_series.SeriesReader = field(default_factory=herd_series.SeriesReader)
    _kept: dict[FarmId, HerdFacts] = field(default_factory=dict)

    def gather(self, connection: psycopg.Connection, farm: Farm, as_of: datetime) -> HerdFacts:
        """What is known of `farm` as of `as_of` (aware), from what has been stored by now."""
        quick = facts.gather(connection, farm, as_of)
        kept = self._kept.get(farm.farm_id)
        if kept is None or not _still_good(kept, quick):
            kept = self._slow(connection, quick)
            self._kept[farm.farm_id] = kept
        series = kept.series and herd_series.with_new_tampering(connection, kept.series, _animals(quick), as_of)
        return replace(
            quick, series=series, climate=kept.climate, sightings=kept.sightings,
            counter_regressions=farm_events.counter_regressions(connection, farm.farm_id, as_of),
            checks=kept.checks, patrols=kept.patrols, outages=kept.outages,
            deaths=kept.deaths, inspections=inspections.closed(connection, farm.farm_id, as_of),
            cameras=_with_usual(quick.cameras, {c.camera_id: c.usual_share for c in kept.cameras}),
        )  # fmt: skip

    def _slow(self, connection: psycopg.Connection, quick: HerdFacts) -> HerdFacts:
        farm, as_of = quick.farm, quick.as_of
        return replace(
            quick, series=self.reader.read(connection, farm, _animals(quick), as_of),
            cameras=reconciliations.with_usual_shares(connection, quick.cameras, farm.farm_id, as_of),
            climate=herd_series.climate(connection, farm.farm_id, as_of),
            sightings=farm_events.sightings(connection, farm.farm_id, as_of),
            checks=farm_events.checks(connection, farm.farm_id, as_of),
            patrols=farm_events.patrols(connection, farm.farm_id, as_of),
            outages=farm_events.outages(connection, farm.farm_id, as_of),
            deaths=farm_deaths.deaths(connection, farm.farm_id, as_of),
        )  # fmt: skip


def _with_usual(cameras: tuple[CameraState, ...], usual: dict[CameraId, float | None]) -> tuple[CameraState, ...]:
    """The cameras with what they usually count of the head in their pens, as it was last learnt."""
    return tuple(replace(camera, usual_share=usual.get(camera.camera_id)) for camera in cameras)


def _still_good(kept: HerdFacts, quick: HerdFacts) -> bool:
    """Whether nothing slow can have changed: same animals, same hour, and read a short while before."""
    if not timedelta(0) <= quick.as_of - kept.as_of < REFRESH or _animals(kept) != _animals(quick):
        return False
    return _hour(kept.as_of) == _hour(quick.as_of)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _animals(picture: HerdFacts) -> tuple[AnimalId, ...]:
    return tuple(track.animal_id for track in picture.tracks)
