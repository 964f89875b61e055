"""The report of a count session, from what was recorded, in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collateral.book import inspection, sampling
from collateral.book.inspection import SeenTwice
from collateral.book.pen_findings import PenFound, by_pen
from collateral.book.session import CountSession, Herd, SessionPlan, SessionRead
from collateral.contract.inspection import (
    SampleAnimal,
    SampleShape,
    SeenTwiceShape,
    SessionLine,
    SessionPen,
    SessionReport,
)
from collateral.model.ids import PenId
from collateral.model.inspection import InspectionResult
from collateral.store.inspection_list import Progress
from monitor_api.tongues import spoken

MOST_NAMED = 500
Outcome = tuple[bool | None, int | None, int | None]
"""Passed, gross, unique tags; None: not closed yet."""


def listed(found: Progress) -> SessionLine:
    """One session in a list."""
    return _line(found.plan, (found.passed, found.gross, found.unique_tags), is_sampled=found.is_sampled)


def report(
    session: CountSession,
    result: InspectionResult,
    herd: Herd,
    names: Mapping[PenId, str],
    draw: dict[str, Any] | None,
    secret_sha256: str,
    *,
    closed: bool,
) -> SessionReport:
    """`result` is the closed one, or what closing now would give."""
    known = inspection.named(session, herd)
    twice = inspection.seen_twice(known)
    outcome = (result.passed, result.gross, result.unique_tags) if closed else (None, None, None)
    return SessionReport(
        session=_line(session.plan, outcome, is_sampled=draw is not None), secret_sha256=secret_sha256,
        as_of=result.closed_at, closed=closed, passed=result.passed,
        refused_because=list(map(spoken, result.refused_because)),
        gross=result.gross, unique_tags=result.unique_tags, duplicates=result.duplicates, untagged=result.untagged,
        foreign=[str(t) for t in result.foreign[:MOST_NAMED]], foreign_total=len(result.foreign),
        absent=[str(a) for a in result.absent[:MOST_NAMED]], absent_total=len(result.absent),
        pens=[_pen(found, herd, names.get(found.pen_id, found.pen_id)) for found in by_pen(known, herd)],
        seen_twice=[_twice(t) for t in twice[:MOST_NAMED]], seen_twice_total=len(twice),
        sample=_sample(known, herd, draw, result.unique_tags, names) if draw else None,
    )  # fmt: skip


def _line(plan: SessionPlan, outcome: Outcome, *, is_sampled: bool) -> SessionLine:
    passed, gross, unique = outcome
    return SessionLine(
        session_id=plan.session_id, loan_id=plan.loan_id, farm_id=plan.farm_id, pens=list(plan.pens),
        opened_at=plan.opened_at, opened_by=plan.opened_by, freeze_from=plan.freeze_from,
        freeze_until=plan.freeze_until,
        stage="closed" if passed is not None else "photographing" if is_sampled else "reading",
        passed=passed, gross=gross, unique_tags=unique,
    )  # fmt: skip


def _pen(found: PenFound, herd: Herd, name: str) -> SessionPen:
    return SessionPen(
        pen_id=found.pen_id, pen_name=name, tags=found.tags, heads=found.heads,
        by_number=herd.by_number.get(found.pen_id, 0), book=found.book, absent=found.absent, gross=found.gross,
        booked=found.booked, others=found.others, twice=found.twice, foreign=found.foreign, numbered=found.by_number,
        untagged=found.untagged,
    )  # fmt: skip


def _twice(found: SeenTwice) -> SeenTwiceShape:
    return SeenTwiceShape(
        tag=found.tag_id, first_pen_id=found.first.pen_id, first_at=found.first.read_at, then_pen_id=found.then.pen_id,
        then_at=found.then.read_at, apart_s=found.apart.total_seconds(),
    )  # fmt: skip


def _sample(
    session: CountSession, herd: Herd, draw: dict[str, Any], unique: int, names: Mapping[PenId, str]
) -> SampleShape:
    identity = {tag: number for number, tag in herd.names.items()}
    shown = {photo.tag_id: photo for photo in session.photos}
    last = {r.tag_id: r for r in sorted(session.reads, key=lambda r: r.read_at)}
    animals = [
        SampleAnimal(
            tag=tag, identity=identity.get(tag), **_place(last.get(tag), names),
            photo_sha256=shown[tag].sha256 if tag in shown else None,
            matches=shown[tag].matches if tag in shown else None,
        )
        for tag in draw["tags"]
    ]  # fmt: skip
    photographed, faults = sum(a.photo_sha256 is not None for a in animals), sum(a.matches is False for a in animals)
    return SampleShape(
        drawn_at=draw["drawn_at"], reads_sha256=draw["reads_sha256"], secret=bytes(draw["secret"]).hex(),
        seed=draw["seed"], animals=animals, herd=unique, photographed=photographed, faults=faults,
        ghosts_at_most=sampling.most_ghosts(unique, photographed, faults),
    )  # fmt: skip


def _place(read: SessionRead | None, names: Mapping[PenId, str]) -> dict[str, Any]:
    """Where and when; nothing where the animal goes by another name than when it was drawn."""
    if read is None:
        return {"pen_name": None, "read_at": None}
    return {"pen_name": names.get(read.pen_id, read.pen_id), "read_at": read.read_at}
