"""python -m ingest quarantine list|show|replay: what could not be understood, and reading it again after a fix."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from collateral.ops import clock
from collateral.settings.fragments import DatabaseSettings, SettingsError
from collateral.store import migrate, pool, quarantined
from collateral.store.quarantined import Kept, Line, Tally, Wanted
from collateral.store.telemetry import Away, Ledgers
from ingest import replay
from ingest.adapters.registry import Registry
from ingest.parcel import unpacker
from ingest.settings import IngestSettings

DONE, NOT_ALL, CANNOT = 0, 1, 2
MOST_LINES = 50
MOST_TALLIES = 20
MOST_SHOWN = 16 * 1024  # bytes of one message on a screen


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 when all is as asked, 1 when something is not there or still not understood, else 2."""
    chosen = _parser().parse_args(arguments)
    try:
        clock.shared()
        with _database() as connection:
            return int(chosen.run(connection, chosen))
    except (SettingsError, clock.ClockError, pool.DatabaseUnavailable, pool.ConnectionLost, Away) as error:
        print(f"ingest quarantine: {str(error).strip()}", file=sys.stderr)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        print(f"ingest quarantine: setting {'.'.join(map(str, fault['loc']))}: {fault['msg']}", file=sys.stderr)
    return CANNOT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest quarantine", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="what waits, newest first, with counts per device and per reason")
    listing.add_argument("--replayed", action="store_true", help="show also what has been understood since")
    listing.add_argument("--most", type=_number, default=MOST_LINES, help="messages to show (default: %(default)s)")
    listing.set_defaults(run=_list)
    show = verbs.add_parser("show", help="one message: its bytes as text, or in hexadecimal, and the reason")
    show.add_argument("id", type=_number, metavar="ID")
    show.set_defaults(run=_show)
    again = verbs.add_parser("replay", help="read messages again, and store what is now understood")
    again.add_argument("ids", type=_number, nargs="*", metavar="ID")
    again.add_argument("--all", action="store_true", help="everything that waits")
    again.add_argument("--dry-run", action="store_true", help="say what would be understood; change nothing")
    again.set_defaults(run=_replay, refuse=again.error)
    for verb in (listing, again):
        verb.add_argument("--device", help="what this gateway or device has sent")
        verb.add_argument("--reason", help="what was put aside for a reason with this text in it")
    for verb in (listing, show, again):
        verb.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _number(text: str) -> int:
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError(text)
    return number


@contextmanager
def _database() -> Iterator[pool.Connection]:
    with pool.connect(_dsn()) as connection:
        if not migrate.is_current(connection):
            raise pool.DatabaseUnavailable(
                "the database's schema is not the present one; run `./run python -m monitor_api migrate`"
            )
        yield connection


def _dsn() -> str:
    return DatabaseSettings().database_url.get_secret_value()


def _list(connection: pool.Connection, chosen: argparse.Namespace) -> int:
    wanted = Wanted(
        device=chosen.device, reason=chosen.reason, everything=not (chosen.device or chosen.reason),
        waiting=not chosen.replayed,
    )  # fmt: skip
    lines = quarantined.lines(connection, wanted, chosen.most)
    devices = quarantined.by_device(connection, wanted, MOST_TALLIES)
    reasons = quarantined.by_reason(connection, wanted, MOST_TALLIES)
    if chosen.json:
        _print_json({
            "messages": [asdict(line) for line in lines], "by_device": [asdict(tally) for tally in devices],
            "by_reason": [asdict(tally) for tally in reasons],
        })  # fmt: skip
    else:
        _print_lists(lines, devices, reasons)
    return DONE


def _print_lists(lines: list[Line], devices: list[Tally], reasons: list[Tally]) -> None:
    for line in lines:
        came = f"{line.last_received_at:%Y-%m-%d %H:%M:%S} {line.times:>5} x {line.size:>8} B"
        mark = " (replayed)" if line.replayed_at else ""
        print(f"{line.quarantine_id:>8}  {came}  {_plain(line.topic)}  {_plain(line.reason)}{mark}")
    if not lines:
        print("nothing is in quarantine that matches")
    for title, tallies in (("by device", devices), ("by reason", reasons)):
        if tallies:
            print(f"\n{title}:")
        for tally in tallies:
            print(f"{tally.messages:>8}  {_plain(tally.of or 'no device named by the topic')}")


def _show(connection: pool.Connection, chosen: argparse.Namespace) -> int:
    wanted = Wanted(ids=[chosen.id], waiting=False)
    for page in quarantined.pages(connection, wanted):
        _print_one(page[0], as_json=chosen.json)
        return DONE
    print(f"ingest quarantine: there is no message {chosen.id}; `list --replayed` shows which are", file=sys.stderr)
    return NOT_ALL


def _print_one(kept: Kept, *, as_json: bool) -> None:
    told = {name: value for name, value in asdict(kept).items() if name != "payload"}
    text = _readable(kept.payload)
    if as_json:
        _print_json(told | ({"hex": kept.payload.hex()} if text is None else {"text": text}))
        return
    for name, value in told.items():
        print(f"{name}: {_plain(str(value))}")
    shown = kept.payload[:MOST_SHOWN].hex(" ", 4) if text is None else text[:MOST_SHOWN]
    print(f"\n{shown}")
    if kept.size > MOST_SHOWN:
        print(f"... of {kept.size} bytes; --json gives all")


def _readable(payload: bytes) -> str | None:
    """The bytes as text; None where they are not, or hold what a terminal would take for an order."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    return text if text == _plain(text, but="\n\t") else None


def _plain(text: str, but: str = "") -> str:
    return "".join(c if c.isprintable() or c in but else c.encode("unicode_escape").decode() for c in text)


def _replay(connection: pool.Connection, chosen: argparse.Namespace) -> int:
    wanted = Wanted(ids=chosen.ids, device=chosen.device, reason=chosen.reason, everything=chosen.all)
    if wanted.is_empty:
        chosen.refuse("say which: ID ..., --device, --reason or --all")
    if chosen.all and (chosen.ids or chosen.device or chosen.reason):
        chosen.refuse("--all stands alone")
    outcome = _tried(connection, wanted, dry_run=chosen.dry_run)
    unknown = sorted({*chosen.ids} - {*outcome.understood} - {*outcome.still})
    if chosen.json:
        _print_json({**asdict(outcome), "not_waiting": unknown, "dry_run": chosen.dry_run})
    else:
        _print_outcome(outcome, unknown, dry_run=chosen.dry_run)
    return DONE if outcome.understood and not (outcome.still or unknown) else NOT_ALL


def _tried(connection: pool.Connection, wanted: Wanted, *, dry_run: bool) -> replay.Outcome:
    unpack = _unpack()
    if dry_run:
        return replay.try_again(connection, wanted, unpack)
    ledgers = Ledgers(_dsn())
    try:
        ledgers.open()
        return replay.replay(connection, ledgers, wanted, unpack, clock.now())
    finally:
        ledgers.close()


def _unpack() -> replay.Unpack:
    """As ingest would, in the same environment."""
    given: dict[str, Any] = {}
    return unpacker(Registry(IngestSettings(**given).policy()))


def _print_outcome(outcome: replay.Outcome, unknown: list[int], *, dry_run: bool) -> None:
    for number, reason in outcome.still.items():
        print(f"{number:>8}  still not understood: {_plain(reason)}")
    for number in unknown:
        print(f"{number:>8}  does not wait: there is no such message, or it has been understood already")
    would = "would be " if dry_run else ""
    new = ", ".join(f"{rows} {table}" for table, rows in outcome.rows.items() if rows) or "nothing"
    print(
        f"{len(outcome.understood)} {would}understood, {len(outcome.still)} not" + ("" if dry_run else f"; new: {new}")
    )


def _print_json(told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False, default=_as_text))


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
