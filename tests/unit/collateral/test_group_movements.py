"""Head of groups in movements: what is refused, what a movement makes of the book, and that the book always ties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book import group_movement
from collateral.book.group_movement import GroupChange, GroupEntering, GroupLeaving, GroupStanding
from collateral.book.ledger import (
    NEEDS,
    Document,
    MovementRequest,
    RequestState,
    Standing,
    Step,
    StepRefused,
    decided,
    executed,
    hindrances,
    objections,
)
from collateral.book.roll_forward import Entry, roll_forward
from collateral.model.herd import Species
from collateral.model.ids import AnimalId, FarmId, LoanId, PenId, PersonId
from collateral.model.loan import MovementKind
from collateral.model.person import Person, Role

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LOAN, START, END = LoanId("L1"), NOW + timedelta(hours=1), NOW + timedelta(hours=9)
BEN = Person(person_id=PersonId("ben"), login="ben", name="ben", role=Role.RISK, branch_id=None)
IN = {MovementKind.BIRTH, MovementKind.PURCHASE}


def house(name: str, head: int, *, of: Species = Species.PIG, **changed: object) -> GroupStanding:
    """A house of pigs that secure the loan, at 2,000 yuan each."""
    whole = GroupStanding(
        group_id=name, farm_id=FarmId("f1"), pen_id=PenId(f"pen-{name}"), species=of, pen_species=of, head=head,
        pledged=head, value_minor=200_000, changed_at=NOW - timedelta(days=30),
    )  # fmt: skip
    return replace(whole, **changed)  # type: ignore[arg-type]


HOUSES = {"h1": house("h1", 300), "h2": house("h2", 50), "fold": house("fold", 80, of=Species.SHEEP)}
STANDING = Standing(pledged={}, enrolled=frozenset(), groups=HOUSES)


def leaving(head: int, group: str = "h1", to: str | None = None) -> tuple[GroupLeaving, ...]:
    return (GroupLeaving(group_id=group, head=head, to_group_id=to),)


def entering(head: int, group: str = "h1", value: int = 200_000) -> tuple[GroupEntering, ...]:
    return (GroupEntering(group_id=group, head=head, value_minor=value),)


def request(
    kind: MovementKind = MovementKind.SALE, out: tuple[GroupLeaving, ...] = (), into: tuple[GroupEntering, ...] = (),
    **changed: object,
) -> MovementRequest:  # fmt: skip
    whole = MovementRequest(
        request_id=1, loan_id=LOAN, kind=kind, state=RequestState.REQUESTED, leaving=(), entering=(), to_pen_id=None,
        start=START, end=END, reason="buyer found", requested_by=PersonId("anna"), requested_at=NOW,
        documents=tuple(Document(kind=k, number="P-1", sha256="0" * 64) for k in sorted(NEEDS[kind])),
        groups_leaving=out, groups_entering=into,
    )  # fmt: skip
    return replace(whole, **changed)  # type: ignore[arg-type]


GOOD = [
    request(MovementKind.SALE, leaving(300)), request(MovementKind.DEATH, leaving(3)),
    request(MovementKind.RELEASE, leaving(100)), request(MovementKind.TRANSFER, leaving(100, to="h2")),
    request(MovementKind.BIRTH, into=entering(11)), request(MovementKind.PURCHASE, into=entering(500)),
    request(MovementKind.SUBSTITUTION, leaving(10), entering(10)),
]  # fmt: skip


@pytest.mark.parametrize("asked", GOOD, ids=lambda asked: str(asked.kind))
def test_every_kind_of_movement_may_name_head_of_groups_alone(asked: MovementRequest) -> None:
    assert objections(asked, STANDING) == []
    assert decided(asked, Step.APPROVE, BEN, NOW, STANDING).state is RequestState.APPROVED


SALE, TRANSFER = MovementKind.SALE, MovementKind.TRANSFER
WRONG = [
    (request(SALE, leaving(301)), "h1: 301 head are more than the 300 that are pledged to L1"),
    (request(SALE, leaving(1, "elsewhere")), "not pledged to L1: elsewhere"),
    (request(SALE, (*leaving(1), *leaving(2))), "named twice: h1"),
    (request(SALE), "name the animals that leave"),
    (request(SALE, leaving(1), entering(1)), "a sale lets no animal enter"),
    (request(SALE, leaving(1, to="h2")), "only a transfer goes to another group"),
    (request(TRANSFER, leaving(1)), "name the group that they move to"),
    (request(TRANSFER, leaving(1, to="h1")), "they are there already"),
    (request(TRANSFER, leaving(1, to="fold")), "fold: pen pen-fold is for sheep, and h1 are pig"),
    (request(TRANSFER, leaving(1, to="elsewhere")), "no group on a farm of the loan's branch: elsewhere"),
    (request(MovementKind.PURCHASE, into=entering(1, "elsewhere")), "no group on a farm of the loan's branch: elsewhere"),
    (request(MovementKind.SUBSTITUTION, leaving(10), entering(9)), "1800000 enters for 2000000 that leaves"),
    (request(SALE, leaving(1), documents=()), "needs a quarantine certificate"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "said"), WRONG)
def test_what_stands_against_moving_head_of_a_group_is_said(asked: MovementRequest, said: str) -> None:
    told = objections(asked, STANDING)
    assert [one for one in told if said in one], told
    with pytest.raises(StepRefused):
        decided(asked, Step.APPROVE, BEN, NOW, STANDING)


def test_a_group_that_is_not_of_the_loan_or_was_sold_out_has_nothing_to_give() -> None:
    other = replace(STANDING, groups={"h1": house("h1", 300, pledged=0)})
    assert objections(request(SALE, leaving(1)), other) == ["not pledged to L1: h1"]
    # Another loan's sale has emptied the house: what this one's pledge says is no longer there.
    emptied = replace(STANDING, groups={"h1": house("h1", 20, pledged=100)})
    assert "more than the 20 that the book has there" in objections(request(SALE, leaving(21)), emptied)[0]
    assert objections(request(MovementKind.RELEASE, leaving(21)), emptied) == []


def test_nothing_comes_to_a_group_of_which_its_loans_claim_more_than_it_has() -> None:
    claimed = replace(STANDING, groups=HOUSES | {"h2": house("h2", 50, pledged=30, claimed=51)})
    said = ["h2: 51 head are pledged of the 50 that it has; have those released first that are not there"]
    for asked in (
        request(MovementKind.PURCHASE, into=entering(1, "h2")), request(MovementKind.BIRTH, into=entering(1, "h2")),
        request(TRANSFER, leaving(1, to="h2")),
    ):  # fmt: skip
        assert objections(asked, claimed) == said
    # Releasing is the way out of it, and what is sold is gone whoever claims it.
    assert objections(request(MovementKind.RELEASE, leaving(1, "h2")), claimed) == []
    assert objections(request(SALE, leaving(1, "h2")), claimed) == []


def test_open_requests_share_a_group_and_the_dead_are_not_kept_waiting() -> None:
    busy = replace(STANDING, groups={"h1": house("h1", 300, spoken_for=250)})
    assert objections(request(SALE, leaving(50)), busy) == []
    (told,) = objections(request(SALE, leaving(51)), busy)
    assert "other open requests name 250 of the 300" in told
    assert objections(request(MovementKind.DEATH, leaving(51)), busy) == []
    approved = request(SALE, leaving(51), state=RequestState.APPROVED)
    assert hindrances(executed(approved, None, START, START), busy) == []


def test_as_many_as_really_moved_are_booked_and_never_more() -> None:
    approved = request(SALE, (*leaving(300), *leaving(50, "h2")), state=RequestState.APPROVED)
    done = executed(approved, None, START, START, {"h1": 280})
    assert (done.groups_leaving, done.head_leaving) == (leaving(280), 280)
    assert executed(approved, None, START, START).head_leaving == 350
    refused = (
        ({"h1": 301}, "301 head of h1"),
        ({"h1": -1}, "-1 head"),
        ({"h9": 1}, "not named"),
        ({"h1": 0}, "no animal"),
    )
    for heads, said in refused:
        with pytest.raises(StepRefused, match=said):
            executed(approved, None, START, START, heads)
    bought = request(MovementKind.PURCHASE, into=entering(100), state=RequestState.APPROVED)
    assert executed(bought, None, START, START, {"h1": 97}).head_entering == 97
    with pytest.raises(StepRefused, match="no animal entered"):
        executed(bought, None, START, START, {})
    swap = request(MovementKind.SUBSTITUTION, leaving(10), entering(10, "h2"), state=RequestState.APPROVED)
    with pytest.raises(StepRefused, match="as a whole"):
        executed(swap, None, START, START, {"h1": 10, "h2": 9})


def test_single_animals_and_groups_move_together() -> None:
    cow = AnimalId("a0")
    both = replace(STANDING, pledged={cow: (LOAN, 1)}, enrolled=frozenset({cow}))
    asked = request(SALE, leaving(100), leaving=(cow,))
    assert (objections(asked, both), asked.head_leaving) == ([], 101)
    alone = executed(replace(asked, state=RequestState.APPROVED), [], START, START, {"h1": 90})
    assert (alone.leaving, alone.head_leaving) == ((), 90)


def test_the_book_of_a_group_goes_forward() -> None:
    late = replace(STANDING, groups={"h1": house("h1", 300, changed_at=START + timedelta(hours=2))})
    approved = request(SALE, leaving(1), state=RequestState.APPROVED)
    for at, hours in ((START + timedelta(hours=2), 2), (START, 0)):
        (told,) = hindrances(executed(approved, None, at, END), late)
        assert "give a later time" in told, hours
    assert hindrances(executed(approved, None, START + timedelta(hours=3), END), late) == []


def change(kind: MovementKind, out: tuple[GroupLeaving, ...], into: tuple[GroupEntering, ...]) -> list[GroupChange]:
    return group_movement.changes(kind, out, into, HOUSES)


def test_what_leaves_is_taken_from_pledge_and_house_but_what_is_released_stays_there() -> None:
    sold = GroupChange(group_id="h1", head=200, pledged=200, value_minor=200_000)
    assert change(SALE, leaving(100), ()) == [sold]
    assert change(MovementKind.RELEASE, leaving(100), ()) == [replace(sold, head=300)]


def test_what_comes_is_valued_with_what_is_there_and_never_above_it() -> None:
    (bought,) = change(MovementKind.PURCHASE, (), entering(100, "h2", 100_001))
    assert (bought.head, bought.pledged, bought.value_minor) == (150, 150, (50 * 200_000 + 100 * 100_001) // 150)
    out, into = change(TRANSFER, leaving(300, to="h2"), ())
    assert (out.head, out.pledged) == (0, 0)
    assert (into.head, into.pledged, into.value_minor) == (350, 350, 200_000)


KINDS = st.sampled_from(list(MovementKind))
GROUPS = ("h1", "h2", "h3")


@st.composite
def asked(draw: st.DrawFn) -> tuple[MovementRequest, dict[str, int]]:
    """Any request about three houses, sensible or not, and how many head it will be said have moved."""
    kind = draw(KINDS)
    heads = st.integers(1, 120)
    out = draw(st.lists(st.builds(
        GroupLeaving, group_id=st.sampled_from(GROUPS), head=heads,
        to_group_id=st.sampled_from(GROUPS) if kind is TRANSFER else st.none(),
    ), max_size=2)) if kind not in IN else []  # fmt: skip
    into = draw(st.lists(st.builds(
        GroupEntering, group_id=st.sampled_from(GROUPS), head=heads, value_minor=st.integers(0, 400_000),
    ), max_size=2)) if kind in {*IN, MovementKind.SUBSTITUTION} else []  # fmt: skip
    said = draw(st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 130), max_size=3))
    return request(kind, tuple(out), tuple(into)), said


@given(
    st.lists(st.tuples(asked(), st.booleans(), st.integers(0, 3)), max_size=12),
    st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 200)),
)
def test_any_sequence_of_executed_movements_leaves_a_book_that_ties_and_no_head_below_none(
    steps: list[tuple[tuple[MovementRequest, dict[str, int]], bool, int]], begun: dict[str, int]
) -> None:
    houses = {name: house(name, begun.get(name, 0)) for name in GROUPS}
    opening = {name: house.pledged for name, house in houses.items() if house.pledged}
    entries, value, at = [], sum(h.pledged * h.value_minor for h in houses.values()), START
    for number, ((one, heads), whole, later) in enumerate(steps):
        standing = replace(STANDING, groups=houses)
        at = at + timedelta(minutes=later)  # also at the same moment, which is refused where it would matter
        try:
            approved = decided(one, Step.APPROVE, BEN, NOW, standing)
            done = executed(approved, None, at, END, None if whole else heads)
        except StepRefused:
            continue
        if hindrances(done, standing):
            continue
        before = houses
        for c in group_movement.changes(done.kind, done.groups_leaving, done.groups_entering, houses):
            assert c.head >= c.pledged >= 0
            houses = houses | {c.group_id: replace(
                houses[c.group_id], head=c.head, pledged=c.pledged, value_minor=c.value_minor, changed_at=at)}  # fmt: skip
        value += sum(g.head * g.value_minor for g in done.groups_entering)
        if done.kind is not TRANSFER:
            value -= sum(g.head * before[g.group_id].value_minor for g in done.groups_leaving)
        entries += [
            Entry(unit=unit, head=head, kind=done.kind, at=at, request_id=number, is_group=True)
            for unit, head in group_movement.journal(done.groups_leaving, done.groups_entering)
        ]  # fmt: skip
    closing = {name: house.pledged for name, house in houses.items() if house.pledged}
    result = roll_forward(LOAN, NOW, END, opening, closing, entries)
    assert (result.difference, result.ties) == (0, True)
    # Values are rounded down to whole minor units a head, so the book is never worth more than what came.
    assert 0 <= value - sum(h.pledged * h.value_minor for h in houses.values()) <= len(steps) * 4000
    # A head that is missing without a movement is named.
    if closing:
        name = next(iter(closing))
        short = roll_forward(LOAN, NOW, END, opening, closing | {name: closing[name] - 1}, entries)
        assert (short.ties, dict(short.unexplained_out)) == (False, {name: 1})
