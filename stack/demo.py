"""A whole pilot on one machine: database, broker, every program, and a simulated herd.

`programs()` is the composition, in the order of starting. Everything listens on the loopback address.
"""

import contextlib
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.board import board_for_terminal
from stack.broker import Broker
from stack.folders import REPOSITORY, check_space, run_folder
from stack.health import answers, listens, lives
from stack.ports import LOOPBACK, claim, free_port
from stack.postgres import EmbeddedPostgres
from stack.processes import Program, Stopped, Supervisor

DASHBOARD_PORT = 8501
API_PORT = 8000


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the person asked for."""

    check: bool = False
    as_json: bool = False
    seed: int = 1
    frames: Path | None = None
    speed: float = 60.0
    dashboard_port: int = DASHBOARD_PORT
    api_port: int = API_PORT
    language: str = "zh"
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where this run's things are."""

    folder: Path
    api_port: int
    dashboard_port: int
    webhook_port: int
    ingest_health_port: int

    @property
    def pilot(self) -> Path:
        """The enrolment file that the simulator writes."""
        return self.folder / "pilot.json"

    @property
    def deliveries(self) -> Path:
        """What the risk desk's system received."""
        return self.folder / "deliveries.jsonl"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A simulated farm gateway and the port of its local door."""

    farm_id: str
    gateway_id: str
    port: int


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules."""
    return [sys.executable, "-m", module, *arguments]


def environment(place: Place, database: EmbeddedPostgres, broker: Broker, options: DemoOptions) -> dict[str, str]:
    """What every program is told."""
    now = time.time()
    return {
        "HERDLIEN_DATABASE_URL": database.dsn,
        "HERDLIEN_BROKER_HOST": broker.host,
        "HERDLIEN_BROKER_PORT": str(broker.port),
        "HERDLIEN_CLOCK": f"{now},{now},{options.speed}",
        "HERDLIEN_API_URL": f"http://{LOOPBACK}:{place.api_port}",
        "HERDLIEN_SECRET": secrets.token_urlsafe(32),
        "HERDLIEN_WEBHOOK_URL": f"http://{LOOPBACK}:{place.webhook_port}/alerts",
        "HERDLIEN_WEBHOOK_SECRET": secrets.token_urlsafe(32),
        "HERDLIEN_LANGUAGE": options.language,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


def steps(place: Place, options: DemoOptions) -> list[Program]:
    """One after the other, each to a good end, before anything runs."""
    enrol = python("firmware_sim", "enrol", "--out", str(place.pilot), "--seed", str(options.seed))
    return [
        Program("migrate", python("monitor_api", "migrate")),
        Program("enrol", enrol),
        Program("load-pilot", python("monitor_api", "load-pilot", str(place.pilot)), patience_s=120),
    ]


def core_programs(place: Place) -> list[Program]:
    """What runs at the bank."""
    dashboard = f"http://{LOOPBACK}:{place.dashboard_port}/_stcore/health"
    api = f"http://{LOOPBACK}:{place.api_port}/health"
    ingest = python("ingest", "--health-port", str(place.ingest_health_port))
    desk = ["--port", str(place.webhook_port), "--out", str(place.deliveries)]
    return [
        Program("risk-desk", python("stack.webhook", *desk), listens(place.webhook_port)),
        Program("ingest", ingest, answers(f"http://{LOOPBACK}:{place.ingest_health_port}/health")),
        Program("vision", python("vision", "serve"), lives()),
        Program("monitor_api", python("monitor_api", "serve", "--port", str(place.api_port)), answers(api)),
        Program("watchkeeper", python("monitor_api", "watch"), lives()),
        Program("dashboard", python("dashboard", "--port", str(place.dashboard_port)), answers(dashboard)),
    ]


def edge_program(place: Place, gateway: Gateway) -> Program:
    """One farm gateway."""
    name = f"edge-{gateway.gateway_id}"
    spool = place.folder / f"{name}.sqlite"
    command = python("edge", "--farm", gateway.farm_id, "--gateway", gateway.gateway_id)
    return Program(name, [*command, "--listen", str(gateway.port), "--spool", str(spool)], listens(gateway.port))


def simulator(place: Place, gateways: Sequence[Gateway], options: DemoOptions) -> Program:
    """The herd: it ends when its play is over."""
    doors = [f"{gateway.gateway_id}={gateway.port}" for gateway in gateways]
    arguments = ["--pilot", str(place.pilot), "--seed", str(options.seed), "--gateways", ",".join(doors)]
    if options.frames is not None:
        arguments += ["--frames", str(options.frames.resolve())]
    return Program("firmware_sim", python("firmware_sim", "play", *arguments), ends=True)


def gateways_of(pilot: Path) -> list[Gateway]:
    """The gateways of an enrolment file, each with a free port for its door."""
    enrolled = json.loads(pilot.read_text(encoding="utf-8"))
    return [Gateway(entry["farm_id"], entry["gateway_id"], free_port()) for entry in enrolled["gateways"]]


@contextlib.contextmanager
def running_pilot(options: DemoOptions) -> Iterator[tuple[Supervisor, Place]]:
    """Everything started, the play begun; stopped on leaving."""
    claim(options.api_port, "the API", "--api-port")
    claim(options.dashboard_port, "the dashboard", "--dashboard-port")
    folder = run_folder("demo")
    check_space(folder)
    place = Place(folder, options.api_port, options.dashboard_port, free_port(), free_port())
    database = EmbeddedPostgres(folder / "postgres")
    broker = Broker("auto", folder / "broker")
    board = board_for_terminal(plain=options.as_json or options.check)
    failed = True
    try:
        with Supervisor(folder, board=board, folder=REPOSITORY) as supervisor:
            supervisor.adopt("database", database, database.version)
            supervisor.adopt("broker", broker, lambda: broker.version)
            supervisor.environment.update(environment(place, database, broker, options))
            for step in steps(place, options):
                supervisor.run(step)
            gateways = gateways_of(place.pilot)
            for program in core_programs(place):
                supervisor.start(program)
            supervisor.start(*[edge_program(place, gateway) for gateway in gateways])
            supervisor.start(simulator(place, gateways, options))
            board.note(f"\nDashboard: http://{LOOPBACK}:{place.dashboard_port}   Ctrl-C stops everything.\n")
            yield supervisor, place
        failed = False
    except Stopped:  # Ctrl-C is how a demo ends
        failed = False
        raise
    finally:
        if not options.keep:
            clear(folder, logs_too=not failed)


def clear(folder: Path, *, logs_too: bool) -> None:
    """Remove what a run left; after a failure its logs stay, because the message names them."""
    if logs_too:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.rglob("*"):
        if not path.is_dir() and path.suffix != ".log":
            path.unlink(missing_ok=True)


def demo(options: DemoOptions) -> int:
    """Run until the person stops it, or, with --check, until the play is over."""
    with running_pilot(options) as (supervisor, _place):
        supervisor.wait(until="firmware_sim" if options.check else None)
    return 0
