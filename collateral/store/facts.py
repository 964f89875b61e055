"""Gathering what the rules see: one farm as of one moment. The same query serves the present and a replay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from collateral.facts.herd import CameraState, GatewayState, HerdFacts, PledgedGroup, Track
from collateral.model.herd import CameraCount, Farm, HeadCount, Pen, Species
from collateral.model.ids import AnimalId, BranchId, CameraId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.loan import Movement, MovementKind
from collateral.model.place import Fence, Position
from collateral.model.reading import Fix
from collateral.store.ledger_groups import was_then

LOOK_BACK = timedelta(days=14)  # an animal unheard for longer counts as never heard
FIXES = 10
COUNTS_BACK = timedelta(hours=4)
MOVED_BACK = timedelta(days=31)  # an inspection speaks for 30 days

_FARMS = "SELECT farm_id, branch_id, name_zh, name_en, latitude, longitude, timezone FROM farm ORDER BY farm_id"

_PENS = "SELECT pen_id, farm_id, name, species, fence FROM pen WHERE farm_id = %(farm)s"

# A reading without a position, or with one that is at fault, still says that the animal was heard.
_TRACKS = """
SELECT a.animal_id, a.identity, coalesce(was.pen_id, a.pen_id) AS pen_id, t.tag_id, coalesce(t.interval_s, 3600) AS interval_s, p.loan_id, coalesce(p.value_per_head_minor, 0) AS value,
       heard.gateway_id, heard.measured_at AS last_seen_at, heard.fixes
FROM animal a
LEFT JOIN LATERAL (  -- what it was then, when a movement has changed it since
    SELECT status, farm_id, pen_id FROM animal_was
    WHERE animal_id = a.animal_id AND until > %(as_of)s ORDER BY until LIMIT 1
) was ON true
LEFT JOIN tag_assignment w
    ON w.animal_id = a.animal_id AND w.since <= %(as_of)s AND coalesce(w.until > %(as_of)s, true)
LEFT JOIN tag t ON t.tag_id = w.tag_id
LEFT JOIN pledge p ON p.animal_id = a.animal_id AND p.since <= %(as_of)s AND coalesce(p.until > %(as_of)s, true)
LEFT JOIN LATERAL (
    SELECT (array_agg(r.gateway_id))[1] AS gateway_id, max(r.measured_at) AS measured_at,
           array_agg(ARRAY[extract(epoch FROM r.measured_at)::float8, r.latitude, r.longitude, r.fix_error_m::float8])
               FILTER (WHERE r.latitude IS NOT NULL AND r.longitude IS NOT NULL AND r.fix_fault IS NULL) AS fixes
    FROM (
        SELECT gateway_id, measured_at, latitude, longitude, fix_error_m, fix_fault
        FROM reading
        WHERE tag_id = t.tag_id AND measured_at <= %(as_of)s AND measured_at > %(since)s AND measured_at >= w.since
        ORDER BY measured_at DESC, sequence DESC
        LIMIT %(fixes)s
    ) r
) heard ON true
WHERE (a.farm_id = %(farm)s OR a.animal_id IN (
          SELECT animal_id FROM animal_was WHERE farm_id = %(farm)s AND until > %(as_of)s))
  AND coalesce(was.farm_id, a.farm_id) = %(farm)s AND coalesce(was.status, a.status) = 'present'
ORDER BY a.animal_id
"""

_GROUPS = (
    """
SELECT g.group_id, g.pen_id, p.loan_id, p.head, p.value_per_head_minor,
       greatest(0, coalesce(was.head, g.head) - sum(p.head) OVER (PARTITION BY g.group_id))::integer AS free,
       coalesce(m.at, '{}') AS moved_at, coalesce(m.head, '{}') AS moved_head
FROM animal_group g
LEFT JOIN LATERAL (  -- what is only released stays where it stands
    SELECT array_agg(at ORDER BY at) AS at, array_agg(head ORDER BY at) AS head
    FROM (SELECT e.at, sum(e.head)::integer AS head
          FROM ledger_entry e JOIN movement_request r ON r.request_id = e.request_id AND r.kind <> 'release'
          WHERE e.group_id = g.group_id AND e.at <= %(as_of)s AND e.at > %(moved_since)s GROUP BY e.at) each
) m ON true
"""
    + was_then("as_of")
    + """
JOIN pledge p ON p.group_id = g.group_id AND p.since <= %(as_of)s AND coalesce(p.until > %(as_of)s, true)
WHERE g.farm_id = %(farm)s
ORDER BY g.group_id
"""
)

_GATEWAYS = """
SELECT g.gateway_id, g.heartbeat_s, s.state, s.received_at, s.oldest_unsent_at
FROM gateway g
LEFT JOIN LATERAL (
    SELECT state, received_at, oldest_unsent_at FROM gateway_status
    WHERE gateway_id = g.gateway_id AND received_at <= %(as_of)s
    ORDER BY received_at DESC LIMIT 1
) s ON true
WHERE g.farm_id = %(farm)s
ORDER BY g.gateway_id
"""

_COUNTS = """
SELECT c.camera_id, c.pen_id, c.gateway_id, c.interval_s,
       h.captured_at, h.low, h.best, h.high, h.unknown_because, h.frame_sha256
FROM camera c
LEFT JOIN head_count h ON h.camera_id = c.camera_id AND h.captured_at <= %(as_of)s AND h.captured_at > %(since)s
WHERE c.farm_id = %(farm)s
ORDER BY c.camera_id, h.captured_at
"""

_MOVEMENTS = """
SELECT m.movement_id, m.loan_id, m.kind, m.animal_ids, m.window_from, least(m.window_to, m.withdrawn_at) AS window_to,
       least(m.closed_at, m.withdrawn_at) AS closed_at, m.farm_id, m.group_heads, m.executed_at
FROM movement m
WHERE m.window_from <= %(as_of)s AND (m.window_to >= %(since)s OR m.closed_at IS NULL) AND m.approved_at <= %(as_of)s
  AND (m.farm_id IS NULL OR m.farm_id = %(farm)s)
"""


def farms(connection: psycopg.Connection) -> list[Farm]:
    """Every farm under supervision."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_farm(row) for row in cursor.execute(_FARMS)]


def gather(connection: psycopg.Connection, farm: Farm, as_of: datetime) -> HerdFacts:
    """What is known of `farm` as of `as_of` (aware), from what has been stored by now."""
    with connection.cursor(row_factory=dict_row) as cursor:
        at: dict[str, Any] = {
            "farm": farm.farm_id,
            "as_of": as_of,
            "since": as_of - LOOK_BACK,
            "moved_since": as_of - MOVED_BACK,
            "fixes": FIXES,
        }
        pens = {row["pen_id"]: _pen(row) for row in cursor.execute(_PENS, at)}
        tracks = tuple(_track(row, pens) for row in cursor.execute(_TRACKS, at))
        groups = tuple(_group(row, pens) for row in cursor.execute(_GROUPS, at))
        gateways = tuple(_gateway(row) for row in cursor.execute(_GATEWAYS, at))
        cameras = _cameras(cursor.execute(_COUNTS, at | {"since": as_of - COUNTS_BACK}).fetchall())
        movements = tuple(_movement(row) for row in cursor.execute(_MOVEMENTS, at))
    return HerdFacts(farm, as_of, tracks, groups, gateways, cameras, movements)


def _farm(row: dict[str, Any]) -> Farm:
    return Farm(
        farm_id=FarmId(row["farm_id"]), branch_id=BranchId(row["branch_id"]), name_zh=row["name_zh"],
        name_en=row["name_en"], position=Position(row["latitude"], row["longitude"]), timezone=row["timezone"],
    )  # fmt: skip


def _pen(row: dict[str, Any]) -> Pen:
    ring = row["fence"][:-1] if row["fence"][0] == row["fence"][-1] else row["fence"]
    fence = Fence(tuple(Position(lat, lon) for lon, lat in ring))
    return Pen(
        pen_id=PenId(row["pen_id"]), farm_id=FarmId(row["farm_id"]), name=row["name"], species=Species(row["species"]),
        fence=fence,
    )  # fmt: skip


def _track(row: dict[str, Any], pens: dict[str, Pen]) -> Track:
    return Track(
        animal_id=AnimalId(row["animal_id"]), identity=row["identity"], tag_id=TagId(row["tag_id"]) if row["tag_id"] else None,
        pen=pens[row["pen_id"]], loan_id=LoanId(row["loan_id"]) if row["loan_id"] else None, value_minor=row["value"],
        interval_s=row["interval_s"], gateway_id=GatewayId(row["gateway_id"]) if row["gateway_id"] else None,
        last_seen_at=row["last_seen_at"], fixes=_fixes(row["fixes"] or []),
    )  # fmt: skip


def _fixes(rows: list[tuple[float, float, float, float | None]]) -> tuple[Fix, ...]:
    """Oldest first."""
    return tuple(
        Fix(measured_at=datetime.fromtimestamp(at, UTC), position=Position(lat, lon), error_m=error)
        for at, lat, lon, error in reversed(rows)
    )


def _group(row: dict[str, Any], pens: dict[str, Pen]) -> PledgedGroup:
    return PledgedGroup(
        group_id=row["group_id"], pen=pens[row["pen_id"]], loan_id=LoanId(row["loan_id"]), head=row["head"],
        value_per_head_minor=row["value_per_head_minor"], free=row["free"],
        moved=tuple(zip(row["moved_at"], row["moved_head"], strict=True)),
    )  # fmt: skip


def _gateway(row: dict[str, Any]) -> GatewayState:
    return GatewayState(
        gateway_id=GatewayId(row["gateway_id"]), heartbeat_s=row["heartbeat_s"], last_heard_at=row["received_at"],
        said_offline=row["state"] == "offline", oldest_unsent_at=row["oldest_unsent_at"],
    )  # fmt: skip


def _cameras(rows: list[dict[str, Any]]) -> tuple[CameraState, ...]:
    by_camera: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_camera.setdefault(row["camera_id"], []).append(row)
    return tuple(_camera(found) for found in by_camera.values())


def _camera(rows: list[dict[str, Any]]) -> CameraState:
    counts = tuple(camera_count(row) for row in rows if row["captured_at"] is not None)
    first = rows[0]
    return CameraState(
        camera_id=CameraId(first["camera_id"]), pen_id=PenId(first["pen_id"]),
        gateway_id=GatewayId(first["gateway_id"]), interval_s=first["interval_s"], counts=counts,
    )  # fmt: skip


def camera_count(row: dict[str, Any]) -> CameraCount:
    """A count from its row of `head_count`."""
    known = row["best"] is not None
    return CameraCount(
        camera_id=CameraId(row["camera_id"]), captured_at=row["captured_at"],
        count=HeadCount(row["low"], row["best"], row["high"]) if known else None,
        unknown_because=row["unknown_because"], frame_sha256=row["frame_sha256"],
    )  # fmt: skip


def _movement(row: dict[str, Any]) -> Movement:
    return Movement(
        movement_id=row["movement_id"], loan_id=LoanId(row["loan_id"]), kind=MovementKind(row["kind"]),
        animal_ids=frozenset(AnimalId(a) for a in row["animal_ids"]), start=row["window_from"], end=row["window_to"],
        closed_at=row["closed_at"], farm_id=row["farm_id"], groups=tuple(sorted(row["group_heads"].items())),
        executed_at=row["executed_at"],
    )  # fmt: skip


def contract_no(connection: psycopg.Connection, loan_id: str) -> str | None:
    """The contract number of a loan."""
    row = connection.execute("SELECT contract_no FROM loan WHERE loan_id = %s", (loan_id,)).fetchone()
    return row[0] if row else None
