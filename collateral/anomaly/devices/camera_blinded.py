"""Cameras that no longer see their pen: covered, turned away, moved, out of focus (R15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collateral.anomaly.devices.suspects import Suspect, loans_watched
from collateral.anomaly.night import is_night
from collateral.facts.herd import CameraState, HerdFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.herd import CameraCount, Farm
from collateral.model.ids import LoanId

BLIND = frozenset({"covered", "partly_covered", "blocked", "turned_away", "moved", "blurred", "defocused"})
"""What `vision.camera.finding.Trick` calls a camera that was tampered with, and a gateway's own word for covered."""
DARK, DAY_FROM_H, DAY_UNTIL_H = (
    "dark",
    9,
    16,
)  # by day a dark picture is a capped lens; by night, a lamp that is out [I]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraBlindedLimits:
    """`pictures` in a row, over at least `for_s` seconds (R15). `together`: so many blind cameras at once are graver
    [I]. `stray`: so many animals outside that pen at the same time, too [I]."""

    pictures: int = 2
    for_s: float = 60.0
    together: int = 2
    stray: int = 1


LIMITS = CameraBlindedLimits()


def camera_blinded(facts: HerdFacts, limits: CameraBlindedLimits = LIMITS) -> list[Finding]:
    """A camera's newest pictures are covered, turned away, moved or out of focus.

    Cause: cloth, bag or spray on the lens, a knock, a turned head, fog or a spider. Denominator: the cameras that watch
    a loan's pens. Window: two pictures in a row over 60 seconds. Minimum sample: two pictures, on top of the patience
    of the camera watch. Suppressed: dark pictures but by day. Yellow; orange from 22:00 to 04:00, when two cameras of a
    loan are blind at once, or while an animal of that pen is outside its fence or the camera's gateway is silent.
    Source: R15.
    """
    suspects = [found for camera in facts.cameras if (found := _blinded(facts.farm, camera, limits))]
    return [_finding(facts, loan, blind, limits) for loan, blind in loans_watched(facts, suspects).items()]


def _blinded(farm: Farm, camera: CameraState, limits: CameraBlindedLimits) -> Suspect | None:
    run: list[CameraCount] = []
    for count in reversed(camera.counts):
        if not _is_blind(farm, count):
            break
        run.append(count)
    if len(run) < limits.pictures or run[0].captured_at - run[-1].captured_at < timedelta(seconds=limits.for_s):
        return None
    return Suspect(camera=camera, because=run[0].unknown_because or "", pictures=tuple(reversed(run)))


def _is_blind(farm: Farm, count: CameraCount) -> bool:
    if count.count is not None:
        return False
    if count.unknown_because == DARK:
        return DAY_FROM_H <= count.captured_at.astimezone(ZoneInfo(farm.timezone)).hour < DAY_UNTIL_H
    return count.unknown_because in BLIND


def _finding(facts: HerdFacts, loan: LoanId | None, blind: list[Suspect], limits: CameraBlindedLimits) -> Finding:
    since = min(suspect.since for suspect in blind)
    others = [*_tags_say(facts, blind, limits), *_gateways_say(facts, blind, since)]
    night = is_night(facts.farm, since) or is_night(facts.farm, facts.as_of)
    grave = night or len(blind) >= limits.together or bool(others)
    figures = {
        "cameras": [s.camera.camera_id for s in blind], "because": sorted({s.because for s in blind}), "night": night,
    }  # fmt: skip
    return Finding(
        rule="camera_blinded", severity=Severity.ORANGE if grave else Severity.YELLOW, farm_id=facts.farm.farm_id,
        loan_id=loan, subject=",".join(s.camera.camera_id for s in blind), as_of=facts.as_of, since=since,
        testimonies=(*(s.testimony() for s in blind), *others), figures=figures,
    )  # fmt: skip


def _tags_say(facts: HerdFacts, blind: list[Suspect], limits: CameraBlindedLimits) -> list[Testimony]:
    out = [t for s in blind for t in facts.of_pen.get(s.camera.pen_id, ()) if t.is_outside]
    if len(out) < limits.stray:
        return []
    since: datetime = min(t.outside_run[1].measured_at for t in out)
    return [Testimony(witness=Witness.TAG, since=since, particulars={"outside": len(out)})]


def _gateways_say(facts: HerdFacts, blind: list[Suspect], since: datetime) -> list[Testimony]:
    silent = sorted({s.camera.gateway_id for s in blind} & facts.silent_gateways)
    return [Testimony(witness=Witness.GATEWAY, since=since, particulars={"gateways": silent})] if silent else []
