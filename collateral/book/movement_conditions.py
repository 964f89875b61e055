"""What each kind of movement needs before it is approved: papers, animals, and conditions of its own. Pure.

What is asked of groups known by number stands in `group_conditions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from collateral.book import group_conditions
from collateral.book.movement_request import ENTERS, LEAVES, MovementRequest, Paper, Standing
from collateral.model.ids import AnimalId
from collateral.model.loan import MovementKind
from collateral.model.saying import Saying, say

TAGGED_WITHIN = timedelta(days=30)  # new-born are tagged within 30 days (畜禽标识和养殖档案管理办法)
LONGEST_WINDOW = timedelta(days=7)  # an open gate for longer is no plan [I]

NEEDS: dict[MovementKind, frozenset[Paper]] = {
    MovementKind.SALE: frozenset({Paper.QUARANTINE_CERTIFICATE}),
    MovementKind.TRANSFER: frozenset({Paper.QUARANTINE_CERTIFICATE}),
    MovementKind.DEATH: frozenset({Paper.DISPOSAL_RECORD, Paper.CARCASS_PHOTO}),
    MovementKind.BIRTH: frozenset({Paper.BIRTH_RECORD}),
    MovementKind.PURCHASE: frozenset({Paper.INVOICE, Paper.TAG_LIST}),
    MovementKind.SUBSTITUTION: frozenset({Paper.TAG_LIST}),
    MovementKind.RELEASE: frozenset({Paper.RELEASE_CONSENT}),
}
_BY_FILE = frozenset({Paper.CARCASS_PHOTO, Paper.TAG_LIST})  # what is a file rather than a numbered form


def objections(request: MovementRequest, standing: Standing) -> list[Saying]:
    """Everything that stands against approving a request, in plain words; empty: nothing."""
    return [
        *_sides(request), *_window(request), *_papers(request), *hindrances(request, standing),
        *CONDITIONS.get(request.kind, _nothing)(request, standing),
    ]  # fmt: skip


def hindrances(request: MovementRequest, standing: Standing) -> list[Saying]:
    """What of a request's animals is not as it must be: also asked when it is executed, for the book goes on."""
    return [
        *_leaving(request, standing), *_destination(request, standing), *_entering(request, standing),
        *group_conditions.hindrances(request, standing),
    ]  # fmt: skip


def _sides(request: MovementRequest) -> Iterator[Saying]:
    sides = (
        (request.leaving, request.groups_leaving, LEAVES,
         say("name the animals that leave"), say("a {kind} lets no animal leave", kind=request.kind)),
        (request.entering, request.groups_entering, ENTERS,
         say("name the animals that enter"), say("a {kind} lets no animal enter", kind=request.kind)),
    )  # fmt: skip
    for named, groups, due, lacking, strange in sides:
        if request.kind in due and not (named or groups):
            yield lacking
        if request.kind not in due and (named or groups):
            yield strange
    names = [*request.leaving, *(e.animal_id for e in request.entering)]
    if twice := sorted({a for a in names if names.count(a) > 1} if len(set(names)) < len(names) else ()):
        yield say("named twice: {animals}", animals=some(twice))


def _window(request: MovementRequest) -> Iterator[Saying]:
    if request.end - request.start > LONGEST_WINDOW:
        yield say("the window is longer than {days} days; ask for a shorter one", days=LONGEST_WINDOW.days)


def _papers(request: MovementRequest) -> Iterator[Saying]:
    for kind in sorted(NEEDS[request.kind]):
        told = [d for d in request.documents if d.kind is kind]
        part = "sha256" if kind in _BY_FILE else "number"
        if not any(getattr(d, part) for d in told):
            if part == "sha256":
                yield say("needs a {paper} with the SHA-256 of its file", paper=kind)
            else:
                yield say("needs a {paper} with its number", paper=kind)


def _leaving(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    foreign = [a for a in request.leaving if a not in standing.pledged or standing.pledged[a][0] != request.loan_id]
    if foreign:
        yield say("not pledged to {loan}: {animals}", loan=request.loan_id, animals=some(foreign))
    if taken := [a for a in request.leaving if a in standing.spoken_for]:
        yield say("another open request names: {animals}", animals=some(taken))


def _destination(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    due = standing.to_pen_species
    if due is None:
        return
    strange = [(a, kind) for a in request.leaving if (kind := standing.species.get(a, due)) is not due]
    for kind in sorted({kind for _, kind in strange}):
        animals = some([a for a, its in strange if its is kind])
        yield say("pen {pen} is for {due}, and {animals} are {species}",
                  pen=request.to_pen_id, due=due, animals=animals, species=kind)  # fmt: skip


def _entering(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    names = [e.animal_id for e in request.entering]
    if unknown := [a for a in names if a not in standing.enrolled]:
        yield say("not enrolled, or not present: {animals}; import them first", animals=some(unknown))
    if pledged := [a for a in names if a in standing.pledged]:
        yield say("already pledged: {animals}", animals=some(pledged))
    if taken := [a for a in names if a in standing.spoken_for]:
        yield say("another open request names: {animals}", animals=some(taken))


def _born(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    for e in request.entering:
        if e.dam_id is None or standing.pledged.get(e.dam_id, (None, 0))[0] != request.loan_id:
            yield say(
                "{animal}: name the dam, which must be pledged to {loan}", animal=e.animal_id, loan=request.loan_id
            )
        if e.born is None or e.tagged_on is None:
            yield say("{animal}: tell when it was born and when it was tagged", animal=e.animal_id)
        elif not e.born <= e.tagged_on <= e.born + TAGGED_WITHIN:
            yield say(
                "{animal}: must be tagged within {days} days of its birth", animal=e.animal_id, days=TAGGED_WITHIN.days
            )


def _exchanged(request: MovementRequest, standing: Standing) -> Iterator[Saying]:
    out = sum(standing.pledged[a][1] for a in request.leaving if a in standing.pledged)
    out += group_conditions.worth_leaving(request, standing)
    back = sum(e.value_minor for e in request.entering) + sum(g.head * g.value_minor for g in request.groups_entering)
    if back < out:
        yield say("worth {back} enters for {out} that leaves (minor units); add animals", back=back, out=out)


def _moved(request: MovementRequest, _: Standing) -> Iterator[Saying]:
    if request.leaving and request.to_pen_id is None:
        yield say("name the pen that they move to")


def _nothing(_: MovementRequest, __: Standing) -> Iterator[Saying]:
    return iter(())


CONDITIONS: dict[MovementKind, Callable[[MovementRequest, Standing], Iterator[Saying]]] = {
    MovementKind.BIRTH: _born,
    MovementKind.SUBSTITUTION: _exchanged,
    MovementKind.TRANSFER: _moved,
}


def some(names: list[AnimalId]) -> Saying:
    """The first few names, and how many more there are."""
    if len(names) > 5:
        return say("{names} and {more} more", names=names[:5], more=len(names) - 5)
    return say("{names}", names=names)
