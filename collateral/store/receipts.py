"""The `receipt` table: what of each gateway's spool is committed. Read and written inside ingest's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import LiteralString

import psycopg

from collateral.store.progress import Progress

Spool = tuple[str, str]
"""A gateway, and the name of one of its spools."""

_ENSURE: LiteralString = (
    "INSERT INTO receipt (gateway_id, spool, updated_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
)
_LOCK: LiteralString = """
SELECT receipt.gateway_id, receipt.spool, committed_up_to, ahead
FROM receipt JOIN unnest(%s::text[], %s::text[]) AS wanted (gateway_id, spool) USING (gateway_id, spool)
ORDER BY gateway_id, spool
FOR UPDATE OF receipt
"""
_SAVE: LiteralString = (
    "UPDATE receipt SET committed_up_to = %s, ahead = %s, updated_at = %s WHERE gateway_id = %s AND spool = %s"
)


def advance(
    connection: psycopg.Connection, numbers: Mapping[Spool, Iterable[int]], now: datetime
) -> dict[Spool, Progress]:
    """Take `numbers` as committed with the transaction under way; the progress of each spool after it.

    The rows are locked, always in the same order, so that two ingesters on one broker add up.
    """
    spools = sorted(numbers)
    if not spools:
        return {}
    before = _locked(connection, spools)
    if len(before) < len(spools):
        _ensure(connection, spools, now)
        before = _locked(connection, spools)
    after = {spool: before[spool].with_numbers(numbers[spool]) for spool in spools}
    changed = [spool for spool in spools if after[spool] != before[spool]]
    if changed:
        _save(connection, {spool: after[spool] for spool in changed}, now)
    return after


def _locked(connection: psycopg.Connection, spools: list[Spool]) -> dict[Spool, Progress]:
    gateways, names = [gateway for gateway, _ in spools], [name for _, name in spools]
    rows = connection.execute(_LOCK, (gateways, names))
    return {(gateway, spool): Progress(up_to, tuple(ahead)) for gateway, spool, up_to, ahead in rows}


def _ensure(connection: psycopg.Connection, spools: list[Spool], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_ENSURE, [(*spool, now) for spool in spools])


def _save(connection: psycopg.Connection, after: dict[Spool, Progress], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            _SAVE,
            [(each.committed_up_to, list(each.ahead), now, *spool) for spool, each in after.items()],
        )
