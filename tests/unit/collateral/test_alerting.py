"""The life of a case, and who is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.alerting.cases import CLEAR_FOR, Change, Changed, Stakes, fold, grouped, open_case, quiet
from collateral.alerting.lifecycle import MAY, NEXT, Move, MoveRefused, may, moved
from collateral.alerting.routing import LastNotice, Reason, escalations, notices
from collateral.model.case import Case, CaseState
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId, BranchId, LoanId, PersonId
from collateral.model.person import Person, Role
from tests.herds import FARM, NOW

STAKES = Stakes(value_affected_minor=100, coverage_before=0.99, coverage_after=0.94)
BRANCH = BranchId("b1")


def finding(rule: str = "group_removal", severity: Severity = Severity.ORANGE, animals: int = 3) -> Finding:
    tags = Testimony(witness=Witness.TAG, since=NOW)
    camera = Testimony(witness=Witness.CAMERA, since=NOW, particulars={"camera": "c1"})
    return Finding(
        rule=rule, severity=severity, farm_id=FARM.farm_id, loan_id=LoanId("L1"), subject="p1", as_of=NOW, since=NOW,
        animals=tuple(AnimalId(f"a{n}") for n in range(animals)),
        testimonies=(tags, camera) if severity is Severity.RED else (tags,),
    )  # fmt: skip


def case(severity: Severity = Severity.ORANGE, state: CaseState = CaseState.OPEN) -> Case:
    return replace(open_case(finding(severity=severity), BRANCH, STAKES, NOW).case, state=state)


def person(role: Role) -> Person:
    return Person(person_id=PersonId("x"), login="x", name="x", role=role, branch_id=BRANCH)


def test_the_same_matter_again_is_counted_not_opened_again() -> None:
    changed = fold(case(), finding(animals=8), STAKES, NOW + timedelta(minutes=1))
    assert (changed.change, changed.case.occurrences, len(changed.case.animals)) == (Change.GREW, 2, 8)
    assert changed.case.opened_at == NOW


def test_a_graver_finding_raises_the_case_and_brings_its_deadline_forward() -> None:
    changed = fold(case(), finding(severity=Severity.RED), STAKES, NOW + timedelta(minutes=10))
    assert (changed.change, changed.case.severity) == (Change.GRAVER, Severity.RED)
    assert changed.case.due_at == NOW + timedelta(minutes=40)


def test_a_case_never_becomes_less_grave_by_itself() -> None:
    assert fold(case(Severity.RED), finding(severity=Severity.ORANGE), STAKES, NOW).case.severity is Severity.RED


def test_a_witness_that_has_spoken_stays_on_record() -> None:
    red = fold(case(), finding(severity=Severity.RED), STAKES, NOW).case
    later = fold(red, finding(severity=Severity.ORANGE), STAKES, NOW).case
    assert {t["witness"] for t in later.testimonies} == {"tag", "camera"}


def test_who_was_named_in_a_removal_stays_named() -> None:
    assert len(fold(case(), finding(animals=1), STAKES, NOW).case.animals) == 3


def test_silent_tags_that_speak_again_are_no_longer_named() -> None:
    silent = open_case(finding("tag_silence", Severity.BLUE, animals=5), BRANCH, STAKES, NOW).case
    assert len(fold(silent, finding("tag_silence", Severity.BLUE, animals=2), STAKES, NOW).case.animals) == 2


def test_a_case_clears_only_after_its_condition_was_gone_long_enough() -> None:
    first = quiet(case(), NOW)
    assert first is not None
    assert first.change is Change.CLEARING
    assert quiet(first.case, NOW + CLEAR_FOR[Severity.ORANGE] - timedelta(seconds=1)) is None
    cleared = quiet(first.case, NOW + CLEAR_FOR[Severity.ORANGE])
    assert cleared is not None
    assert cleared.case.state is CaseState.RESOLVED


def test_a_condition_that_comes_back_starts_the_wait_anew() -> None:
    clearing = quiet(case(), NOW)
    assert clearing is not None
    assert fold(clearing.case, finding(), STAKES, NOW).case.clear_since is None


def test_a_red_case_never_clears_by_itself() -> None:
    assert quiet(case(Severity.RED), NOW + timedelta(days=30)) is None


@given(
    state=st.sampled_from(CaseState), move=st.sampled_from(Move), role=st.sampled_from(Role),
    severity=st.sampled_from(Severity),
)  # fmt: skip
def test_a_move_is_made_exactly_when_the_table_and_the_role_allow_it(
    state: CaseState, move: Move, role: Role, severity: Severity
) -> None:
    before = replace(case(severity if severity is not Severity.RED else Severity.RED), state=state)
    officers_red = role is Role.OFFICER and severity is Severity.RED and move is Move.RESOLVE
    allowed = (state, move) in NEXT and role in MAY[move] and not officers_red
    assert may(person(role), before, move) is allowed
    if allowed:
        assert moved(before, move, person(role), NOW).state is NEXT[state, move]
    else:
        with pytest.raises(MoveRefused):
            moved(before, move, person(role), NOW)


def test_orange_and_red_are_sent_out_yellow_and_blue_wait_in_the_inbox() -> None:
    for severity, channels in (
        (Severity.BLUE, {"log"}),
        (Severity.YELLOW, {"log"}),
        (Severity.RED, {"log", "webhook"}),
    ):
        sent = notices(Changed(case(severity), Change.OPENED), None, NOW)
        assert {channel for channel, _ in sent} == channels


def test_a_growing_theft_is_not_a_message_an_animal() -> None:
    grown = Changed(replace(case(Severity.RED), animals=tuple("abcdefgh")), Change.GREW)
    assert notices(grown, LastNotice(NOW, 3), NOW + timedelta(minutes=1)) == []
    later = notices(replace(grown, change=Change.SEEN), LastNotice(NOW, 3), NOW + timedelta(minutes=5))
    assert {reason for _, reason in later} == {Reason.GREW}


def test_one_more_silent_tag_is_no_message() -> None:
    blue = Changed(replace(case(Severity.BLUE), animals=tuple("abcdefgh")), Change.GREW)
    assert notices(blue, LastNotice(NOW, 3), NOW + timedelta(hours=1)) == []


def test_nobody_answering_a_red_case_in_time_escalates_once() -> None:
    red = case(Severity.RED)
    late = red.due_at + timedelta(seconds=1)
    assert escalations(red, LastNotice(NOW, 3), red.due_at) == []
    assert {reason for _, reason in escalations(red, LastNotice(NOW, 3), late)} == {Reason.UNACKNOWLEDGED}
    assert escalations(red, LastNotice(late, 3), late + timedelta(minutes=1)) == []
    assert escalations(replace(red, state=CaseState.ACKNOWLEDGED), LastNotice(NOW, 3), late) == []


def test_findings_of_one_loan_and_rule_are_one_matter() -> None:
    both = grouped([finding(animals=2), replace(finding(severity=Severity.RED), animals=(AnimalId("z"),))])
    (one,) = both.values()
    assert (one.severity, set(one.animals)) == (Severity.RED, {"a0", "a1", "z"})
