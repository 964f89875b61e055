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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from stack.api_client import ApiClient
from stack.board import board_for_terminal
from stack.broker import Broker
from stack.check import People, Report, Truth, check
from stack.folders import REPOSITORY, check_space, run_folder
from stack.health import answers, listens, lives
from stack.ports import LOOPBACK, claim, free_port
from stack.postgres import EmbeddedPostgres
from stack.processes import Program, Stopped, Supervisor

DASHBOARD_PORT = 8501
API_PORT = 8000
PASSWORD = "herdlien-demo"  # noqa: S105 - of a herd that does not exist
# Local time of the pilot's farms. The theft begins at 02:10; before it the history must be in and each camera must
# have counted a few times, also on a slow machine.
NIGHT_BEGINS = "01:15"
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the person asked for."""

    check: bool = False
    as_json: bool = False
    seed: int = 1
    frames: Path | None = None
    speed: float = 30.0
    scenario: str = "night_theft"
    history_days: int = 14
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
    def papers(self) -> Path:
        """The sheets of prices and papers that the simulator writes."""
        return self.folder / "papers"

    @property
    def truth(self) -> Truth:
        """What the simulator really did."""
        return Truth(self.folder / "truth")

    @property
    def api(self) -> str:
        """Where the API is."""
        return f"http://{LOOPBACK}:{self.api_port}"

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


def nightfall(now: datetime) -> datetime:
    """The last time it was NIGHT_BEGINS at the farms."""
    there = now.astimezone(ZONE)
    night = datetime.combine(there.date(), datetime.strptime(NIGHT_BEGINS, "%H:%M").time(), ZONE)  # noqa: DTZ007
    return (night if night <= there else night - timedelta(days=1)).astimezone(UTC)


def environment(place: Place, database: EmbeddedPostgres, broker: Broker, options: DemoOptions) -> dict[str, str]:
    """What every program is told; the clock starts at nightfall when they are about to start."""
    now = time.time()
    night = nightfall(datetime.fromtimestamp(now, UTC))
    return {
        "HERDLIEN_DATABASE_URL": database.dsn,
        "HERDLIEN_BROKER_HOST": broker.host,
        "HERDLIEN_BROKER_PORT": str(broker.port),
        "HERDLIEN_SIMULATED": "accept",
        "HERDLIEN_CLOCK": f"{now},{night.timestamp()},{options.speed}",
        "HERDLIEN_API_URL": place.api,
        "HERDLIEN_SECRET": secrets.token_urlsafe(32),
        "HERDLIEN_WEBHOOK_URL": f"http://{LOOPBACK}:{place.webhook_port}/alerts",
        "HERDLIEN_WEBHOOK_SECRET": secrets.token_urlsafe(32),
        "HERDLIEN_LANGUAGE": options.language,
        "HERDLIEN_PLEDGE_ROUND": "demo",
        "HERDLIEN_PLEDGE_KEY": secrets.token_hex(32),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


def steps(place: Place, options: DemoOptions, night: datetime) -> list[Program]:
    """One after the other, each to a good end, before anything runs."""
    enrol = python(
        "firmware_sim", "enrol", "--out", str(place.pilot), "--seed", str(options.seed),
        "--now", night.isoformat(), "--password", PASSWORD, "--papers", str(place.papers),
    )  # fmt: skip
    return [
        Program("migrate", python("monitor_api", "migrate")),
        Program("enrol", enrol),
        Program("load-pilot", python("monitor_api", "load-pilot", str(place.pilot)), patience_s=120),
        Program("feed", python("monitor_api", "feed", "all", str(place.papers))),
    ]


def core_programs(place: Place) -> list[Program]:
    """What runs at the bank."""
    dashboard = f"http://{LOOPBACK}:{place.dashboard_port}/_stcore/health"
    desk = ["--port", str(place.webhook_port), "--out", str(place.deliveries)]
    return [
        Program("risk-desk", python("stack.webhook", *desk), listens(place.webhook_port)),
        Program(
            "ingest",
            python("ingest", "--health-port", str(place.ingest_health_port)),
            answers(f"http://{LOOPBACK}:{place.ingest_health_port}/health"),
        ),
        Program("vision", python("vision", "serve", "--state", str(place.folder / "vision")), lives()),
        Program(
            "monitor_api",
            python("monitor_api", "serve", "--port", str(place.api_port)),
            answers(f"{place.api}/v1/health"),
        ),
        Program("dashboard", python("dashboard", "--port", str(place.dashboard_port)), answers(dashboard)),
    ]


def watchkeeper() -> Program:
    """Begins to watch when the history is in, so that a past that is still arriving is not taken for silence."""
    return Program("watchkeeper", python("monitor_api", "watch"), lives())


def edge_programs(place: Place, farms: Mapping[str, str], ports: Mapping[str, int]) -> list[Program]:
    """One gateway per entry of `ports`; `farms` says where each stands."""
    return [
        Program(
            f"edge-{gateway}",
            python(
                "edge", "--farm", farms[gateway], "--gateway", gateway, "--listen", str(port),
                "--spool", str(place.folder / f"spool-{gateway}.sqlite"),
            ),
            listens(port),
        )
        for gateway, port in ports.items()
    ]  # fmt: skip


def simulator(place: Place, ports: Mapping[str, int], options: DemoOptions) -> Program:
    """The herd: it ends when its play is over."""
    doors = ",".join(f"{gateway}={port}" for gateway, port in ports.items())
    arguments = [
        "--enrolment", str(place.pilot), "--seed", str(options.seed), "--gateways", doors,
        "--truth", str(place.truth.folder), "--history-days", str(options.history_days), "--scenario", options.scenario,
    ]  # fmt: skip
    if not options.check:
        arguments += ["--until", "never"]
    if options.frames is not None:
        arguments += ["--frames", str(options.frames.resolve())]
    return Program("firmware_sim", python("firmware_sim", "play", *arguments), ends=True)


def farms_of(pilot: Path) -> dict[str, str]:
    """The gateways of an enrolment file and their farms."""
    enrolled = json.loads(pilot.read_text(encoding="utf-8"))
    return {gateway["gateway_id"]: gateway["farm_id"] for gateway in enrolled["gateways"]}


@dataclass(slots=True)
class Pilot:
    """A running pilot."""

    supervisor: Supervisor
    place: Place
    database: str
    broker: str


@contextlib.contextmanager
def running_pilot(options: DemoOptions) -> Iterator[Pilot]:
    """Everything started, the history in, the night begun; stopped on leaving."""
    folder = run_folder("demo")
    check_space(folder)
    place = Place(
        folder,
        api_port=claim(options.api_port, "the API", "--api-port"),
        dashboard_port=claim(options.dashboard_port, "the dashboard", "--dashboard-port"),
        webhook_port=free_port(),
        ingest_health_port=free_port(),
    )
    database = EmbeddedPostgres(folder / "postgres")
    broker = Broker("auto", folder / "broker")
    failed = True
    try:
        with Supervisor(
            folder, board=board_for_terminal(plain=options.as_json or options.check), folder=REPOSITORY
        ) as supervisor:
            supervisor.adopt("database", database, database.version)
            supervisor.adopt("broker", broker, lambda: broker.version)
            supervisor.environment.update(environment(place, database, broker, options))
            _start(supervisor, place, options)
            yield Pilot(supervisor, place, database.version(), broker.version)
        failed = False
    except Stopped:
        failed = False
        raise
    finally:
        if not (failed or options.keep):
            shutil.rmtree(folder, ignore_errors=True)


def _start(supervisor: Supervisor, place: Place, options: DemoOptions) -> None:
    night = nightfall(datetime.fromtimestamp(time.time(), UTC))
    for step in steps(place, options, night):
        supervisor.run(step)
    farms = farms_of(place.pilot)
    ports = {gateway: free_port() for gateway in farms}
    supervisor.start(*core_programs(place), *edge_programs(place, farms, ports))
    supervisor.board.note(
        f"\n  Dashboard  http://{LOOPBACK}:{place.dashboard_port}   log in as officer, password {PASSWORD}"
        f"\n  API        {place.api}/docs\n  Logs       {place.folder}\n  Ctrl-C stops everything.\n"
    )
    supervisor.start(simulator(place, ports, options))
    supervisor.board.note(f"  {options.history_days} days of history are coming in ...")
    supervisor.wait(every=lambda: place.truth.phase in {"live", "done"})
    supervisor.start(watchkeeper())
    supervisor.board.note(
        f"  The night begins at {NIGHT_BEGINS}, {options.speed:g} times as fast as the clock on the wall."
    )


def demo(options: DemoOptions) -> int:
    """Run until the person stops it, or, with --check, until the play is over and judged."""
    with running_pilot(options) as pilot:
        if not options.check:
            pilot.supervisor.wait()
            return 0
        pilot.supervisor.wait(until="firmware_sim")
        report = _judged(pilot)
    if options.as_json:
        print(report.line(), flush=True)
    return 0 if report.ok else 1


def _judged(pilot: Pilot) -> Report:
    place = pilot.place
    people = People(ApiClient(place.api, "officer", PASSWORD), ApiClient(place.api, "risk", PASSWORD))
    environment = {**os.environ, **pilot.supervisor.environment, "HERDLIEN_PASSWORD": PASSWORD}
    return check(Report(pilot.database, pilot.broker), place.truth, people, environment, place.deliveries)
