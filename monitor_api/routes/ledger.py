"""The ledger: importing animals, movement requests and their steps, retagging, the roll-forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Body, Path, Query

from collateral.book import ledger as book
from collateral.book.ledger import MovementRequest, RequestState, Step
from collateral.book.roll_forward import RollForward
from collateral.contract.ledger import (
    DecisionAsked,
    DocumentShape,
    EntrantShape,
    ExecutionAsked,
    GroupEnteringShape,
    GroupImportAnswer,
    GroupLeavingShape,
    GroupLine,
    ImportAnswer,
    MovementAsked,
    MovementDetail,
    MovementEventShape,
    MovementSummary,
    ProceedsAsked,
    RetagAsked,
    RollForwardShape,
    StepWord,
)
from collateral.model.loan import MovementKind
from collateral.model.moment import aware
from collateral.model.saying import say
from collateral.store import enrolment_files, herds, ledger, retagging, roll_forward, sight
from collateral.store.pool import Connection
from monitor_api import import_answer, import_groups, movements, pledge_checks
from monitor_api.access import BankPerson, CaseHandler
from monitor_api.book_settings import BookSettings
from monitor_api.desk import Caller
from monitor_api.errors import Conflict, NotFound, documented
from monitor_api.import_file import ImportRefused, Wanted
from monitor_api.tongues import spoken

router = APIRouter(tags=["ledger"])
RequestNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]
MOST_BYTES = 16 * 2**20  # 200,000 rows of 80 bytes
CsvFile = Annotated[bytes, Body(media_type="text/csv", max_length=MOST_BYTES, description="The file as it is.")]
Answer = TypeVar("Answer", ImportAnswer, GroupImportAnswer)
PROBLEMS = documented(401, 403, 404, 409, 422, 503)


@router.post("/farms/{farm_id}/animals", responses=PROBLEMS)
def import_file(
    farm_id: str, data: CsvFile, caller: CaseHandler, loan_id: str | None = None, dry_run: bool = False  # noqa: FBT001
) -> ImportAnswer:  # fmt: skip
    """Enrol, and with `loan_id` pledge, the animals of a CSV file: good rows are written, bad ones listed."""
    return _imported(import_answer.imported, data, _wanted(farm_id, loan_id, caller, dry_run=dry_run), caller)


@router.post("/farms/{farm_id}/groups", responses=PROBLEMS)
def import_groups_file(
    farm_id: str, data: CsvFile, caller: CaseHandler, loan_id: str | None = None, dry_run: bool = False  # noqa: FBT001
) -> GroupImportAnswer:  # fmt: skip
    """Enrol, and with `loan_id` pledge, the groups known by number of a CSV file: good rows are written, bad ones
    listed."""
    return _imported(import_groups.imported, data, _wanted(farm_id, loan_id, caller, dry_run=dry_run), caller)


@router.get("/movements", responses=documented(401, 403, 503))
def list_movements(caller: BankPerson, loan_id: str | None = None) -> list[MovementSummary]:
    """The newest movement requests of one's branch, or of one loan."""
    with caller.sight() as connection:
        return [_summary(request) for request in ledger.of_loan(connection, loan_id)]


@router.post("/movements", status_code=201, responses=PROBLEMS)
def ask(asked: MovementAsked, caller: CaseHandler) -> MovementDetail:
    """Ask for a movement. The answer says what still stands against approving it."""
    with caller.sight() as connection:
        return _detail(connection, movements.ask(connection, asked, caller), caller)


@router.get("/movements/{request_id}", responses=documented(401, 403, 404, 422, 503))
def one_movement(request_id: RequestNumber, caller: BankPerson) -> MovementDetail:
    """One request: animals, papers, history, and what stands against approving it."""
    with caller.sight() as connection:
        return _detail(connection, request_id, caller)


@router.post("/movements/{request_id}/documents", responses=PROBLEMS)
def add_document(request_id: RequestNumber, paper: DocumentShape, caller: CaseHandler) -> MovementDetail:
    """Put a paper to a request that is not decided yet."""
    with caller.sight() as connection:
        found = ledger.one(connection, request_id)
        if found is None:
            raise NotFound("movement request")
        if found.state is not RequestState.REQUESTED:
            raise Conflict(
                say("request {request} is {state}: papers are put to it before it is decided",
                    request=request_id, state=found.state)
            )  # fmt: skip
        if paper.number is None and paper.sha256 is None:
            raise Conflict(say("a paper needs its number or the SHA-256 of its file"))
        said = book.Document(
            kind=book.Paper(paper.kind), number=paper.number, sha256=paper.sha256, issued_on=paper.issued_on
        )
        ledger.add_documents(connection, request_id, [said], caller.person.person_id, caller.now())
        ledger.record(connection, request_id, caller.now(), caller.person.login, "document", None, {"kind": paper.kind})
        return _detail(connection, request_id, caller)


# Before the steps: their path would take these words for one.
@router.post("/movements/{request_id}/execute", responses=PROBLEMS)
def execute(request_id: RequestNumber, asked: ExecutionAsked, caller: CaseHandler) -> MovementDetail:
    """Book which animals really moved, and when: pledges, tags and status change from then on."""
    with caller.sight() as connection:
        movements.execute(connection, request_id, asked, caller)
        detail = _detail(connection, request_id, caller)
    if detail.entering or detail.groups_entering:
        with sight.unscoped(caller.desk.connections) as connection:
            _matched(connection, detail.summary.loan_id, caller)
    return detail


@router.post("/movements/{request_id}/proceeds", responses=PROBLEMS)
def book_proceeds(request_id: RequestNumber, asked: ProceedsAsked, caller: CaseHandler) -> MovementDetail:
    """Book what the buyer paid: the sale is closed."""
    with caller.sight() as connection:
        movements.settle(connection, request_id, asked, caller)
        return _detail(connection, request_id, caller)


@router.post("/movements/{request_id}/{step}", responses=PROBLEMS)
def decide(request_id: RequestNumber, step: StepWord, asked: DecisionAsked, caller: CaseHandler) -> MovementDetail:
    """Approve, refuse or withdraw a request. Nobody decides on what they asked for themselves."""
    with caller.sight() as connection:
        movements.decide(connection, request_id, Step(step), caller, asked.note)
        return _detail(connection, request_id, caller)


@router.get("/loans/{loan_id}/groups", responses=documented(401, 403, 404, 409, 422, 503))
def groups_of(loan_id: str, caller: BankPerson, at: datetime | None = None) -> list[GroupLine]:
    """The groups known by number on the farms where a loan's animals stand, now or as they were at a moment."""
    if at is not None and at.tzinfo is None:
        raise Conflict(say("at needs a time zone, such as 2026-05-01T00:00:00Z"))
    with caller.sight() as connection:
        if enrolment_files.branch_of_loan(connection, loan_id) is None:
            raise NotFound("loan")
        return herds.groups(connection, loan_id, aware(at) if at else caller.now())


@router.post("/animals/{animal_id}/retag", status_code=204, responses=PROBLEMS)
def retag(animal_id: str, asked: RetagAsked, caller: CaseHandler) -> None:
    """Replace an animal's device, its official number, or both. What it bore before stays on record."""
    at = aware(asked.at) if asked.at and asked.at.tzinfo else caller.now()
    if at > caller.now():
        raise Conflict(say("a retagging is booked when it has happened; correct the time"))
    with caller.sight() as connection:
        if ledger.farm_of(connection, animal_id) is None:
            raise NotFound("animal")
        try:
            if asked.dev_eui:
                retagging.retag(connection, animal_id, asked.dev_eui, at)
            if asked.ear_tag:
                retagging.renumber(connection, animal_id, asked.ear_tag, at)
        except retagging.NumberTaken as error:
            raise Conflict(error.said) from error


@router.get("/loans/{loan_id}/roll-forward", responses=documented(401, 403, 404, 422, 503))
def rolled_forward(
    loan_id: str, caller: BankPerson, start: Annotated[datetime, Query()], end: datetime | None = None
) -> RollForwardShape:  # fmt: skip
    """Opening + in - out = closing of one loan over (start, end], and what is not accounted for."""
    until = end or caller.now()
    if start.tzinfo is None or until.tzinfo is None:
        raise Conflict(say("start and end need a time zone, such as 2026-05-01T00:00:00Z"))
    with caller.sight() as connection:
        if enrolment_files.branch_of_loan(connection, loan_id) is None:
            raise NotFound("loan")
        return _rolled(roll_forward.between(connection, loan_id, aware(start), aware(until)))


def _wanted(farm_id: str, loan_id: str | None, caller: Caller, *, dry_run: bool) -> Wanted:
    """What to import for whom. Raises NotFound for a farm or loan that is not the caller's to see."""
    with caller.sight() as connection:
        if enrolment_files.branch_of_farm(connection, farm_id) is None:
            raise NotFound("farm")
        if loan_id is not None and enrolment_files.branch_of_loan(connection, loan_id) is None:
            raise NotFound("loan")
        may_name = enrolment_files.loans_in_sight(connection)
    return Wanted(
        farm_id=farm_id, loan_id=loan_id, actor=caller.person.login, now=caller.now(), dry_run=dry_run,
        counties=BookSettings().county_codes(), may_name=may_name,
    )  # fmt: skip


def _imported(
    imported: Callable[[Connection, bytes, Wanted], Answer], data: bytes, wanted: Wanted, caller: Caller
) -> Answer:
    # An animal pledged in another branch is a double pledge too; only the program sees that far.
    with sight.unscoped(caller.desk.connections) as connection:
        try:
            said = imported(connection, data, wanted)
        except ImportRefused as error:
            raise Conflict(error.said) from error
        if said.refused:
            return said
        return said.model_copy(update={"pledge_matches": _matched(connection, wanted.loan_id, caller)})


def _matched(connection: Connection, loan_id: str | None, caller: Caller) -> int | None:
    """What newly secures a loan is compared with what other banks hold, where this bank takes part in that."""
    key = BookSettings().round_key()
    if key is None or loan_id is None:
        return None
    return pledge_checks.check(connection, key, caller.now(), loan_id).exact


def _detail(connection: Connection, request_id: int, caller: Caller) -> MovementDetail:
    request = ledger.one(connection, request_id)
    if request is None:
        raise NotFound("movement request")
    is_open = request.state is RequestState.REQUESTED
    objections = book.objections(request, ledger.standing(connection, request)) if is_open else []
    return MovementDetail(
        summary=_summary(request), leaving=list(request.leaving), to_pen_id=request.to_pen_id,
        groups_leaving=[GroupLeavingShape.model_validate(g, from_attributes=True) for g in request.groups_leaving],
        groups_entering=[GroupEnteringShape.model_validate(g, from_attributes=True) for g in request.groups_entering],
        entering=[EntrantShape.model_validate(e, from_attributes=True) for e in request.entering],
        documents=[DocumentShape.model_validate(d, from_attributes=True) for d in request.documents],
        events=[MovementEventShape(**event) for event in ledger.events(connection, request_id)],
        objections=[spoken(objection) for objection in objections],
        may_approve=is_open and not objections and caller.person.person_id != request.requested_by
        and caller.person.role in book.MAY,
    )  # fmt: skip


def _summary(r: MovementRequest) -> MovementSummary:
    return MovementSummary(
        request_id=r.request_id, loan_id=r.loan_id, kind=r.kind.value, state=r.state.value, leaving=r.head_leaving,
        entering=r.head_entering, leaving_by_number=r.head_leaving - len(r.leaving),
        entering_by_number=r.head_entering - len(r.entering),
        window_from=r.start, window_to=r.end, reason=r.reason, requested_by=r.requested_by,
        requested_at=r.requested_at, decided_by=r.decided_by, decided_at=r.decided_at, executed_at=r.executed_at,
        closed_at=r.closed_at, proceeds_minor=r.proceeds_minor,
    )  # fmt: skip


def _rolled(r: RollForward) -> RollForwardShape:
    k = MovementKind
    return RollForwardShape(
        loan_id=r.loan_id, start=r.start, end=r.end, opening=r.opening, closing=r.closing,
        enrolled=r.line(None, entering=True), births=r.line(k.BIRTH, entering=True),
        purchases=r.line(k.PURCHASE, entering=True), transfers_in=r.line(k.TRANSFER, entering=True),
        substitutions_in=r.line(k.SUBSTITUTION, entering=True), sales=r.line(k.SALE, entering=False),
        deaths=r.line(k.DEATH, entering=False), transfers_out=r.line(k.TRANSFER, entering=False),
        substitutions_out=r.line(k.SUBSTITUTION, entering=False), releases=r.line(k.RELEASE, entering=False),
        difference=r.difference, ties=r.ties, unexplained_in=list(r.unexplained_in),
        unexplained_out=list(r.unexplained_out),
        unexplained_head=dict(r.unexplained_in) | {unit: -head for unit, head in r.unexplained_out.items()},
        contradicted=list(r.contradicted),
    )  # fmt: skip
