"""Kept reconciliations as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from collateral.contract.http import Count
from collateral.contract.reconciliation import PenReconciliation, PhysicalShape, Reconciliation, UnseenLine

NO_FRESH_COUNT = "no fresh camera count"
MOST_POINTS = 400

_SNAPSHOT: LiteralString = """
SELECT * FROM reconciliation WHERE loan_id = %(loan)s AND as_of <= %(as_of)s ORDER BY as_of DESC LIMIT 1
"""
_UNSEEN: LiteralString = """
SELECT as_of, unseen_total, unseen FROM reconciliation_unseen
WHERE loan_id = %(loan)s AND as_of <= %(as_of)s ORDER BY as_of DESC LIMIT 1
"""
_PENS: LiteralString = """
SELECT r.*, p.name AS pen_name, p.farm_id FROM reconciliation_pen r JOIN pen p ON p.pen_id = r.pen_id
WHERE r.loan_id = %(loan)s AND r.as_of = %(as_of)s ORDER BY p.farm_id, p.name, r.pen_id
"""
# The last line of each of at most MOST_POINTS equal stretches of time.
_COURSE: LiteralString = """
SELECT * FROM (
    SELECT DISTINCT ON (floor(extract(epoch FROM r.as_of) / %(stretch_s)s)) r.*, p.name AS pen_name, p.farm_id
    FROM reconciliation_pen r JOIN pen p ON p.pen_id = r.pen_id
    WHERE r.loan_id = %(loan)s AND r.pen_id = %(pen)s AND r.as_of > %(since)s AND r.as_of <= %(as_of)s
    ORDER BY floor(extract(epoch FROM r.as_of) / %(stretch_s)s), r.as_of DESC
) newest ORDER BY as_of
"""


def one(connection: psycopg.Connection, loan_id: str, as_of: datetime) -> Reconciliation | None:
    """The newest snapshot of a loan up to `as_of`, with pens and unseen; None when there is none to be seen."""
    at = {"loan": loan_id, "as_of": as_of}
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SNAPSHOT, at).fetchone()
        if row is None:
            return None
        unseen = cursor.execute(_UNSEEN, at).fetchone()
        pens_at = unseen["as_of"] if unseen else None
        pens = cursor.execute(_PENS, at | {"as_of": pens_at}).fetchall() if unseen else []
    should = row["book"] - row["excused"]
    return Reconciliation(
        loan_id=loan_id, as_of=row["as_of"], book=row["book"], tags_seen=row["tags_seen"], excused=row["excused"],
        camera=_camera(row), physical=_physical(row), estimate=_estimate(row), short=should - row["estimate_best"],
        shortfall_proved=row["estimate_high"] < should, chance_short=row["chance_short"], coverage=row["coverage"],
        value_minor=row["value_minor"], pens_as_of=pens_at, pens=[_pen(pen) for pen in pens],
        unseen=[_unseen(line, unseen["as_of"]) for line in unseen["unseen"]] if unseen else [],
        unseen_total=unseen["unseen_total"] if unseen else 0,
    )  # fmt: skip


def course(
    connection: psycopg.Connection, loan_id: str, pen_id: str, as_of: datetime, back: timedelta
) -> list[PenReconciliation]:
    """How a pen's lines went over the time `back` until `as_of`, oldest first."""
    at = {
        "loan": loan_id, "pen": pen_id, "as_of": as_of, "since": as_of - back,
        "stretch_s": back.total_seconds() / MOST_POINTS,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_pen(row) for row in cursor.execute(_COURSE, at)]


def _pen(row: dict[str, Any]) -> PenReconciliation:
    return PenReconciliation(
        pen_id=row["pen_id"], pen_name=row["pen_name"], farm_id=row["farm_id"], as_of=row["as_of"], book=row["book"],
        tagged=row["tagged"], tags_seen=row["tags_seen"], evidenced=row["evidenced"], excused=row["excused"],
        camera=_camera(row), physical=row["physical"], estimate=_estimate(row),
        coverage=row["evidenced"] / row["book"] if row["book"] else 0.0, value_minor=row["value_minor"],
    )  # fmt: skip


def _camera(row: dict[str, Any]) -> Count:
    return Count(
        low=row["camera_low"], best=row["camera_best"], high=row["camera_high"], as_of=row["as_of"],
        unknown_because=NO_FRESH_COUNT if row["camera_best"] is None else None,
    )  # fmt: skip


def _estimate(row: dict[str, Any]) -> Count:
    return Count(low=row["estimate_low"], best=row["estimate_best"], high=row["estimate_high"], as_of=row["as_of"])


def _physical(row: dict[str, Any]) -> PhysicalShape | None:
    if row["physical"] is None:
        return None
    return PhysicalShape(found=row["physical"], sigma=row["physical_sigma"], counted_at=row["physical_at"])


def _unseen(line: dict[str, Any], as_of: datetime) -> UnseenLine:
    last = datetime.fromisoformat(line["last_seen_at"]) if line["last_seen_at"] else None
    age_h = (as_of - last) / timedelta(hours=1) if last else None
    return UnseenLine(**line | {"last_seen_at": last, "age_h": age_h})
