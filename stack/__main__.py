"""python -m stack demo | up | doctor | backup | restore"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from stack.demo import API_PORT, DASHBOARD_PORT, DemoOptions, demo
from stack.doctor import doctor
from stack.errors import StackError
from stack.processes import Stopped, stopping_on_signals
from stack.up import up

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked; errors are one line with the fix."""
    options = parser().parse_args(arguments)
    try:
        with stopping_on_signals():
            return _do(options)
    except StackError as error:
        print(f"herdlien: {error}", file=sys.stderr)
        return 1
    except Stopped:
        print("herdlien: stopped", file=sys.stderr)
        return INTERRUPTED


def _do(options: argparse.Namespace) -> int:
    if options.verb == "demo":
        return demo(
            DemoOptions(
                check=options.check,
                as_json=options.json,
                seed=options.seed,
                frames=options.frames,
                speed=options.speed,
                scenario=options.scenario,
                history_days=options.history_days,
                dashboard_port=options.dashboard_port,
                api_port=options.api_port,
                language=options.language,
                keep=options.keep,
            )
        )
    if options.verb == "up":
        return up(options.api_port, options.dashboard_port)
    if options.verb in {"backup", "restore"}:
        return _keep_or_bring_back(options)
    return doctor(as_json=options.json)


def _keep_or_bring_back(options: argparse.Namespace) -> int:
    from stack.backup import making, restoring, server  # noqa: PLC0415  # the doctor must run without psycopg

    if options.verb == "backup":
        return making.backup(server.from_environment(), options.file, datetime.now(UTC))
    return restoring.restore(options.file, options.into or server.from_environment(), replace=options.replace)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="herdlien", description="Starts the system and watches over it.")
    verbs = top.add_subparsers(dest="verb", required=True)

    show = verbs.add_parser("demo", help="a whole pilot on this machine, with a simulated herd")
    show.add_argument("--check", action="store_true", help="play the stories and exit 0 if each raised what it should")
    show.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    show.add_argument("--seed", type=int, default=1, help="another herd, another night")
    show.add_argument("--frames", type=Path, help="count the pictures in this folder instead of rendered ones")
    show.add_argument("--speed", type=float, default=30.0, help="how much faster than the wall clock")
    show.add_argument("--scenario", default="night_theft", help="what happens (firmware_sim/scenarios)")
    show.add_argument("--history-days", type=int, default=14, help="days of readings before the night")
    show.add_argument("--language", choices=("zh", "en"), default="zh")
    show.add_argument("--keep", action="store_true", help="keep database and logs afterwards")
    _add_ports(show)

    run = verbs.add_parser("up", help="the programs against the database and broker in the environment")
    _add_ports(run)

    keep = verbs.add_parser("backup", help="the whole database (HERDLIEN_DATABASE_URL) into one file")
    keep.add_argument(
        "file", type=Path, nargs="?", help="default: herdlien-YYYYMMDD-HHMM.dump (UTC), or there in a folder"
    )

    back = verbs.add_parser("restore", help="a backup into an empty database")
    back.add_argument("file", type=Path)
    back.add_argument(
        "--into", metavar="URL", help="default: HERDLIEN_DATABASE_URL; a password is better in PGPASSWORD"
    )
    back.add_argument("--replace", action="store_true", help="destroy what the database holds")

    look = verbs.add_parser("doctor", help="what is missing on this machine, and the fix")
    look.add_argument("--json", action="store_true")
    return top


def _add_ports(to: argparse.ArgumentParser) -> None:
    to.add_argument("--dashboard-port", type=int, default=DASHBOARD_PORT)
    to.add_argument("--api-port", type=int, default=API_PORT)


if __name__ == "__main__":
    sys.exit(main())
