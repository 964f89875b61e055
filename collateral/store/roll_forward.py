"""What a roll-forward is made of: pledges at both ends, the journal in between."""

from __future__ import annotations

from datetime import datetime

import psycopg

from collateral.book.roll_forward import Entry, RollForward, roll_forward
from collateral.model.ids import LoanId
from collateral.model.loan import MovementKind

_HELD = """
SELECT coalesce(animal_id, group_id), sum(head)::integer FROM pledge
WHERE loan_id = %(loan)s AND since <= %(at)s AND coalesce(until > %(at)s, true)
GROUP BY 1
"""
_JOURNAL = """
SELECT coalesce(e.animal_id, e.group_id), e.group_id IS NOT NULL, e.head, r.kind, e.at, e.request_id
FROM ledger_entry e JOIN movement_request r ON r.request_id = e.request_id
WHERE e.loan_id = %(loan)s AND e.at > %(start)s AND e.at <= %(end)s
"""
# A pledge that no movement began is the first one: the contract itself is its document.
_FIRST = """
SELECT coalesce(p.animal_id, p.group_id), p.head, p.since
FROM pledge p
WHERE p.loan_id = %(loan)s AND p.since > %(start)s AND p.since <= %(end)s
  AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.loan_id = p.loan_id AND e.head > 0 AND e.at = p.since
                  AND (e.animal_id = p.animal_id OR e.group_id = p.group_id))
  AND NOT EXISTS (SELECT FROM pledge earlier WHERE earlier.loan_id = p.loan_id AND earlier.since < p.since
                  AND coalesce(earlier.animal_id, earlier.group_id) = coalesce(p.animal_id, p.group_id))
"""


def between(connection: psycopg.Connection, loan_id: str, start: datetime, end: datetime) -> RollForward:
    """The roll-forward of one loan over (start, end]."""
    span = {"loan": loan_id, "start": start, "end": end}
    entries = [
        Entry(unit=unit, head=head, kind=MovementKind(kind), at=at, request_id=request, is_group=is_group)
        for unit, is_group, head, kind, at, request in connection.execute(_JOURNAL, span)
    ]
    entries += [Entry(unit=unit, head=head, kind=None, at=at) for unit, head, at in connection.execute(_FIRST, span)]
    opening: dict[str, int]
    closing: dict[str, int]
    opening, closing = (dict(connection.execute(_HELD, {"loan": loan_id, "at": at}).fetchall()) for at in (start, end))
    return roll_forward(LoanId(loan_id), start, end, opening, closing, entries)
