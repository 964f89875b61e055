"""Deaths as the farm has reported them: movement requests of the kind death, with their documents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from collateral.facts.events import Death
from collateral.model.ids import AnimalId, FarmId, LoanId, PenId

BACK = timedelta(days=14)
TAG_BACK = timedelta(days=3)
STILL_HOURS = 4  # R11

# In the pen where the animal stood when it died. Its tag had gone still when, after its last hour with a step, it was
# heard for some hours without one. Of a group known by number, one row a head, in the group's pen.
_DEATHS: LiteralString = """
SELECT d.animal_id, d.loan_id, d.died_at, d.reported_at, d.carcass_sha256, d.disposal_ref,
       coalesce(was.pen_id, a.pen_id) AS pen_id, tag.still_at,
       CASE WHEN d.confirmed_at <= %(as_of)s THEN d.confirmed_at END AS confirmed_at, NULL AS group_id
FROM reported_death d
JOIN animal a ON a.animal_id = d.animal_id
LEFT JOIN LATERAL (
    SELECT pen_id, farm_id FROM animal_was w WHERE w.animal_id = d.animal_id AND w.until >= d.died_at
    ORDER BY w.until LIMIT 1
) was ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN count(*) FILTER (WHERE h.since > walked.at AND h.steps = 0) >= %(still)s
                THEN walked.at + interval '1 hour' END AS still_at
    FROM (SELECT coalesce(max(since), d.reported_at - %(tag_back)s) AS at FROM animal_hour
          WHERE animal_id = d.animal_id AND steps > 0 AND since > d.reported_at - %(tag_back)s
            AND since <= d.reported_at) walked
    JOIN animal_hour h ON h.animal_id = d.animal_id AND h.since > d.reported_at - %(tag_back)s
        AND h.since <= d.reported_at
    GROUP BY walked.at
) tag ON true
WHERE d.reported_at <= %(as_of)s AND d.reported_at > %(since)s AND coalesce(was.farm_id, a.farm_id) = %(farm)s
UNION ALL
SELECT NULL, d.loan_id, d.died_at, d.reported_at, d.carcass_sha256, d.disposal_ref, g.pen_id, NULL,
       CASE WHEN d.confirmed_at <= %(as_of)s THEN d.confirmed_at END, d.group_id
FROM reported_death d JOIN animal_group g ON g.group_id = d.group_id
WHERE d.reported_at <= %(as_of)s AND d.reported_at > %(since)s AND g.farm_id = %(farm)s
ORDER BY reported_at, animal_id, group_id
"""


def deaths(connection: psycopg.Connection, farm: FarmId, as_of: datetime) -> tuple[Death, ...]:
    """Deaths that were reported within 14 days, as far as they were confirmed at `as_of`."""
    bounds = {"farm": farm, "as_of": as_of, "since": as_of - BACK, "still": STILL_HOURS, "tag_back": TAG_BACK}
    with connection.cursor(row_factory=dict_row) as cursor:
        return tuple(_death(row) for row in cursor.execute(_DEATHS, bounds))


def _death(row: dict[str, Any]) -> Death:
    return Death(
        animal_id=AnimalId(row["animal_id"]) if row["animal_id"] else None, group_id=row["group_id"], loan_id=LoanId(row["loan_id"]),
        pen_id=PenId(row["pen_id"]), died_at=row["died_at"], reported_at=row["reported_at"],
        confirmed_at=row["confirmed_at"], carcass_sha256=row["carcass_sha256"], disposal_ref=row["disposal_ref"],
        tag_still_at=row["still_at"],
    )  # fmt: skip
