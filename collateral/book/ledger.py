"""Changes of the book (变动申请): asked for, approved by somebody else, executed, closed. Pure.

    requested -> approved -> executed -> closed        a sale stays executed until the buyer's proceeds are booked;
              -> refused                               every other kind closes when it is executed
              -> withdrawn (also once approved)

What a request is stands in `movement_request`, what each kind needs in `movement_conditions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from collateral.book.movement_conditions import NEEDS, hindrances, objections, some
from collateral.book.movement_request import (
    BECOMES,
    LEAVES,
    PLANNED,
    Document,
    Entrant,
    MovementRequest,
    Paper,
    RequestState,
    Standing,
    Step,
)
from collateral.model.ids import AnimalId, PersonId
from collateral.model.loan import MovementKind
from collateral.model.person import Person, Role

__all__ = [
    "BECOMES",
    "NEEDS",
    "Document",
    "Entrant",
    "MovementRequest",
    "Paper",
    "RequestState",
    "Standing",
    "Step",
    "StepRefused",
    "decided",
    "executed",
    "hindrances",
    "objections",
    "settled",
]


class StepRefused(ValueError):
    """The request cannot take that step; the message says why and what would be needed."""


NEXT: dict[tuple[RequestState, Step], RequestState] = {
    (RequestState.REQUESTED, Step.APPROVE): RequestState.APPROVED,
    (RequestState.REQUESTED, Step.REFUSE): RequestState.REFUSED,
    (RequestState.REQUESTED, Step.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.APPROVED, Step.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.APPROVED, Step.EXECUTE): RequestState.EXECUTED,
    (RequestState.EXECUTED, Step.CLOSE): RequestState.CLOSED,
}
MAY = frozenset({Role.OFFICER, Role.RISK, Role.ADMIN})


def decided(request: MovementRequest, step: Step, person: Person, now: datetime, standing: Standing) -> MovementRequest:
    """The request after approval, refusal or withdrawal. Raises StepRefused."""
    state = _next(request, step)
    if person.role not in MAY:
        raise StepRefused(f"role {person.role} may not {step} a movement; ask an officer or risk staff")
    if step is not Step.WITHDRAW and person.person_id == request.requested_by:
        raise StepRefused(f"who asked for a movement may not {step} it; ask somebody else")
    if step is Step.APPROVE:
        if request.kind in PLANNED and now >= request.end:
            raise StepRefused("its window is over; withdraw it and ask for a new one")
        if against := objections(request, standing):
            raise StepRefused("; ".join(against))
    return replace(request, state=state, decided_by=_decider(request, step, person), decided_at=now)


def executed(request: MovementRequest, left: Iterable[AnimalId] | None, at: datetime, now: datetime) -> MovementRequest:
    """The request after the animals moved at `at`. `left`: those that really did, None for all. Kinds without
    proceeds are closed at once. Raises StepRefused."""
    state = _next(request, Step.EXECUTE)
    if at > now:
        raise StepRefused("what has not happened yet cannot be booked as done; give the time when it happened")
    if not request.start <= at <= request.end:
        raise StepRefused(f"it was approved from {request.start:%Y-%m-%d %H:%M} to {request.end:%Y-%m-%d %H:%M} UTC; "
                          "what happened outside is a matter for a case, not for this request")  # fmt: skip
    really = request.leaving if left is None else tuple(dict.fromkeys(left))
    if strangers := [a for a in really if a not in request.leaving]:
        raise StepRefused(f"not named in the request: {some(strangers)}; ask for them separately")
    if request.kind is MovementKind.SUBSTITUTION and set(really) != set(request.leaving):
        raise StepRefused("a substitution is executed as a whole; withdraw it and ask for what was exchanged")
    if request.kind in LEAVES and not really:
        raise StepRefused("no animal left; withdraw the request instead")
    done = replace(request, state=state, leaving=really, executed_at=at)
    return done if request.kind is MovementKind.SALE else replace(done, state=RequestState.CLOSED, closed_at=now)


def settled(request: MovementRequest, proceeds_minor: int, receipt: Document, now: datetime) -> MovementRequest:
    """A sale after the buyer's proceeds were booked. Raises StepRefused."""
    state = _next(request, Step.CLOSE)
    if proceeds_minor <= 0:
        raise StepRefused("proceeds must be above 0; a sale without proceeds is a matter for risk staff")
    return replace(
        request, state=state, proceeds_minor=proceeds_minor, closed_at=now, documents=(*request.documents, receipt)
    )


def _next(request: MovementRequest, step: Step) -> RequestState:
    state = NEXT.get((request.state, step))
    if state is None:
        possible = [s for (at, s) in NEXT if at is request.state]
        advice = f"it can only {' or '.join(possible)}" if possible else "nothing more can be done with it"
        raise StepRefused(f"request {request.request_id} is {request.state}: it cannot {step}; {advice}")
    return state


def _decider(request: MovementRequest, step: Step, person: Person) -> PersonId | None:
    """A withdrawal does not replace who approved: those may be the same who asked."""
    return request.decided_by if step is Step.WITHDRAW else person.person_id
