"""What happened at a farm that is no reading: tags heard elsewhere, counters that ran back, checks, patrols."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from collateral.facts.events import CounterRegression, IdentityCheck, Outage, Patrol, TagSighting
from collateral.model.ids import AnimalId, FarmId, GatewayId, LoanId, TagId
from collateral.model.place import Position
from collateral.store import facts

DAY_BACK, WEEK_BACK, MONTH_BACK = timedelta(days=1), timedelta(days=7), timedelta(days=30)
OUTAGE = timedelta(hours=1)  # a shorter silence is radio weather, not a night without witnesses
COUNTS_BEFORE = timedelta(hours=1)

# Tags of the farm that a gateway of another farm has heard; then all that was heard of these, wherever it was.
_SIGHTINGS: LiteralString = """
WITH strayed AS (
    SELECT DISTINCT r.tag_id
    FROM reading r JOIN gateway g ON g.gateway_id = r.gateway_id AND g.farm_id <> %(farm)s
    WHERE r.measured_at > %(since)s AND r.measured_at <= %(as_of)s
      AND r.tag_id IN (SELECT tag_id FROM tag WHERE farm_id = %(farm)s)
)
SELECT r.tag_id, g.farm_id, r.gateway_id, g.latitude, g.longitude, r.measured_at
FROM strayed JOIN reading r ON r.tag_id = strayed.tag_id AND r.measured_at > %(since)s AND r.measured_at <= %(as_of)s
JOIN gateway g ON g.gateway_id = r.gateway_id
ORDER BY r.tag_id, r.measured_at, r.sequence
"""
_REGRESSIONS: LiteralString = """
SELECT e.device_id, e.at, e.particulars FROM device_event e JOIN tag t ON t.tag_id = e.device_id AND t.farm_id = %(farm)s
WHERE e.kind IN ('counter_regressed', 'counter_repeated') AND e.severity = 'security'
  AND e.at > %(since)s AND e.at <= %(as_of)s
ORDER BY e.at, e.device_id
"""
_CHECKS: LiteralString = """
SELECT c.animal_id, c.checked_at, c.matched
FROM identity_check c JOIN animal a ON a.animal_id = c.animal_id AND a.farm_id = %(farm)s
WHERE c.checked_at > %(since)s AND c.checked_at <= %(as_of)s ORDER BY c.checked_at
"""
_PATROLS: LiteralString = """
SELECT * FROM patrol WHERE farm_id = %(farm)s AND due_at > %(since)s AND due_at <= %(as_of)s ORDER BY due_at, patrol_id
"""


# Gaps between one status of a gateway and the next in which it heard no tag either: a gateway that lost only its link
# has heard tags all the while, and their readings come later.
_OUTAGES: LiteralString = """
WITH beats AS (
    SELECT s.gateway_id, s.received_at AS ended_at,
           lag(s.received_at) OVER (PARTITION BY s.gateway_id ORDER BY s.received_at) AS began_at
    FROM gateway_status s JOIN gateway g ON g.gateway_id = s.gateway_id AND g.farm_id = %(farm)s
    WHERE s.received_at > %(since)s AND s.received_at <= %(as_of)s AND s.state = 'online'
)
SELECT gateway_id, began_at, ended_at FROM beats
WHERE ended_at - began_at >= %(least)s AND NOT EXISTS (
    SELECT FROM reading r WHERE r.gateway_id = beats.gateway_id AND r.measured_at > beats.began_at - interval '1 hour'
      AND r.measured_at < beats.ended_at + interval '1 hour'
      AND r.heard_at > beats.began_at + %(least)s / 2 AND r.heard_at < beats.ended_at - %(least)s / 2)
ORDER BY began_at, gateway_id
"""
_BEFORE: LiteralString = """
SELECT DISTINCT ON (h.camera_id) h.camera_id, h.captured_at, h.low, h.best, h.high, h.unknown_because, h.frame_sha256
FROM camera c JOIN head_count h ON h.camera_id = c.camera_id
WHERE c.gateway_id = %(gateway)s AND h.captured_at > %(since)s AND h.captured_at <= %(until)s AND h.best IS NOT NULL
ORDER BY h.camera_id, h.captured_at DESC
"""


def outages(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> tuple[Outage, ...]:
    """Gateways that heard nothing for an hour or longer within the week, and are back."""
    bounds = _back(farm, as_of, WEEK_BACK) | {"least": OUTAGE}
    gaps = connection.execute(_OUTAGES, bounds).fetchall()
    return tuple(_outage(connection, *gap) for gap in gaps)


def _outage(connection: psycopg.Connection, gateway: str, began: datetime, ended: datetime) -> Outage:
    bounds = {"gateway": gateway, "since": began - COUNTS_BEFORE, "until": began}
    with connection.cursor(row_factory=dict_row) as cursor:
        counts = tuple(facts.camera_count(row) for row in cursor.execute(_BEFORE, bounds))
    return Outage(gateway_id=GatewayId(gateway), began_at=began, ended_at=ended, counts_before=counts)


def sightings(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> tuple[TagSighting, ...]:
    """Everything heard within the day of tags that were heard at another farm too, in order of tag and time."""
    return tuple(
        TagSighting(
            tag_id=TagId(tag), farm_id=FarmId(at_farm), gateway_id=GatewayId(gateway),
            position=Position(latitude, longitude), heard_at=heard,
        )
        for tag, at_farm, gateway, latitude, longitude, heard in connection.execute(
            _SIGHTINGS, _back(farm, as_of, DAY_BACK)
        )
    )  # fmt: skip


def counter_regressions(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> tuple[CounterRegression, ...]:
    """Frame counters of the farm's tags that ran back within the day."""
    return tuple(
        CounterRegression(tag_id=TagId(tag), at=at, before=int(said["last_counter"] or 0), after=int(said["counter"]))
        for tag, at, said in connection.execute(_REGRESSIONS, _back(farm, as_of, DAY_BACK))
    )


def checks(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> tuple[IdentityCheck, ...]:
    """Comparisons of muzzles and faces with their enrolment, within 30 days."""
    return tuple(
        IdentityCheck(animal_id=AnimalId(animal), checked_at=at, matched=matched)
        for animal, at, matched in connection.execute(_CHECKS, _back(farm, as_of, MONTH_BACK))
    )


def patrols(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> tuple[Patrol, ...]:
    """Visits that were due within 30 days. One that was done later than `as_of` is not done yet."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return tuple(_patrol(row, as_of) for row in cursor.execute(_PATROLS, _back(farm, as_of, MONTH_BACK)))


def _patrol(row: dict[str, Any], as_of: datetime) -> Patrol:
    done = row["done_at"] is not None and row["done_at"] <= as_of
    placed = done and row["latitude"] is not None
    return Patrol(
        patrol_id=row["patrol_id"], supervisor=row["supervisor"], loan_id=LoanId(row["loan_id"]), due_at=row["due_at"],
        done_at=row["done_at"] if done else None,
        position=Position(row["latitude"], row["longitude"]) if placed else None,
        counted=row["counted"] if done else None, book=row["book"], photos=tuple(row["photos"]) if done else (),
    )  # fmt: skip


def _back(farm: FarmId, as_of: datetime, how_far: timedelta) -> dict[str, Any]:
    return {"farm": farm, "as_of": as_of, "since": as_of - how_far}
