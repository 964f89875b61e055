"""The report of a count session, from what was recorded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collateral.book import inspection, sampling
from collateral.book.inspection import SeenTwice
from collateral.book.session import CountSession, Herd, SessionPlan
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

MOST_NAMED = 500


def line(plan: SessionPlan, *, passed: bool | None) -> SessionLine:
    """One session in a list."""
    return SessionLine(
        session_id=plan.session_id, loan_id=plan.loan_id, farm_id=plan.farm_id, pens=list(plan.pens),
        opened_at=plan.opened_at, opened_by=plan.opened_by, freeze_from=plan.freeze_from,
        freeze_until=plan.freeze_until, passed=passed,
    )  # fmt: skip


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
    return SessionReport(
        session=line(session.plan, passed=result.passed if closed else None), secret_sha256=secret_sha256,
        as_of=result.closed_at, closed=closed, passed=result.passed, refused_because=list(result.refused_because),
        gross=result.gross, unique_tags=result.unique_tags, duplicates=result.duplicates, untagged=result.untagged,
        foreign=[str(t) for t in result.foreign[:MOST_NAMED]], foreign_total=len(result.foreign),
        absent=[str(a) for a in result.absent[:MOST_NAMED]], absent_total=len(result.absent),
        pens=[_pen(known, herd, pen, names.get(pen, pen)) for pen in session.plan.pens],
        seen_twice=[_twice(t) for t in twice[:MOST_NAMED]], seen_twice_total=len(twice),
        sample=_sample(known, herd, draw, result.unique_tags) if draw else None,
    )  # fmt: skip


def _pen(session: CountSession, herd: Herd, pen: PenId, name: str) -> SessionPen:
    return SessionPen(
        pen_id=pen, pen_name=name, tags=len({r.tag_id for r in session.reads if r.pen_id == pen}),
        heads=inspection.latest_heads(session).get(pen), by_number=herd.by_number.get(pen, 0),
    )  # fmt: skip


def _twice(found: SeenTwice) -> SeenTwiceShape:
    return SeenTwiceShape(
        tag=found.tag_id, first_pen_id=found.first.pen_id, first_at=found.first.read_at, then_pen_id=found.then.pen_id,
        then_at=found.then.read_at, apart_s=found.apart.total_seconds(),
    )  # fmt: skip


def _sample(session: CountSession, herd: Herd, draw: dict[str, Any], unique: int) -> SampleShape:
    identity = {tag: number for number, tag in herd.names.items()}
    shown = {photo.tag_id: photo for photo in session.photos}
    animals = [
        SampleAnimal(
            tag=tag, identity=identity.get(tag), photo_sha256=shown[tag].sha256 if tag in shown else None,
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
