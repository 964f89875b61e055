"""Cases, silences and what waits, as the database keeps them between two looks of the watchkeeper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from collateral.alerting.cases import key_of, open_case
from collateral.alerting.lifecycle import Move, Verdict
from collateral.alerting.resolving import resolved
from collateral.alerting.silencing import Silence, Work
from collateral.model.case import STATE_OF, Case, Disposition, Stage
from collateral.model.finding import Audience, Severity
from collateral.model.ids import AnimalId, BranchId, FarmId
from collateral.model.person import Role
from collateral.store import cases, outbox, pending_findings, pool, silences
from monitor_api.notify import sender
from monitor_api.notify.settings import NotifySettings
from tests.herds import NOW
from tests.unit.collateral.test_alerting import HOUR, MINUTE, STAKES, finding, person

SECOND = timedelta(seconds=1)


@pytest.fixture
def store(database: str) -> Iterator[psycopg.Connection]:
    with pool.connect(database) as connection:
        run = connection.execute
        run("INSERT INTO branch VALUES ('b1', '一', 'one')")
        run("INSERT INTO farm VALUES ('f1', 'b1', '甲', 'A', 41, 116, 'Asia/Shanghai')")
        run("INSERT INTO loan VALUES ('L1', 'b1', 'HT-1', '甲', 'A', 100, 80, 'CNY', 0.8, '2025-06-01', '2026-06-01')")
        yield connection


def stored(connection: psycopg.Connection, rule: str = "tag_silence", **changed: object) -> Case:
    case = open_case(finding(rule), BranchId("b1"), STAKES, NOW).case
    case = replace(case, **changed)  # type: ignore[arg-type]
    number = cases.add(connection, case)
    assert number is not None
    case = replace(case, case_id=number)
    if case.closed_at is not None:  # a case is not born closed
        assert cases.replace(connection, case, 1)
    return case


def test_a_case_comes_back_as_it_was_stored(store: psycopg.Connection) -> None:
    silence = silences.add(store, planned(), NOW)
    case = stored(
        store, audience=Audience.FARM, silenced_by=silence, course="10011", flapping=True, raised_at=NOW + MINUTE
    )
    assert cases.one(store, case.case_id) == (case, 1)
    judged = replace(
        case, stage=Stage.WITHDRAWN, acknowledged_at=NOW, closed_at=NOW + HOUR, disposition=Disposition.FALSE_ALARM,
        cause="gps_fault", decided_by="li", withdrawn_because="late readings", severity=Severity.RED,
    )  # fmt: skip
    assert cases.replace(store, judged, 1)
    assert cases.one(store, case.case_id) == (judged, 2)


@pytest.mark.parametrize("stage", Stage)
def test_the_database_and_the_model_call_a_stage_by_the_same_coarse_word(
    store: psycopg.Connection, stage: Stage
) -> None:
    case = stored(store, stage=stage)
    assert store.execute("SELECT state FROM supervision_case").fetchone() == (str(STATE_OF[stage]),)
    assert [c.case_id for c, _ in cases.unresolved(store)] == ([] if case.state == "resolved" else [case.case_id])


def test_the_coarse_word_cannot_be_set(store: psycopg.Connection) -> None:
    stored(store)
    with pytest.raises(psycopg.errors.GeneratedAlways):
        store.execute("UPDATE supervision_case SET state = 'resolved'")


def test_what_was_closed_within_a_day_and_what_is_still_seen_can_be_taken_up(store: psycopg.Connection) -> None:
    officer = person(Role.OFFICER)
    lately = stored(store, "tag_silence", stage=Stage.CLOSED, closed_at=NOW - 23 * HOUR, last_seen_at=NOW - 24 * HOUR)
    stored(store, "tag_removed", stage=Stage.CLOSED, closed_at=NOW - 25 * HOUR, last_seen_at=NOW - 25 * HOUR)
    answered = resolved(
        stored(store, "left_fence", stage=Stage.ACKNOWLEDGED), Verdict(Disposition.EXPLAINED), officer, NOW
    )
    still_seen = replace(answered, closed_at=NOW - 72 * HOUR, last_seen_at=NOW - MINUTE)
    cases.replace(store, still_seen, 1)
    over = cases.over(store, NOW)
    assert over == {key_of(lately): (lately, 2), key_of(still_seen): (still_seen, 2)}


def test_of_several_closed_cases_of_one_matter_the_last_is_taken_up(store: psycopg.Connection) -> None:
    stored(store, stage=Stage.CLOSED, closed_at=NOW - 9 * HOUR)
    last = stored(store, stage=Stage.CLOSED, closed_at=NOW - 3 * HOUR)
    assert [c.case_id for c, _ in cases.over(store, NOW).values()] == [last.case_id]


def test_a_suppressed_case_stands_so_that_no_second_one_opens(store: psycopg.Connection) -> None:
    stored(store, stage=Stage.SUPPRESSED)
    assert cases.add(store, open_case(finding("tag_silence"), BranchId("b1"), STAKES, NOW).case) is None


def test_what_waits_is_remembered_between_two_looks(store: psycopg.Connection) -> None:
    first = {("L1", "count_gap"): NOW, ("f1", "count_gap"): NOW - MINUTE}
    pending_findings.keep(store, {}, first)
    assert pending_findings.read(store) == first
    second = {("L1", "count_gap"): NOW, ("L2", "count_gap"): NOW}
    pending_findings.keep(store, first, second)
    assert pending_findings.read(store) == second


def planned(**changed: object) -> Silence:
    given = {
        "silence_id": 0, "work": Work.MAINTENANCE, "farm_id": FarmId("f1"), "start": NOW, "end": NOW + 6 * HOUR,
        "by": "li", "why": "new mast", "rules": frozenset({"tag_silence"}), "animals": frozenset({AnimalId("a1")}),
    }  # fmt: skip
    return Silence(**(given | changed))  # type: ignore[arg-type]


def test_a_silence_is_in_force_from_its_beginning_until_it_ends_or_is_ended(store: psycopg.Connection) -> None:
    number = silences.add(store, planned(), NOW)
    kept = replace(planned(), silence_id=number)
    assert silences.in_force(store, NOW - SECOND) == []
    assert silences.in_force(store, NOW) == [kept]
    assert silences.in_force(store, NOW + 6 * HOUR) == []
    assert silences.end(store, number, "wang", NOW + HOUR)
    assert silences.in_force(store, NOW + HOUR) == []
    assert not silences.end(store, number, "wang", NOW + 2 * HOUR)


def test_a_movement_that_is_withdrawn_takes_its_animals_out_of_the_silence(store: psycopg.Connection) -> None:
    run = store.execute
    run("INSERT INTO person VALUES ('p', 'p', 'p', 'risk', NULL, NULL, 'x', 'zh')")
    run(
        "INSERT INTO movement (movement_id, loan_id, kind, animal_ids, window_from, window_to, approved_by, approved_at)"
        " VALUES ('m1', 'L1', 'sale', '{a1,a2}', %s, %s, 'p', %s)",
        (NOW, NOW + HOUR, NOW - HOUR),
    )
    silences.add(store, planned(work=Work.PLANNED_MOVE, movement_id="m1"), NOW)
    (with_movement,) = silences.in_force(store, NOW)
    assert with_movement.approved == {"a1", "a2"}
    run("UPDATE movement SET withdrawn_at = %s", (NOW,))
    (without,) = silences.in_force(store, NOW)
    assert without.approved == frozenset()


def test_the_last_notice_and_the_last_step_up_the_ladder_are_told_apart(store: psycopg.Connection) -> None:
    case = stored(store)
    for minutes, reason, head in ((0, "opened", 3), (31, "unacknowledged", 3), (40, "grew", 9)):
        outbox.add(store, case.case_id, "log", reason, {"animal_count": head}, NOW + minutes * MINUTE)
    last = outbox.last_notices(store, [case.case_id])[case.case_id]
    assert (last.at, last.animals, last.escalated_at) == (NOW + 40 * MINUTE, 9, NOW + 31 * MINUTE)


def test_what_is_not_red_waits_a_little_for_company_and_goes_with_what_is(store: psycopg.Connection) -> None:
    case = stored(store)

    def told(severity: str, farm: str = "f1", channel: str = "webhook") -> None:
        payload = {"severity": severity, "farm_id": farm, "level": "officer"}
        outbox.add(store, case.case_id, channel, "opened", payload, NOW)

    told("orange")
    told("orange", farm="f2")
    told("orange", channel="email")
    assert outbox.due(store, NOW + 29 * SECOND) == []
    told("red")
    (red,) = outbox.due(store, NOW)
    assert red.payload["severity"] == "red"
    (company,) = outbox.mates(store, red, NOW)
    assert (company.payload["farm_id"], company.channel) == ("f1", "webhook")
    assert len(outbox.due(store, NOW + 30 * SECOND)) == 4


def test_a_message_for_a_way_that_is_not_set_up_any_more_stops_no_other(store: psycopg.Connection) -> None:
    case = stored(store)
    for channel in ("email", "log"):
        payload = {"severity": "red", "farm_id": "f1", "level": "officer", "sent_at": NOW.isoformat()}
        outbox.add(store, case.case_id, channel, "opened", payload, NOW)
    assert sender.send_due(store, sender.channels(NotifySettings()), NOW) == 1
    rows = store.execute(
        "SELECT channel, delivered_at IS NOT NULL, given_up_at IS NOT NULL FROM outbox ORDER BY 1"
    ).fetchall()
    assert rows == [("email", False, True), ("log", True, False)]


def test_an_older_database_keeps_what_its_cases_were(empty_database: str) -> None:
    from collateral.store import migrate

    scripts = migrate.scripts()
    before = [(name, sql) for name, sql in scripts if name < "0012"]
    (mine,) = [sql for name, sql in scripts if name.startswith("0012")]
    with psycopg.connect(empty_database, autocommit=True) as connection:
        for _, sql in before:
            connection.execute(sql.encode())
        connection.execute("INSERT INTO branch VALUES ('b1', '一', 'one')")
        connection.execute("INSERT INTO farm VALUES ('f1', 'b1', '甲', 'A', 41, 116, 'Asia/Shanghai')")
        for number, state in enumerate(("open", "acknowledged", "resolved")):
            connection.execute(
                "INSERT INTO supervision_case (rule, severity, state, branch_id, farm_id, opened_at, event_at,"
                " last_seen_at, occurrences, value_affected_minor, due_at, animals, testimonies, figures)"
                " VALUES (%s, 2, %s, 'b1', 'f1', %s, %s, %s, 1, 1, %s, '{}', '[]', '{}')",
                (f"rule-{number}", state, NOW, NOW, NOW, NOW),
            )
        connection.execute(
            "INSERT INTO case_event (case_id, at, actor, event, particulars)"
            " VALUES (3, %s, 'li', 'acknowledged', '{}'), (3, %s, 'wang', 'resolved', %s)",
            (NOW, NOW + HOUR, '{"disposition": "false_alarm"}'),
        )
        connection.execute(mine.encode())
        rows = connection.execute(
            "SELECT stage, state, acknowledged_at, closed_at, disposition, decided_by FROM supervision_case ORDER BY case_id"
        ).fetchall()
    assert rows == [
        ("new", "open", None, None, None, None),
        ("acknowledged", "acknowledged", None, None, None, None),
        ("closed", "resolved", NOW, NOW + HOUR, "false_alarm", "wang"),
    ]


def test_a_move_by_a_person_is_kept_with_its_times(store: psycopg.Connection) -> None:
    from collateral.alerting.lifecycle import moved

    case = stored(store)
    taken = moved(case, Move.ACKNOWLEDGE, person(Role.OFFICER), NOW + MINUTE)
    assert cases.replace(store, taken, 1)
    assert not cases.replace(store, taken, 1), "somebody else was faster"
    read = cases.one(store, case.case_id)
    assert read is not None
    assert (read[0].stage, read[0].acknowledged_at) == (Stage.ACKNOWLEDGED, NOW + MINUTE)
