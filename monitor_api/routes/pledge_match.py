"""The pledge check among banks: our list, partners' lists, matches, and what they mean for drawing on a loan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Response

from collateral.book import drawdown as blocks
from collateral.book import pledge_match as book
from collateral.book.drawdown import DOUBLE_PLEDGE, Block, OverrideRefused
from collateral.book.pledge_match import RoundKey
from collateral.contract.pledge_match import (
    BlockEventShape,
    DrawdownAnswer,
    MatchedLoan,
    MatchShape,
    OverrideAsked,
    PartnerListAnswer,
    PartnerShape,
    PledgeCheckAnswer,
    PledgeOverview,
)
from collateral.contract.spreadsheet import TableRefused
from collateral.model.ids import LoanId
from collateral.model.person import Person, Role
from collateral.model.pledge_match import PledgeMatch
from collateral.model.saying import say
from collateral.store import drawdown, enrolment_files, pledge_match, sight
from collateral.store.pledge_match import PartnerList
from collateral.store.pool import Connection
from monitor_api import pledge_checks
from monitor_api.access import BankPerson, CaseHandler
from monitor_api.book_settings import BookSettings
from monitor_api.desk import Caller
from monitor_api.errors import Conflict, NotAllowed, NotFound, documented
from monitor_api.import_file import fault_shapes
from monitor_api.pledge_checks import Checked, Imported

router = APIRouter(tags=["pledge check"])
MOST_BYTES = 200 * 2**20  # two million rows
PROBLEMS = documented(401, 403, 404, 409, 422, 503)
ListFile = Annotated[bytes, Body(media_type="text/csv", max_length=MOST_BYTES, description="The file as it is.")]
PartnerCode = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{1,32}$", description="The other bank's code.")]


@router.get("/pledge-check", responses=documented(401, 403, 503))
def overview(caller: BankPerson) -> PledgeOverview:
    """How the check stands: the round, whose lists are here, and the caller's loans with matches."""
    key = BookSettings().round_key()
    with caller.sight() as connection:
        lists = pledge_match.newest_lists(connection, caller.now())
        current, barred = pledge_match.current(connection, caller.now()), drawdown.last(connection)
    return PledgeOverview(
        round=key.round if key else None, may_exchange=_is_head_office(caller.person),
        partners=[_partner(one, key) for one in lists],
        loans=[_matched(loan, current.get(loan, ()), barred.get(loan)) for loan in sorted(current.keys() | barred)],
    )  # fmt: skip


@router.get("/pledge-list", responses=documented(401, 403, 409, 503), response_class=Response)
def own_list(caller: BankPerson) -> Response:
    """What this bank holds, as keyed hashes for its partners. For the head office."""
    _head_office(caller.person)
    key = _key()
    with caller.sight() as connection:
        data = book.own_list(pledge_match.own(connection), key)
    name = f"pledges-{key.round}-{caller.now():%Y%m%d}.csv"
    return Response(data, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/partner-lists", responses=PROBLEMS)
def import_list(
    data: ListFile, caller: CaseHandler, partner: PartnerCode, as_of: date, dry_run: bool = False  # noqa: FBT001
) -> PartnerListAnswer:  # fmt: skip
    """Take a partner's list and check every pledge of the bank against it. For the head office."""
    _head_office(caller.person)
    key, now = _key(), caller.now()
    with sight.unscoped(caller.desk.connections) as connection:
        try:
            taken = pledge_checks.import_list(
                connection, data, key, partner=partner, as_of=as_of, by=caller.person.login, now=now, dry_run=dry_run
            )
        except TableRefused as error:
            return _taken(key, partner, as_of, Imported(None, 0, error.faults, None), dry_run=dry_run, refused=True)
    return _taken(key, partner, as_of, taken, dry_run=dry_run, refused=False)


@router.post("/loans/{loan_id}/pledge-check", responses=PROBLEMS)
def check(loan_id: str, caller: CaseHandler) -> PledgeCheckAnswer:
    """Compare what secures a loan with every partner's newest list. A number that matches blocks the drawdown."""
    with caller.sight() as connection:
        _known(connection, loan_id)
    key, now = _key(), caller.now()
    with sight.unscoped(caller.desk.connections) as connection:
        checked = pledge_checks.check(connection, key, now, loan_id)
    with caller.sight() as connection:
        return _answer(connection, loan_id, checked, caller)


@router.get("/loans/{loan_id}/pledge-matches", responses=documented(401, 403, 404, 422, 503))
def matches(loan_id: str, caller: BankPerson) -> list[MatchShape]:
    """What the last check found and still counts."""
    with caller.sight() as connection:
        _known(connection, loan_id)
        return _shapes(connection, loan_id, pledge_match.current(connection, caller.now(), loan_id))


@router.get("/loans/{loan_id}/drawdown", responses=documented(401, 403, 404, 422, 503))
def may_be_drawn(loan_id: str, caller: BankPerson) -> DrawdownAnswer:
    """Whether the loan may be drawn on, for core banking to ask before it pays out; and if not, why."""
    with caller.sight() as connection:
        return _drawdown(connection, loan_id, caller)


@router.post("/loans/{loan_id}/drawdown/override", responses=PROBLEMS)
def ask_override(loan_id: str, asked: OverrideAsked, caller: CaseHandler) -> DrawdownAnswer:
    """The first of two people asks to let a block pass, and says why."""
    return _step(loan_id, caller, blocks.ask, "override_asked", asked.reason)


@router.post("/loans/{loan_id}/drawdown/override/{verdict}", responses=PROBLEMS)
def decide_override(
    loan_id: str, verdict: Literal["confirm", "decline"], asked: OverrideAsked, caller: CaseHandler
) -> DrawdownAnswer:
    """The second of two people lets the block pass, or leaves it standing."""
    if verdict == "confirm":
        return _step(loan_id, caller, blocks.confirm, "overridden", asked.reason)
    return _step(loan_id, caller, blocks.decline, "override_declined", asked.reason)


def _step(
    loan_id: str, caller: Caller, step: Callable[[Block, Person], Block], event: str, reason: str
) -> DrawdownAnswer:
    with caller.sight() as connection:
        _known(connection, loan_id)
        block = drawdown.at_work(connection, loan_id, DOUBLE_PLEDGE)
        if block is None:
            raise Conflict(say("nothing blocks {loan} now", loan=loan_id))
        try:
            after = step(block, caller.person)
        except OverrideRefused as error:
            raise NotAllowed(error.said) from error
        drawdown.change(connection, after)
        drawdown.record(connection, block.block_id, caller.now(), caller.person.login, event, reason,
                        {"matches": len(block.matches)})  # fmt: skip
        return _drawdown(connection, loan_id, caller)


def _drawdown(connection: Connection, loan_id: str, caller: Caller) -> DrawdownAnswer:
    _known(connection, loan_id)
    found = drawdown.of_loan(connection, loan_id)
    last = next((b for b in found if b.bars), found[-1] if found else None)
    current = pledge_match.current(connection, caller.now(), loan_id).get(LoanId(loan_id), ())
    exact = [m for m in current if m.is_exact]
    return DrawdownAnswer(
        loan_id=loan_id, allowed=last is None or not last.bars, cause=last.cause if last else None,
        state=last.state.value if last else None, animals=len({m.subject for m in exact}),
        partners=sorted({m.partner for m in exact}), asked_by=last.asked_by if last else None,
        confirmed_by=last.confirmed_by if last else None,
        may_ask=last is not None and _may(blocks.ask, last, caller.person),
        may_confirm=last is not None and _may(blocks.confirm, last, caller.person),
        events=[BlockEventShape(**event) for event in drawdown.events(connection, loan_id)],
    )  # fmt: skip


def _may(step: Callable[[Block, Person], Block], block: Block, person: Person) -> bool:
    try:
        step(block, person)
    except OverrideRefused:
        return False
    return True


def _answer(connection: Connection, loan_id: str, checked: Checked, caller: Caller) -> PledgeCheckAnswer:
    shapes = _shapes(connection, loan_id, checked.matches)
    return PledgeCheckAnswer(
        loan_id=loan_id, partners=list(checked.partners), unchecked=list(checked.unchecked),
        exact_animals=checked.exact, exact=[s for s in shapes if s.scheme != "farm"],
        manual=[s for s in shapes if s.scheme == "farm"],
        drawdown_allowed=_drawdown(connection, loan_id, caller).allowed,
    )  # fmt: skip


def _shapes(connection: Connection, loan_id: str, found: dict[LoanId, tuple[PledgeMatch, ...]]) -> list[MatchShape]:
    own = {p.animal_id: dict(p.numbers) for p in pledge_match.own(connection, loan_id)}
    return [
        MatchShape(
            scheme=m.scheme, subject=m.subject, identity=own.get(m.subject, {}).get(m.scheme, ""), partner=m.partner,
            listed_on=m.listed_on, found_at=m.found_at, heard_at=m.heard_at, overridden=m.is_overridden,
        )
        for m in found.get(LoanId(loan_id), ())
    ]  # fmt: skip


def _taken(
    key: RoundKey, partner: str, as_of: date, taken: Imported, *, dry_run: bool, refused: bool
) -> PartnerListAnswer:  # fmt: skip
    matched = taken.checked.matches if taken.checked else {}
    return PartnerListAnswer(
        partner=partner, round=key.round, as_of=as_of, dry_run=dry_run, refused=refused,
        stored=taken.list_id is not None, rows=taken.rows, faults=fault_shapes(taken.faults),
        loans_matched=sorted(matched), exact_animals=taken.checked.exact if taken.checked else 0,
    )  # fmt: skip


def _known(connection: Connection, loan_id: str) -> None:
    if enrolment_files.branch_of_loan(connection, loan_id) is None:
        raise NotFound("loan")


def _key() -> RoundKey:
    key = BookSettings().round_key()
    if key is None:
        raise Conflict(
            say("this bank takes part in no pledge check: set HERDLIEN_PLEDGE_ROUND and HERDLIEN_PLEDGE_KEY_FILE")
        )
    return key


def _head_office(person: Person) -> None:
    if not _is_head_office(person):
        raise NotAllowed(say("the whole bank's pledges are for risk staff and administrators of the head office"))


def _is_head_office(person: Person) -> bool:
    return person.branch_id is None and person.role in {Role.RISK, Role.ADMIN}


def _partner(found: PartnerList, key: RoundKey | None) -> PartnerShape:
    return PartnerShape(
        partner=found.partner, round=found.round, as_of=found.as_of, rows=found.rows, imported_by=found.imported_by,
        imported_at=found.imported_at, comparable=key is not None and found.round == key.round,
    )  # fmt: skip


def _matched(loan: LoanId, found: tuple[PledgeMatch, ...], block: Block | None) -> MatchedLoan:
    return MatchedLoan(
        loan_id=loan, exact_animals=len({m.subject for m in found if m.is_exact}),
        manual=len({m.subject for m in found if not m.is_exact}), partners=sorted({m.partner for m in found}),
        allowed=block is None or not block.bars, state=block.state.value if block else None,
    )  # fmt: skip
