"""Which animals of a pen went together: those that crossed the fence, and those whose tags fell silent at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.anomaly.approved import left_with_leave
from collateral.anomaly.devices.hush import LIMITS as SILENCE
from collateral.anomaly.devices.hush import silent_by_gateway, silent_tracks
from collateral.anomaly.removal.left_fence import crossed_at
from collateral.facts.herd import HerdFacts, Track
from collateral.model.ids import LoanId, PenId

GAPS_PER_ANIMAL_DAY = 0.11  # of good tags; their median is 4 h, so most outlast three hourly reports (anomaly.md)
CHANCE_PER_HEAD = 1e-6  # in a pen and hour: 0.05 false groups per 1,000 animal-days, a quarter of the bound [I]
HEARD_SHARE = 0.5  # a gateway that hears fewer of its tags is itself in doubt [I]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """One animal that went. `began_at`: first fix outside, or when it was last heard. `went_at`: what is compared
    with the others'. `certain_at`: when that could be known."""

    track: Track
    began_at: datetime
    went_at: datetime
    certain_at: datetime
    is_silent: bool


def gone_by_pen(facts: HerdFacts, within: timedelta) -> dict[tuple[LoanId, PenId], list[Gone]]:
    """The pledged animals that went without leave, by loan and pen, in the order in which they went."""
    found: dict[tuple[LoanId, PenId], list[Gone]] = {}
    for one in (*_left(facts, within), *_fell_silent(facts)):
        if one.track.loan_id:
            found.setdefault((one.track.loan_id, one.track.pen.pen_id), []).append(one)
    return {which: sorted(animals, key=lambda g: g.went_at) for which, animals in sorted(found.items())}


def together(gone: list[Gone], within: timedelta) -> list[Gone]:
    """The largest set that went within one window; `gone` in order of `went_at`."""
    best: list[Gone] = []
    first = 0
    for last, one in enumerate(gone):
        while one.went_at - gone[first].went_at > within:
            first += 1
        if last + 1 - first > len(best):
            best = gone[first : last + 1]
    return best


def beyond_chance(head: int, within: timedelta, failing_a_day: int = 0) -> int:
    """How many of `head` tags must fall silent within one window before broken tags no longer explain it.

    Tags fail one by one, so their number is Poisson, with the rate of real ones and of those of this herd that have
    lately failed on top.
    """
    expected = (head * GAPS_PER_ANIMAL_DAY + failing_a_day) * (within / timedelta(days=1))
    at_least, number, term = 1.0, 0, math.exp(-expected)
    while at_least > CHANCE_PER_HEAD * head:
        at_least -= term
        number += 1
        term *= expected / number
    return number


def _long_out(track: Track, within: timedelta) -> bool:
    """Whether it has been outside for as long as its fixes reach back: when it left, and with whom, is not known."""
    first = track.outside_run[0]
    return first is track.fixes[0] and track.outside_run[-1].measured_at - first.measured_at > within


def _left(facts: HerdFacts, within: timedelta) -> list[Gone]:
    found = []
    for track in (t for herd in facts.of_loan.values() for t in herd if t.is_outside):
        began, crossed = track.outside_run[0].measured_at, crossed_at(track).measured_at
        if not _long_out(track, within) and not left_with_leave(facts, track.animal_id, crossed):
            found.append(Gone(track=track, began_at=began, went_at=crossed, certain_at=crossed, is_silent=False))
    return found


def _in_an_outage(facts: HerdFacts, track: Track, heard_at: datetime) -> bool:
    """Whether its next report would have fallen into an outage of its gateway: when it went then nobody knows, and the
    recount asks for it."""
    return any(
        o.gateway_id == track.gateway_id and o.began_at - timedelta(seconds=track.interval_s) <= heard_at < o.ended_at
        for o in facts.outages
    )


def _fell_silent(facts: HerdFacts) -> list[Gone]:
    """Tags that fell silent while their gateway goes on hearing others."""
    quiet = silent_tracks(facts)
    deaf = {
        gateway
        for gateway, (silent, tags) in silent_by_gateway(facts, quiet).items()
        if tags - silent < HEARD_SHARE * tags
    }
    found = []
    for track in quiet:
        if track.last_seen_at is None or track.gateway_id in deaf or track.gateway_id in facts.silent_gateways:
            continue
        if _in_an_outage(facts, track, track.last_seen_at):
            continue
        certain = track.last_seen_at + SILENCE.missed_intervals * timedelta(seconds=track.interval_s)
        found.append(
            Gone(
                track=track, began_at=track.last_seen_at, went_at=track.last_seen_at, certain_at=certain, is_silent=True
            )
        )
    return found
