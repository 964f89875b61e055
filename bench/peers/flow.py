"""The flow that Node-RED runs: MQTT in, JSON parsed, one INSERT a message, nothing else.

Three forms of the INSERT, all prepared and through a pool, so that the fastest can be kept:

    rows    VALUES with a parameter for every value
    arrays  unnest, one array parameter a column
    json    the message as it came; the database takes it apart
"""

import json
from pathlib import Path

from bench.peers import table
from collateral.store.readings import COLUMNS

FORMS = ("rows", "arrays", "json")
CONNECTIONS = 4
# What each column is made of: field of the reading, and the column's type. None: not a field.
FIELDS: dict[str, tuple[str | None, str]] = {
    "tag_id": ("tag", "text"),
    "sequence": ("seq", "bigint"),
    "measured_at": ("measured_at", "timestamptz"),
    "heard_at": ("heard_at", "timestamptz"),
    "received_at": (None, "timestamptz"),
    "gateway_id": (None, "text"),
    "latitude": ("lat", "float8"),
    "longitude": ("lon", "float8"),
    "fix_error_m": ("fix_error_m", "real"),
    "steps": ("steps", "int"),
    "activity": ("activity", "real"),
    "ear_temp_c": ("ear_temp_c", "real"),
    "battery_pct": ("battery_pct", "real"),
    "rssi_dbm": ("rssi_dbm", "real"),
    "snr_db": ("snr_db", "real"),
    "tamper": ("tamper", "boolean"),
    "clock_ok": (None, "boolean"),
    "fix_fault": (None, "text"),
    "rumination_min": ("rumination_min", "real"),
}
# The same for all readings of a message, in JavaScript and in SQL.
ALIKE = {
    "received_at": ("now", "now()"),
    "gateway_id": ("message.gateway", "m.gateway"),
    "clock_ok": ("true", "true"),
    "fix_fault": ("null", "NULL"),
}
NAMES = [name.strip() for name in COLUMNS.split(",")]
_INSERT = f"INSERT INTO {table.NAME} ({COLUMNS})"
_SEND = """
global.get('pool').query(query).then(() => node.done(), error => node.error(error, msg));
"""
_ROWS = """
const message = msg.payload, now = new Date().toISOString(), values = [];
for (const r of message.readings) values.push(%(values)s);
const count = message.readings.length, texts = context.get('texts') || {};
if (!texts[count]) {
    let n = 0;
    const row = () => '(' + Array.from({length: %(width)d}, () => '$' + ++n).join() + ')';
    texts[count] = '%(insert)s VALUES ' + Array.from({length: count}, row).join() + ' ON CONFLICT DO NOTHING';
    context.set('texts', texts);
}
const query = {name: 'rows' + count, text: texts[count], values};
"""
_ARRAYS = """
const message = msg.payload, now = new Date().toISOString(), all = message.readings;
const values = [%(values)s];
const query = {name: 'arrays', text: `%(insert)s SELECT * FROM unnest(%(arrays)s) ON CONFLICT DO NOTHING`, values};
"""
_JSON = """
const text = `%(insert)s SELECT %(values)s FROM
    (SELECT $1::json ->> 'gateway' AS gateway, $1::json -> 'readings' AS readings OFFSET 0) AS m,
    json_to_recordset(m.readings) AS r (%(types)s) ON CONFLICT DO NOTHING`;
const query = {name: 'json', text, values: [msg.payload]};
"""


def function(form: str) -> str:
    """The JavaScript of the function node."""
    if form == "rows":
        body = _ROWS % {"values": ", ".join(map(_one, NAMES)), "width": len(NAMES), "insert": _INSERT}
    elif form == "arrays":
        arrays = ", ".join(f"${n}::{FIELDS[name][1]}[]" for n, name in enumerate(NAMES, start=1))
        body = _ARRAYS % {
            "values": ", ".join(f"all.map(r => {_one(name)})" for name in NAMES), "insert": _INSERT, "arrays": arrays,
        }  # fmt: skip
    else:
        types = ", ".join(f"{field} {kind}" for field, kind in FIELDS.values() if field)
        values = ", ".join(FIELDS[name][0] or ALIKE[name][1] for name in NAMES)
        body = _JSON % {"values": values, "insert": _INSERT, "types": types}
    return body + _SEND


def _one(name: str) -> str:
    return f"r.{FIELDS[name][0]}" if FIELDS[name][0] else ALIKE[name][0]


def flow(form: str, topic: str, host: str, port: int) -> list[dict[str, object]]:
    """The nodes, as Node-RED keeps them in its flow file."""
    return [
        {"id": "tab", "type": "tab", "label": "ingest"},
        {
            "id": "broker", "type": "mqtt-broker", "broker": host, "port": str(port), "clientid": "",
            "autoConnect": True, "usetls": False, "protocolVersion": "4", "keepalive": "60", "cleansession": True,
        },
        {
            "id": "in", "type": "mqtt in", "z": "tab", "topic": topic, "qos": "1", "broker": "broker", "inputs": 0,
            "datatype": "utf8" if form == "json" else "json", "wires": [["insert"]],
        },
        {
            "id": "insert", "type": "function", "z": "tab", "func": function(form), "outputs": 0, "timeout": 0,
            "noerr": 0, "initialize": "", "finalize": "", "libs": [], "wires": [],
        },
    ]  # fmt: skip


SETTINGS = """\
const { Pool } = require('pg');  // the server's address and password come from the environment
const pool = new Pool({ max: %(connections)d });
pool.on('error', error => console.error('error: ' + error.message));
module.exports = {
    flowFile: 'flows.json', credentialSecret: false, uiHost: '127.0.0.1', uiPort: %(port)d,
    httpAdminRoot: false, httpNodeRoot: false, disableEditor: true, telemetry: { enabled: false },
    externalModules: { autoInstall: false }, functionGlobalContext: { pool }, exportGlobalContextKeys: false,
    logging: { console: { level: 'info', metrics: false, audit: false } },
};
"""


def write(folder: Path, nodes: list[dict[str, object]], port: int) -> None:
    """Flow and settings into Node-RED's own folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flows.json").write_text(json.dumps(nodes, indent=1))
    (folder / "settings.js").write_text(SETTINGS % {"port": port, "connections": CONNECTIONS})
