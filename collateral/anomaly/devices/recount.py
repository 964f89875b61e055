"""After a blackout: what was there before, what is there now, and a recount within a day (R14)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from collateral.anomaly.approved import left_with_leave
from collateral.facts.events import Outage
from collateral.facts.herd import POSITIVE_WITHIN, HerdFacts, Track
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.herd import CameraCount
from collateral.model.ids import GatewayId, LoanId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountLimits:
    """`lasted_min`: a shorter outage hides little (R14). `recount_h`: hours in which to recount (R14). `share`,
    `least`: so many head fewer than before are graver, the size of a group that is driven off (R2). `yellow_share`: a
    shortage worth a visit (R3). `reports`: a tag
    has had so many chances to report before it counts as gone (domain 2.2). `counts`: pictures that a camera must have
    counted since [I]."""

    lasted_min: float = 60.0
    recount_h: float = 24.0
    share: float = 0.03
    yellow_share: float = 0.02
    least: int = 3
    reports: int = 3
    counts: int = 3


LIMITS = RecountLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """Tags of one loan under the gateways that are back: heard in the day before, heard since, and those not heard
    although they have had the chance."""

    outages: tuple[Outage, ...]
    before: int
    since: int
    missing: tuple[Track, ...]

    @property
    def began_at(self) -> datetime:
        return min(o.began_at for o in self.outages)

    @property
    def ended_at(self) -> datetime:
        return max(o.ended_at for o in self.outages)


def recount_after_blackout(facts: HerdFacts, limits: RecountLimits = LIMITS) -> list[Finding]:
    """A gateway is back after an hour or more of silence: the herd must be counted, and is compared with before.

    Cause: power cut, or a blackout that hid a movement. Denominator: pledged tags heard by the gateway in the day
    before. Window: from the return to the next count session. Minimum sample: an outage of 60 minutes; a tag counts as
    missing after three of its own reports. Suppressed: once a count session of the loan was closed after the return, or
    24 hours have passed and every tag has been heard again; approved movements. Blue asks for the recount; yellow when
    2 % are missing, or some still are after 24 hours; orange when 3 % and three head are missing. Source: R14,
    with the levels of R3 and R2.
    """
    outages = [o for o in facts.outages if o.lasted >= timedelta(minutes=limits.lasted_min)]
    findings = []
    for loan in facts.loans if outages else ():
        open_ones = tuple(o for o in outages if not _recounted(facts, loan, o))
        compared = _compare(facts, loan, open_ones, limits) if open_ones else None
        if compared and compared.before and not _counted_by_tags(facts, compared, limits):
            findings.append(_finding(facts, loan, compared, limits))
    return findings


def _counted_by_tags(facts: HerdFacts, compared: _Compared, limits: RecountLimits) -> bool:
    """Whether every tag has been heard again by when the recount was due: then there is nothing left to prove."""
    return compared.since == compared.before and facts.as_of > compared.ended_at + timedelta(hours=limits.recount_h)


def _recounted(facts: HerdFacts, loan: LoanId, outage: Outage) -> bool:
    return any(s.loan_id == loan and s.passed and s.opened_at >= outage.ended_at for s in facts.inspections)


def _compare(facts: HerdFacts, loan: LoanId, outages: tuple[Outage, ...], limits: RecountLimits) -> _Compared | None:
    newest: dict[GatewayId, Outage] = {o.gateway_id: o for o in sorted(outages, key=lambda o: o.ended_at)}
    before, since, missing = 0, 0, []
    for track in facts.of_loan[loan]:
        outage = newest.get(track.gateway_id) if track.gateway_id else None
        seen = track.last_seen_at
        if outage is None or seen is None or seen < outage.began_at - POSITIVE_WITHIN:
            continue
        before += 1
        heard = seen >= outage.ended_at and not track.is_outside
        since += heard
        if (
            not heard
            and _had_its_chance(facts, track, outage, limits)
            and not left_with_leave(facts, track.animal_id, seen)
        ):
            missing.append(track)
    used = tuple(o for o in newest.values() if any(t.gateway_id == o.gateway_id for t in facts.of_loan[loan]))
    return _Compared(outages=used, before=before, since=since, missing=tuple(missing)) if used else None


def _had_its_chance(facts: HerdFacts, track: Track, outage: Outage, limits: RecountLimits) -> bool:
    """Whether the gateway has listened for as long as a tag may be quiet, its backlog left out."""
    until = facts.judged_until.get(outage.gateway_id, facts.as_of)
    return track.is_outside or until - outage.ended_at >= timedelta(seconds=limits.reports * track.interval_s)


def _finding(facts: HerdFacts, loan: LoanId, compared: _Compared, limits: RecountLimits) -> Finding:
    missing, due = len(compared.missing), compared.ended_at + timedelta(hours=limits.recount_h)
    group = missing >= max(limits.least, math.ceil(limits.share * compared.before))
    late = facts.as_of > due
    short = missing >= limits.yellow_share * compared.before
    severity = Severity.ORANGE if group else Severity.YELLOW if missing and (short or late) else Severity.BLUE
    figures = {
        "before": compared.before, "after": compared.before - missing, "heard_since": compared.since,
        "missing": missing, "dark_from": compared.began_at.isoformat(), "dark_until": compared.ended_at.isoformat(),
        "recount_due_at": due.isoformat(), "recount_overdue": late,
    }  # fmt: skip
    gateways = sorted(o.gateway_id for o in compared.outages)
    tags = {"before": compared.before, "heard_since": compared.since, "missing": missing}
    return Finding(
        rule="recount_after_blackout", severity=severity, farm_id=facts.farm.farm_id, loan_id=loan,
        subject=",".join(gateways), as_of=facts.as_of, since=compared.began_at,
        animals=tuple(t.animal_id for t in compared.missing),
        testimonies=(
            Testimony(witness=Witness.GATEWAY, since=compared.began_at, particulars={"gateways": gateways}),
            Testimony(witness=Witness.TAG, since=compared.ended_at, particulars=tags),
            *_cameras_say(facts, loan, compared, limits),
        ),
        figures=figures,
    )  # fmt: skip


def _cameras_say(facts: HerdFacts, loan: LoanId, compared: _Compared, limits: RecountLimits) -> Iterable[Testimony]:
    """Each camera's count before the outage, and the median of its first counts since."""
    before = {c.camera_id: c for o in compared.outages for c in o.counts_before if c.count is not None}
    pens = {t.pen.pen_id for t in facts.of_loan[loan]} | {g.pen.pen_id for g in facts.groups if g.loan_id == loan}
    for camera in facts.cameras:
        since = [c for c in camera.counts if c.count is not None and c.captured_at >= compared.ended_at]
        earlier = before.get(camera.camera_id)
        if camera.pen_id not in pens or earlier is None or len(since) < limits.counts:
            continue
        particulars = {
            "camera": camera.camera_id, "pen": camera.pen_id, "before": _best(earlier),
            "after": median(_best(c) for c in since), "frames": [earlier.frame_sha256, since[-1].frame_sha256],
        }  # fmt: skip
        yield Testimony(witness=Witness.CAMERA, since=since[limits.counts - 1].captured_at, particulars=particulars)


def _best(count: CameraCount) -> int:
    return count.count.best if count.count else 0
