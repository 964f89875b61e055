"""The table of moves, whole; and that no way through it closes a red case with one person."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.alerting.lifecycle import (
    CAUSES,
    CLOSE_RED,
    HANDLERS,
    MAY,
    NEXT,
    Move,
    MoveRefused,
    NotAtThisStage,
    Verdict,
    may,
    moved,
)
from collateral.alerting.resolving import may_resolve, resolved
from collateral.model.case import Case, CaseState, Disposition, Stage
from collateral.model.finding import Audience, Severity
from collateral.model.person import Person, Role
from tests.herds import NOW
from tests.unit.collateral.test_alerting import case, person

OFFICER, RISK, SECOND = person(Role.OFFICER, "li"), person(Role.RISK, "wang"), person(Role.RISK, "zhao")
FALSE = Verdict(Disposition.FALSE_ALARM, "gps_fault")
THEFT = Verdict(Disposition.CONFIRMED, "theft")
PEOPLE = st.builds(
    person, st.sampled_from(Role), st.sampled_from(["li", "wang", "zhao"])
)  # the same login in two roles is one person still


def test_the_table_is_this() -> None:
    lines = {
        f"{stage}: {', '.join(sorted(f'{m} -> {n}' for (s, m), n in NEXT.items() if s is stage))}" for stage in Stage
    }
    assert lines == {
        "new: acknowledge -> acknowledged, clear -> closed, suppress -> suppressed, withdraw -> withdrawn",
        "reopened: acknowledge -> acknowledged, clear -> closed, suppress -> suppressed, withdraw -> withdrawn",
        "suppressed: clear -> closed, sound -> new, withdraw -> withdrawn",
        (
            "acknowledged: clear -> closed, confirm -> confirmed, dismiss -> false_alarm, explain -> explained, "
            "verify -> verifying, withdraw -> withdrawn"
        ),
        "verifying: confirm -> confirmed, dismiss -> false_alarm, explain -> explained, withdraw -> withdrawn",
        "confirmed: mitigate -> mitigating, return -> verifying",
        "mitigating: close -> closed, return -> verifying",
        "false_alarm: close -> closed, return -> verifying",
        "explained: close -> closed, return -> verifying",
        "closed: reopen -> reopened",
        "withdrawn: reopen -> reopened",
    }


def test_every_stage_can_be_left_and_every_open_one_can_be_brought_to_an_end() -> None:
    ends = {stage for stage in Stage if case(stage=stage).state is CaseState.RESOLVED}
    reach = ends
    for _ in Stage:
        reach = reach | {stage for (stage, _), after in NEXT.items() if after in reach}
    assert reach == set(Stage)


@given(
    stage=st.sampled_from(Stage), move=st.sampled_from(Move), who=PEOPLE, severity=st.sampled_from(Severity),
    audience=st.sampled_from(Audience), decided_by=st.sampled_from([None, "li", "wang"]),
)  # fmt: skip
def test_a_move_is_made_exactly_when_the_tables_allow_it(
    stage: Stage, move: Move, who: Person, severity: Severity, audience: Audience, decided_by: str | None
) -> None:
    before = replace(case(severity, stage), audience=audience, decided_by=decided_by)
    role = who.role in MAY[move] or (audience is Audience.FARM and who.role is Role.FARM and MAY[move] == HANDLERS)
    checked = (
        move is not Move.CLOSE or severity is not Severity.RED or (who.role in CLOSE_RED and who.login != decided_by)
    )
    allowed = (stage, move) in NEXT and role and checked
    assert may(who, before, move) is allowed
    if allowed:
        assert moved(before, move, who, NOW).stage is NEXT[stage, move]
    else:
        with pytest.raises(MoveRefused):
            moved(before, move, who, NOW)


STEPS = st.lists(st.tuples(st.sampled_from(Move), st.one_of(st.none(), PEOPLE)), max_size=40)


@given(steps=STEPS)
def test_no_way_through_the_table_closes_a_red_case_with_one_person(steps: list[tuple[Move, Person | None]]) -> None:
    red, verdict_by = case(Severity.RED), None
    for move, who in steps:
        try:
            after = moved(red, move, who, NOW)
        except MoveRefused:
            continue
        if move in {Move.CONFIRM, Move.DISMISS, Move.EXPLAIN}:
            assert who is not None
            verdict_by = who.login
        if after.state is CaseState.RESOLVED:
            assert who is not None
            assert who.role is Role.RISK
            assert verdict_by is not None
            assert verdict_by != who.login
        red = after


@given(who=PEOPLE, calls=st.lists(st.sampled_from(Disposition), min_size=1, max_size=6))
def test_one_person_asking_again_and_again_does_not_resolve_a_red_case(who: Person, calls: list[Disposition]) -> None:
    red = case(Severity.RED, Stage.ACKNOWLEDGED)
    for disposition in calls:
        try:
            red = resolved(red, Verdict(disposition), who, NOW)
        except MoveRefused:
            continue
    assert red.state is CaseState.ACKNOWLEDGED


def test_a_red_case_is_proposed_by_one_and_closed_by_another_of_risk_staff() -> None:
    taken = moved(case(Severity.RED), Move.ACKNOWLEDGE, OFFICER, NOW)
    proposed = resolved(taken, FALSE, OFFICER, NOW)
    assert (proposed.stage, proposed.disposition, proposed.decided_by) == (
        Stage.FALSE_ALARM,
        Disposition.FALSE_ALARM,
        "li",
    )
    assert (may_resolve(OFFICER, proposed), may_resolve(RISK, proposed)) == (False, True)
    closed = resolved(proposed, FALSE, RISK, NOW + timedelta(hours=1))
    assert (closed.stage, closed.decided_by, closed.closed_at) == (Stage.CLOSED, "li", NOW + timedelta(hours=1))


def test_risk_staff_who_proposed_need_a_second_of_risk_staff() -> None:
    proposed = resolved(case(Severity.RED, Stage.ACKNOWLEDGED), THEFT, RISK, NOW)
    assert proposed.stage is Stage.MITIGATING
    with pytest.raises(MoveRefused, match="second person"):
        resolved(proposed, THEFT, RISK, NOW)
    assert resolved(proposed, THEFT, SECOND, NOW).stage is Stage.CLOSED


def test_a_checker_who_sees_it_otherwise_returns_it() -> None:
    proposed = resolved(case(Severity.RED, Stage.ACKNOWLEDGED), FALSE, OFFICER, NOW)
    with pytest.raises(MoveRefused, match="return"):
        resolved(proposed, THEFT, RISK, NOW)
    back = moved(proposed, Move.RETURN, RISK, NOW)
    assert (back.stage, back.disposition, back.decided_by) == (Stage.VERIFYING, None, None)


@pytest.mark.parametrize("severity", [Severity.BLUE, Severity.YELLOW, Severity.ORANGE])
def test_below_red_one_handler_closes_and_says_what_it_was(severity: Severity) -> None:
    closed = resolved(case(severity, Stage.ACKNOWLEDGED), THEFT, OFFICER, NOW)
    assert (closed.stage, closed.disposition, closed.cause) == (Stage.CLOSED, Disposition.CONFIRMED, "theft")


def test_a_case_nobody_has_acknowledged_cannot_be_resolved() -> None:
    with pytest.raises(NotAtThisStage, match="acknowledge it first"):
        resolved(case(), THEFT, OFFICER, NOW)


def test_a_cause_that_does_not_fit_the_disposition_is_refused_with_those_that_do() -> None:
    with pytest.raises(MoveRefused, match="gps_fault"):
        resolved(case(stage=Stage.ACKNOWLEDGED), Verdict(Disposition.FALSE_ALARM, "theft"), OFFICER, NOW)
    assert all("other" in causes for causes in CAUSES.values())


def test_a_farm_hand_moves_the_cases_of_the_farm_alone() -> None:
    hand, ours = person(Role.FARM, "ma"), replace(case(Severity.YELLOW), audience=Audience.FARM)
    assert moved(ours, Move.ACKNOWLEDGE, hand, NOW).stage is Stage.ACKNOWLEDGED
    assert not may(hand, case(Severity.YELLOW), Move.ACKNOWLEDGE)
    assert not may(person(Role.AUDITOR), ours, Move.ACKNOWLEDGE)


@given(steps=STEPS, severity=st.sampled_from(Severity))
def test_moves_lose_nothing_of_the_record(steps: list[tuple[Move, Person | None]], severity: Severity) -> None:
    one: Case = case(severity)
    for move, who in steps:
        try:
            after = moved(one, move, who, NOW)
        except MoveRefused:
            continue
        assert after.occurrences >= one.occurrences
        assert (after.animals, after.testimonies, after.figures) == (one.animals, one.testimonies, one.figures)
        assert (after.opened_at, after.event_at, after.severity) == (one.opened_at, one.event_at, one.severity)
        one = after
