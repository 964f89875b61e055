"""Reading quarantined messages again, after a fix: what is now understood is stored as if it had just come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from collateral.store import quarantined
from collateral.store.pool import Connection
from collateral.store.quarantine import QuarantineRow
from collateral.store.quarantined import Kept, Wanted
from collateral.store.telemetry import Ledgers, Load, Refused
from ingest.inbox import Arrival, Undelivered
from ingest.parcel import Parcel

Unpack = Callable[[Arrival], Parcel]


@dataclass(slots=True)
class Outcome:
    """What became of the messages asked for, by their numbers; `rows` are new ones, by table."""

    understood: list[int] = field(default_factory=list)
    still: dict[int, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def try_again(connection: Connection, wanted: Wanted, unpack: Unpack) -> Outcome:
    """What `replay` would do, without doing it. What the database would refuse shows only when it is asked."""
    outcome = Outcome()
    for page in quarantined.pages(connection, wanted):
        for kept in page:
            reason = _reason(unpack(_arrival(kept)))
            if reason is None:
                outcome.understood.append(kept.quarantine_id)
            else:
                outcome.still[kept.quarantine_id] = reason
    return outcome


def replay(connection: Connection, ledgers: Ledgers, wanted: Wanted, unpack: Unpack, now: datetime) -> Outcome:
    """Store what is now understood, known rows left out, and mark it; the rest keeps its place with its new reason.

    A message is marked after it is stored: stopped in between, it is replayed once more and changes nothing.
    Raises telemetry.Away.
    """
    outcome = Outcome()
    for page in quarantined.pages(connection, wanted):
        for kept in page:
            reason = _store(ledgers, unpack(_arrival(kept)), now, outcome)
            if reason is None:
                quarantined.mark_replayed(connection, [kept.quarantine_id], now)
                outcome.understood.append(kept.quarantine_id)
            else:
                quarantined.keep_with(connection, kept.quarantine_id, reason)
                outcome.still[kept.quarantine_id] = reason
    return outcome


def _store(ledgers: Ledgers, parcel: Parcel, now: datetime, outcome: Outcome) -> str | None:
    """Why it could not be stored; None when it was."""
    reason = _reason(parcel)
    if reason is not None:
        return reason
    load = Load()
    parcel.add_to(load)
    try:
        stored = ledgers.commit(load, now, staged=True).stored
    except Refused as refusal:
        return str(refusal)
    for table, rows in stored.items():
        outcome.rows[table] = outcome.rows.get(table, 0) + rows
    return None


def _arrival(kept: Kept) -> Arrival:
    return Arrival(Undelivered(kept.topic, kept.payload), kept.received_at)


def _reason(parcel: Parcel) -> str | None:
    return parcel.contents.reason if isinstance(parcel.contents, QuarantineRow) else None
