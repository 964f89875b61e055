"""Whatever comes: nothing breaks, each message is stored, known already or put aside with a reason, and it adds up."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, LiteralString

import msgspec
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collateral.store import pool
from collateral.store.counts import EvidenceRow, FrameRow, HeadCountRow
from collateral.store.device_events import DeviceEventRow
from collateral.store.gateways import StatusRow
from collateral.store.quarantine import QuarantineRow
from collateral.store.telemetry import Ledgers
from collateral.store.uplinks import JoinRow, UplinkRow
from ingest.adapters import registry
from ingest.adapters.adapter import Policy
from ingest.batch import Batch
from ingest.committer import Committer
from ingest.inbox import Arrival, Delivered, Inbox
from ingest.parcel import OUR_FAULT, Parcel, unpacker
from ingest.receipts import Announcer
from ingest.writer import Writer
from tests.integration.mutations import Seed, mutated, seeds
from tests.unit.ingest.made import NOON, FakeDelivery

MESSAGES = 200_000
AT_ONCE = 500
SEEDS = seeds()
KEYS: dict[str, LiteralString] = {
    "reading": "SELECT tag_id, sequence, measured_at FROM reading",
    "evidence": "SELECT sha256 FROM evidence",
    "evidence_record": "SELECT record_sha256 FROM evidence_record",
    "head_count": "SELECT camera_id, captured_at, sequence FROM head_count",
    "gateway_status": "SELECT gateway_id, state, coalesce(reported_at, received_at) FROM gateway_status",
    "uplink": "SELECT device_id, session, counter, payload_sha256 FROM uplink",
    "device_event": "SELECT device_id, kind, source, event_key FROM device_event WHERE kind NOT LIKE 'counter\\_%'",
    "quarantine": "SELECT topic, payload_sha256 FROM quarantine",
}
"""What tells the rows of each table apart. Counter alarms rest on what is stored, so they are left out."""
_ALARMS: LiteralString = "SELECT device_event_id FROM device_event WHERE kind LIKE 'counter\\_%'"
_QUARANTINED: LiteralString = "SELECT sum(times), count(*) FILTER (WHERE btrim(reason) = '') FROM quarantine"
unpack = unpacker(registry.Registry(Policy()))


def arrival(topic: str, payload: bytes, number: int = 1) -> Arrival:
    return Arrival(FakeDelivery(topic, payload, mid=number), NOON)


def reasoned(parcel: Parcel) -> None:
    """A message that is not understood says why, and the reason is not that we stumbled."""
    if isinstance(parcel.contents, QuarantineRow):
        assert parcel.contents.reason.strip()
        assert OUR_FAULT not in parcel.contents.reason, (parcel.contents.topic, parcel.contents.payload)
    else:
        assert parcel.rows >= 1


# -- by hypothesis --------------------------------------------------------------------------------------------------

topics_of = {name: st.sampled_from(sorted({seed.topic for seed in found})) for name, found in SEEDS.items()}
members = st.sampled_from(sorted({
    key
    for found in SEEDS.values() for seed in found if seed.payload.startswith(b"{")
    for key in msgspec.json.decode(seed.payload)
}))  # fmt: skip
leaves = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20) | st.datetimes().map(
    lambda at: at.isoformat() + "Z"
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(members | st.text(max_size=8), inner, max_size=6),
)


@pytest.mark.slow
@pytest.mark.parametrize("adapter", sorted(SEEDS))
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_no_json_at_all_makes_an_adapter_fail(adapter: str, data: st.DataObject) -> None:
    topic = data.draw(topics_of[adapter])
    tree = data.draw(st.dictionaries(members, trees, max_size=8) | trees)
    reasoned(unpack(arrival(topic, msgspec.json.encode(tree))))


@pytest.mark.slow
@pytest.mark.parametrize("adapter", sorted(SEEDS))
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_no_members_changed_in_a_good_payload_make_an_adapter_fail(adapter: str, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(SEEDS[adapter]))
    try:
        found = msgspec.json.decode(seed.payload)
    except msgspec.MsgspecError:
        found = data.draw(trees)
    if isinstance(found, dict):
        found |= data.draw(st.dictionaries(st.sampled_from(sorted(found)) if found else members, trees, max_size=3))
    reasoned(unpack(arrival(seed.topic, msgspec.json.encode(found))))


@pytest.mark.slow
@pytest.mark.parametrize("adapter", sorted(SEEDS))
@settings(max_examples=400, deadline=None)
@given(payload=st.binary(max_size=200), data=st.data())
def test_no_bytes_at_all_make_an_adapter_fail(adapter: str, payload: bytes, data: st.DataObject) -> None:
    begin = data.draw(st.sampled_from(SEEDS[adapter])).payload[: data.draw(st.integers(0, 60))]
    reasoned(unpack(arrival(data.draw(topics_of[adapter]), begin + payload)))


# -- into the database ----------------------------------------------------------------------------------------------


class Ledger:
    """What the messages stand for, by the natural keys of their rows, worked out apart from the store."""

    def __init__(self) -> None:
        self.received = self.aside = 0
        self.keys: dict[str, set[tuple[Any, ...]]] = {name: set() for name in KEYS}
        self.readings_of_uplinks: set[tuple[Any, ...]] = set()

    def unpack(self, one: Arrival) -> Parcel:
        parcel = unpack(one)
        reasoned(parcel)
        self.received += 1
        self.aside += parcel.quarantined
        self._note(parcel)
        return parcel

    def _note(self, parcel: Parcel) -> None:
        match parcel.contents:
            case list() as rows:
                self.keys["reading"].update((row[0], row[1], row[2]) for row in rows)
            case FrameRow() as row:
                self.keys["evidence"].add((row.sha256,))
            case EvidenceRow() as row:
                self.keys["evidence"].add((row.frame_sha256,))
                self.keys["evidence_record"].add((row.record_sha256,))
            case HeadCountRow() as row:
                self.keys["head_count"].add((row.camera_id, row.captured_at, row.sequence))
            case StatusRow() as row:
                self.keys["gateway_status"].add((row.gateway_id, row.state, row.reported_at or row.received_at))
            case UplinkRow() as row:
                self.keys["uplink"].add(row.contents)
                self.readings_of_uplinks.add((row.reading[0], row.reading[1], row.reading[2]))
                self.keys["device_event"].update(_event_key(each) for each in row.events)
            case JoinRow() as row:
                self.keys["device_event"].add(_event_key(row.event))
            case DeviceEventRow() as row:
                self.keys["device_event"].add(_event_key(row))
            case QuarantineRow() as row:
                self.keys["quarantine"].add((row.topic, hashlib.sha256(row.payload).hexdigest()))


def _event_key(row: DeviceEventRow) -> tuple[str, ...]:
    return row.device_id, row.kind, row.source, row.event_key


def ingested(database: str, messages: Sequence[Seed], ledger: Ledger) -> Committer:
    """Drive the messages through inbox, writer, committer and store; each is acknowledged once."""
    acknowledged: Counter[int] = Counter()

    def acknowledge(deliveries: Sequence[Delivered]) -> None:
        acknowledged.update(each.mid for each in deliveries)

    ticks = itertools.count()
    inbox = Inbox(lambda: NOON + next(ticks) * timedelta(milliseconds=1), acknowledge, most_bytes=2**30)
    store, stop = Ledgers(database), threading.Event()
    committer = Committer(inbox, store, Announcer(lambda *_: None, lambda: NOON), now=lambda: NOON, stop=stop)
    writer = Writer(inbox, committer, Batch(5000, 0.05, most_messages=4000), ledger.unpack, stop=stop)
    thread = threading.Thread(target=writer.run)
    thread.start()
    for first in range(0, len(messages), AT_ONCE):
        some = messages[first : first + AT_ONCE]
        inbox.put_all([FakeDelivery(m.topic, m.payload, mid=first + at) for at, m in enumerate(some)])
    while inbox.depth and thread.is_alive():
        thread.join(0.01)
    stop.set()
    thread.join(60)
    store.close()
    assert not thread.is_alive()
    assert acknowledged == Counter(range(len(messages)))
    return committer


def kept(connection: psycopg.Connection, query: LiteralString) -> set[tuple[Any, ...]]:
    return set(connection.execute(query))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_thousand_mutated_payloads_are_all_accounted_for(database: str) -> None:
    rng, ledger = random.Random(20260301), Ledger()
    committer = ingested(database, [mutated(rng, SEEDS) for _ in range(MESSAGES)], ledger)
    figures = committer.metrics.figures()
    with pool.connect(database) as connection:
        found = {name: kept(connection, query) for name, query in KEYS.items()}
        ((times, unexplained),) = connection.execute(_QUARANTINED).fetchall()
        alarms = kept(connection, _ALARMS)
    # Every message was received, and either understood or put aside with a reason.
    assert figures["received"] == ledger.received == MESSAGES
    assert (times, unexplained) == (ledger.aside, 0)
    # What is understood the database takes: it refused nothing, and ingest put nothing aside later.
    assert figures["quarantined"] == ledger.aside
    # What is stored is exactly what the messages stand for, each thing once.
    readings = found.pop("reading")
    assert ledger.keys["reading"] <= readings <= ledger.keys["reading"] | ledger.readings_of_uplinks
    assert found == {name: keys for name, keys in ledger.keys.items() if name != "reading"}
    # And the mixture was one: of every kind some, and of the bad most.
    assert {name: len(keys) for name, keys in found.items() if len(keys) < 20} == {}
    assert len(alarms) > 100
    assert 0.5 < ledger.aside / MESSAGES < 0.95
