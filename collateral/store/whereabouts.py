"""Where the animals of a farm are, leaner than the facts of a rule: a map is redrawn every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import class_row

from collateral.facts.geometry import metres_outside
from collateral.facts.herd import POSITIVE_WITHIN
from collateral.facts.outside import margin_m
from collateral.model.place import Fence, Position

LOOK_BACK = timedelta(days=14)  # unheard for longer counts as never heard
READINGS = 4  # enough for two with a position, most of the time

# A fix at fault is no position.
_WHEREABOUTS = """
SELECT a.animal_id, a.identity, a.pen_id, t.interval_s, heard.last_seen_at, heard.fixes
FROM animal a
JOIN tag_assignment w ON w.animal_id = a.animal_id AND w.since <= %(now)s AND coalesce(w.until > %(now)s, true)
JOIN tag t ON t.tag_id = w.tag_id
CROSS JOIN LATERAL (
    SELECT max(r.measured_at) AS last_seen_at,
           array_agg(ARRAY[r.latitude, r.longitude, coalesce(r.fix_error_m, 0)])
               FILTER (WHERE r.latitude IS NOT NULL AND r.longitude IS NOT NULL AND r.fix_fault IS NULL) AS fixes
    FROM (
        SELECT measured_at, latitude, longitude, fix_error_m, fix_fault FROM reading
        WHERE tag_id = t.tag_id AND measured_at <= %(now)s AND measured_at > %(since)s AND measured_at >= w.since
        ORDER BY measured_at DESC, sequence DESC LIMIT %(readings)s
    ) r
) heard
WHERE a.farm_id = %(farm)s AND a.status = 'present' AND heard.fixes IS NOT NULL
ORDER BY a.animal_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """One animal whose tag has a position: `fixes` are [latitude, longitude, error in metres], newest first."""

    animal_id: str
    identity: str
    pen_id: str
    interval_s: int
    last_seen_at: datetime
    fixes: list[tuple[float, float, float]]

    def is_outside(self, fence: Fence) -> bool:
        """The two newest fixes lie beyond the fence: one alone is noise."""
        newest = self.fixes[:2]
        return len(newest) == 2 and all(
            metres_outside(fence, Position(lat, lon)) > margin_m(error_m) for lat, lon, error_m in newest
        )

    def is_recent(self, as_of: datetime) -> bool:
        """Heard within the last day."""
        return as_of - self.last_seen_at <= POSITIVE_WITHIN


def of_farm(connection: psycopg.Connection, farm_id: str, now: datetime) -> list[Whereabouts]:
    """Every tagged animal of a farm that has said where it is."""
    bounds = {"farm": farm_id, "now": now, "since": now - LOOK_BACK, "readings": READINGS}
    with connection.cursor(row_factory=class_row(Whereabouts)) as cursor:
        return cursor.execute(_WHEREABOUTS, bounds).fetchall()
