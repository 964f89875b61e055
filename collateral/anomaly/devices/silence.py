"""Things that have gone quiet: tags, gateways, whole farms. The larger silence explains the smaller ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collateral.facts.herd import HerdFacts, Track
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import GatewayId, LoanId


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceLimits:
    """`missed_intervals`: a device ticket after so many missed reports (domain 2.2). `gateway_share`: more of a
    gateway's tags silent than this is the gateway's matter (domain 2.2), from `gateway_sample` tags on [I].
    `blackout_orange_min`: minutes of a farm's silence (R14). `yellow_share`, `orange_share` of tags silent: coverage
    under 90 % and 80 % (R26)."""

    missed_intervals: int = 3
    gateway_share: float = 0.30
    gateway_sample: int = 10
    blackout_orange_min: float = 60.0
    yellow_share: float = 0.10
    orange_share: float = 0.20


LIMITS = SilenceLimits()


def tag_silence(facts: HerdFacts, limits: SilenceLimits = LIMITS) -> list[Finding]:
    """Tags of a loan that have missed three reports.

    Cause: flat battery, lost or broken tag, animal out of reach. Denominator: tagged pledged head of the loan.
    Window: three of the tag's own intervals. Minimum sample: one tag. Suppressed: tags whose gateway is silent,
    struggling or behind with its backlog, tags last heard outside their fence, approved movements.
    Source: domain 2.2 (hierarchical silence) and R26 (levels by coverage).
    """
    hushed = facts.silent_gateways | {g for g, _ in _struggling(facts, limits)}
    findings = []
    for loan in facts.loans:
        tagged = [t for t in facts.of_loan[loan] if t.tag_id]
        silent = [t for t in tagged if _is_silent(facts, t, limits) and t.gateway_id not in hushed]
        if silent:
            findings.append(_tags_finding(facts, loan, silent, len(tagged), limits))
    return findings


def gateway_silence(facts: HerdFacts, limits: SilenceLimits = LIMITS) -> list[Finding]:
    """A gateway that has missed two heartbeats or said goodbye, or most of whose tags are silent.

    Cause: power, network, hardware, sabotage. Denominator: the farm's gateways. Window: two heartbeats.
    Minimum sample: one gateway (ten tags for the second form). Suppressed: when the whole farm is silent.
    Source: R14 and domain 2.2.
    """
    if _is_blackout(facts):
        return []
    matters = dict.fromkeys(facts.silent_gateways, 0.0) | dict(_struggling(facts, limits))
    if not matters:
        return []
    return [_gateways_finding(facts, loan, matters) for loan in _loans_heard_by(facts, set(matters))]


def farm_blackout(facts: HerdFacts, limits: SilenceLimits = LIMITS) -> list[Finding]:
    """Every gateway of a farm is silent.

    Cause: power cut, cut line, or a blackout to hide a movement. Denominator: all gateways of the farm.
    Window: two heartbeats; orange from 60 minutes on. Minimum sample: one gateway. Suppressed: never.
    Source: R14.
    """
    if not _is_blackout(facts):
        return []
    heard = [g.last_heard_at for g in facts.gateways if g.last_heard_at]
    since = max(heard) if heard else facts.as_of
    severity = (
        Severity.ORANGE if facts.as_of - since >= timedelta(minutes=limits.blackout_orange_min) else Severity.YELLOW
    )
    loans: list[LoanId | None] = [*facts.loans] or [None]
    return [
        Finding(
            rule="farm_blackout", severity=severity, farm_id=facts.farm.farm_id, loan_id=loan,
            subject=facts.farm.farm_id, as_of=facts.as_of, since=since,
            testimonies=(_gateways_say(since, {"silent": len(facts.gateways)}),),
            figures={"gateways": len(facts.gateways)},
        )
        for loan in loans
    ]  # fmt: skip


def _is_silent(facts: HerdFacts, track: Track, limits: SilenceLimits) -> bool:
    if track.is_outside or facts.may_leave(track.animal_id):
        return False
    if track.last_seen_at is None:
        return True
    until = facts.judged_until.get(track.gateway_id, facts.as_of) if track.gateway_id else facts.as_of
    return until - track.last_seen_at > timedelta(seconds=limits.missed_intervals * track.interval_s)


def _struggling(facts: HerdFacts, limits: SilenceLimits) -> list[tuple[GatewayId, float]]:
    """Gateways that answer although too many of their tags do not, with the silent share."""
    heard_by: dict[GatewayId | None, list[Track]] = {}
    for track in facts.tracks:
        heard_by.setdefault(track.gateway_id, []).append(track)
    found = []
    for gateway in facts.gateways:
        own = heard_by.get(gateway.gateway_id, [])
        share = sum(_is_silent(facts, t, limits) for t in own) / len(own) if own else 0.0
        if (
            len(own) >= limits.gateway_sample
            and share > limits.gateway_share
            and gateway.gateway_id not in facts.silent_gateways
        ):
            found.append((gateway.gateway_id, share))
    return found


def _is_blackout(facts: HerdFacts) -> bool:
    return bool(facts.gateways) and len(facts.silent_gateways) == len(facts.gateways)


def _loans_heard_by(facts: HerdFacts, gateways: set[GatewayId]) -> list[LoanId | None]:
    loans = {t.loan_id for t in facts.tracks if t.gateway_id in gateways and t.loan_id}
    return [*sorted(loans)] or [None]


def _tags_finding(facts: HerdFacts, loan: LoanId, silent: list[Track], tagged: int, limits: SilenceLimits) -> Finding:
    share = len(silent) / tagged
    severity = (
        Severity.ORANGE
        if share > limits.orange_share
        else Severity.YELLOW
        if share > limits.yellow_share
        else Severity.BLUE
    )
    since = max((t.last_seen_at for t in silent if t.last_seen_at), default=facts.as_of)
    figures = {"silent": len(silent), "tagged": tagged, "share": round(share, 4)}
    return Finding(
        rule="tag_silence", severity=severity, farm_id=facts.farm.farm_id, loan_id=loan, subject=loan,
        as_of=facts.as_of, since=since, animals=tuple(t.animal_id for t in silent),
        testimonies=(Testimony(witness=Witness.TAG, since=since, particulars=figures),), figures=figures,
    )  # fmt: skip


def _gateways_finding(facts: HerdFacts, loan: LoanId | None, matters: dict[GatewayId, float]) -> Finding:
    heard = [g.last_heard_at for g in facts.gateways if g.gateway_id in matters and g.last_heard_at]
    since = min(heard) if heard else facts.as_of
    return Finding(
        rule="gateway_silence", severity=Severity.YELLOW, farm_id=facts.farm.farm_id, loan_id=loan,
        subject=",".join(sorted(matters)), as_of=facts.as_of, since=since,
        testimonies=(_gateways_say(since, {"gateways": sorted(matters)}),),
        figures={"gateways": sorted(matters), "of": len(facts.gateways)},
    )  # fmt: skip


def _gateways_say(since: datetime, particulars: dict[str, Any]) -> Testimony:
    return Testimony(witness=Witness.GATEWAY, since=since, particulars=particulars)
