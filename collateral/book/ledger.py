"""Changes of the book (变动申请): asked for, approved by somebody else, executed, closed. Pure.

    requested -> approved -> executed -> closed        a sale stays executed until the buyer's proceeds are booked;
              -> refused                               every other kind closes when it is executed
              -> withdrawn (also once approved)

What a request is stands in `movement_request`, what each kind needs in `movement_conditions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from collateral.book.group_movement import GroupEntering, GroupLeaving, GroupStanding
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
from collateral.model.saying import Refusal, say

__all__ = [
    "BECOMES",
    "NEEDS",
    "Document",
    "Entrant",
    "GroupEntering",
    "GroupLeaving",
    "GroupStanding",
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


class StepRefused(Refusal):
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
        raise StepRefused(
            say("role {role} may not {step} a movement; ask an officer or risk staff", role=person.role, step=step)
        )
    if step is not Step.WITHDRAW and person.person_id == request.requested_by:
        raise StepRefused(say("who asked for a movement may not {step} it; ask somebody else", step=step))
    if step is Step.APPROVE:
        if request.kind in PLANNED and now >= request.end:
            raise StepRefused(say("its window is over; withdraw it and ask for a new one"))
        if against := objections(request, standing):
            raise StepRefused(say("{reasons}", reasons=against))
    return replace(request, state=state, decided_by=_decider(request, step, person), decided_at=now)


def executed(
    request: MovementRequest, left: Iterable[AnimalId] | None, at: datetime, now: datetime,
    heads: Mapping[str, int] | None = None,
) -> MovementRequest:  # fmt: skip
    """The request after the animals moved at `at`. `left`: those that really did, None for all. `heads`: how many of
    each group did, None for all that were asked for; of one that it does not name, none. Kinds without proceeds are
    closed at once. Raises StepRefused."""
    state = _next(request, Step.EXECUTE)
    if at > now:
        raise StepRefused(say("what has not happened yet cannot be booked as done; give the time when it happened"))
    if not request.start <= at <= request.end:
        raise StepRefused(
            say("it was approved from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC; "
                "what happened outside is a matter for a case, not for this request",
                start=request.start, end=request.end)
        )  # fmt: skip
    really = request.leaving if left is None else tuple(dict.fromkeys(left))
    if strangers := [a for a in really if a not in request.leaving]:
        raise StepRefused(say("not named in the request: {animals}; ask for them separately", animals=some(strangers)))
    out, into = _moved(request.groups_leaving, heads), _moved(request.groups_entering, heads)
    _known(request, heads)
    whole = set(really) == set(request.leaving) and (out, into) == (request.groups_leaving, request.groups_entering)
    if request.kind is MovementKind.SUBSTITUTION and not whole:
        raise StepRefused(say("a substitution is executed as a whole; withdraw it and ask for what was exchanged"))
    if request.kind in LEAVES and not (really or out):
        raise StepRefused(say("no animal left; withdraw the request instead"))
    if request.kind not in LEAVES and not (request.entering or into):
        raise StepRefused(say("no animal entered; withdraw the request instead"))
    done = replace(
        request, state=state, leaving=really, groups_leaving=out, groups_entering=into, executed_at=at
    )  # fmt: skip
    return done if request.kind is MovementKind.SALE else replace(done, state=RequestState.CLOSED, closed_at=now)


def settled(request: MovementRequest, proceeds_minor: int, receipt: Document, now: datetime) -> MovementRequest:
    """A sale after the buyer's proceeds were booked. Raises StepRefused."""
    state = _next(request, Step.CLOSE)
    if proceeds_minor <= 0:
        raise StepRefused(say("proceeds must be above 0; a sale without proceeds is a matter for risk staff"))
    return replace(
        request, state=state, proceeds_minor=proceeds_minor, closed_at=now, documents=(*request.documents, receipt)
    )


Line = TypeVar("Line", GroupLeaving, GroupEntering)


def _moved(lines: tuple[Line, ...], heads: Mapping[str, int] | None) -> tuple[Line, ...]:
    """The lines with the head that really moved; where none did, there is no line."""
    if heads is None:
        return lines
    return tuple(replace(line, head=heads[line.group_id]) for line in lines if heads.get(line.group_id))


def _known(request: MovementRequest, heads: Mapping[str, int] | None) -> None:
    """Raises StepRefused where more moved than was asked for."""
    asked = {line.group_id: line.head for line in request.groups_leaving}
    asked |= {line.group_id: line.head for line in request.groups_entering}
    for group, head in (heads or {}).items():
        if group not in asked:
            raise StepRefused(say("not named in the request: {group}; ask for it separately", group=group))
        if not 0 <= head <= asked[group]:
            raise StepRefused(
                say("{head} head of {group} cannot have moved of the {approved} that were approved; "
                    "ask for the others separately", head=head, group=group, approved=asked[group])
            )  # fmt: skip


def _next(request: MovementRequest, step: Step) -> RequestState:
    state = NEXT.get((request.state, step))
    if state is None:
        possible = [s for (at, s) in NEXT if at is request.state]
        advice = say("possible: {steps}", steps=possible) if possible else say("nothing more can be done with it")
        raise StepRefused(
            say("request {request} is {state}: it cannot {step}; {advice}",
                request=request.request_id, state=request.state, step=step, advice=advice)
        )  # fmt: skip
    return state


def _decider(request: MovementRequest, step: Step, person: Person) -> PersonId | None:
    """A withdrawal does not replace who approved: those may be the same who asked."""
    return request.decided_by if step is Step.WITHDRAW else person.person_id
