"""What devices have sent and we do not have: noticed, visible, and closed when it comes. Table `device_gap`.

Not on the hot path: a scheduled job looks again at the hours of event time that have just changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, LiteralString

import psycopg
from psycopg.rows import class_row

from collateral.store import spool_gaps, stretches, tag_gaps
from collateral.store.tag_gaps import Looked

Kind = Literal["tag", "gateway"]

_STANDING: LiteralString = """
SELECT named.kind, count(g.device_gap_id) AS gaps,
       coalesce(sum(g.last_missing - g.first_missing + 1), 0)::float8 AS missing
FROM (VALUES ('tag'), ('gateway')) named (kind)
LEFT JOIN device_gap g ON g.kind = named.kind AND g.closed_at IS NULL
GROUP BY named.kind ORDER BY named.kind
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The open gaps of one kind of device; `missing` counts readings of tags, messages of gateways."""

    kind: Kind
    gaps: int
    missing: float


def refresh(connection: psycopg.Connection, hours: Iterable[datetime], now: datetime) -> Looked:
    """Bring tags' open gaps in line with what is stored, where readings of these hours (event time) touch them.

    Looking twice gives the same answer, and so do late data in any order.
    """
    looks = [tag_gaps.look(connection, stretch, now) for stretch in stretches.of(hours)]
    return Looked(noticed=sum(look.noticed for look in looks), closed=sum(look.closed for look in looks))


def refresh_spools(connection: psycopg.Connection, now: datetime) -> Looked:
    """Bring gateways' open gaps in line with their receipts; quick, and independent of any hours."""
    return spool_gaps.look(connection, now)


def standing(connection: psycopg.Connection) -> list[Standing]:
    """How much is missing now, per kind of device."""
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(_STANDING).fetchall()
