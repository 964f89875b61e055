"""Plays the world to the gateways: the history as fast as they take it, then the present by the shared clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from collateral.contract.enrolment import CameraEnrolled, Enrolment
from collateral.contract.messages import MOST_READINGS, LocalFrame
from collateral.ops.clock import Clock
from collateral.ops.logs import logger
from firmware_sim.camera import Lens, phase_s
from firmware_sim.events import Happening, happenings
from firmware_sim.link import Link
from firmware_sim.truth import Truth
from firmware_sim.uplinks import Uplinks
from firmware_sim.world import HOUR_S, World

TICK = timedelta(seconds=20)  # event time between two looks at the world
LATE_S = 60  # older than this, an uplink says itself when it was heard
MOST_PENDING = 24  # messages per gateway that history runs ahead of the slowest
HISTORY_PICTURE_HOUR = 10.0  # local
REPORT_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When the play begins, goes live and ends (None: never), and for how many days back there are pictures."""

    begin: datetime
    live: datetime
    until: datetime | None
    picture_days: int = 3


class Play:
    """One play of one world; `stop` ends it early."""

    def __init__(
        self, world: World, enrolment: Enrolment, links: Mapping[str, Link], lens: Lens, truth: Truth, plan: Plan,
        clock: Clock, stop: threading.Event,
    ) -> None:  # fmt: skip
        self._world, self._links, self._lens, self._truth = world, links, lens, truth
        self._plan, self._clock, self._stop = plan, clock, stop
        self._live_s = plan.live.timestamp()
        self._phase = {c.camera_id: phase_s(c, n, len(enrolment.cameras)) for n, c in enumerate(enrolment.cameras)}
        self._cameras = enrolment.cameras
        self._shot_at = {camera.camera_id: self._slot(camera, self._live_s) for camera in enrolment.cameras}
        self._coming: list[Happening] = happenings(world)
        self._rest: Uplinks | None = None
        self._reported_s = 0.0

    def run(self) -> None:
        """History, then the present, then wait until every gateway has kept everything."""
        self._history()
        self._report("live", force=True)
        while not self._stop.is_set():
            now = self._clock.now()
            ends = self._plan.until is not None and now >= self._plan.until
            self._live(min(now, self._plan.until) if self._plan.until else now)
            if ends:
                break
            self._clock.sleep_until(now + TICK, self._stop)
        self._settle()

    # -- history --------------------------------------------------------------------------------------------

    def _history(self) -> None:
        """Hour by hour in order of time, no gateway far ahead of another."""
        batches: dict[str, Uplinks] = {}
        begun_s, begin = time.monotonic(), self._world.until_s
        while self._world.until_s < self._live_s and not self._stop.is_set():
            hour_s = self._world.until_s
            heard = self._world.next_hour()
            past = heard.measured_s < self._live_s
            self._rest = heard.where(~past) if not past.all() else None
            self._truth.publish(heard.where(past), self._world.herd.tags)
            self._batch(heard.where(past), batches)
            self._old_pictures(hour_s)
            self._wait_for_gateways()
            self._report("history", day=(hour_s - begin) // 86_400 + 1)
        for gateway, batch in batches.items():
            self._hand_over(gateway, batch, stamped=True)
        logger().info("history_played", readings=self._truth.readings, took_s=round(time.monotonic() - begun_s, 1))

    def _batch(self, heard: Uplinks, batches: dict[str, Uplinks]) -> None:
        """Hand over full batches; what is left waits for the next hour."""
        for gateway, mine in self._by_gateway(heard):
            waiting = batches[gateway].joined(mine) if gateway in batches else mine
            full = len(waiting) - len(waiting) % MOST_READINGS
            if full:
                self._hand_over(gateway, waiting.where(np.arange(full)), stamped=True)
            batches[gateway] = waiting.where(np.arange(full, len(waiting)))

    def _old_pictures(self, hour_s: int) -> None:
        """One picture per camera at about ten in the morning, on the last days."""
        if hour_s < self._live_s - self._plan.picture_days * 86_400:
            return
        for camera in self._cameras:
            pen = self._world.herd.pen_named(camera.pen_id)
            at_s = hour_s + self._phase[camera.camera_id]
            if int(self._world.local_hour(pen.farm, hour_s)) == int(HISTORY_PICTURE_HOUR) and at_s < self._live_s:
                self._picture(camera, at_s)

    def _wait_for_gateways(self) -> None:
        for link in self._links.values():
            while not self._stop.is_set() and not link.wait_below(MOST_PENDING, 1.0):
                self._report("history", waits_for=link.gateway)

    # -- the present ----------------------------------------------------------------------------------------

    def _live(self, now: datetime) -> None:
        """Hand over what has become due by `now`."""
        self._report("live")  # first, so that what a gateway has had a tick's time to keep does not count as pending
        now_s = now.timestamp()
        while self._world.until_s <= now_s:
            hour = self._world.next_hour()
            self._rest = hour if self._rest is None else self._rest.joined(hour)
        if self._rest is not None:
            due = self._rest.measured_s <= now_s
            self._say(self._rest.where(due), now_s)
            self._rest = self._rest.where(~due)
        self._pictures(now_s)
        while self._coming and self._coming[0].at_s <= now_s:
            happening = self._coming.pop(0)
            self._truth.event(happening.name, happening.at_s, **happening.particulars)

    def _say(self, due: Uplinks, now_s: float) -> None:
        self._truth.publish(due, self._world.herd.tags)
        late = due.measured_s < now_s - LATE_S
        for part, stamped in ((due.where(late), True), (due.where(~late), False)):
            for gateway, mine in self._by_gateway(part):
                self._hand_over(gateway, mine, stamped=stamped)

    def _pictures(self, now_s: float) -> None:
        """Each camera's newest picture that is due; a play that lags does not draw the ones it missed."""
        for camera in self._cameras:
            slot = self._slot(camera, now_s)
            if slot > self._shot_at[camera.camera_id]:
                self._shot_at[camera.camera_id] = slot
                self._picture(camera, slot)

    def _slot(self, camera: CameraEnrolled, now_s: float) -> int:
        phase = self._phase[camera.camera_id]
        return int((now_s - phase) // camera.interval_s) * camera.interval_s + phase

    # -- both -----------------------------------------------------------------------------------------------

    def _picture(self, camera: CameraEnrolled, at_s: int) -> None:
        shot = self._lens.shoot(camera, self._world.herd.pen_named(camera.pen_id), at_s)
        self._truth.picture(shot)
        frame = LocalFrame(
            camera=camera.camera_id, sequence=shot.sequence, captured_at=shot.captured_at, jpeg=shot.jpeg,
            species=shot.species, scene=shot.scene,
        )  # fmt: skip
        if camera.gateway_id in self._links:
            self._links[camera.gateway_id].hand_over(frame=frame)

    def _by_gateway(self, uplinks: Uplinks) -> list[tuple[str, Uplinks]]:
        herd = self._world.herd
        gateway = herd.gateway[uplinks.row]
        return [(herd.gateways[n], uplinks.where(gateway == n)) for n in np.unique(gateway).tolist()]

    def _hand_over(self, gateway: str, uplinks: Uplinks, *, stamped: bool) -> None:
        messages = uplinks.messages(self._world.herd.tags, stamped=stamped)
        for first in range(0, len(messages), MOST_READINGS):
            self._links[gateway].hand_over(readings=messages[first : first + MOST_READINGS])

    def _settle(self) -> None:
        """Wait until every gateway has everything on its disk."""
        for link in self._links.values():
            while not self._stop.is_set() and not link.wait_below(1, 1.0):
                self._report("live", waits_for=link.gateway)
        if not self._stop.is_set():
            self._report("done", force=True)

    def _report(self, phase: str, *, force: bool = False, **particulars: object) -> None:
        """Say how far it is, once a second at most (`play.json`), history also in the log."""
        now_s = time.monotonic()
        if not force and now_s - self._reported_s < REPORT_EVERY_S:
            return
        self._reported_s = now_s
        at = self._clock.now() if phase != "history" else datetime.fromtimestamp(self._world.until_s, UTC)
        pending = sum(link.pending for link in self._links.values())
        self._truth.progress(phase, at, pending=pending, live_from=self._plan.live.isoformat(), **particulars)
        if phase == "history" or force:
            logger().info(f"play_{phase}", published=self._truth.readings, pending=pending, **particulars)


def begin_of(live: datetime, days: float) -> datetime:
    """The whole hour at which a history of `days` before `live` begins."""
    begin_s = (live - timedelta(days=days)).timestamp() // HOUR_S * HOUR_S
    return datetime.fromtimestamp(begin_s, UTC)
