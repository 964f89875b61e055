"""python -m monitor_api VERB: migrate, load-pilot, import, serve, watch, housekeep, openapi, and others."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from collateral.ops import logs
from collateral.settings.fragments import DatabaseSettings, SettingsError
from collateral.store import pool, sight
from monitor_api import backtest_command, book_commands, feed, people_commands, pledge_commands
from monitor_api.load_pilot import EnrolmentRefused
from monitor_api.settings import ApiSettings, KeepingSettings

CONNECTIONS = 8
MOST_FAULTS_SHOWN = 50


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 when done, 1 when refused, 2 when a setting or the database is wrong."""
    chosen = _parser().parse_args(arguments)
    verb: Callable[[argparse.Namespace], int] = chosen.run
    try:
        return verb(chosen)
    except (SettingsError, pool.DatabaseUnavailable) as error:
        print(f"monitor_api: {error}", file=sys.stderr)
    except ValidationError as error:
        first = error.errors()[0]
        print(f"monitor_api: setting {'.'.join(map(str, first['loc']))}: {first['msg']}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m monitor_api", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("migrate", help="bring the database to the present schema").set_defaults(run=_migrate)
    load = verbs.add_parser("load-pilot", help="load an enrolment file; again changes nothing")
    load.add_argument("file", type=Path, help="an enrolment as JSON")
    load.set_defaults(run=_load_pilot)
    book_commands.add(verbs)
    pledge_commands.add(verbs)
    people_commands.add(verbs)
    feed.add(verbs)
    backtest_command.add(verbs)
    serve = verbs.add_parser("serve", help="serve the HTTP interface")
    serve.add_argument("--port", type=int, required=True)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.set_defaults(run=_serve)
    verbs.add_parser("watch", help="keep watch: rules, cases, notifications").set_defaults(run=_watch)
    keep = verbs.add_parser("housekeep", help="sum readings up and drop what is old, once; `watch` does it by itself")
    keep.add_argument("--dry-run", action="store_true", help="only say what would be done")
    keep.set_defaults(run=_housekeep)
    openapi = verbs.add_parser("openapi", help="print the interface's OpenAPI description")
    openapi.set_defaults(run=_openapi)
    return parser


def _dsn() -> str:
    return sight.readable(DatabaseSettings().database_url.get_secret_value())


def _migrate(_: argparse.Namespace) -> int:
    from collateral.store.migrate import migrate  # noqa: PLC0415 - each verb loads what it needs

    done = migrate(_dsn())
    for name in done.applied:
        print(f"applied {name}")
    print(f"{'schema is current' if not done.applied else 'schema is now current'}: {done.database}")
    return 0


def _load_pilot(chosen: argparse.Namespace) -> int:
    from monitor_api import load_pilot  # noqa: PLC0415

    try:
        written = load_pilot.load(_dsn(), load_pilot.read(chosen.file))
    except EnrolmentRefused as refused:
        for fault in refused.faults[:MOST_FAULTS_SHOWN]:
            print(f"  {fault}", file=sys.stderr)
        if len(refused.faults) > MOST_FAULTS_SHOWN:
            print(f"  ... and {len(refused.faults) - MOST_FAULTS_SHOWN} more", file=sys.stderr)
        print(f"monitor_api: {chosen.file}: {refused}", file=sys.stderr)
        return 1
    told = ", ".join(f"{count} {table}" for table, count in written.changed.items() if count)
    print(f"loaded {chosen.file}: {told or 'nothing had changed'}")
    for why, count in written.kept.items():
        print(f"left as they are: {count} {'animals' if count > 1 else 'animal'} {why}")
    return 0


def _serve(chosen: argparse.Namespace) -> int:
    import uvicorn  # noqa: PLC0415

    from monitor_api.app import create_app  # noqa: PLC0415
    from monitor_api.desk import Desk  # noqa: PLC0415
    from monitor_api.working_calendar import calendar  # noqa: PLC0415

    calendar()  # days that cannot be read are a mistake to report at the start
    secret = ApiSettings().signing_secret()
    logs.start("monitor_api")
    connections = pool.open_pool(_dsn(), most=CONNECTIONS)
    logs.logger().info("serving", host=chosen.host, port=chosen.port)
    uvicorn.run(
        create_app(Desk(connections, secret)), host=chosen.host, port=chosen.port, log_level="warning",
        access_log=False, server_header=False, timeout_graceful_shutdown=5,
    )  # fmt: skip
    return 0


def _watch(_: argparse.Namespace) -> int:
    from monitor_api import watchkeeper  # noqa: PLC0415

    _dsn()
    return watchkeeper.main()


def _housekeep(chosen: argparse.Namespace) -> int:
    from monitor_api import housekeeping  # noqa: PLC0415

    return housekeeping.main(_dsn(), KeepingSettings().ages(), dry_run=chosen.dry_run)


def _openapi(_: argparse.Namespace) -> int:
    from monitor_api.app import described  # noqa: PLC0415

    print(json.dumps(described(), indent=1, ensure_ascii=False, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
