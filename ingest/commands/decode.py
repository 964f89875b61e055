"""python -m ingest decode --adapter NAME FILE ...: what captured payloads become. Needs neither database nor broker."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from collateral.contract.codec import Unreadable
from collateral.ops import clock
from collateral.settings.fragments import SettingsError
from collateral.store.quarantine import QuarantineRow
from collateral.store.readings import COLUMNS
from collateral.store.uplinks import JoinRow, UplinkRow
from ingest import captures
from ingest.adapters import hkt_frame, registry
from ingest.adapters.adapter import Adapter, Policy, Rows
from ingest.captures import Captured
from ingest.inbox import Arrival, Undelivered
from ingest.parcel import Parcel, unpacker

UNDERSTOOD, NOT_ALL, CANNOT = 0, 1, 2
_READING = COLUMNS.replace(" ", "").split(",")


def main(arguments: list[str] | None = None) -> int:
    """Decode; 0 when everything was understood, 1 when something would be quarantined, 2 when it cannot be tried."""
    chosen = _parser().parse_args(arguments)
    try:
        adapter, now = registry.named(chosen.adapter), clock.now()
        found = [(name, each) for name in chosen.files for each in captures.captured(_content(name))]
    except (LookupError, OSError, ValueError, SettingsError, clock.ClockError) as error:
        print(f"ingest decode: {error.args[0] if isinstance(error, LookupError) else error}", file=sys.stderr)
        return CANNOT
    policy = Policy(accept_simulated=chosen.accept_simulated, hkt_scale=chosen.hkt_scale)
    results = [{"file": name, **_result(adapter, policy, each, chosen.topic, each.at or now)} for name, each in found]
    _print(adapter.name, results, as_json=chosen.json)
    return UNDERSTOOD if all(each["outcome"] == "stored" for each in results) else NOT_ALL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest decode", description=__doc__)
    names = ", ".join(adapter.name for adapter in registry.ADAPTERS)
    parser.add_argument("--adapter", required=True, metavar="NAME", help=f"whose payloads they are: {names}")
    parser.add_argument("--topic", help="the topic they came on; left out, it is guessed from each payload")
    parser.add_argument("--hkt-scale", type=int, choices=hkt_frame.SCALES, help="scale of temperature in HKT frames")
    parser.add_argument("--accept-simulated", action="store_true", help="understand simulated data too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "files", nargs="+", metavar="FILE",
        help="one payload, JSON lines, a JSON array, lines of `mosquitto_sub -F %%j`, bytes or hex; -: standard input",
    )  # fmt: skip
    return parser


def _content(name: str) -> bytes:
    content = sys.stdin.buffer.read(captures.MOST_BYTES + 1) if name == "-" else _file(Path(name))
    if len(content) > captures.MOST_BYTES:
        raise ValueError(f"{name} has more than {captures.MOST_BYTES} bytes; split it")
    if not content.strip():
        raise ValueError(f"{name} is empty")
    return content


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(captures.MOST_BYTES + 1)


def _result(
    adapter: Adapter, policy: Policy, one: Captured, topic: str | None, received_at: datetime
) -> dict[str, Any]:
    try:
        topic = topic or one.topic or adapter.topic_of(one.payload)
    except Unreadable as unreadable:
        return {"topic": None, "outcome": "quarantined", "reason": str(unreadable)}
    unpack = unpacker(registry.Registry(policy, (adapter,)))
    return {"topic": topic, **told(unpack(Arrival(Undelivered(topic, one.payload), received_at)))}


def told(parcel: Parcel) -> dict[str, Any]:
    """What became of one message: its rows with their columns, or the reason why not."""
    contents = parcel.contents
    if isinstance(contents, QuarantineRow):
        return {"outcome": "quarantined", "reason": contents.reason}
    rows = list(_rows(contents))
    return {
        "outcome": "stored",
        "rows": rows,
        "events": [row for row in rows if row["table"] == "device_event"],
        "notes": [note for row in rows for note in row.get("particulars", {}).get("notes", ())],
    }


def _rows(contents: Rows) -> Iterator[dict[str, Any]]:
    match contents:
        case list():
            yield from ({"table": "reading", **dict(zip(_READING, row, strict=True))} for row in contents)
        case UplinkRow():
            yield {"table": "reading", **dict(zip(_READING, contents.reading, strict=True))}
            yield {"table": "uplink", **_columns(contents, but=("reading", "events"))}
            yield from ({"table": "device_event", **_columns(event)} for event in contents.events)
        case JoinRow():
            yield {"table": "device_event", **_columns(contents.event)}
        case other:
            yield {"table": _TABLES[type(other).__name__], **_columns(other)}


_TABLES = {
    "FrameRow": "evidence",
    "EvidenceRow": "evidence_record",
    "HeadCountRow": "head_count",
    "StatusRow": "gateway_status",
    "DeviceEventRow": "device_event",
}


def _columns(row: Any, but: Iterable[str] = ()) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row) if field.name not in but}


def _print(name: str, results: list[dict[str, Any]], *, as_json: bool) -> None:
    stored = sum(each["outcome"] == "stored" for each in results)
    counts = {"adapter": name, "messages": len(results), "stored": stored, "quarantined": len(results) - stored}
    if as_json:
        print(json.dumps({**counts, "results": results}, ensure_ascii=False, default=_as_text))
        return
    for each in results:
        print("\n".join(_lines(each)))
    print(f"{len(results)} messages: {stored} understood, {len(results) - stored} would be quarantined")


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    yield f"{result['file']}: {_plain(result['topic'] or 'no topic')}: {result['outcome']}"
    if "reason" in result:
        yield f"    because: {_plain(result['reason'])}"
    for row in result.get("rows", ()):
        yield f"    {row['table']}"
        yield from (f"        {name}: {_plain(_shown(value))}" for name, value in row.items() if name != "table")
    yield from (f"    note: {_plain(note)}" for note in result.get("notes", ()))


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_as_text) if value is not None else "not said"


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _as_text(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case bytes() if len(value) <= hkt_frame.MOST_BYTES:
            return value.hex()
        case bytes():
            return f"{len(value)} bytes"
    raise TypeError(type(value).__name__)
