"""Since when findings have been waiting to be sure enough for a case: the watchkeeper's memory between two looks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import psycopg

from collateral.alerting.hysteresis import Key


def read(connection: psycopg.Connection) -> dict[Key, datetime]:
    """What was pending at the last look."""
    rows = connection.execute("SELECT about, rule, since FROM pending_finding")
    return {(about, rule): since for about, rule, since in rows}


def keep(connection: psycopg.Connection, before: Mapping[Key, datetime], after: Mapping[Key, datetime]) -> None:
    """Make the table say `after` where it said `before`."""
    gone = [which for which in before if which not in after]
    new = [(*which, since) for which, since in after.items() if before.get(which) != since]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM pending_finding WHERE about = %s AND rule = %s", gone)
        cursor.executemany(
            "INSERT INTO pending_finding (about, rule, since) VALUES (%s, %s, %s)"
            " ON CONFLICT (about, rule) DO UPDATE SET since = excluded.since",
            new,
        )
