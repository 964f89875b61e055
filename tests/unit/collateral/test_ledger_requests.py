"""Movement requests: who may, what is needed, and what cannot be skipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.book.ledger import (
    NEEDS,
    Document,
    Entrant,
    MovementRequest,
    Paper,
    RequestState,
    Standing,
    Step,
    StepRefused,
    decided,
    executed,
    hindrances,
    objections,
    settled,
)
from collateral.model.herd import Species
from collateral.model.ids import AnimalId, LoanId, PersonId
from collateral.model.loan import MovementKind
from collateral.model.person import Person, Role

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
START, END = NOW + timedelta(hours=14), NOW + timedelta(hours=18)
ANIMALS = tuple(AnimalId(f"a{n}") for n in range(4))
NEW = AnimalId("n0")
STANDING = Standing(pledged={a: (LoanId("L1"), 1_500_000) for a in ANIMALS}, enrolled=frozenset({*ANIMALS, NEW}))
RECEIPT = Document(kind=Paper.PROCEEDS_RECEIPT, number="R-1")


def person(name: str, role: Role = Role.OFFICER) -> Person:
    return Person(person_id=PersonId(name), login=name, name=name, role=role, branch_id=None)


ANNA, BEN = person("anna"), person("ben")


def papers(kind: MovementKind) -> tuple[Document, ...]:
    return tuple(Document(kind=k, number="P-1", sha256="0" * 64) for k in sorted(NEEDS[kind]))


def request(kind: MovementKind = MovementKind.SALE, **changed: object) -> MovementRequest:
    """A request by Anna that can be approved, but for what is changed."""
    leaves = kind not in {MovementKind.BIRTH, MovementKind.PURCHASE}
    enters = kind in {MovementKind.BIRTH, MovementKind.PURCHASE, MovementKind.SUBSTITUTION}
    dam = {"dam_id": ANIMALS[0], "born": date(2026, 4, 20), "tagged_on": date(2026, 5, 2)}
    entrant = Entrant(animal_id=NEW, value_minor=6_000_000, **dam if kind is MovementKind.BIRTH else {})  # type: ignore[arg-type]
    whole = MovementRequest(
        request_id=1, loan_id=LoanId("L1"), kind=kind, state=RequestState.REQUESTED, leaving=ANIMALS if leaves else (),
        entering=(entrant,) if enters else (), to_pen_id="p2" if kind is MovementKind.TRANSFER else None, start=START,
        end=END, reason="buyer found", requested_by=ANNA.person_id, requested_at=NOW, documents=papers(kind),
    )  # fmt: skip
    return replace(whole, **changed)  # type: ignore[arg-type]


def approved(kind: MovementKind = MovementKind.SALE) -> MovementRequest:
    return decided(request(kind), Step.APPROVE, BEN, NOW, STANDING)


@pytest.mark.parametrize("kind", list(MovementKind))
def test_a_complete_request_of_every_kind_is_approved_by_somebody_else(kind: MovementKind) -> None:
    assert objections(request(kind), STANDING) == []
    found = approved(kind)
    assert (found.state, found.decided_by) == (RequestState.APPROVED, "ben")
    for decision in (Step.APPROVE, Step.REFUSE):
        with pytest.raises(StepRefused, match="ask somebody else"):
            decided(request(kind), decision, ANNA, NOW, STANDING)


@pytest.mark.parametrize("kind", list(MovementKind))
def test_without_its_papers_no_kind_is_approved(kind: MovementKind) -> None:
    told = objections(request(kind, documents=()), STANDING)
    assert len(told) == len(NEEDS[kind])
    with pytest.raises(StepRefused, match="needs a"):
        decided(request(kind, documents=()), Step.APPROVE, BEN, NOW, STANDING)


WRONG = [
    (request(documents=(Document(kind=Paper.QUARANTINE_CERTIFICATE, sha256="0" * 64),)), "quarantine certificate with its number"),
    (request(leaving=(*ANIMALS, NEW)), "not pledged to L1: n0"),
    (request(leaving=()), "name the animals that leave"),
    (request(leaving=(*ANIMALS, ANIMALS[0])), "named twice: a0"),
    (request(end=END + timedelta(days=8)), "longer than 7 days"),
    (request(entering=(Entrant(animal_id=NEW, value_minor=1),)), "a sale lets no animal enter"),
    (request(MovementKind.TRANSFER, to_pen_id=None), "name the pen"),
    (request(MovementKind.SUBSTITUTION, entering=(Entrant(animal_id=NEW, value_minor=5_999_999),)), "5999999 enters for 6000000"),
    (request(MovementKind.PURCHASE, entering=(Entrant(animal_id=AnimalId("x"), value_minor=1),)), "not enrolled"),
    (request(MovementKind.PURCHASE, entering=(Entrant(animal_id=ANIMALS[1], value_minor=1),)), "already pledged: a1"),
    (request(MovementKind.BIRTH, entering=(Entrant(animal_id=NEW, value_minor=1),)), "name the dam"),
    (
        request(MovementKind.BIRTH, entering=(Entrant(
            animal_id=NEW, value_minor=1, dam_id=ANIMALS[0], born=date(2026, 4, 1), tagged_on=date(2026, 5, 2)),)),
        "tagged within 30 days",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "said"), WRONG)
def test_what_stands_against_a_request_is_said(asked: MovementRequest, said: str) -> None:
    assert [told for told in objections(asked, STANDING) if said in told]


def test_animals_that_another_open_request_names_are_refused() -> None:
    taken = replace(STANDING, spoken_for=frozenset({ANIMALS[2]}))
    assert objections(request(), taken) == ["another open request names: a2"]


def test_animals_are_transferred_only_to_a_pen_that_is_for_their_species() -> None:
    kinds = dict.fromkeys(ANIMALS, Species.CATTLE) | {ANIMALS[3]: Species.SHEEP}
    to_sheep = replace(STANDING, species=kinds, to_pen_species=Species.SHEEP)
    asked = request(MovementKind.TRANSFER)
    assert objections(asked, to_sheep) == ["pen p2 is for sheep, and a0, a1, a2 are cattle"]
    assert hindrances(replace(asked, state=RequestState.APPROVED), to_sheep)
    assert objections(replace(asked, leaving=ANIMALS[3:]), to_sheep) == []
    # A sale goes to no pen.
    assert objections(request(), replace(to_sheep, to_pen_species=None)) == []


def test_a_sale_closes_when_the_proceeds_are_booked_and_other_kinds_when_executed() -> None:
    during = START + timedelta(minutes=30)
    sold = executed(approved(), None, during, during)
    assert (sold.state, sold.closed_at) == (RequestState.EXECUTED, None)
    closed = settled(sold, 42_000_000, RECEIPT, END + timedelta(hours=4))
    assert (closed.state, closed.proceeds_minor) == (RequestState.CLOSED, 42_000_000)
    assert executed(approved(MovementKind.TRANSFER), None, during, during).state is RequestState.CLOSED
    with pytest.raises(StepRefused, match="above 0"):
        settled(sold, 0, RECEIPT, END)


def test_only_what_was_asked_for_leaves_and_only_in_its_window() -> None:
    during = START + timedelta(minutes=30)
    assert executed(approved(), ANIMALS[:3], during, during).leaving == ANIMALS[:3]
    for left, at, said in (
        ((NEW,), during, "not named"), ((), during, "withdraw"), (None, START - timedelta(minutes=1), "approved from"),
        (None, END + timedelta(minutes=1), "approved from"),
    ):  # fmt: skip
        with pytest.raises(StepRefused, match=said):
            executed(approved(), left, at, END + timedelta(hours=1))
    with pytest.raises(StepRefused, match="not happened yet"):
        executed(approved(), None, during, NOW)


def test_a_window_that_is_over_cannot_be_approved_but_a_death_is_told_afterwards() -> None:
    with pytest.raises(StepRefused, match="window is over"):
        decided(request(), Step.APPROVE, BEN, END, STANDING)
    assert decided(request(MovementKind.DEATH), Step.APPROVE, BEN, END, STANDING).state is RequestState.APPROVED


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Step)), st.sampled_from([ANNA, BEN, person("eve", Role.AUDITOR)])), max_size=8
    )
)
def test_no_way_leads_to_a_movement_without_the_approval_of_a_second_person(steps: list[tuple[Step, Person]]) -> None:
    now, found = START + timedelta(minutes=1), request()
    for step, who in steps:
        try:
            if step is Step.EXECUTE:
                found = executed(found, None, now, now)
            elif step is Step.CLOSE:
                found = settled(found, 1, RECEIPT, now)
            else:
                found = decided(found, step, who, now, STANDING)
        except StepRefused:
            continue
        if found.state in {RequestState.APPROVED, RequestState.EXECUTED, RequestState.CLOSED}:
            assert found.decided_by == "ben"
        if found.state is RequestState.CLOSED:
            assert found.executed_at is not None
            assert found.proceeds_minor
