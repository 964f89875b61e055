"""Messages of a gateway's spool that have not come although later ones have: what its receipt lacks."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

import psycopg

from collateral.store.tag_gaps import Looked

# One statement, hence one moment: ingest goes on committing. Smaller gaps keep the moment at which the first one was
# noticed.
_LOOK: LiteralString = """
WITH found AS MATERIALIZED (
    SELECT r.gateway_id, r.spool, lower(piece) AS first_missing, upper(piece) - 1 AS last_missing
    FROM receipt r
    CROSS JOIN LATERAL (SELECT range_agg(int8range(n, n + 1)) AS come, max(n) AS highest FROM unnest(ahead) n) beyond
    CROSS JOIN LATERAL unnest(int8multirange(int8range(committed_up_to + 1, highest)) - come) AS piece
    WHERE ahead <> '{}'
), noticed AS (
    INSERT INTO device_gap (kind, device_id, spool, first_missing, last_missing, noticed_at)
    SELECT 'gateway', f.gateway_id, f.spool, f.first_missing, f.last_missing, coalesce((
        SELECT min(g.noticed_at) FROM device_gap g
        WHERE g.kind = 'gateway' AND g.closed_at IS NULL AND g.device_id = f.gateway_id AND g.spool = f.spool
          AND g.first_missing <= f.last_missing AND g.last_missing >= f.first_missing), %(now)s)
    FROM found f
    ON CONFLICT DO NOTHING
    RETURNING 1
), closed AS (
    UPDATE device_gap g SET closed_at = %(now)s, closed_by = CASE
        WHEN EXISTS (SELECT FROM found f WHERE f.gateway_id = g.device_id AND f.spool = g.spool
                       AND f.first_missing <= g.last_missing AND f.last_missing >= g.first_missing) THEN 'split'
        ELSE 'filled' END
    WHERE g.kind = 'gateway' AND g.closed_at IS NULL
      AND NOT EXISTS (SELECT FROM found f WHERE f.gateway_id = g.device_id AND f.spool = g.spool
                        AND f.first_missing = g.first_missing AND f.last_missing = g.last_missing)
    RETURNING 1
)
SELECT (SELECT count(*) FROM noticed), (SELECT count(*) FROM closed)
"""


def look(connection: psycopg.Connection, now: datetime) -> Looked:
    """Bring the open gaps of all gateways in line with their receipts. `now` is when they are noticed and closed."""
    ((noticed, closed),) = connection.execute(_LOOK, {"now": now}).fetchall()
    return Looked(noticed=noticed, closed=closed)
