"""Blocks of drawdowns and their history, which is only ever appended to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from collateral.book.drawdown import Block, BlockState
from collateral.model.ids import LoanId

_COLUMNS = "SELECT block_id, loan_id, cause, state, matches, placed_at, asked_by, confirmed_by FROM drawdown_block"
_AT_WORK = _COLUMNS + " WHERE loan_id = %s AND state IN ('standing', 'override_asked') ORDER BY block_id FOR UPDATE"
_OF_LOAN = _COLUMNS + " WHERE loan_id = %s ORDER BY block_id"
_LAST = """
SELECT DISTINCT ON (loan_id) block_id, loan_id, cause, state, matches, placed_at, asked_by, confirmed_by
FROM drawdown_block ORDER BY loan_id, state IN ('standing', 'override_asked') DESC, block_id DESC
"""
_PLACE = """
INSERT INTO drawdown_block (loan_id, cause, state, matches, placed_at)
VALUES (%(loan)s, %(cause)s, 'standing', %(matches)s, %(at)s) RETURNING block_id
"""
_CHANGE = """
UPDATE drawdown_block
SET state = %(state)s, matches = %(matches)s, asked_by = %(asked_by)s, confirmed_by = %(confirmed_by)s
WHERE block_id = %(block)s
"""
_EVENT = """
INSERT INTO drawdown_block_event (block_id, at, actor, event, note, particulars)
VALUES (%(block)s, %(at)s, %(actor)s, %(event)s, %(note)s, %(particulars)s)
"""
_EVENTS = """
SELECT e.at, e.actor, e.event, e.note, e.particulars
FROM drawdown_block_event e JOIN drawdown_block b ON b.block_id = e.block_id
WHERE b.loan_id = %s ORDER BY e.drawdown_block_event_id
"""


def at_work(connection: psycopg.Connection, loan_id: str, cause: str) -> Block | None:
    """The block that bars a loan for one cause, held until the transaction ends; None: nothing bars it."""
    return next((b for b in _read(connection, _AT_WORK, loan_id) if b.cause == cause), None)


def of_loan(connection: psycopg.Connection, loan_id: str) -> list[Block]:
    """Every block that a loan has had, oldest first."""
    return _read(connection, _OF_LOAN, loan_id)


def last(connection: psycopg.Connection) -> dict[LoanId, Block]:
    """Of each loan that the caller may see and that was ever barred: the block that bars it, else its last one."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return {block.loan_id: block for block in map(_block, cursor.execute(_LAST))}


def place(connection: psycopg.Connection, loan_id: str, cause: str, matches: frozenset[int], now: datetime) -> int:
    """A new block; returns its number."""
    said = {"loan": loan_id, "cause": cause, "matches": sorted(matches), "at": now}
    row = connection.execute(_PLACE, said).fetchone()
    if row is None:
        raise RuntimeError("the database gave no number to a block")
    number: int = row[0]
    return number


def change(connection: psycopg.Connection, block: Block) -> None:
    """Store what has become of a block."""
    connection.execute(_CHANGE, {
        "block": block.block_id, "state": block.state, "matches": sorted(block.matches), "asked_by": block.asked_by,
        "confirmed_by": block.confirmed_by,
    })  # fmt: skip


def record(
    connection: psycopg.Connection, block_id: int, at: datetime, actor: str, event: str, note: str | None = None,
    particulars: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Append to a block's history."""
    connection.execute(_EVENT, {
        "block": block_id, "at": at, "actor": actor, "event": event, "note": note,
        "particulars": Jsonb(particulars or {}),
    })  # fmt: skip


def events(connection: psycopg.Connection, loan_id: str) -> list[dict[str, Any]]:
    """The history of a loan's blocks, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_EVENTS, (loan_id,)).fetchall()


def _read(connection: psycopg.Connection, sql: Any, loan_id: str) -> list[Block]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_block(row) for row in cursor.execute(sql, (loan_id,))]


def _block(row: dict[str, Any]) -> Block:
    return Block(**row | {
        "loan_id": LoanId(row["loan_id"]), "state": BlockState(row["state"]), "matches": frozenset(row["matches"])
    })  # fmt: skip
