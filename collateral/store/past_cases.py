"""Cases that were opened in the past and what became of them, for comparing with what rules would say of it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg
from psycopg.rows import class_row

_BETWEEN: LiteralString = """
SELECT case_id, rule, severity, coalesce(loan_id, farm_id) AS place, opened_at, last_seen_at, disposition
FROM supervision_case
WHERE opened_at <= %(until)s AND last_seen_at >= %(since)s
ORDER BY opened_at, case_id
"""


@dataclass(frozen=True, slots=True)
class PastCase:
    """`place`: its loan, else its farm. `severity` 1-4, blue to red. `disposition` None: nobody has said."""

    case_id: int
    rule: str
    severity: int
    place: str
    opened_at: datetime
    last_seen_at: datetime
    disposition: str | None


def between(connection: psycopg.Connection, since: datetime, until: datetime) -> list[PastCase]:
    """The cases that stood at any time between two moments, in the order in which they were opened."""
    with connection.cursor(row_factory=class_row(PastCase)) as cursor:
        return cursor.execute(_BETWEEN, {"since": since, "until": until}).fetchall()


def forbid_writing(connection: psycopg.Connection) -> None:
    """From now on the database itself refuses to change anything over this connection."""
    connection.execute("SET default_transaction_read_only = on")
