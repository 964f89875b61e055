"""Planned work silences what it causes, for as long as it may, and nothing that it silenced is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.alerting.hysteresis import HOLD
from collateral.alerting.inhibition import EXPLAINS, inhibit
from collateral.alerting.silencing import COVERS, LONGEST, ApprovedHead, Silence, Work, hear
from collateral.anomaly import rules
from collateral.model.case import CaseState, Stage
from collateral.model.finding import Audience, Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId, FarmId, LoanId
from tests.herds import FARM, NOW
from tests.unit.collateral.test_alerting import BRANCH, HOUR, MINUTE, finding

ANIMALS = frozenset(AnimalId(f"a{n}") for n in range(3))


def silence(work: Work = Work.MAINTENANCE, **given_as: object) -> Silence:
    asked = {
        "silence_id": 7, "work": work, "farm_id": FARM.farm_id, "start": NOW, "end": NOW + 6 * HOUR, "by": "li",
        "why": "new mast",
    }  # fmt: skip
    return Silence(**(asked | given_as))  # type: ignore[arg-type]


def planned(**given_as: object) -> Silence:
    return silence(Work.PLANNED_MOVE, movement_id="m1", approved=ANIMALS, **given_as)


def test_silent_tags_during_maintenance_are_recorded_and_call_nobody() -> None:
    desk = Desk(BRANCH, silences=[silence()])
    (changed,) = desk.look([finding("tag_silence")], NOW)
    assert (changed.change, changed.hushed) == (Change.SUPPRESSED, "silenced")
    assert (changed.case.stage, changed.case.state, changed.case.silenced_by) == (
        Stage.SUPPRESSED,
        CaseState.SUPPRESSED,
        7,
    )
    assert (changed.case.animals, desk.sent) == (("a0", "a1", "a2"), [])


def test_what_is_still_there_when_the_silence_ends_is_told_with_limits_from_then() -> None:
    desk = Desk(BRANCH, silences=[silence()])
    desk.look([finding("tag_silence")], NOW)
    (sounded,) = desk.look([finding("tag_silence")], NOW + 6 * HOUR)
    assert (sounded.change, sounded.case.stage) == (Change.SOUNDED, Stage.NEW)
    assert sounded.case.due_at == NOW + 10 * HOUR
    assert {s.reason for s in desk.sent} == {"opened"}


def test_what_ends_under_the_silence_ends_without_a_word() -> None:
    desk = Desk(BRANCH, silences=[silence()])
    desk.look([finding("tag_silence")], NOW)
    desk.look([], NOW + MINUTE)
    (cleared,) = desk.look([], NOW + 2 * HOUR)
    assert (cleared.change, desk.sent, len(desk.closed)) == (Change.CLEARED, [], 1)


def test_an_open_case_falls_silent_with_the_work_and_one_that_was_taken_on_stays_with_its_person() -> None:
    desk = Desk(BRANCH)
    desk.look([finding("tag_silence")], NOW)
    desk.silences.append(silence())
    (changed,) = desk.look([finding("tag_silence")], NOW + MINUTE)
    assert changed.case.stage is Stage.SUPPRESSED
    told = len(desk.sent)
    desk.look([finding("tag_silence", Severity.RED, 9)], NOW + 2 * MINUTE)
    assert len(desk.sent) == told


def test_a_silence_for_some_animals_leaves_the_others_and_says_what_it_took() -> None:
    desk = Desk(BRANCH, silences=[silence(Work.RETAGGING, animals=ANIMALS)])
    (changed,) = desk.look([finding("tag_removed", animals=5)], NOW)
    assert (changed.change, changed.case.animals) == (Change.OPENED, ("a3", "a4"))
    assert changed.case.figures["silenced_animals"] == ["a0", "a1", "a2"]
    assert changed.case.figures["silences"] == [7]


def test_a_red_removal_is_silenced_for_the_animals_of_an_approved_movement_alone() -> None:
    red = finding(severity=Severity.RED, animals=5)
    everything = silence(Work.PLANNED_MOVE)
    assert hear([red], [everything], NOW).audible == [red]
    heard = hear([red], [planned()], NOW)
    assert [f.animals for f in heard.audible] == [("a3", "a4")]
    assert [f.animals for f, _ in heard.silenced] == [("a0", "a1", "a2")]
    assert hear([finding(severity=Severity.RED)], [planned()], NOW).audible == []


@pytest.mark.parametrize("rule", ["group_removal", "left_fence", "count_gap", "tag_silence"])
def test_a_planned_move_covers_no_animal_that_is_not_approved(rule: str) -> None:
    wider = planned(animals=frozenset(AnimalId(f"a{n}") for n in range(9)))
    heard = hear([finding(rule, animals=5)], [wider], NOW)
    assert [f.animals for f in heard.audible] == [("a3", "a4")]


def short_of(short: int, excused: int = 0, **changed: object) -> Finding:
    """A gap in the count that names nobody: they are known by number."""
    gap = replace(finding("count_gap", animals=0), figures={"short": short, "excused": excused, "book": 300})
    return replace(gap, **changed)  # type: ignore[arg-type]


def by_number(head: int = 15, **given_as: object) -> Silence:
    return silence(Work.PLANNED_MOVE, movement_id="m1", by_number=ApprovedHead(LoanId("L1"), head), **given_as)


def test_a_planned_move_of_a_group_explains_as_many_head_as_were_approved_and_no_more() -> None:
    assert by_number().refusal(NOW) is None
    for missing in (short_of(15), short_of(3), short_of(3, excused=12)):
        assert hear([missing], [by_number()], NOW).silenced == [(missing, by_number())]
    # What the book excuses already is not explained a second time.
    for missing in (short_of(16), short_of(4, excused=12), short_of(15, excused=15)):
        assert hear([missing], [by_number()], NOW).audible == [missing]


def test_it_explains_no_other_loan_farm_or_animal_known_by_name() -> None:
    for other in (
        short_of(3, loan_id=LoanId("L2")), short_of(3, farm_id=FarmId("f2")), finding("count_gap", animals=2),
        finding("left_fence", animals=1), finding(severity=Severity.RED), finding("counted_twice", animals=0),
        finding("group_removal", animals=0),
    ):  # fmt: skip
        assert hear([other], [by_number()], NOW).audible == [other]
    only = by_number(animals=frozenset({AnimalId("a0")}))
    assert hear([short_of(3)], [only], NOW).audible == [short_of(3)]
    assert only.refusal(NOW) is not None


def test_two_planned_moves_of_groups_do_not_add_up_nor_explain_the_same_head_twice() -> None:
    assert hear([short_of(20)], [by_number(), by_number()], NOW).audible == [short_of(20)]


def test_the_event_of_the_movement_itself_is_silent_too_and_that_of_others_is_not() -> None:
    event = replace(
        finding("planned_movement", Severity.BLUE, animals=0), figures={"approved": 15, "movements": ["m1"]}
    )
    assert hear([event], [by_number()], NOW).audible == []
    more = replace(event, figures={"approved": 15, "movements": ["m1", "m2"]})
    assert hear([more], [by_number()], NOW).audible == [more]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (silence(end=NOW + 13 * HOUR), "12 hours at most"),
        (silence(end=NOW - HOUR, start=NOW - 2 * HOUR), "in the future"),
        (silence(rules=frozenset({"group_removal"})), "cannot explain group_removal"),
        (silence(Work.PLANNED_MOVE), "approved movement"),
    ],
)
def test_a_silence_that_may_not_be_is_refused_with_the_reason(what: Silence, reason: str) -> None:
    refusal = what.refusal(NOW)
    assert refusal is not None
    assert reason in refusal
    assert silence().refusal(NOW) is None
    assert planned().refusal(NOW) is None


def test_no_work_but_a_planned_move_can_explain_a_removal_and_none_a_theft_of_identity_for_long() -> None:
    assert [work for work in Work if "group_removal" in COVERS[work]] == [Work.PLANNED_MOVE]
    assert all(longest <= timedelta(days=14) for longest in LONGEST.values())
    for rule in ("double_pledge", "ghost_animals", "foreign_cattle", "price_ltv", "mortality"):
        assert not [work for work in Work if rule in COVERS[work]]


FINDINGS = st.builds(
    lambda rule, severity, animals: replace(finding(rule, severity, animals), figures={"short": 9, "book": 72}),
    st.sampled_from(sorted({r for rules in COVERS.values() for r in rules})), st.sampled_from(Severity),
    st.integers(1, 6),
)  # fmt: skip
SILENCES = st.builds(
    lambda work, hours, animals, approved: silence(
        work, end=NOW + hours * HOUR, animals=frozenset(animals), approved=frozenset(approved)
    ),
    st.sampled_from(Work), st.integers(1, 12), st.sets(st.sampled_from(sorted(ANIMALS))),
    st.sets(st.sampled_from(sorted(ANIMALS))),
)  # fmt: skip


@given(found=st.lists(FINDINGS, max_size=6), silences=st.lists(SILENCES, max_size=3))
def test_nothing_is_dropped_every_named_animal_is_told_of_or_recorded(
    found: list[Finding], silences: list[Silence]
) -> None:
    found = [replace(f, subject=str(n)) for n, f in enumerate(found)]
    heard = hear(found, silences, NOW)
    for before in found:
        parts = [f for f in [*heard.audible, *(f for f, _ in heard.silenced)] if f.subject == before.subject]
        assert sorted(a for part in parts for a in part.animals) == sorted(before.animals)


@given(looks=st.lists(st.tuples(st.lists(FINDINGS, max_size=3), st.integers(1, 90)), max_size=12), covering=SILENCES)
def test_a_silenced_finding_never_sends_a_message_and_no_count_ever_falls(
    looks: list[tuple[list[Finding], int]], covering: Silence
) -> None:
    desk, now, counts = Desk(BRANCH, silences=[covering]), NOW, {}
    for found, minutes in looks:
        before = len(desk.sent)
        changes = desk.look(found, now)
        told = {s.case_id for s in desk.sent[before:] if s.reason != "unacknowledged"}
        assert not told & {c.case.case_id for c in changes if c.hushed == "silenced"}
        for case in [*desk.standing.values(), *desk.closed]:
            assert case.occurrences >= counts.get(case.case_id, 0)
            counts[case.case_id] = case.occurrences
        assert set(counts) == {c.case_id for c in [*desk.standing.values(), *desk.closed]}, "no case is lost"
        now += minutes * MINUTE


@given(found=st.lists(FINDINGS, max_size=4))
def test_looking_twice_at_the_same_moment_changes_nothing(found: list[Finding]) -> None:
    desk = Desk(BRANCH)
    desk.look(found, NOW)
    desk.look(found, NOW)
    once = dict(desk.standing)
    desk.look(found, NOW)
    assert desk.standing == once


def test_tables_speak_of_rules_that_exist() -> None:
    names = {rule.name for rule in (*rules.HERD_RULES, *rules.LOAN_RULES)}
    spoken = {*EXPLAINS, *HOLD, *(r for effects in EXPLAINS.values() for r in effects)}
    assert spoken | {r for covered in COVERS.values() for r in covered} <= names


def about(rule: str, animals: tuple[str, ...] = (), **changed: object) -> Finding:
    return replace(finding(rule), animals=tuple(AnimalId(a) for a in animals), **changed)  # type: ignore[arg-type]


def test_a_blackout_explains_what_is_read_off_silence() -> None:
    found = [about(rule, ("a1",)) for rule in sorted(EXPLAINS["farm_blackout"])]
    assert [f.rule for f in inhibit([about("farm_blackout"), *found])] == ["farm_blackout"]


def test_what_a_cause_does_not_name_is_a_matter_of_its_own() -> None:
    gone = about("group_removal", ("a1", "a2"))
    left = inhibit([gone, about("tag_removed", ("a2", "a3")), about("left_fence", ("a1",))])
    assert [(f.rule, f.animals) for f in left] == [("group_removal", ("a1", "a2")), ("tag_removed", ("a3",))]


def test_a_cause_that_names_nobody_explains_nobody_unless_it_is_the_whole_farms() -> None:
    silent = about("tag_silence", ("a1",))
    assert inhibit([about("gateway_silence"), silent])[1:] == [silent]
    assert inhibit([about("heat_stress"), about("feed_stop")]) == [about("heat_stress")]


def test_a_farms_cause_explains_every_loan_there_and_no_other_farm() -> None:
    heat = about("heat_stress", loan_id=None)
    here = about("feed_stop", loan_id=LoanId("L2"))
    there = about("feed_stop", farm_id=FarmId("f2"))
    assert inhibit([heat, here, there]) == [heat, there]


def test_the_farm_hears_of_its_ill_animals_also_while_the_bank_hears_of_the_outbreak() -> None:
    outbreak, fever = about("outbreak", ("a1",)), about("fever", ("a1",))
    assert inhibit([outbreak, fever]) == [outbreak]
    ours = replace(fever, audience=Audience.FARM)
    assert inhibit([outbreak, ours]) == [outbreak, ours]


def test_a_covered_camera_explains_a_gap_that_it_alone_saw_and_no_other() -> None:
    def seen_by(*cameras: str) -> tuple[Testimony, ...]:
        return tuple(Testimony(witness=Witness.CAMERA, since=NOW, particulars={"camera": c}) for c in cameras)

    blinded = about("camera_blinded", testimonies=seen_by("c1"))
    figures = {"short": 5, "book": 60}
    alone = about("count_gap", testimonies=seen_by("c1"), figures=figures)
    both = about("count_gap", testimonies=seen_by("c1", "c2"), figures=figures)
    tagged = about("count_gap", figures=figures)
    unnamed = about("count_gap", testimonies=(Testimony(witness=Witness.CAMERA, since=NOW),), figures=figures)
    assert inhibit([blinded, alone, both, tagged, unnamed]) == [blinded, both, tagged, unnamed]
