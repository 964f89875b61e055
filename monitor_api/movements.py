"""Taking a movement request one step on: the ledger decides, the store writes, the history says who."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from collateral.book import ledger as book
from collateral.book.ledger import Document, MovementRequest, Paper, RequestState, Step, StepRefused
from collateral.contract.ledger import ExecutionAsked, MovementAsked, ProceedsAsked
from collateral.model.ids import AnimalId, LoanId
from collateral.model.loan import MovementKind
from collateral.model.moment import NaiveTime, aware
from collateral.model.saying import say
from collateral.store import enrolment_files, ledger
from collateral.store.pool import Connection
from monitor_api.desk import Caller
from monitor_api.errors import Conflict, NotFound

NOT_NUMBERED = 0
DONE = {Step.APPROVE: "approved", Step.REFUSE: "refused", Step.WITHDRAW: "withdrawn"}


def ask(connection: Connection, asked: MovementAsked, caller: Caller) -> int:
    """Store a new request; returns its number. Raises NotFound for a loan that is not the caller's to see."""
    if enrolment_files.branch_of_loan(connection, asked.loan_id) is None:
        raise NotFound("loan")
    if asked.to_pen_id is not None and not ledger.may_stand_in(connection, asked.loan_id, asked.to_pen_id):
        raise Conflict(say("{pen} is no pen on a farm of the loan's branch; correct to_pen_id", pen=asked.to_pen_id))
    start, end = _window(asked)
    request = MovementRequest(
        request_id=NOT_NUMBERED, loan_id=LoanId(asked.loan_id), kind=MovementKind(asked.kind),
        state=RequestState.REQUESTED, leaving=tuple(AnimalId(a) for a in dict.fromkeys(asked.leaving)),
        entering=tuple(
            book.Entrant(
                animal_id=AnimalId(e.animal_id), value_minor=e.value_minor,
                dam_id=AnimalId(e.dam_id) if e.dam_id else None, born=e.born, tagged_on=e.tagged_on,
            )
            for e in asked.entering
        ),
        groups_leaving=tuple(book.GroupLeaving(**g.model_dump()) for g in asked.groups_leaving),
        groups_entering=tuple(book.GroupEntering(**g.model_dump()) for g in asked.groups_entering),
        to_pen_id=asked.to_pen_id, start=start, end=end, reason=asked.reason,
        requested_by=caller.person.person_id, requested_at=caller.now(),
        documents=tuple(
            Document(kind=Paper(d.kind), number=d.number, sha256=d.sha256, issued_on=d.issued_on)
            for d in asked.documents
        ),
    )  # fmt: skip
    number = ledger.add(connection, request)
    ledger.record(connection, number, caller.now(), caller.person.login, "requested", asked.reason)
    return number


def decide(connection: Connection, request_id: int, step: Step, caller: Caller, note: str) -> None:
    """Approve, refuse or withdraw. Raises NotFound, or Conflict with what stands against it."""
    now = caller.now()
    before = _locked(connection, request_id)
    standing = ledger.standing(connection, before)
    after = _taken(lambda: book.decided(before, step, caller.person, now, standing))
    ledger.change(connection, after)
    if step is Step.APPROVE:
        ledger.allow(connection, after)
    elif before.state is RequestState.APPROVED:
        ledger.disallow(connection, after, now)
    ledger.record(connection, request_id, now, caller.person.login, DONE[step], note or None)


def execute(connection: Connection, request_id: int, asked: ExecutionAsked, caller: Caller) -> None:
    """Book what really moved. Raises NotFound, or Conflict."""
    now = caller.now()
    before = _locked(connection, request_id)
    left = None if asked.left is None else [AnimalId(a) for a in asked.left]
    at = _aware(asked.at) if asked.at else now
    after = _taken(lambda: book.executed(before, left, at, now, _heads(asked)))
    standing = ledger.standing(connection, after)
    if against := book.hindrances(after, standing):
        raise Conflict(say("{reasons}", reasons=against))
    ledger.change(connection, after)
    ledger.carry_out(connection, after, standing.groups, now)
    stayed = sorted(set(before.leaving) - set(after.leaving))
    told = {"left": after.head_leaving, "entered": after.head_entering, "stayed": stayed, "at": at.isoformat()}
    if before.groups:
        told |= {"groups_asked": _by_group(before), "groups_moved": _by_group(after)}
    ledger.record(connection, request_id, now, caller.person.login, "executed", None, told)
    if after.state is RequestState.CLOSED:
        ledger.close(connection, after)


def settle(connection: Connection, request_id: int, asked: ProceedsAsked, caller: Caller) -> None:
    """Book the buyer's proceeds, which closes a sale. Raises NotFound, or Conflict."""
    now = caller.now()
    before = _locked(connection, request_id)
    receipt = Document(kind=Paper.PROCEEDS_RECEIPT, number=asked.receipt_no)
    after = _taken(lambda: book.settled(before, asked.proceeds_minor, receipt, now))
    ledger.change(connection, after)
    ledger.add_documents(connection, request_id, [receipt], caller.person.person_id, now)
    ledger.close(connection, after)
    told = {"proceeds_minor": asked.proceeds_minor}
    ledger.record(connection, request_id, now, caller.person.login, "closed", None, told)


def _locked(connection: Connection, request_id: int) -> MovementRequest:
    """The request as it is while nobody else can change its loan's book."""
    found = ledger.one(connection, request_id)
    if found is None:
        raise NotFound("movement request")
    ledger.lock(connection, found.loan_id, found.groups)
    return ledger.one(connection, request_id) or found


def _heads(asked: ExecutionAsked) -> dict[str, int] | None:
    if asked.groups is None:
        return None
    heads = {line.group_id: line.head for line in asked.groups}
    if len(heads) < len(asked.groups):
        raise Conflict(say("a group is listed twice; give each group once, with all its head that moved"))
    return heads


def _by_group(request: MovementRequest) -> dict[str, dict[str, int]]:
    """Head by group, per side."""
    return {
        "leaving": {line.group_id: line.head for line in request.groups_leaving},
        "entering": {line.group_id: line.head for line in request.groups_entering},
    }


def _taken(step: Callable[[], MovementRequest]) -> MovementRequest:
    try:
        return step()
    except StepRefused as error:
        raise Conflict(error.said) from error


def _window(asked: MovementAsked) -> tuple[datetime, datetime]:
    start, end = _aware(asked.window_from), _aware(asked.window_to)
    if end <= start:
        raise Conflict(say("the window ends before it begins; correct window_from or window_to"))
    return start, end


def _aware(moment: datetime) -> datetime:
    try:
        return aware(moment)
    except NaiveTime as error:
        raise Conflict(error.said) from error
