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
from collateral.model.saying import Saying, say


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
) -> tuple[Saying, ...]:
    """Everything that speaks against passing; empty when nothing does."""
    return (
        *_of_numbers(session, result, herd, limits),
        *_of_window(session, movements, limits),
        *_of_sample(session, limits),
    )


def _of_numbers(session: CountSession, result: InspectionResult, herd: Herd, limits: InspectionLimits) -> list[Saying]:
    reasons = []
    if not result.gross:
        reasons.append(say("nothing was read or counted; read the tags of every pen"))
    if empty := [herd.pen_names.get(pen, pen) for pen in session.plan.pens if not _was_counted(session, pen)]:
        reasons.append(say("pens without any read or count: {pens}; count them too", pens=empty))
    if result.duplicates:
        reasons.append(
            say("duplicates: {tags} tags were read in two pens; freeze the pens and count again",
                tags=result.duplicates)
        )  # fmt: skip
    grouped = sum(herd.by_number.get(pen, 0) for pen in session.plan.pens)
    excess = result.gross - result.unique_tags - grouped
    if result.unique_tags and excess > limits.excess * result.unique_tags:
        reasons.append(
            say("the pens add up to {gross}, but only {tags} different tags were read",
                gross=result.gross, tags=result.unique_tags)
        )  # fmt: skip
    least, gross = max(1, limits.strangers * result.gross), result.gross
    if (foreign := len(result.foreign)) >= least:
        reasons.append(say("foreign: {head} of {gross} head; find out whose they are", head=foreign, gross=gross))
    if result.untagged >= least:
        reasons.append(
            say("untagged: {head} of {gross} head; find out whose they are", head=result.untagged, gross=gross)
        )
    return reasons


def _of_window(session: CountSession, movements: Iterable[Movement], limits: InspectionLimits) -> list[Saying]:
    plan, reasons = session.plan, []
    longest = timedelta(hours=limits.window_hours)
    if plan.freeze_until - plan.freeze_from > longest:
        hours = f"{limits.window_hours:g}"
        reasons.append(say("the freeze window is longer than {hours} hours; count in a shorter one", hours=hours))
    moments = [r.read_at for r in session.reads] + [h.counted_at for h in session.heads]
    if outside := sum(not plan.freeze_from <= at <= plan.freeze_until for at in moments):
        reasons.append(
            say("the freeze window was broken: {outside} reads or counts lie outside it; count again", outside=outside)
        )
    within = [m.movement_id for m in movements if m.start <= plan.freeze_until and m.end >= plan.freeze_from]
    return reasons + [
        say("movement {movement} is approved within the freeze window; count after it", movement=name)
        for name in within
    ]


def _of_sample(session: CountSession, limits: InspectionLimits) -> list[Saying]:
    read = {r.tag_id for r in session.reads}
    if not read:
        return []
    if session.sample is None:
        return [say("no sample was drawn; draw it and photograph {tags} tags", tags=min(limits.sample, len(read)))]
    shown = {photo.tag_id for photo in session.photos}
    reasons = []
    if missing := [tag for tag in session.sample if tag not in shown]:
        reasons.append(
            say("sample photos are missing: {missing} of {of}; photograph them",
                missing=len(missing), of=len(session.sample))
        )  # fmt: skip
    if wrong := {photo.tag_id for photo in session.photos if not photo.matches}:
        reasons.append(say("photos do not show the enrolled animal: {tags}; verify these animals", tags=sorted(wrong)))
    hashes = [photo.sha256 for photo in session.photos]
    if len(set(hashes)) < len(hashes):
        reasons.append(say("the same photo was filed for several tags; photograph each animal"))
    return reasons


def _was_counted(session: CountSession, pen: PenId) -> bool:
    return any(r.pen_id == pen for r in session.reads) or any(h.pen_id == pen for h in session.heads)
