"""What each kind of movement needs before it is approved: papers, animals, and conditions of its own. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from collateral.book.movement_request import ENTERS, LEAVES, MovementRequest, Paper, Standing
from collateral.model.ids import AnimalId
from collateral.model.loan import MovementKind

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


def objections(request: MovementRequest, standing: Standing) -> list[str]:
    """Everything that stands against approving a request, in plain words; empty: nothing."""
    return [
        *_sides(request), *_window(request), *_papers(request), *hindrances(request, standing),
        *CONDITIONS.get(request.kind, _nothing)(request, standing),
    ]  # fmt: skip


def hindrances(request: MovementRequest, standing: Standing) -> list[str]:
    """What of a request's animals is not as it must be: also asked when it is executed, for the book goes on."""
    return [*_leaving(request, standing), *_entering(request, standing)]


def _sides(request: MovementRequest) -> Iterator[str]:
    for named, due, word in ((request.leaving, LEAVES, "leave"), (request.entering, ENTERS, "enter")):
        if request.kind in due and not named:
            yield f"name the animals that {word}"
        if request.kind not in due and named:
            yield f"a {request.kind} lets no animal {word}"
    names = [*request.leaving, *(e.animal_id for e in request.entering)]
    if twice := sorted({a for a in names if names.count(a) > 1} if len(set(names)) < len(names) else ()):
        yield f"named twice: {some(twice)}"


def _window(request: MovementRequest) -> Iterator[str]:
    if request.end - request.start > LONGEST_WINDOW:
        yield f"the window is longer than {LONGEST_WINDOW.days} days; ask for a shorter one"


def _papers(request: MovementRequest) -> Iterator[str]:
    for kind in sorted(NEEDS[request.kind]):
        told = [d for d in request.documents if d.kind is kind]
        part = "sha256" if kind in _BY_FILE else "number"
        if not any(getattr(d, part) for d in told):
            what = "the SHA-256 of its file" if part == "sha256" else "its number"
            yield f"needs a {kind.replace('_', ' ')} with {what}"


def _leaving(request: MovementRequest, standing: Standing) -> Iterator[str]:
    foreign = [a for a in request.leaving if a not in standing.pledged or standing.pledged[a][0] != request.loan_id]
    if foreign:
        yield f"not pledged to {request.loan_id}: {some(foreign)}"
    if taken := [a for a in request.leaving if a in standing.spoken_for]:
        yield f"another open request names: {some(taken)}"


def _entering(request: MovementRequest, standing: Standing) -> Iterator[str]:
    names = [e.animal_id for e in request.entering]
    if unknown := [a for a in names if a not in standing.enrolled]:
        yield f"not enrolled, or not present: {some(unknown)}; import them first"
    if pledged := [a for a in names if a in standing.pledged]:
        yield f"already pledged: {some(pledged)}"
    if taken := [a for a in names if a in standing.spoken_for]:
        yield f"another open request names: {some(taken)}"


def _born(request: MovementRequest, standing: Standing) -> Iterator[str]:
    for e in request.entering:
        if e.dam_id is None or standing.pledged.get(e.dam_id, (None, 0))[0] != request.loan_id:
            yield f"{e.animal_id}: name the dam, which must be pledged to {request.loan_id}"
        if e.born is None or e.tagged_on is None:
            yield f"{e.animal_id}: tell when it was born and when it was tagged"
        elif not e.born <= e.tagged_on <= e.born + TAGGED_WITHIN:
            yield f"{e.animal_id}: must be tagged within {TAGGED_WITHIN.days} days of its birth"


def _exchanged(request: MovementRequest, standing: Standing) -> Iterator[str]:
    out = sum(standing.pledged[a][1] for a in request.leaving if a in standing.pledged)
    back = sum(e.value_minor for e in request.entering)
    if back < out:
        yield f"worth {back} enters for {out} that leaves (minor units); add animals"


def _moved(request: MovementRequest, _: Standing) -> Iterator[str]:
    if request.to_pen_id is None:
        yield "name the pen that they move to"


def _nothing(_: MovementRequest, __: Standing) -> Iterator[str]:
    return iter(())


CONDITIONS: dict[MovementKind, Callable[[MovementRequest, Standing], Iterator[str]]] = {
    MovementKind.BIRTH: _born,
    MovementKind.SUBSTITUTION: _exchanged,
    MovementKind.TRANSFER: _moved,
}


def some(names: list[AnimalId]) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
