"""Checking pledges against partners' lists, as the program itself: lists are not for people. Matches bar drawdowns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from collateral.book import drawdown as blocks
from collateral.book import pledge_match as book
from collateral.book.drawdown import DOUBLE_PLEDGE
from collateral.book.pledge_match import RoundKey
from collateral.contract.spreadsheet import RowFault
from collateral.model.ids import LoanId
from collateral.model.pledge_match import PledgeMatch
from collateral.store import drawdown, ledger, pledge_match
from collateral.store.pool import Connection

PROGRAM = "pledge check"


@dataclass(frozen=True)
class Checked:
    """What came of a check. `unchecked`: partners whose newest list is of another round and cannot be compared."""

    partners: tuple[str, ...]
    unchecked: tuple[str, ...]
    matches: dict[LoanId, tuple[PledgeMatch, ...]] = field(default_factory=dict)

    @property
    def exact(self) -> int:
        """How many of our animals another bank holds too."""
        return len({m.subject for found in self.matches.values() for m in found if m.is_exact})


@dataclass(frozen=True)
class Imported:
    """A partner's list as taken. `list_id` None: a dry run, or the same file was there."""

    list_id: int | None
    rows: int
    faults: list[RowFault]
    checked: Checked | None


def check(connection: Connection, key: RoundKey, now: datetime, loan_id: str | None = None) -> Checked:
    """Compare one loan's pledges, or all, with the newest list of each partner; keep matches, place or lift blocks."""
    pledges = pledge_match.own(connection, loan_id)
    looked_for = book.wanted(pledges, key)
    lists = pledge_match.newest_lists(connection, now)
    with connection.transaction():
        for found in lists:
            if found.round == key.round:
                rows = pledge_match.look_up(connection, found.list_id, looked_for)
                pledge_match.keep(connection, found.list_id, book.hits(looked_for, rows), now)
        matches = pledge_match.current(connection, now, loan_id)
        for loan in sorted({p.loan_id for p in pledges} | matches.keys()):
            _bar(connection, loan, matches.get(LoanId(loan), ()), now)
    return Checked(
        partners=tuple(x.partner for x in lists if x.round == key.round),
        unchecked=tuple(x.partner for x in lists if x.round != key.round), matches=matches,
    )  # fmt: skip


def import_list(
    connection: Connection, data: bytes, key: RoundKey, *, partner: str, as_of: date, by: str, now: datetime,
    dry_run: bool,
) -> Imported:  # fmt: skip
    """Take a partner's list and check every pledge against it. Raises TableRefused."""
    rows, faults = book.read_list(data, key)
    if dry_run:
        return Imported(None, len(rows), faults, None)
    with connection.transaction():
        number = pledge_match.add_list(
            connection, partner=partner, round_name=key.round, as_of=as_of, sha256=hashlib.sha256(data).hexdigest(),
            rows=rows, by=by, now=now,
        )  # fmt: skip
        return Imported(number, len(rows), faults, check(connection, key, now))


def _bar(connection: Connection, loan: str, matches: Iterable[PledgeMatch], now: datetime) -> None:
    """A block as long as a number matches that nobody has let pass. A farm alone is for a person to look into."""
    ledger.lock(connection, loan)
    exact = [m for m in matches if m.is_exact and not m.is_overridden]
    ids = frozenset(m.match_id for m in exact)
    said = {"animals": len({m.subject for m in exact}), "partners": sorted({m.partner for m in exact})}
    block = drawdown.at_work(connection, loan, DOUBLE_PLEDGE)
    if block is None:
        if ids:
            number = drawdown.place(connection, loan, DOUBLE_PLEDGE, ids, now)
            drawdown.record(connection, number, now, PROGRAM, "placed", None, said)
        return
    after = blocks.renewed(block, ids)
    if after != block:
        drawdown.change(connection, after)
        drawdown.record(connection, block.block_id, now, PROGRAM, "renewed" if ids else "lifted", None, said)
