"""Each adapter against captured-style payloads: tests/unit/ingest/payloads/{adapter}/{case}.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collateral.store.uplinks import JoinRow
from ingest.adapters import registry
from ingest.adapters.adapter import Policy
from ingest.commands.decode import told
from ingest.inbox import Arrival
from ingest.parcel import OUR_FAULT, Parcel, unpacker
from tests.unit.ingest.made import FakeDelivery

PAYLOADS = Path(__file__).parent / "payloads"
CASES = sorted(PAYLOADS.glob("*/*.json"))


def bytes_of(payload: object) -> bytes:
    return payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()


def unpacked(case: Mapping[str, Any]) -> Parcel:
    policy = Policy(**case.get("policy", {}))
    delivery = FakeDelivery(case["topic"], bytes_of(case["payload"]))
    return unpacker(registry.Registry(policy))(Arrival(delivery, datetime.fromisoformat(case["received_at"])))


def plain(value: object) -> Any:
    return json.loads(json.dumps(value, default=lambda it: it.isoformat() if isinstance(it, datetime) else it.hex()))


def holds(wanted: object, found: object, where: str = "$") -> None:
    """Whatever is wanted is found; what is not mentioned may be anything."""
    if isinstance(wanted, Mapping):
        assert isinstance(found, Mapping), where
        for name, each in wanted.items():
            holds(each, found.get(name), f"{where}.{name}")
    else:
        assert found == (pytest.approx(wanted, rel=1e-9) if isinstance(wanted, float) else wanted), where


@pytest.mark.parametrize("path", CASES, ids=[f"{path.parent.name}-{path.stem}" for path in CASES])
def test_a_captured_payload_becomes_what_its_table_says(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    expected, parcel = case["expected"], unpacked(case)
    found = plain(told(parcel))
    assert found["outcome"] == expected["outcome"], found.get("reason")
    assert expected.get("reason", "") in found.get("reason", "")
    assert OUR_FAULT not in found.get("reason", "")
    for table in ("reading", "uplink"):
        if table in expected:
            holds(expected[table], next(row for row in found["rows"] if row["table"] == table), table)
    if "events" in expected:
        assert len(found["events"]) == len(expected["events"])
        for wanted, event in zip(expected["events"], found["events"], strict=True):
            holds({name: each for name, each in wanted.items() if name != "lacks"}, event)
            assert not set(wanted.get("lacks", ())) & event["particulars"].keys()
    if "notes" in expected:
        assert found["notes"] == expected["notes"]
    if "number" in expected:
        assert parcel.number == tuple(expected["number"])
    if "session" in expected:
        assert isinstance(parcel.contents, JoinRow)
        assert parcel.contents.session == expected["session"]


@pytest.mark.parametrize("adapter", [adapter.name for adapter in registry.ADAPTERS])
def test_every_adapter_has_a_table_with_good_and_bad_payloads(adapter: str) -> None:
    outcomes = {json.loads(path.read_text("utf-8"))["expected"]["outcome"] for path in (PAYLOADS / adapter).iterdir()}
    assert outcomes == {"stored", "quarantined"}


def test_a_fixture_stands_for_an_adapter() -> None:
    assert {path.parent.name for path in CASES} == {adapter.name for adapter in registry.ADAPTERS}


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("chirpstack_v4", "chirpstack"), ("ChirpStack", "chirpstack"), ("ttn", "things-stack"), ("tts", "things-stack"),
        ("things_stack", "things-stack"), ("TTN_v3", "things-stack"), ("v1", "herdlien"), ("vendor", "hkt"),
    ],
)  # fmt: skip
def test_an_adapter_is_found_by_any_of_its_names(alias: str, name: str) -> None:
    assert registry.named(alias).name == name


def test_an_unknown_adapter_is_answered_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="no adapter 'zigbee'; there are herdlien, chirpstack, things-stack"):
        registry.named("zigbee")


def test_names_and_aliases_are_said_once() -> None:
    names = [name for adapter in registry.ADAPTERS for name in (adapter.name, *adapter.aliases)]
    assert len(names) == len(set(names))


def test_every_subscription_is_read_by_the_adapter_that_asks_for_it() -> None:
    for adapter in registry.ADAPTERS:
        for each in adapter.filters:
            topic = each.replace("device/+/event/+", "device/70b3d57ed005a1b2/event/up").replace("+", "x")
            assert adapter.reader(topic, Policy()) is not None, each


def test_no_message_is_asked_for_twice() -> None:
    """Overlapping filters would make a broker deliver a message once for each."""
    assert len(set(registry.filters())) == len(registry.filters())


def test_a_fault_of_an_adapter_puts_its_message_aside_and_says_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: bytes, __: datetime) -> Any:
        raise ZeroDivisionError("nobody expects this")

    found = registry.Registry()
    monkeypatch.setattr(found, "_reader", lambda _: broken)
    parcel = unpacker(found)(
        Arrival(FakeDelivery("frigate/events", b"{}"), datetime.fromisoformat("2026-03-01T12:00Z"))
    )
    assert parcel.quarantined
    assert told(parcel)["reason"] == f"{OUR_FAULT}: ZeroDivisionError: nobody expects this"
