"""The life of a case, and who is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collateral.alerting.cases import Change, Changed, Stakes, fold, grouped, open_case, quiet, withdraw
from collateral.alerting.hysteresis import CLEAR_FOR
from collateral.alerting.lifecycle import Move, moved
from collateral.alerting.routing import LastNotice, Reason, escalations, level, notices
from collateral.model.case import Case, CaseState, Stage
from collateral.model.finding import Audience, Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId, BranchId, LoanId, PersonId
from collateral.model.person import Level, Person, Role
from tests.herds import FARM, NOW

STAKES = Stakes(value_affected_minor=100, coverage_before=0.99, coverage_after=0.94)
BRANCH = BranchId("b1")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def finding(rule: str = "group_removal", severity: Severity = Severity.ORANGE, animals: int = 3) -> Finding:
    tags = Testimony(witness=Witness.TAG, since=NOW)
    camera = Testimony(witness=Witness.CAMERA, since=NOW, particulars={"camera": "c1"})
    return Finding(
        rule=rule, severity=severity, farm_id=FARM.farm_id, loan_id=LoanId("L1"), subject="p1", as_of=NOW, since=NOW,
        animals=tuple(AnimalId(f"a{n}") for n in range(animals)),
        testimonies=(tags, camera) if severity is Severity.RED else (tags,),
    )  # fmt: skip


def case(severity: Severity = Severity.ORANGE, stage: Stage = Stage.NEW) -> Case:
    return replace(open_case(finding(severity=severity), BRANCH, STAKES, NOW).case, stage=stage)


def person(role: Role, login: str = "x") -> Person:
    return Person(person_id=PersonId(login), login=login, name=login, role=role, branch_id=BRANCH)


def test_the_same_matter_again_is_counted_not_opened_again() -> None:
    changed = fold(case(), finding(animals=8), STAKES, NOW + MINUTE)
    assert (changed.change, changed.case.occurrences, len(changed.case.animals)) == (Change.GREW, 2, 8)
    assert changed.case.opened_at == NOW


def test_a_graver_finding_raises_the_case_and_brings_its_deadline_forward() -> None:
    changed = fold(case(), finding(severity=Severity.RED), STAKES, NOW + 10 * MINUTE)
    assert (changed.change, changed.case.severity) == (Change.GRAVER, Severity.RED)
    assert changed.case.due_at == NOW + 40 * MINUTE


def test_the_limits_of_a_case_that_became_graver_run_from_then() -> None:
    raised = fold(case(), finding(severity=Severity.RED), STAKES, NOW + 10 * MINUTE).case
    taken = moved(raised, Move.ACKNOWLEDGE, person(Role.OFFICER), NOW + 20 * MINUTE)
    assert taken.due_at == NOW + 10 * MINUTE + 24 * HOUR


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
    assert (cleared.case.stage, cleared.case.state) == (Stage.CLOSED, CaseState.RESOLVED)
    assert cleared.case.closed_at == NOW + CLEAR_FOR[Severity.ORANGE]


def test_a_condition_that_comes_back_starts_the_wait_anew() -> None:
    clearing = quiet(case(), NOW)
    assert clearing is not None
    assert fold(clearing.case, finding(), STAKES, NOW).case.clear_since is None


def test_a_red_case_never_clears_by_itself() -> None:
    assert quiet(case(Severity.RED), NOW + timedelta(days=30)) is None


@pytest.mark.parametrize("stage", [Stage.VERIFYING, Stage.CONFIRMED, Stage.MITIGATING, Stage.FALSE_ALARM])
def test_what_a_person_is_verifying_is_not_cleared_under_their_hands(stage: Stage) -> None:
    clearing = quiet(case(stage=stage), NOW)
    assert clearing is not None
    assert quiet(clearing.case, NOW + timedelta(days=2)) is None


def test_late_data_withdraws_a_case_and_keeps_all_it_rested_on() -> None:
    withdrawn = withdraw(case(), "late readings show all three in their pen", NOW + HOUR)
    assert withdrawn is not None
    after = withdrawn.case
    assert (after.stage, after.state, after.closed_at) == (Stage.WITHDRAWN, CaseState.RESOLVED, NOW + HOUR)
    assert after.withdrawn_because == "late readings show all three in their pen"
    assert (after.animals, after.testimonies, after.occurrences) == (case().animals, case().testimonies, 1)


def test_late_data_marks_a_red_case_for_people_who_alone_may_close_it() -> None:
    marked = withdraw(case(Severity.RED), "late readings", NOW + HOUR)
    assert marked is not None
    assert (marked.change, marked.case.stage) == (Change.GROUND_GONE, Stage.NEW)
    assert withdraw(marked.case, "late readings", NOW + 2 * HOUR) is None
    assert {reason for _, reason in notices(marked, None, NOW)} == {Reason.GROUND_GONE}
    assert fold(marked.case, finding(), STAKES, NOW + 3 * HOUR).case.withdrawn_because is None


def test_a_verdict_that_awaits_its_close_is_void_when_the_matter_becomes_graver() -> None:
    proposed = replace(case(stage=Stage.FALSE_ALARM), decided_by="x")
    assert fold(proposed, finding(), STAKES, NOW).case.stage is Stage.FALSE_ALARM
    graver = fold(proposed, finding(severity=Severity.RED), STAKES, NOW).case
    assert (graver.stage, graver.decided_by) == (Stage.VERIFYING, None)


def test_orange_and_red_are_sent_out_yellow_and_blue_wait_in_the_inbox() -> None:
    for severity, channels in (
        (Severity.BLUE, {"log"}),
        (Severity.YELLOW, {"log"}),
        (Severity.ORANGE, {"log", "webhook"}),
        (Severity.RED, {"log", "webhook", "email"}),
    ):
        sent = notices(Changed(case(severity), Change.OPENED), None, NOW)
        assert {channel for channel, _ in sent} == channels


def test_what_is_the_farms_own_matter_goes_to_the_farm_and_never_up_the_ladder() -> None:
    ill = replace(case(Severity.YELLOW), audience=Audience.FARM)
    assert {channel for channel, _ in notices(Changed(ill, Change.OPENED), None, NOW)} == {"log", "farm"}
    assert escalations(replace(ill, severity=Severity.RED), None, NOW + timedelta(days=9)) == []


def test_a_growing_theft_is_not_a_message_an_animal() -> None:
    grown = Changed(replace(case(Severity.RED), animals=tuple("abcdefgh")), Change.GREW)
    assert notices(grown, LastNotice(NOW, 3), NOW + MINUTE) == []
    later = notices(replace(grown, change=Change.SEEN), LastNotice(NOW, 3), NOW + 5 * MINUTE)
    assert {reason for _, reason in later} == {Reason.GREW}


def test_one_more_silent_tag_is_no_message() -> None:
    blue = Changed(replace(case(Severity.BLUE), animals=tuple("abcdefgh")), Change.GREW)
    assert notices(blue, LastNotice(NOW, 3), NOW + HOUR) == []


def test_a_message_about_growth_does_not_delay_the_ladder() -> None:
    red = case(Severity.RED)
    grew_just_now = LastNotice(red.due_at + timedelta(seconds=1), 9)
    assert escalations(red, grew_just_now, red.due_at + MINUTE) != []


def test_nobody_answering_a_red_case_goes_up_the_ladder_once_a_step_and_on() -> None:
    red, told, last = case(Severity.RED), [], LastNotice(NOW, 3)
    for minute in range(4 * 24 * 60):
        now = NOW + minute * MINUTE
        if due := escalations(red, last, now):
            assert {channel for channel, _ in due} == {"log", "webhook", "email"}
            told.append((minute, level(red, now), due[0][1]))
            last = LastNotice(now, 3, escalated_at=now)
    assert told[:3] == [
        (31, Level.BRANCH_HEAD, Reason.UNACKNOWLEDGED),
        (61, Level.BRANCH_RISK, Reason.UNACKNOWLEDGED),
        (91, Level.HEAD_OFFICE, Reason.UNACKNOWLEDGED),
    ]
    assert [(minute, who) for minute, who, _ in told[3:]] == [(91 + day * 1440, Level.HEAD_OFFICE) for day in (1, 2, 3)]


def test_who_has_acknowledged_has_until_the_next_limit() -> None:
    red = moved(case(Severity.RED), Move.ACKNOWLEDGE, person(Role.OFFICER), NOW + 20 * MINUTE)
    assert escalations(red, None, NOW + 23 * HOUR) == []
    assert {r for _, r in escalations(red, None, NOW + 24 * HOUR + MINUTE)} == {Reason.UNVERIFIED}
    assert level(red, NOW + 24 * HOUR + MINUTE) is Level.BRANCH_HEAD


def test_a_late_yellow_case_is_told_to_the_branch_head_once_and_a_blue_one_to_nobody() -> None:
    yellow = case(Severity.YELLOW)
    late = yellow.due_at + MINUTE
    assert {channel for channel, _ in escalations(yellow, None, late)} == {"log", "email"}
    assert level(yellow, late) is Level.BRANCH_HEAD
    assert escalations(yellow, LastNotice(late, 3, late), late + timedelta(days=30)) == []
    assert escalations(case(Severity.BLUE), None, NOW + timedelta(days=60)) == []


def test_findings_of_one_loan_and_rule_are_one_matter() -> None:
    both = grouped([finding(animals=2), replace(finding(severity=Severity.RED), animals=(AnimalId("z"),))])
    (one,) = both.values()
    assert (one.severity, set(one.animals)) == (Severity.RED, {"a0", "a1", "z"})
