"""How fast Node-RED carries the same messages into the same kind of table, given its best chance.

One function node that inserts a whole message, prepared, through a pool of connections; no editor, no debug nodes.
The form of INSERT that is fastest on the first messages is the one that counts. Loss on a crash is not looked at.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from psycopg.conninfo import conninfo_to_dict

from bench.peers import flow, install, table
from stack.broker import Broker
from stack.child import Child
from stack.ports import free_port

TRIAL_MESSAGES = 600
WARM_UP_MESSAGES = 60
MOST_WAITING_MESSAGES = 2000
PATIENCE_S = 60.0
LEAST_PAUSE_S, MOST_PAUSE_S = 0.05, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerResult:
    """`rows_per_s` from the first publish until the last row is committed; `forms` are the trials before."""

    rows_per_s: int
    rows: int
    form: str
    forms: dict[str, int]
    cpu_us_per_row: float
    version: str


class TooSlow(Exception):
    """Rows stopped coming, or never came."""


def measure(
    payloads: Iterable[bytes], rows: int, topic: str, dsn: str, broker: Broker, folder: Path
) -> PeerResult | str:
    """Rows a second of the fastest form; a string says why there is no figure.

    `payloads` are Readings messages with distinct keys, `rows` readings altogether. `dsn` names a migrated database,
    in which a table is made and dropped; `folder` takes Node-RED's settings and logs.
    """
    place = install.prepared()
    if isinstance(place, str):
        return place
    messages = list(payloads)
    each = rows // len(messages)
    trial = messages[:TRIAL_MESSAGES]
    peer = _Peer(place, topic, dsn, broker, folder)
    try:
        with table.peer_table(dsn) as connection:
            forms = {form: peer.run(form, trial, each * len(trial), connection) for form in flow.FORMS}
            best = max(forms.values(), key=lambda result: result.rows_per_s)
            if len(trial) < len(messages):
                best = peer.run(best.form, messages, rows, connection)
    except TooSlow as reason:
        return f"Node-RED {install.NODE_RED}: {reason}"
    return replace(best, forms={form: result.rows_per_s for form, result in forms.items()})


@dataclass(frozen=True, slots=True)
class _Peer:
    place: Path
    topic: str
    dsn: str
    broker: Broker
    folder: Path

    def run(self, form: str, messages: Sequence[bytes], rows: int, connection: psycopg.Connection) -> PeerResult:
        """One measurement in a fresh process, warmed up. Raises TooSlow."""
        table.clear(connection)
        with self.started(form) as child, publisher(self.broker) as client:
            warm_up(client, self.topic, messages, connection, child)
            table.clear(connection)
            idle_s = cpu_seconds(child.pid)
            seconds = published_to_committed(client, self.topic, messages, rows, connection)
            busy_s = cpu_seconds(child.pid) - idle_s
        return PeerResult(
            rows_per_s=round(rows / seconds),
            rows=rows,
            form=form,
            forms={},
            cpu_us_per_row=round(busy_s / rows * 1e6, 2),
            version=f"Node-RED {install.NODE_RED}, pg {install.PG}, node {install.node_version()}",
        )

    @contextmanager
    def started(self, form: str) -> Iterator[Child]:
        """Node-RED with this form of the flow; ended with the block."""
        home = self.folder / f"node-red-{form}"
        flow.write(home, flow.flow(form, self.topic, self.broker.host, self.broker.port), free_port())
        program = self.place / "node_modules" / "node-red" / "red.js"
        command = ["node", str(program), "--userDir", str(home), "--settings", str(home / "settings.js")]
        environment = {**os.environ, **server_environment(self.dsn), "NODE_PATH": str(self.place / "node_modules")}
        child = Child(command, home / "node-red.log", environment=environment, folder=home)
        try:
            yield child
        finally:
            child.stop()


def server_environment(dsn: str) -> dict[str, str]:
    """The database in the variables that the driver reads."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {names[key]: str(value) for key, value in conninfo_to_dict(dsn).items() if key in names}


@contextmanager
def publisher(broker: Broker) -> Iterator[paho.Client]:
    """A client whose queue takes everything: the broker and Node-RED are to be the limit."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"peer-publisher-{os.getpid()}")
    client.max_inflight_messages_set(1000)
    client.max_queued_messages_set(0)
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def warm_up(
    client: paho.Client, topic: str, messages: Sequence[bytes], connection: psycopg.Connection, child: Child
) -> None:
    """Knock until Node-RED listens and stores, then let it run a little. Raises TooSlow."""
    deadline = time.monotonic() + PATIENCE_S
    while not table.committed(connection):
        if child.status() is not None or time.monotonic() > deadline:
            raise TooSlow("it stored nothing: " + " | ".join(child.telling_lines()))
        client.publish(topic, messages[0], qos=1)
        time.sleep(0.5)
    each = table.committed(connection)
    few = messages[:WARM_UP_MESSAGES]
    for message in few:
        client.publish(topic, message, qos=1)
    await_rows(connection, each * len(few))


def published_to_committed(
    client: paho.Client, topic: str, messages: Sequence[bytes], rows: int, connection: psycopg.Connection
) -> float:
    """Seconds from the first publish until the last row can be seen. Raises TooSlow."""
    each = rows // len(messages)
    began = time.perf_counter()
    for number, message in enumerate(messages):
        client.publish(topic, message, qos=1)
        if number % MOST_WAITING_MESSAGES == MOST_WAITING_MESSAGES - 1:
            # The queue stays well filled and yet within what the broker keeps.
            await_rows(connection, each * (number - MOST_WAITING_MESSAGES // 2))
    await_rows(connection, rows)
    return time.perf_counter() - began


def await_rows(connection: psycopg.Connection, rows: int) -> None:
    """Count until there are as many, seldom while they are far: counting costs the server time. Raises TooSlow."""
    last, last_at = 0, time.monotonic()
    began, first = last_at, table.committed(connection)
    while (found := table.committed(connection)) < rows:
        now = time.monotonic()
        if found > last:
            last, last_at = found, now
        elif now - last_at > PATIENCE_S:
            raise TooSlow(f"{found:,} of {rows:,} rows came, and no more within {PATIENCE_S:.0f} s")
        rate = max(1.0, (found - first) / max(now - began, 0.01))
        time.sleep(min(MOST_PAUSE_S, max(LEAST_PAUSE_S, (rows - found) / rate * 0.7)))


def cpu_seconds(pid: int) -> float:
    """Processor time that the process and its children have used (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split() for each in (pid, *children)]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    from bench.peers.alone import main

    sys.exit(main())
