"""LoRaWAN uplinks, joins and device events in the database: kept once, judged, and agreed on by two ingesters."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from collateral.store.telemetry import Committed, Ledgers, Load
from ingest.adapters.registry import Registry
from ingest.inbox import Arrival
from ingest.parcel import unpacker
from tests.unit.ingest.made import FakeDelivery

PAYLOADS = Path(__file__).parents[1] / "unit" / "ingest" / "payloads"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAG = "70b3d57ed005a1b2"
unpack = unpacker(Registry())


@pytest.fixture
def ledgers(database: str) -> Iterator[Ledgers]:
    made = Ledgers(database)
    made.open()
    yield made
    made.close()


def captured(name: str) -> tuple[str, Any]:
    case = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return case["topic"], case["payload"]


def uplink(counter: int, at: datetime, *, steps: int = 0, address: str = "01A2B3C4", tag: str = TAG) -> Arrival:
    topic, payload = captured("chirpstack/up_object")
    payload = copy.deepcopy(payload) | {"fCnt": counter, "time": at.isoformat(), "devAddr": address, "rxInfo": []}
    payload["data"], payload["object"] = "", {"steps": steps}
    payload["deviceInfo"]["devEui"] = tag
    return Arrival(FakeDelivery(topic.replace(TAG, tag), json.dumps(payload).encode()), at)


def join(at: datetime, address: str = "01A2B3C4") -> Arrival:
    topic, payload = captured("chirpstack/join")
    payload = {**payload, "time": at.isoformat(), "devAddr": address, "deduplicationId": at.isoformat()}
    return Arrival(FakeDelivery(topic, json.dumps(payload).encode()), at)


def commit(ledgers: Ledgers, *arrivals: Arrival) -> Committed:
    load = Load()
    for arrival in arrivals:
        parcel = unpack(arrival)
        assert not parcel.quarantined, parcel.contents
        parcel.add_to(load)
    return ledgers.commit(load, NOON)


def rows(database: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


EVENTS = "SELECT kind, severity, (particulars->>'counter')::int FROM device_event ORDER BY at, kind"


def test_an_uplink_becomes_one_reading_however_often_and_with_whatever_time_it_is_delivered(
    ledgers: Ledgers, database: str
) -> None:
    first, later = uplink(7, NOON), uplink(7, NOON + timedelta(seconds=48))
    assert commit(ledgers, first).stored["readings"] == 1
    again = commit(ledgers, first, later, later)
    assert (again.stored["readings"], again.stored["uplinks"], again.duplicates) == (0, 0, 3)
    assert rows(database, "SELECT sequence, measured_at FROM reading") == [(7, NOON)]
    assert rows(database, EVENTS) == []


def test_both_copies_in_one_batch_are_one(ledgers: Ledgers, database: str) -> None:
    outcome = commit(ledgers, uplink(7, NOON), uplink(7, NOON + timedelta(seconds=48)))
    assert (outcome.stored["readings"], outcome.duplicates) == (1, 1)


def test_a_counter_that_runs_back_is_a_security_event_and_its_data_are_kept(ledgers: Ledgers, database: str) -> None:
    commit(ledgers, uplink(500, NOON, steps=1), uplink(501, NOON + timedelta(hours=1), steps=2))
    reset = uplink(0, NOON + timedelta(hours=2), steps=3)
    outcome = commit(ledgers, reset, uplink(1, NOON + timedelta(hours=3), steps=4))
    assert (outcome.stored["readings"], outcome.stored["events"]) == (2, 1)
    assert rows(database, EVENTS) == [("counter_regressed", "security", 0)]
    assert commit(ledgers, reset).duplicates == 1
    assert rows(database, "SELECT count(*) FROM device_event") == [(1,)]


def test_a_replayed_uplink_is_no_sign_of_life_and_a_security_event_once(ledgers: Ledgers, database: str) -> None:
    commit(ledgers, uplink(500, NOON), uplink(501, NOON + timedelta(hours=1)))
    replay = uplink(500, NOON + timedelta(hours=30))
    commit(ledgers, replay)
    commit(ledgers, replay)  # delivered twice by the broker
    assert rows(database, "SELECT max(measured_at) FROM reading") == [(NOON + timedelta(hours=1),)]
    assert rows(database, EVENTS) == [("counter_repeated", "security", 500)]


def test_a_join_begins_a_session_and_its_low_counters_are_no_alarm(ledgers: Ledgers, database: str) -> None:
    commit(ledgers, uplink(500, NOON))
    joined = join(NOON + timedelta(hours=1))
    commit(ledgers, joined, uplink(0, NOON + timedelta(hours=1)))
    commit(ledgers, joined)
    commit(ledgers, uplink(1, NOON + timedelta(hours=2)))
    assert rows(database, EVENTS) == [("join", "info", None)]
    assert rows(database, "SELECT count(*) FROM reading") == [(3,)]
    assert rows(database, "SELECT run, counter FROM uplink_session") == [(1, 1)]


def test_a_new_address_is_a_session_of_its_own(ledgers: Ledgers, database: str) -> None:
    commit(ledgers, uplink(500, NOON, address="01000001"), uplink(0, NOON + timedelta(hours=1), address="01000002"))
    assert rows(database, EVENTS) == []
    assert rows(database, "SELECT count(*) FROM reading") == [(2,)]


def test_uplinks_that_come_late_are_kept_and_no_alarm(ledgers: Ledgers, database: str) -> None:
    hours = [uplink(counter, NOON + timedelta(hours=counter), steps=counter) for counter in range(6)]
    commit(ledgers, hours[5])
    commit(ledgers, hours[1], hours[0])
    commit(ledgers, *hours)
    assert rows(database, EVENTS) == []
    assert rows(database, "SELECT count(*), sum(steps) FROM reading") == [(6, 15)]


def test_two_ingesters_that_are_given_the_same_uplinks_at_once_keep_each_once(database: str) -> None:
    tags = [f"70b3d57ed00000{number:02x}" for number in range(12)]
    said = [uplink(c, NOON + timedelta(hours=c), steps=c, tag=tag) for c in range(10) for tag in tags]
    faults: list[BaseException] = []
    at_once = threading.Barrier(2)

    def work(own: list[Arrival]) -> None:
        ledgers = Ledgers(database)
        ledgers.open()
        try:
            at_once.wait(20)
            for first in range(0, len(own), 24):
                commit(ledgers, *own[first : first + 24])
        except BaseException as fault:  # noqa: BLE001 - shown below, on the thread of the test
            faults.append(fault)
        finally:
            ledgers.close()

    threads = [threading.Thread(target=work, args=(own,)) for own in (said, said[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert rows(database, "SELECT count(*), count(DISTINCT (tag_id, sequence)) FROM reading") == [(120, 120)]
    assert rows(database, EVENTS) == []


def test_an_event_told_twice_is_one(ledgers: Ledgers, database: str) -> None:
    topic, payload = captured("frigate/update_better_picture")
    better = copy.deepcopy(payload)
    better["after"]["score"] = 0.97
    spam = [Arrival(FakeDelivery(topic, json.dumps(each).encode()), NOON) for each in (payload, better, better)]
    outcome = commit(ledgers, *spam)
    assert (outcome.stored["events"], outcome.duplicates) == (1, 2)
    assert rows(database, "SELECT count(*) FROM head_count") == [(0,)]


def test_a_person_sees_the_events_of_their_own_farms_devices_alone(ledgers: Ledgers, database: str) -> None:
    commit(ledgers, join(NOON))
    with psycopg.connect(database) as connection:
        connection.execute("SET ROLE herdlien_person")
        assert connection.execute("SELECT count(*) FROM device_event").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT count(*) FROM uplink")
