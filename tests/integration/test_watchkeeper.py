"""The watchkeeper against a real database: a theft becomes one case, is told, cleared or not, and survives restarts."""

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import pytest

from collateral.store import cases, pool
from collateral.store.counts import HeadCountRow, add_counts
from collateral.store.gateways import StatusRow, add_statuses
from collateral.store.readings import copy_staged
from monitor_api.notify import sender
from monitor_api.notify.settings import NotifySettings
from monitor_api.watch import Watch
from monitor_api.watchkeeper import History

HERD = 72
STOLEN = 24
METRE = 1 / 111_320.0
LAT, LON = 41.0, 116.0
NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai
SECRET = "a shared secret of the risk desk"


@pytest.fixture
def bank(database: str) -> Iterator[psycopg.Connection]:
    """One branch, one farm, one pen of 72 with a camera, one loan; every tag heard within the hour before the night."""
    with pool.connect(database) as connection:
        before_the_night(connection)
        yield connection


def before_the_night(connection: psycopg.Connection) -> None:
    enrol(connection)
    for number in range(HERD):
        heard(connection, number, 1, NIGHT - timedelta(minutes=number % 55), (30, 30))
    for minutes in range(60, 0, -5):
        count(connection, 70, NIGHT - timedelta(minutes=minutes))


def enrol(connection: psycopg.Connection) -> None:
    ring = [
        [LON, LAT],
        [LON + 60 * METRE / 0.7547, LAT],
        [LON + 60 * METRE / 0.7547, LAT + 60 * METRE],
        [LON, LAT + 60 * METRE],
    ]
    run = connection.execute
    run("INSERT INTO branch VALUES ('b1', '一支行', 'Branch 1')")
    run("INSERT INTO farm VALUES ('f1', 'b1', '牧场', 'Farm', %s, %s, 'Asia/Shanghai')", (LAT, LON))
    run("INSERT INTO pen VALUES ('p1', 'f1', 'Pen 1', 'cattle', %s)", (json.dumps(ring),))
    run("INSERT INTO gateway VALUES ('g1', 'f1', %s, %s, 300)", (LAT, LON))
    run("INSERT INTO camera VALUES ('c1', 'f1', 'p1', 'g1', 300)")
    run(
        "INSERT INTO loan VALUES ('L1', 'b1', 'HT-1', '借款人', 'Borrower', 100000000, 80000000, 'CNY', 0.8, '2025-06-01', '2026-06-01')"
    )
    for n in range(HERD):
        run("INSERT INTO animal VALUES (%s, 'f1', 'p1', 'cattle', 'cn-tag', %s)", (f"a{n}", f"2130825{n:08}"))
        run("INSERT INTO tag VALUES (%s, 'f1', 'ear', 3600)", (f"{n:016x}",))
        run("INSERT INTO tag_assignment VALUES (%s, %s, '2026-01-01+00')", (f"{n:016x}", f"a{n}"))
        run(
            "INSERT INTO pledge (loan_id, animal_id, head, value_per_head_minor, since) VALUES ('L1', %s, 1, 1900000, '2026-01-01+00')",
            (f"a{n}",),
        )


def heard(
    connection: psycopg.Connection, number: int, sequence: int, moment: datetime, metres: tuple[float, float]
) -> None:
    where = (LAT + metres[1] * METRE, LON + metres[0] * METRE / 0.7547, 10.0)
    row = (
        f"{number:016x}",
        sequence,
        moment,
        moment,
        moment,
        "g1",
        *where,
        5,
        10.0,
        33.0,
        90.0,
        -80.0,
        5.0,
        False,
        True,
        None,
        None,
    )
    with connection.transaction():
        copy_staged(connection, [row])


def count(connection: psycopg.Connection, best: int | None, moment: datetime) -> None:
    known = best is not None
    row = HeadCountRow(
        camera_id="c1", sequence=int(moment.timestamp()), captured_at=moment, counted_at=moment, received_at=moment,
        gateway_id="g1", low=best - 4 if known else None, best=best, high=best + 4 if known else None,
        unknown_because=None if known else "dark", method="test", model_version="1",
        frame_sha256=f"{int(moment.timestamp()):064x}", boxes=[], took_ms=None,
    )  # fmt: skip
    add_counts(connection, [row])


def beat(connection: psycopg.Connection, moment: datetime, state: str = "online") -> None:
    row = StatusRow(
        gateway_id="g1",
        received_at=moment,
        state=state,
        reported_at=moment,
        unsent=0,
        oldest_unsent_at=None,
        software="",
    )
    add_statuses(connection, [row])


def theft(connection: psycopg.Connection, minute: int) -> None:
    """What happens in minute `minute` of the night: from 10 on two animals a minute leave and are heard twice outside."""
    moment = NIGHT + timedelta(minutes=minute)
    for number in range(STOLEN):
        left = 10 + number // 2
        if minute == left:
            heard(connection, number, 2, moment, (120, 30))
        elif minute == left + 5:
            heard(connection, number, 3, moment, (400, 30))
    if minute % 5 == 0:
        beat(connection, moment)
        gone = max(0, min(STOLEN, 2 * (minute - 9)))
        count(connection, 70 - gone, moment)


def play(connection: psycopg.Connection, watch: Watch, minutes: int = 40) -> None:
    for minute in range(minutes):
        theft(connection, minute)
        watch.look(NIGHT + timedelta(minutes=minute, seconds=30))


def unresolved(connection: psycopg.Connection) -> list[cases.Case]:
    return [case for case, _ in cases.unresolved(connection)]


@dataclass
class Desk:
    """The risk desk's own system: keeps what it is sent, checks the signature, can be told to fail."""

    url: str = ""
    status: int = 204
    bodies: list[dict[str, object]] = field(default_factory=list)
    forged: int = 0


@contextmanager
def risk_desk() -> Iterator[Desk]:
    desk = Desk()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            expected = "sha256=" + hmac.new(SECRET.encode(), body, "sha256").hexdigest()
            desk.forged += not hmac.compare_digest(expected, self.headers.get("X-HerdLien-Signature", ""))
            if desk.status < 300:
                desk.bodies.append(json.loads(body))
            self.send_response(desk.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        desk.url = f"http://127.0.0.1:{server.server_port}/alerts"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield desk
        server.shutdown()
        thread.join()


def channels(url: str) -> dict[str, sender.Channel]:
    return sender.channels(NotifySettings(webhook_url=url, webhook_secret=SECRET))


def test_a_night_theft_is_one_red_case_that_names_the_animals_the_loan_and_the_coverage(
    bank: psycopg.Connection,
) -> None:
    play(bank, Watch(bank, frozenset({"log", "webhook"})))
    red = [case for case in unresolved(bank) if case.severity.word == "red"]
    assert len(red) == 1
    (case,) = red
    assert (case.rule, case.loan_id, len(case.animals)) == ("group_removal", "L1", STOLEN)
    assert case.value_affected_minor == STOLEN * 1_900_000
    assert case.coverage_before == pytest.approx(1.0)
    assert case.coverage_after == pytest.approx((HERD - STOLEN) / HERD)
    assert {t["witness"] for t in case.testimonies} == {"tag", "camera"}


def test_the_red_case_is_raised_within_five_minutes_of_the_second_witness(bank: psycopg.Connection) -> None:
    play(bank, Watch(bank, frozenset({"log"})))
    (case,) = [case for case in unresolved(bank) if case.severity.word == "red"]
    second = max(datetime.fromisoformat(t["since"]) for t in case.testimonies)
    raised = bank.execute(
        "SELECT min(at) FROM case_event WHERE case_id = %s AND particulars->>'severity' = 'red'", (case.case_id,)
    ).fetchone()
    assert raised is not None
    assert timedelta(0) <= raised[0] - second <= timedelta(minutes=5)


def test_a_watchkeeper_that_starts_again_goes_on_with_the_same_case(bank: psycopg.Connection) -> None:
    for minute in range(40):
        theft(bank, minute)
        Watch(bank, frozenset({"log"})).look(NIGHT + timedelta(minutes=minute, seconds=30))
    numbers = bank.execute("SELECT count(*) FROM supervision_case WHERE rule = 'group_removal'").fetchone()
    assert numbers == (1,)


def test_the_risk_desk_receives_signed_messages_that_name_all_animals(bank: psycopg.Connection) -> None:
    with risk_desk() as desk:
        ways = channels(desk.url)
        watch = Watch(bank, frozenset(ways))
        for minute in range(40):
            theft(bank, minute)
            now = NIGHT + timedelta(minutes=minute, seconds=30)
            watch.look(now)
            sender.send_due(bank, ways, now)
    assert desk.forged == 0
    assert desk.bodies[-1]["severity"] == "red"
    assert len(desk.bodies[-1]["animals"]) == STOLEN  # type: ignore[arg-type]
    assert len(desk.bodies) < STOLEN / 2, "a growing theft is not a message an animal"
    assert "HT-1" in str(desk.bodies[-1]["text_zh"])


def test_a_risk_desk_that_is_away_gets_its_message_when_it_is_back(bank: psycopg.Connection) -> None:
    with risk_desk() as desk:
        ways = channels(desk.url)
        play(bank, Watch(bank, frozenset(ways)), minutes=25)
        desk.status = 503
        sender.send_due(bank, ways, NIGHT + timedelta(minutes=25))
        assert desk.bodies == []
        desk.status = 204
        sender.send_due(bank, ways, NIGHT + timedelta(minutes=25, seconds=10))
        assert desk.bodies == [], "not before its time"
        sender.send_due(bank, ways, NIGHT + timedelta(minutes=27))
        assert len(desk.bodies) >= 1


def test_a_refusal_for_good_is_given_up_and_on_record(bank: psycopg.Connection) -> None:
    with risk_desk() as desk:
        desk.status = 410
        ways = channels(desk.url)
        play(bank, Watch(bank, frozenset(ways)), minutes=25)
        sender.send_due(bank, ways, NIGHT + timedelta(minutes=25))
    given_up = bank.execute("SELECT count(*) FROM outbox WHERE channel = 'webhook' AND given_up_at IS NULL").fetchone()
    on_record = bank.execute("SELECT count(*) FROM case_event WHERE event = 'notice_failed'").fetchone()
    assert given_up == (0,)
    assert on_record is not None
    assert on_record[0] >= 1


def test_nobody_acknowledging_in_time_goes_up_a_level_at_each_step(bank: psycopg.Connection) -> None:
    watch = Watch(bank, frozenset({"log", "webhook"}))
    play(bank, watch)
    for minute in range(40, 90):
        if minute % 5 == 0:
            beat(bank, NIGHT + timedelta(minutes=minute))
        watch.look(NIGHT + timedelta(minutes=minute, seconds=30))
    again = bank.execute(
        "SELECT payload->>'level', count(*) FROM outbox WHERE reason = 'unacknowledged' AND channel = 'webhook'"
        " GROUP BY 1 ORDER BY min(outbox_id)"
    ).fetchall()
    assert again == [("branch_head", 1), ("branch_risk", 1)]


def test_a_quiet_night_opens_no_case_that_leaves_the_inbox(bank: psycopg.Connection) -> None:
    watch = Watch(bank, frozenset({"log", "webhook"}))
    for minute in range(0, 60, 2):
        if minute % 5 == 0:
            beat(bank, NIGHT + timedelta(minutes=minute))
            count(bank, 70 + minute % 3, NIGHT + timedelta(minutes=minute))
        watch.look(NIGHT + timedelta(minutes=minute, seconds=30))
    assert unresolved(bank) == []


def test_coverage_is_kept_over_time_and_the_past_is_filled_in(bank: psycopg.Connection) -> None:
    watch = Watch(bank, frozenset({"log"}))
    heard(bank, 0, 99, NIGHT - timedelta(days=5), (30, 30))
    watch.look(NIGHT)
    history = History(bank)
    while history.look_back(NIGHT):
        pass
    points = bank.execute("SELECT as_of, coverage FROM reconciliation ORDER BY as_of").fetchall()
    assert points[-1] == (NIGHT, 1.0)
    assert len(points) == 9  # every 12 hours from a day after the first reading, and now
    assert history.look_back(NIGHT) is False
