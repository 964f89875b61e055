"""One tag in two places, or one that counts backwards: a copy, or a recording that is played (R9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from collateral.facts.events import TagSighting
from collateral.facts.geometry import metres_between
from collateral.facts.herd import HerdFacts, Track
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId, TagId


@dataclass(frozen=True, slots=True, kw_only=True)
class TagClonedLimits:
    """`faster_kmh`: no lorry is (R9). `apart_km`: gateways nearer than this may hear one uplink both; LoRa reaches some
    15 km over open land [I]. `clock_min`: so far may the clocks of two gateways disagree. `at_once`: so many counters
    that go back within `at_once_min` minutes are a server that lost its state, and no clones [I]."""

    faster_kmh: float = 120.0
    apart_km: float = 20.0
    clock_min: float = 5.0
    at_once: int = 10
    at_once_min: float = 60.0


LIMITS = TagClonedLimits()


@dataclass(frozen=True, slots=True)
class _Sign:
    """Why a tag is thought to exist twice: from when, and what shows it."""

    at: datetime
    particulars: dict[str, Any]


def tag_cloned(facts: HerdFacts, limits: TagClonedLimits = LIMITS) -> list[Finding]:
    """A tag heard in two places faster than any lorry drives, or whose frame counter went back without a join.

    Cause: a copied tag, a recorded uplink that is played again, one RFID on two animals. Denominator: tagged pledged
    head of the loan. Window: one day. Minimum sample: two sightings at gateways 20 km apart, five minutes of their
    clocks allowed for; or one counter that went back. Suppressed: counters that go back in ten tags within the hour,
    which is a network server that lost its state (yellow then). Source: R9.
    """
    signs = _in_two_places(facts, limits)
    back, is_server = _counting_back(facts, limits)
    for tag, sign in back.items():
        signs.setdefault(tag, sign)
    of_loan: dict[LoanId, list[tuple[Track, _Sign]]] = {}
    for track in facts.tracks if signs else ():
        if track.loan_id and track.tag_id in signs:
            of_loan.setdefault(track.loan_id, []).append((track, signs[track.tag_id]))
    return [_finding(facts, loan, cloned, is_server=is_server) for loan, cloned in sorted(of_loan.items())]


def _in_two_places(facts: HerdFacts, limits: TagClonedLimits) -> dict[TagId, _Sign]:
    by_tag: dict[TagId, list[TagSighting]] = {}
    for sighting in sorted(facts.sightings, key=lambda s: s.heard_at):
        by_tag.setdefault(sighting.tag_id, []).append(sighting)
    found = {}
    for tag, heard in by_tag.items():
        sign = next((s for a, b in pairwise(heard) if (s := _impossible(a, b, limits))), None)
        if sign:
            found[tag] = sign
    return found


def _impossible(a: TagSighting, b: TagSighting, limits: TagClonedLimits) -> _Sign | None:
    """The way from one gateway to the next, if nothing on the road makes it in the time, clocks allowed for."""
    km = metres_between(a.position, b.position) / 1000
    hours = (b.heard_at - a.heard_at + timedelta(minutes=limits.clock_min)) / timedelta(hours=1)
    if a.gateway_id == b.gateway_id or km < limits.apart_km or km / hours <= limits.faster_kmh:
        return None
    particulars = {
        "gateways": [a.gateway_id, b.gateway_id], "farms": sorted({a.farm_id, b.farm_id}), "km": round(km, 1),
        "minutes": round((b.heard_at - a.heard_at) / timedelta(minutes=1), 1), "at_least_kmh": round(km / hours),
    }  # fmt: skip
    return _Sign(b.heard_at, particulars)


def _counting_back(facts: HerdFacts, limits: TagClonedLimits) -> tuple[dict[TagId, _Sign], bool]:
    """Tags whose counter went back, and whether so many did at once that it is the server's doing."""
    back = sorted(facts.counter_regressions, key=lambda r: r.at)
    within = timedelta(minutes=limits.at_once_min)
    is_server = any(b.at - a.at <= within for a, b in zip(back, back[limits.at_once - 1 :], strict=False))
    return {r.tag_id: _Sign(r.at, {"counter_before": r.before, "counter_after": r.after}) for r in back}, is_server


def _finding(facts: HerdFacts, loan: LoanId, cloned: list[tuple[Track, _Sign]], *, is_server: bool) -> Finding:
    places = sum("km" in sign.particulars for _, sign in cloned)
    since = min(sign.at for _, sign in cloned)
    first = [{"tag": track.tag_id, **sign.particulars} for track, sign in cloned]
    figures = {"tags": len(cloned), "in_two_places": places, "counter_back": len(cloned) - places}
    testimonies = [Testimony(witness=Witness.TAG, since=since, particulars={**figures, "signs": first})]
    if places:
        heard = min(sign.at for _, sign in cloned if "km" in sign.particulars)
        gateways = sorted({g for _, s in cloned for g in s.particulars.get("gateways", ())})
        testimonies.append(Testimony(witness=Witness.GATEWAY, since=heard, particulars={"gateways": gateways}))
    return Finding(
        rule="tag_cloned", severity=Severity.YELLOW if is_server and not places else Severity.ORANGE,
        farm_id=facts.farm.farm_id, loan_id=loan, subject=loan, as_of=facts.as_of, since=since,
        animals=tuple(track.animal_id for track, _ in cloned), testimonies=tuple(testimonies), figures=figures,
    )  # fmt: skip
