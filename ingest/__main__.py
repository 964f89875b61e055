"""python -m ingest: carry what gateways publish into the database. python -m ingest VERB: tools beside it."""

from __future__ import annotations

import argparse
import importlib
import sys
import threading

from pydantic import ValidationError

from collateral.ops import clock, logs, shutdown
from collateral.ops.mqtt import BrokerUnavailable
from collateral.settings.fragments import PREFIX, SettingsError
from collateral.store.pool import DatabaseUnavailable
from ingest import leaving
from ingest.service import Service
from ingest.settings import IngestSettings
from ingest.workers import CANNOT_START, MOST_WORKERS, Workers, end_with, split

VERBS = ("decode", "quarantine")
"""Each is `main(arguments) -> int` in ingest/commands; without one, ingest runs."""


def main(arguments: list[str] | None = None) -> int:
    """Run one verb, or ingest itself; 0 when stopped in good order, 2 with one line when it cannot start."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in VERBS:
        return int(importlib.import_module(f"ingest.commands.{given[0]}").main(given[1:]))
    return _run(given)


def _run(given: list[str]) -> int:
    options = _parser().parse_args(given)
    logs.start("ingest", verbose=options.verbose)
    try:
        clock.shared()
        settings = IngestSettings(**({"ingest_client_id": options.client_id} if options.client_id else {}))
        stop = shutdown.on_signals()
        if options.worker_of is not None:
            return _worker(options, settings, stop)
        if options.workers > 1:
            return Workers(options.workers, settings.ingest_client_id, options.health_port, stop).run()
        return Service(settings, stop).run(
            options.health_port, lambda: leaving.in_background(settings, settings.ingest_client_id, 1)
        )
    except ValidationError as error:
        return _cannot_start(_first(error))
    except (SettingsError, clock.ClockError, BrokerUnavailable, DatabaseUnavailable) as error:
        return _cannot_start(str(error))


def _worker(options: argparse.Namespace, settings: IngestSettings, stop: threading.Event) -> int:
    """One of several; the first of them also sees to the names that are no longer wanted."""
    end_with(options.worker_of, stop)
    client_id, number = split(settings.ingest_client_id)
    ready = (lambda: leaving.in_background(settings, client_id, options.workers)) if number == 1 else None
    return Service(settings, stop, shared=True).run(options.health_port, ready)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ingest", description=__doc__)
    parser.add_argument("--health-port", type=int, help="serve /health and /metrics on this loopback port")
    parser.add_argument("--client-id", help="name at the broker; keep it over restarts")
    parser.add_argument(
        "--workers", type=_count, default=1, help="processes that share the work (MQTT 5); each gets a page of its own"
    )
    parser.add_argument("--worker-of", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--verbose", action="store_true", help="log more")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_WORKERS}, not {text}")
    return count


def _first(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    name = "_".join(str(part) for part in fault["loc"]).upper()
    return f"{PREFIX}{name}: {fault['msg']}; correct it in the environment"


def _cannot_start(reason: str) -> int:
    print(f"ingest: {reason}", file=sys.stderr)
    return CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
