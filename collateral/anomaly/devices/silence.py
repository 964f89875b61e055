"""Things that have gone quiet: tags, gateways, whole farms. The larger silence explains the smaller ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from collateral.anomaly.devices.hush import LIMITS, NEVER, SilenceLimits, silent_by_gateway, silent_since, silent_tracks
from collateral.facts.herd import CameraState, GatewayState, HerdFacts, Track
from collateral.model.finding import Audience, Finding, Severity, Testimony, Witness
from collateral.model.ids import GatewayId, LoanId


def tag_silence(facts: HerdFacts, limits: SilenceLimits = LIMITS) -> list[Finding]:
    """Tags of a loan that have missed their reports: a ticket for whoever mends tags at the farm.

    Cause: flat battery, lost or broken tag, animal out of reach. Denominator: tagged pledged head of the loan.
    Window: three of the tag's own intervals, or as many more as chance needs in a herd of that size, since its gateway
    last came back. Minimum sample: one tag. Suppressed: tags whose gateway is silent, struggling or behind with its
    backlog, tags last heard outside their fence, approved movements. The bank hears of coverage (`fleet_decay`) and of
    animals (`count_gap`, `group_removal`). Source: domain 2.2 (hierarchical silence) and R26 (levels by coverage).
    """
    quiet = silent_tracks(facts, limits)
    if not quiet:
        return []
    hushed = facts.silent_gateways | {g for g, _ in _struggling(facts, quiet, limits)}
    patience = limits.ticket_after(len(facts.tracks), max(t.interval_s for t in quiet))
    of_loan: dict[LoanId, list[Track]] = {}
    for track in silent_tracks(facts, replace(limits, missed_intervals=patience)):
        if track.loan_id and track.tag_id and track.gateway_id not in hushed:
            of_loan.setdefault(track.loan_id, []).append(track)
    return [
        _tags_finding(facts, loan, silent, sum(t.tag_id is not None for t in facts.of_loan[loan]), limits)
        for loan, silent in sorted(of_loan.items())
    ]


def gateway_silence(facts: HerdFacts, limits: SilenceLimits = LIMITS) -> list[Finding]:
    """A gateway that has missed two heartbeats or said goodbye, or most of whose tags are silent.

    Cause: power, network, hardware, sabotage. Denominator: the farm's gateways. Window: two heartbeats; orange when
    the gateway and its cameras have been silent together for 60 minutes. Minimum sample: one gateway (ten tags for
    the second form). Suppressed: when the whole farm is silent. Source: R14 and domain 2.2.
    """
    if _is_blackout(facts):
        return []
    struggling = _struggling(facts, silent_tracks(facts, limits), limits)
    matters = dict.fromkeys(facts.silent_gateways, 0.0) | dict(struggling)
    if not matters:
        return []
    return [_gateways_finding(facts, loan, matters, limits) for loan in _loans_heard_by(facts, set(matters))]


def farm_blackout(facts: HerdFacts, limits: SilenceLimits = LIMITS) -> list[Finding]:
    """Every gateway of a farm is silent.

    Cause: power cut, cut line, or a blackout to hide a movement. Denominator: all gateways and cameras of the farm.
    Window: two heartbeats; orange once all gateways and all cameras have been silent for 60 minutes. Minimum
    sample: one gateway. Suppressed: never. Source: R14.
    """
    if not _is_blackout(facts):
        return []
    since = max(_last_heard(facts.gateways), default=facts.as_of)
    blind = _silent_for(facts, facts.cameras, limits)
    dark = _is_long(facts, since, limits) and len(blind) == len(facts.cameras)
    testimonies = [_gateways_say(since, {"silent": len(facts.gateways)})]
    if blind:
        testimonies.append(_cameras_say(facts, blind))
    figures = {"gateways": len(facts.gateways), "cameras": len(facts.cameras), "cameras_silent": len(blind)}
    loans: list[LoanId | None] = [*facts.loans] or [None]
    return [
        Finding(
            rule="farm_blackout", severity=Severity.ORANGE if dark else Severity.YELLOW, farm_id=facts.farm.farm_id,
            loan_id=loan, subject=facts.farm.farm_id, as_of=facts.as_of, since=since,
            testimonies=tuple(testimonies), figures=figures,
        )
        for loan in loans
    ]  # fmt: skip


def _struggling(facts: HerdFacts, quiet: list[Track], limits: SilenceLimits) -> list[tuple[GatewayId, float]]:
    """Gateways that answer although too many of their tags do not, with the silent share."""
    return [
        (gateway, silent / tags)
        for gateway, (silent, tags) in silent_by_gateway(facts, quiet).items()
        if tags >= limits.gateway_sample
        and silent / tags > limits.gateway_share
        and gateway not in facts.silent_gateways
    ]


def _is_blackout(facts: HerdFacts) -> bool:
    return bool(facts.gateways) and len(facts.silent_gateways) == len(facts.gateways)


def _last_heard(gateways: Iterable[GatewayState]) -> list[datetime]:
    return [g.last_heard_at for g in gateways if g.last_heard_at]


def _is_long(facts: HerdFacts, since: datetime, limits: SilenceLimits) -> bool:
    return facts.as_of - since >= timedelta(minutes=limits.blackout_orange_min)


def _silent_for(
    facts: HerdFacts, cameras: Iterable[CameraState], limits: SilenceLimits
) -> list[tuple[CameraState, datetime]]:
    """The cameras that have been silent for as long as makes a blackout grave, and since when."""
    silences = [(camera, silent_since(facts, camera)) for camera in cameras]
    return [(camera, since) for camera, since in silences if since and _is_long(facts, since, limits)]


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
        audience=Audience.FARM,
    )  # fmt: skip


def _gateways_finding(
    facts: HerdFacts, loan: LoanId | None, matters: dict[GatewayId, float], limits: SilenceLimits
) -> Finding:
    since = min(_last_heard(g for g in facts.gateways if g.gateway_id in matters), default=facts.as_of)
    dark = [(c, s) for g in facts.silent_gateways for c, s in _dark_with(facts, g, limits)]
    testimonies = [_gateways_say(since, {"gateways": sorted(matters)})]
    if dark:
        testimonies.append(_cameras_say(facts, dark))
    return Finding(
        rule="gateway_silence", severity=Severity.ORANGE if dark else Severity.YELLOW, farm_id=facts.farm.farm_id,
        loan_id=loan, subject=",".join(sorted(matters)), as_of=facts.as_of, since=since,
        testimonies=tuple(testimonies), figures={"gateways": sorted(matters), "of": len(facts.gateways)},
    )  # fmt: skip


def _dark_with(facts: HerdFacts, gateway: GatewayId, limits: SilenceLimits) -> list[tuple[CameraState, datetime]]:
    """A silent gateway's cameras, when it and all of them have been silent for long; otherwise nothing."""
    own = [c for c in facts.cameras if c.gateway_id == gateway]
    since = max(_last_heard(g for g in facts.gateways if g.gateway_id == gateway), default=facts.as_of)
    blind = _silent_for(facts, own, limits)
    return blind if _is_long(facts, since, limits) and len(blind) == len(own) else []


def _gateways_say(since: datetime, particulars: dict[str, Any]) -> Testimony:
    return Testimony(witness=Witness.GATEWAY, since=since, particulars=particulars)


def _cameras_say(facts: HerdFacts, blind: list[tuple[CameraState, datetime]]) -> Testimony:
    since = min((s for _, s in blind if s != NEVER), default=facts.as_of)
    return Testimony(
        witness=Witness.CAMERA, since=since, particulars={"cameras": sorted(c.camera_id for c, _ in blind)}
    )
