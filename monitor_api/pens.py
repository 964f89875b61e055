"""The pens of a loan, line by line: book, tags and camera side by side. Pure.

The figures are those of `collateral.book.reconcile`, so that the pens add up to what the loan's header says.
"""

from __future__ import annotations

from datetime import UTC, datetime

from collateral.book.reconcile import PenReconciled, reconcile
from collateral.contract.http import Count, Named, PenLine, UnseenAnimal
from collateral.facts.herd import HerdFacts, Track
from collateral.model.herd import Farm
from collateral.model.ids import LoanId
from collateral.store.herds import PenStock

MOST_UNSEEN = 500
_NEVER = datetime.min.replace(tzinfo=UTC)


def lines(pictures: list[HerdFacts], loan_id: str, stock: list[PenStock]) -> list[PenLine]:
    """One line per pen."""
    by_pen = {pen.pen_id: pen for pen in stock}
    return [
        _line(picture, loan_id, reconciled, by_pen[reconciled.pen_id])
        for picture in pictures
        for reconciled in reconcile(picture, LoanId(loan_id)).pens
    ]


def unseen(pictures: list[HerdFacts], loan_id: str) -> list[UnseenAnimal]:
    """Pledged animals that nobody has positively seen for a day: outside first, then the longest unseen."""
    found = [
        _unseen(track)
        for picture in pictures
        for track in picture.tracks
        if track.loan_id == loan_id and not track.is_evidenced(picture.as_of)
    ]
    return sorted(found, key=lambda u: (not u.outside_fence, u.last_seen_at or _NEVER, u.animal_id))


def named(farm: Farm) -> Named:
    """A farm's id and names."""
    return Named(id=farm.farm_id, name_zh=farm.name_zh, name_en=farm.name_en)


def _line(picture: HerdFacts, loan_id: str, reconciled: PenReconciled, pen: PenStock) -> PenLine:
    book = reconciled.book
    return PenLine(
        pen_id=pen.pen_id, name=pen.name, farm=named(picture.farm), species=pen.species, book=book,
        tagged=reconciled.tagged, tags_seen=reconciled.tags_seen,
        camera_ids=[c.camera_id for c in picture.cameras if c.pen_id == pen.pen_id],
        camera=_camera(picture, reconciled), estimate=_estimate(picture, reconciled),
        coverage=reconciled.evidenced / book if book else 0.0,
        value_minor=_value(picture, loan_id, pen.pen_id),
    )  # fmt: skip


def _camera(picture: HerdFacts, reconciled: PenReconciled) -> Count:
    """The loan's share of the pen's newest count; when there is none, why."""
    cameras = [c for c in picture.cameras if c.pen_id == reconciled.pen_id]
    last = max((count for camera in cameras for count in camera.counts), key=lambda c: c.captured_at, default=None)
    if reconciled.camera is None:
        said = last.unknown_because if last else None
        reason = said or ("stale" if cameras else "no camera")
        return Count(low=None, best=None, high=None, as_of=last.captured_at if last else None, unknown_because=reason)
    seen = reconciled.camera
    return Count(low=seen.low, best=seen.best, high=seen.high, as_of=last.captured_at if last else None)


def _estimate(picture: HerdFacts, reconciled: PenReconciled) -> Count:
    """The pen's 95 % interval."""
    found = reconciled.estimate
    return Count(low=found.low, best=found.best, high=found.high, as_of=picture.as_of)


def _value(picture: HerdFacts, loan_id: str, pen_id: str) -> int:
    single = sum(t.value_minor for t in picture.tracks if t.loan_id == loan_id and t.pen.pen_id == pen_id)
    grouped = (g for g in picture.groups if g.loan_id == loan_id and g.pen.pen_id == pen_id)
    return single + sum(g.head * g.value_per_head_minor for g in grouped)


def _unseen(track: Track) -> UnseenAnimal:
    return UnseenAnimal(
        animal_id=track.animal_id, identity=track.identity, tag_id=track.tag_id, pen_id=track.pen.pen_id,
        pen_name=track.pen.name, last_seen_at=track.last_seen_at, outside_fence=track.is_outside,
        value_minor=track.value_minor,
    )  # fmt: skip
