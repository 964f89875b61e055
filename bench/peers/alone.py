"""A peer by itself: a server, a broker and messages of its own (`python -m bench.peers.node_red --json`)."""

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from bench.peers.node_red import measure
from bench.rig.processes import database
from collateral.contract import codec
from collateral.contract.messages import VERSION, Reading, Readings
from stack.broker import Broker
from stack.folders import run_folder

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
TAGS = 2000
PER_MESSAGE = 100


def main() -> int:
    """Measure; 0 when there is a figure."""
    parser = argparse.ArgumentParser(prog="bench.peers.node_red", description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--broker", default="auto", choices=["auto", "mosquitto", "nats"])
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    payloads = [codec.encode(message(number)) for number in range(options.rows // PER_MESSAGE)]
    folder = run_folder("bench")
    try:
        with database("auto", folder) as dsn, Broker(options.broker, folder / "broker") as broker:
            found = measure(payloads, len(payloads) * PER_MESSAGE, "bench/peer", dsn, broker, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told = {"reason": found} if isinstance(found, str) else asdict(found)
    for name, value in told.items():
        print(f"{name:16} {value}", file=sys.stderr)
    if options.json:
        print(json.dumps(told))
    return int(isinstance(found, str))


def message(number: int) -> Readings:
    """Message `number` of a gateway: the tags in turn, an uplink a minute."""
    batch = [_reading(row) for row in range(number * PER_MESSAGE, (number + 1) * PER_MESSAGE)]
    return Readings(v=VERSION, gateway="g", spool="s", number=number + 1, sent_at=SINCE, readings=batch)


def _reading(row: int) -> Reading:
    at = SINCE + timedelta(minutes=row // TAGS)
    return Reading(
        tag=f"{row % TAGS:016x}", seq=row // TAGS, measured_at=at, heard_at=at + timedelta(seconds=2),
        lat=43.9 + row % 100 / 1e4, lon=116.1 + row % 97 / 1e4, fix_error_m=8.0, steps=row % 120,
        activity=float(row % 100), ear_temp_c=31.5, battery_pct=80.0, rssi_dbm=-92.0, snr_db=7.5,
    )  # fmt: skip
