"""Network servers and recorders publish as they do; ingest, a real broker and a real database make rows of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from collateral.ops.mqtt import Connection
from collateral.settings.fragments import BrokerSettings
from stack.broker import Broker
from tests.integration.field import await_true, running_ingest

PAYLOADS = Path(__file__).parents[1] / "unit" / "ingest" / "payloads"
CAPTURED_EUI = "70b3d57ed005a1b2"
PUBLISHED = (
    "chirpstack/join", "chirpstack/up_hkt", "chirpstack/up_hkt", "chirpstack/up_no_codec", "chirpstack/log_uplink_mic",
    "things-stack/up_simulated_refused", "frigate/update_better_picture", "frigate/update_stationary",
    "frigate/update_better_picture",
)  # fmt: skip


def captured(name: str, eui: str) -> tuple[str, bytes]:
    """A captured payload as if it were of the device `eui`, and its topic."""
    case = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    payload = json.dumps(case["payload"]).replace(CAPTURED_EUI, eui).replace(CAPTURED_EUI.upper(), eui.upper())
    return case["topic"].replace(CAPTURED_EUI, eui), payload.encode()


def rows(database: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(query, values).fetchall()  # type: ignore[call-overload, no-any-return]


def test_what_network_servers_and_recorders_publish_is_stored_once_or_put_aside(
    database: str, broker: Broker, client_id: Callable[[str], str], tmp_path: Path
) -> None:
    """NATS bounds what all subscriptions of a session may have unacknowledged together: one too many, and none is."""
    eui = secrets.token_hex(8)
    link = Connection(client_id("server"), BrokerSettings(broker_host=broker.host, broker_port=broker.port))
    with running_ingest(database, broker, client_id("ingest"), tmp_path, more={"HERDLIEN_SIMULATED": "refuse"}), link:
        for name in PUBLISHED:
            link.publish(*captured(name, eui))
        await_true(
            lambda: (
                rows(database, "SELECT count(*) FROM device_event WHERE source = 'frigate'") == [(2,)]
                and rows(database, "SELECT count(*) FROM quarantine") == [(2,)]
            ),
            "the last message is committed",
        )
    assert rows(database, "SELECT tag_id, sequence, steps FROM reading") == [(eui, 1503, 323)]
    events = rows(database, "SELECT kind, severity FROM device_event WHERE source = 'chirpstack' ORDER BY kind")
    assert events == [("join", "info"), ("network_log", "security")]
    reasons = [reason for (reason,) in rows(database, "SELECT reason FROM quarantine ORDER BY reason")]
    assert ["no codec" in reasons[0], "simulated" in reasons[1]] == [True, True]
