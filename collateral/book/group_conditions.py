"""What must hold of groups known by number before head of them move. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from collateral.book.group_movement import GroupLeaving, GroupStanding
from collateral.book.movement_request import MovementRequest, RequestState, Standing
from collateral.model.loan import MovementKind
from collateral.model.saying import Saying, say


def hindrances(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    """What of a request's groups is not as it must be: also asked when it is executed."""
    yield from _twice(request)
    for line in request.groups_leaving:
        group = standing.groups.get(line.group_id)
        if group is None or not group.pledged:
            yield say("not pledged to {loan}: {animals}", loan=request.loan_id, animals=line.group_id)
        else:
            yield from _head(request, line, group)
            yield from _destination(request, line, group, standing)
    if unknown := [g.group_id for g in request.groups_entering if g.group_id not in standing.groups]:
        yield say("no group on a farm of the loan's branch: {groups}; import it first", groups=unknown)
    yield from _claimed(request, standing)
    yield from _in_order(request, standing)


def worth_leaving(request: MovementRequest, standing: Standing) -> int:
    """What the head that leave groups are worth, in minor units."""
    known = [(line.head, standing.groups[line.group_id]) for line in request.groups_leaving
             if line.group_id in standing.groups]  # fmt: skip
    return sum(head * group.value_minor for head, group in known)


def _twice(request: MovementRequest) -> Iterator[Saying]:
    for lines in (request.groups_leaving, request.groups_entering):
        names = [line.group_id for line in lines]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            yield say("named twice: {groups}; name each group once with all its head", groups=twice)


def _head(request: MovementRequest, line: GroupLeaving, group: GroupStanding) -> Iterator[Saying]:
    # What was approved may be booked, and the dead are not kept waiting by a sale that is still to come.
    is_asked = request.state is RequestState.REQUESTED and request.kind is not MovementKind.DEATH
    spoken_for = group.spoken_for if is_asked else 0
    if line.head > group.pledged:
        yield say("{group}: {head} head are more than the {pledged} that are pledged to {loan}",
                  group=line.group_id, head=line.head, pledged=group.pledged, loan=request.loan_id)  # fmt: skip
    elif line.head > group.pledged - spoken_for:
        yield say("{group}: {head} head are more than are free: other open requests name {spoken_for} of the {pledged} "
                  "pledged to {loan}", group=line.group_id, head=line.head, spoken_for=spoken_for,
                  pledged=group.pledged, loan=request.loan_id)  # fmt: skip
    elif request.kind is not MovementKind.RELEASE and line.head > group.head:
        yield say("{group}: {head} head are more than the {there} that the book has there; count the pen",
                  group=line.group_id, head=line.head, there=group.head)  # fmt: skip


def _destination(
    request: MovementRequest, line: GroupLeaving, group: GroupStanding, standing: Standing
) -> Iterator[Saying]:
    if request.kind is not MovementKind.TRANSFER:
        if line.to_group_id is not None:
            yield say("{group}: only a transfer goes to another group", group=line.group_id)
        return
    if line.to_group_id is None:
        yield say("{group}: name the group that they move to", group=line.group_id)
        return
    if line.to_group_id == line.group_id:
        yield say("{group}: they are there already; name another group", group=line.group_id)
        return
    to = standing.groups.get(line.to_group_id)
    if to is None:
        yield say("no group on a farm of the loan's branch: {group}; import it first, an empty one with 0 head",
                  group=line.to_group_id)  # fmt: skip
    elif group.species not in {to.species} & {to.pen_species}:
        yield say("{to}: pen {pen} is for {due}, and {group} are {species}", to=line.to_group_id, pen=to.pen_id,
                  due=to.pen_species, group=line.group_id, species=group.species)  # fmt: skip


def _claimed(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    """What comes to a group is pledged: not where more is pledged already than is there."""
    to = [
        *(g.group_id for g in request.groups_entering),
        *(g.to_group_id for g in request.groups_leaving if g.to_group_id),
    ]
    for group in (standing.groups[name] for name in dict.fromkeys(to) if name in standing.groups):
        if group.claimed > group.head:
            yield say("{group}: {claimed} head are pledged of the {head} that it has; "
                      "have those released first that are not there",
                      group=group.group_id, claimed=group.claimed, head=group.head)  # fmt: skip


def _in_order(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    """A group is one number: what happened before its last change would change all that was booked since."""
    at = request.executed_at
    for name in request.groups:
        changed = standing.groups[name].changed_at if name in standing.groups else None
        if at is not None and changed is not None and at <= changed:
            yield say("{group}: its book was changed as of {changed:%Y-%m-%d %H:%M:%S} UTC; "
                      "what is booked now must have happened after that: give a later time",
                      group=name, changed=changed)  # fmt: skip
