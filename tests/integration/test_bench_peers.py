"""What a peer is measured with: the same columns, the same unique key, a flow that says what it should."""

import json
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from bench.peers import alone, flow, install, node_red, table
from collateral.contract import codec
from stack.broker import Broker


@pytest.mark.parametrize("form", flow.FORMS)
def test_the_flow_subscribes_to_the_topic_and_inserts_into_the_peers_table(form: str, tmp_path: Path) -> None:
    flow.write(tmp_path, flow.flow(form, "bench/peer", "127.0.0.1", 1883), 1880)
    nodes = {node["type"]: node for node in json.loads((tmp_path / "flows.json").read_text())}
    assert (nodes["mqtt in"]["topic"], nodes["mqtt in"]["qos"]) == ("bench/peer", "1")
    assert f"INSERT INTO {table.NAME} (tag_id," in nodes["function"]["func"]
    assert "debug" not in nodes
    assert "uiHost: '127.0.0.1'" in (tmp_path / "settings.js").read_text()


def test_the_flow_fills_every_column_of_a_reading() -> None:
    assert list(flow.FIELDS) == flow.NAMES
    assert set(flow.ALIKE) == {name for name, (field, _) in flow.FIELDS.items() if field is None}


@pytest.mark.parametrize("form", flow.FORMS)
def test_the_flows_function_is_javascript(form: str, tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("no node on the PATH")
    (tmp_path / "insert.js").write_text(f"(function (msg, node, global, context) {{{flow.function(form)}}})")
    subprocess.run(["node", "--check", str(tmp_path / "insert.js")], check=True)


def test_the_peers_table_is_like_ours_and_goes_again(database: str) -> None:
    one_row = f"INSERT INTO {table.NAME} (tag_id, sequence, measured_at, heard_at, received_at, gateway_id, clock_ok) VALUES ('a', 1, now(), now(), now(), 'g', true)"
    with table.peer_table(database) as connection:
        with pytest.raises(psycopg.errors.UniqueViolation), connection.transaction():
            for _ in range(2):
                connection.execute(one_row)  # type: ignore[arg-type]
        assert table.committed(connection) == 0
        if connection.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'").fetchone():
            kinds = connection.execute(
                "SELECT count(*), count(DISTINCT time_interval) FROM timescaledb_information.dimensions"
                " WHERE hypertable_name IN (%s, 'reading')",
                [table.NAME],
            ).fetchone()
            assert kinds == (2, 1)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass(%s)", [table.NAME]).fetchone() == (None,)


def test_without_npm_a_reason_is_given(broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = [codec.encode(alone.message(0))]
    monkeypatch.setattr(install, "place", lambda: tmp_path / "node-red")
    monkeypatch.setattr(install, "node_version", lambda: "v20.20.2")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node_red.measure(payloads, 100, "bench/peer", "", broker, tmp_path) == (
        "Node-RED comes by npm, which is not on the PATH"
    )


@pytest.mark.parametrize(
    ("version", "reason"), [("", "node, which is not on the PATH"), ("v16.20.1", "needs node 18.5")]
)
def test_without_a_fitting_node_a_reason_is_given(version: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "node_version", lambda: version)
    assert reason in str(install.prepared())
