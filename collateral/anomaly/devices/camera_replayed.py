"""Cameras that show what was, not what is: a picture that stands still, or a recording that is played (R16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from collateral.anomaly.devices.suspects import Suspect, loans_watched
from collateral.anomaly.night import is_night
from collateral.facts.herd import CameraState, HerdFacts
from collateral.model.finding import Finding, Severity
from collateral.model.herd import CameraCount
from collateral.model.ids import LoanId

FROZEN, REPLAYED = "frozen", "replayed"
"""As `vision.camera.finding.Trick` calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraReplayedLimits:
    """`back_min`: a freeze or a replay that is over is still said for so many minutes, since it may be as short as
    what it hides [I]. `same_s`: seconds for which the very same bytes must have come (R16)."""

    back_min: float = 15.0
    same_s: float = 30.0


LIMITS = CameraReplayedLimits()


def camera_replayed(facts: HerdFacts, limits: CameraReplayedLimits = LIMITS) -> list[Finding]:
    """A camera sends a frozen picture, or plays pictures that it has sent before.

    Cause: a loop played to hide who comes and goes; an encoder that hangs. Denominator: the cameras that watch a
    loan's pens. Window: 15 minutes. Minimum sample: one picture of which the camera watch is sure, which takes it two
    for a freeze; or the same bytes again over 30 seconds. Suppressed: never. Source: R16.
    """
    suspects = [found for camera in facts.cameras if (found := _replayed(facts, camera, limits))]
    return [_finding(facts, loan, found) for loan, found in loans_watched(facts, suspects).items()]


def _replayed(facts: HerdFacts, camera: CameraState, limits: CameraReplayedLimits) -> Suspect | None:
    recent = [c for c in camera.counts if facts.as_of - c.captured_at <= timedelta(minutes=limits.back_min)]
    told = [c for c in recent if c.unknown_because in {FROZEN, REPLAYED}]
    if told:
        because = REPLAYED if any(c.unknown_because == REPLAYED for c in told) else FROZEN
        return Suspect(camera=camera, because=because, pictures=tuple(told))
    same = _same_bytes(camera, recent, timedelta(seconds=limits.same_s))
    return Suspect(camera=camera, because=FROZEN, pictures=same) if same else None


def _same_bytes(camera: CameraState, recent: list[CameraCount], least: timedelta) -> tuple[CameraCount, ...]:
    """Pictures with the very bytes of a recent one, where they lie far enough apart. Noise makes every picture of a
    camera that looks another one."""
    for newest in reversed(recent):
        same = [c for c in camera.counts if c.frame_sha256 == newest.frame_sha256]
        if same[-1].captured_at - same[0].captured_at >= least:
            return tuple(same)
    return ()


def _finding(facts: HerdFacts, loan: LoanId | None, found: list[Suspect]) -> Finding:
    since = min(suspect.since for suspect in found)
    figures = {
        "cameras": [s.camera.camera_id for s in found], "because": sorted({s.because for s in found}),
        "night": is_night(facts.farm, since),
    }  # fmt: skip
    return Finding(
        rule="camera_replayed", severity=Severity.ORANGE, farm_id=facts.farm.farm_id, loan_id=loan,
        subject=",".join(s.camera.camera_id for s in found), as_of=facts.as_of, since=since,
        testimonies=tuple(s.testimony() for s in found), figures=figures,
    )  # fmt: skip
