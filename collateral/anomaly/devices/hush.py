"""Which devices have gone quiet, and since when that means something."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collateral.anomaly.approved import left_with_leave
from collateral.facts.herd import CameraState, HerdFacts, Track
from collateral.model.ids import GatewayId

MONTH_S = 30 * 86_400.0
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceLimits:
    """`missed_intervals`: a device ticket after so many missed reports (domain 2.2), or as many more as it takes until
    chance, at `report_loss` of reports lost (domain 4.2), writes `false_tickets` a month for the whole herd [I].
    `gateway_share`: more of a
    gateway's tags silent than this is the gateway's matter (domain 2.2), from `gateway_sample` tags on [I].
    `blackout_orange_min`: minutes for which gateways and cameras are silent together (R14). `yellow_share`,
    `orange_share` of tags silent: coverage under 90 % and 80 % (R26)."""

    missed_intervals: int = 3
    report_loss: float = 0.05
    false_tickets: float = 0.1
    gateway_share: float = 0.30
    gateway_sample: int = 10
    blackout_orange_min: float = 60.0
    yellow_share: float = 0.10
    orange_share: float = 0.20

    def ticket_after(self, tags: int, interval_s: int) -> int:
        """How many missed reports in a row write a ticket in a herd of so many tags."""
        reports = max(1.0, tags * MONTH_S / interval_s)
        by_chance = math.ceil(math.log(self.false_tickets / reports) / math.log(self.report_loss))
        return max(self.missed_intervals, by_chance)


LIMITS = SilenceLimits()


def silent_tracks(facts: HerdFacts, limits: SilenceLimits = LIMITS) -> list[Track]:
    """The animals whose tags have missed their reports although somebody listened.

    Reports count as missed from when the gateway last came back, and up to where its backlog begins. Not those last
    heard outside their fence, nor those that left with leave: where they are is known.
    """
    cutoffs: dict[tuple[GatewayId | None, int], datetime] = {}
    found = []
    for track in facts.tracks:
        which = (track.gateway_id, track.interval_s)
        if which not in cutoffs:
            cutoffs[which] = _cutoff(facts, track, limits)
        if (track.last_seen_at or NEVER) < cutoffs[which] and not _excused(facts, track):
            found.append(track)
    return found


def silent_by_gateway(facts: HerdFacts, silent: list[Track]) -> dict[GatewayId, tuple[int, int]]:
    """Per gateway how many of its tags are silent, and how many it has."""
    all_tags = Counter(t.gateway_id for t in facts.tracks)
    quiet = Counter(t.gateway_id for t in silent)
    return {g.gateway_id: (quiet[g.gateway_id], all_tags[g.gateway_id]) for g in facts.gateways}


def silent_since(facts: HerdFacts, camera: CameraState) -> datetime | None:
    """Since when no picture has come, whatever could be counted in it; None while they come. A camera whose pictures
    the facts no longer hold has been silent for longer than they reach back."""
    if not camera.counts:
        return NEVER
    newest = camera.counts[-1].captured_at
    return newest if facts.as_of - newest > timedelta(seconds=2 * camera.interval_s) else None


def _cutoff(facts: HerdFacts, like: Track, limits: SilenceLimits) -> datetime:
    """A tag of this gateway and interval last heard before this is silent."""
    gateway, patience = like.gateway_id, timedelta(seconds=limits.missed_intervals * like.interval_s)
    until = facts.judged_until.get(gateway, facts.as_of) if gateway else facts.as_of
    back = max((o.ended_at for o in facts.outages if o.gateway_id == gateway), default=NEVER)
    return NEVER if back > until - patience else until - patience


def _excused(facts: HerdFacts, track: Track) -> bool:
    return track.is_outside or left_with_leave(facts, track.animal_id, track.last_seen_at or facts.as_of)
