"""Why a count session proves nothing, each reason with what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from collateral.book.sampling import SAMPLE
from collateral.book.session import CountSession, Herd
from collateral.model.ids import PenId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionLimits:
    """`excess`: sum of pens over unique tags (R6). `strangers`: foreign or untagged head (R5). `window_hours`: in a
    longer one, animals can be moved and moved back [I]. `sample`: tags to photograph (A6)."""

    excess: float = 0.01
    strangers: float = 0.02
    window_hours: float = 6.0
    sample: int = SAMPLE


LIMITS = InspectionLimits()


def reasons_against(
    session: CountSession,
    result: InspectionResult,
    herd: Herd,
    movements: Iterable[Movement],
    limits: InspectionLimits = LIMITS,
) -> tuple[str, ...]:
    """Everything that speaks against passing; empty when nothing does."""
    return (
        *_of_numbers(session, result, herd, limits),
        *_of_window(session, movements, limits),
        *_of_sample(session, limits),
    )


def _of_numbers(session: CountSession, result: InspectionResult, herd: Herd, limits: InspectionLimits) -> list[str]:
    reasons = []
    if not result.gross:
        reasons.append("nothing was read or counted; read the tags of every pen")
    if empty := [pen for pen in session.plan.pens if not _was_counted(session, pen)]:
        reasons.append(f"pens without any read or count: {', '.join(empty)}; count them too")
    if result.duplicates:
        reasons.append(f"duplicates: {result.duplicates} tags were read in two pens; freeze the pens and count again")
    grouped = sum(herd.by_number.get(pen, 0) for pen in session.plan.pens)
    excess = result.gross - result.unique_tags - grouped
    if result.unique_tags and excess > limits.excess * result.unique_tags:
        reasons.append(f"the pens add up to {result.gross}, but only {result.unique_tags} different tags were read")
    for name, count in (("foreign", len(result.foreign)), ("untagged", result.untagged)):
        if count and count >= limits.strangers * result.gross:
            reasons.append(f"{name}: {count} of {result.gross} head; find out whose they are")
    return reasons


def _of_window(session: CountSession, movements: Iterable[Movement], limits: InspectionLimits) -> list[str]:
    plan, reasons = session.plan, []
    longest = timedelta(hours=limits.window_hours)
    if plan.freeze_until - plan.freeze_from > longest:
        reasons.append(f"the freeze window is longer than {limits.window_hours:g} hours; count in a shorter one")
    moments = [r.read_at for r in session.reads] + [h.counted_at for h in session.heads]
    if outside := sum(not plan.freeze_from <= at <= plan.freeze_until for at in moments):
        reasons.append(f"the freeze window was broken: {outside} reads or counts lie outside it; count again")
    within = [m.movement_id for m in movements if m.start <= plan.freeze_until and m.end >= plan.freeze_from]
    return reasons + [f"movement {name} is approved within the freeze window; count after it" for name in within]


def _of_sample(session: CountSession, limits: InspectionLimits) -> list[str]:
    read = {r.tag_id for r in session.reads}
    if not read:
        return []
    if session.sample is None:
        return [f"no sample was drawn; draw it and photograph {min(limits.sample, len(read))} tags"]
    shown = {photo.tag_id for photo in session.photos}
    reasons = []
    if missing := [tag for tag in session.sample if tag not in shown]:
        reasons.append(f"sample photos are missing: {len(missing)} of {len(session.sample)}; photograph them")
    if wrong := {photo.tag_id for photo in session.photos if not photo.matches}:
        reasons.append(f"photos do not show the enrolled animal: {', '.join(sorted(wrong))}; verify these animals")
    hashes = [photo.sha256 for photo in session.photos]
    if len(set(hashes)) < len(hashes):
        reasons.append("the same photo was filed for several tags; photograph each animal")
    return reasons


def _was_counted(session: CountSession, pen: PenId) -> bool:
    return any(r.pen_id == pen for r in session.reads) or any(h.pen_id == pen for h in session.heads)
