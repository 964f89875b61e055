"""python -m edge --farm ID --gateway ID --listen PORT --spool FILE"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path

from collateral.contract.topics import Kind, Topic, TopicError
from collateral.ops import logs, shutdown
from collateral.settings.fragments import BrokerSettings, SettingsError
from edge.gateway import Gateway
from edge.receiver import Address, DoorClosed
from edge.settings import GatewaySettings, software
from edge.spool import SpoolUnusable

MEGABYTE = 1024 * 1024


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m edge", description="Farm gateway: receive, keep, send.")
    parser.add_argument("--farm", required=True, help="farm id, part of the topic")
    parser.add_argument("--gateway", required=True, help="gateway id, part of the topic")
    parser.add_argument("--listen", required=True, type=Address.parse, help="port, or host:port, of the local door")
    parser.add_argument("--spool", required=True, type=Path, help="SQLite file that keeps what is not yet receipted")
    parser.add_argument("--spool-mb", type=int, default=1024, help="most megabytes kept in it (default %(default)s)")
    parser.add_argument("--heartbeat", type=float, default=300.0, help="event seconds between two status messages")
    parser.add_argument("--health-port", type=int, help="GET /health on this loopback port")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(given)


def settings(given: argparse.Namespace) -> GatewaySettings:
    """The settings that the command line and the environment make."""
    Topic(given.farm, given.gateway, Kind.STATUS)  # names that no topic can carry are refused here
    return GatewaySettings(
        farm=given.farm,
        gateway=given.gateway,
        listen=given.listen,
        spool=given.spool,
        broker=BrokerSettings(),
        heartbeat=timedelta(seconds=given.heartbeat),
        spool_most_bytes=given.spool_mb * MEGABYTE,
        health_port=given.health_port,
        software=software(),
    )


def main() -> int:
    """Run the gateway; 0 after a clean stop, 1 when the spool broke, 2 when it cannot start."""
    given = arguments()
    logs.start("edge", verbose=given.verbose, gateway=given.gateway)
    stop = shutdown.on_signals()
    try:
        return Gateway(settings(given), stop).run()
    except (SpoolUnusable, DoorClosed, SettingsError, TopicError) as error:
        print(f"edge: {error}", file=sys.stderr)  # one line for a person, not a log record
        return 2


if __name__ == "__main__":
    sys.exit(main())
