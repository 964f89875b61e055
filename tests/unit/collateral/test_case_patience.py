"""Waiting before a case opens, holding it before it closes, taking it up again, and telling when it flaps."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.alerting import course
from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.alerting.lifecycle import Move, Verdict
from collateral.model.case import CaseState, Disposition, Stage
from collateral.model.finding import Finding, Severity
from collateral.model.ids import CaseId
from collateral.model.person import Role
from tests.herds import NOW
from tests.unit.collateral.test_alerting import BRANCH, HOUR, MINUTE, finding, person

OFFICER, RISK, SECOND = person(Role.OFFICER, "li"), person(Role.RISK, "wang"), person(Role.RISK, "zhao")


def short(severity: Severity = Severity.YELLOW) -> Finding:
    gap = finding("count_gap", severity)
    return replace(gap, figures={"short": 9, "book": 72})


def strayed(severity: Severity = Severity.ORANGE, animals: int = 3) -> Finding:
    return finding("tag_silence", severity, animals)


def closed(desk: Desk, disposition: Disposition, now: datetime) -> CaseId:
    (case,) = desk.standing.values()
    desk.move(case.case_id, Move.ACKNOWLEDGE, OFFICER, now)
    desk.resolve(case.case_id, Verdict(disposition), OFFICER, now)
    assert desk.standing == {}
    return case.case_id


def test_a_yellow_gap_must_hold_at_every_look_for_a_quarter_of_an_hour() -> None:
    desk = Desk(BRANCH)
    for minute in range(15):
        assert desk.look([short()], NOW + minute * MINUTE) == []
    (opened,) = desk.look([short()], NOW + 15 * MINUTE)
    assert opened.change is Change.OPENED


def test_one_look_without_it_starts_the_wait_anew() -> None:
    desk = Desk(BRANCH)
    desk.look([short()], NOW)
    desk.look([], NOW + 14 * MINUTE)
    assert desk.look([short()], NOW + 15 * MINUTE) == []


@pytest.mark.parametrize("found", [finding(), finding(severity=Severity.RED), short(Severity.ORANGE)])
def test_theft_and_what_is_grave_wait_for_nothing(found: Finding) -> None:
    (opened,) = Desk(BRANCH).look([found], NOW)
    assert opened.change is Change.OPENED


def test_a_gap_that_grows_grave_while_it_waits_opens_at_once() -> None:
    desk = Desk(BRANCH)
    desk.look([short()], NOW)
    (opened,) = desk.look([short(Severity.ORANGE)], NOW + MINUTE)
    assert (opened.change, opened.case.severity) == (Change.OPENED, Severity.ORANGE)


def test_what_comes_back_within_a_day_is_the_old_case_again() -> None:
    desk = Desk(BRANCH)
    desk.look([strayed()], NOW)
    desk.look([], NOW + MINUTE)
    (cleared,) = desk.look([], NOW + 2 * HOUR)
    (again,) = desk.look([strayed()], NOW + 20 * HOUR)
    assert (cleared.change, again.change) == (Change.CLEARED, Change.REOPENED)
    assert (again.case.case_id, again.case.occurrences, again.case.stage) == (cleared.case.case_id, 2, Stage.REOPENED)
    assert again.case.due_at == NOW + 24 * HOUR
    assert desk.closed == []


def test_what_comes_back_later_is_a_case_of_its_own() -> None:
    desk = Desk(BRANCH)
    desk.look([strayed()], NOW)
    desk.look([], NOW + MINUTE)
    desk.look([], NOW + 2 * HOUR)
    (later,) = desk.look([strayed()], NOW + 26 * HOUR + MINUTE)
    assert (later.change, later.case.case_id, len(desk.closed)) == (Change.OPENED, 2, 1)


def test_a_confirmed_loss_that_happens_again_is_a_new_matter() -> None:
    desk = Desk(BRANCH)
    desk.look([strayed()], NOW)
    closed(desk, Disposition.CONFIRMED, NOW)
    (again,) = desk.look([strayed()], NOW + 3 * HOUR)
    assert (again.change, again.case.case_id) == (Change.OPENED, 2)


@pytest.mark.parametrize("disposition", Disposition)
def test_what_a_person_has_answered_is_not_said_again_while_it_only_goes_on(disposition: Disposition) -> None:
    desk = Desk(BRANCH)
    desk.look([strayed()], NOW)
    closed(desk, disposition, NOW)
    told = len(desk.sent)
    for minute in range(1, 3 * 1440, 30):
        assert desk.look([strayed()], NOW + minute * MINUTE) == []
    assert len(desk.sent) == told


@pytest.mark.parametrize("worse", [strayed(Severity.RED), strayed(animals=4)])
def test_what_was_answered_and_becomes_worse_is_said(worse: Finding) -> None:
    desk = Desk(BRANCH)
    desk.look([strayed()], NOW)
    closed(desk, Disposition.FALSE_ALARM, NOW)
    (again,) = desk.look([worse], NOW + MINUTE)
    assert (again.change, again.case.state) == (Change.REOPENED, CaseState.OPEN)


def test_what_was_answered_is_asked_again_after_a_week() -> None:
    desk = Desk(BRANCH)
    desk.look([strayed()], NOW)
    closed(desk, Disposition.EXPLAINED, NOW)
    changes = [c for hours in range(1, 24 * 8) for c in desk.look([strayed()], NOW + hours * HOUR)]
    assert changes[0].change is Change.OPENED
    assert changes[0].case.opened_at == NOW + timedelta(days=7, hours=1)


def test_what_comes_and_goes_is_held_open_as_one_case_and_said_once() -> None:
    desk = Desk(BRANCH)
    for hours in range(24):
        for minute in (0, 20, 40):
            now = NOW + hours * HOUR + minute * MINUTE
            desk.look([strayed()] if hours % 3 == 0 else [], now)
    (case,) = desk.standing.values()
    assert case.flapping
    assert case.occurrences == 8
    reasons = [s.reason for s in desk.sent if s.channel == "webhook" and s.reason != "unacknowledged"]
    assert reasons.count("flapping") == 1
    assert reasons.index("flapping") == len(reasons) - 1, "nothing more is said of it while it flaps"
    calmed = None
    for quarter in range(4 * 48):
        now = NOW + 24 * HOUR + quarter * 15 * MINUTE
        for change in desk.look([], now):
            calmed = (change.change, now)
    assert calmed is not None
    assert calmed[0] is Change.CLEARED
    assert timedelta(hours=8) < calmed[1] - (NOW + 24 * HOUR) < timedelta(hours=22)


def test_of_a_red_case_everything_is_said_however_often_it_comes_and_goes() -> None:
    desk = Desk(BRANCH)
    for hours in range(24):
        desk.look([finding(severity=Severity.RED, animals=3 + hours)] if hours % 2 == 0 else [], NOW + hours * HOUR)
    (case,) = desk.standing.values()
    assert case.flapping
    assert [s.reason for s in desk.sent if s.channel == "email"].count("grew") == 11


def test_a_condition_that_stands_for_days_does_not_flap() -> None:
    desk = Desk(BRANCH)
    for hours in range(72):
        desk.look([strayed()], NOW + hours * HOUR)
    assert not next(iter(desk.standing.values())).flapping


@given(met=st.lists(st.booleans(), min_size=1, max_size=60))
def test_the_course_has_a_digit_an_hour_and_ends_with_one_that_was_met(met: list[bool]) -> None:
    kept, last = "1", NOW
    for hour, was in enumerate(met, start=1):
        if was:
            kept, last = course.seen_again(kept, last, NOW + hour * HOUR), NOW + hour * HOUR
    want = "".join("1" if was else "0" for was in [True, *met]).rstrip("0")[-course.STATES :]
    assert kept == want
    assert 0.0 <= course.percent_change(kept, last, NOW + len(met) * HOUR) <= 100.0


def test_a_course_that_changes_every_hour_changed_wholly() -> None:
    assert course.percent_change("10" * 10 + "1", NOW, NOW) == pytest.approx(100.0)
    assert course.percent_change("1" * 21, NOW, NOW) == 0.0
