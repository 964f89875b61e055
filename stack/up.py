"""The programs against the database and the broker that the environment names."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from stack.board import board_for_terminal
from stack.demo import python
from stack.errors import StackError
from stack.folders import REPOSITORY, run_folder, state_folder
from stack.health import answers, lives
from stack.ports import LOOPBACK, accepts, claim
from stack.processes import Program, Supervisor

VISION_STATE = "HERDLIEN_VISION_STATE"
REQUIRED = ("HERDLIEN_DATABASE_URL", "HERDLIEN_BROKER_HOST", "HERDLIEN_SECRET")


def up(api_port: int, dashboard_port: int) -> int:
    """Start them and stay until stopped; the schema is brought up to date first."""
    check_environment(os.environ)
    claim(api_port, "the API", "--api-port")
    claim(dashboard_port, "the dashboard", "--dashboard-port")
    folder = run_folder("up")
    with Supervisor(folder, board=board_for_terminal(), folder=REPOSITORY) as supervisor:
        supervisor.environment.setdefault("HERDLIEN_API_URL", f"http://{LOOPBACK}:{api_port}")
        if not os.environ.get(VISION_STATE):
            supervisor.environment[VISION_STATE] = str(vision_state(os.environ))
        supervisor.run(Program("migrate", python("monitor_api", "migrate")))
        for program in programs(api_port, dashboard_port):
            supervisor.start(program)
        supervisor.board.note(f"\nDashboard: http://{LOOPBACK}:{dashboard_port}   logs: {folder}\n")
        supervisor.wait()
    return 0


def programs(api_port: int, dashboard_port: int) -> list[Program]:
    """The bank's side; gateways and cameras are elsewhere."""
    api = f"http://{LOOPBACK}:{api_port}/health"
    dashboard = f"http://{LOOPBACK}:{dashboard_port}/_stcore/health"
    return [
        Program("ingest", python("ingest"), lives()),
        Program("vision", python("vision", "serve"), lives()),
        Program("monitor_api", python("monitor_api", "serve", "--port", str(api_port)), answers(api)),
        Program("watchkeeper", python("monitor_api", "watch"), lives()),
        Program("dashboard", python("dashboard", "--port", str(dashboard_port)), answers(dashboard)),
    ]


def vision_state(environment: Mapping[str, str]) -> Path:
    """Where the counter remembers when nobody says where: a folder for each broker, since cameras belong to one."""
    port = environment.get("HERDLIEN_BROKER_PORT", "1883")
    return state_folder(f"vision-{environment['HERDLIEN_BROKER_HOST']}-{port}")


def check_environment(environment: "os._Environ[str] | dict[str, str]") -> None:
    """Say in one line what is not set or does not answer."""
    unset = [name for name in REQUIRED if not (environment.get(name) or environment.get(f"{name}_FILE"))]
    if unset:
        raise StackError(f"not set: {', '.join(unset)}. See .env.example for each one's meaning")
    host = environment["HERDLIEN_BROKER_HOST"]
    port = int(environment.get("HERDLIEN_BROKER_PORT", "1883"))
    _must_answer(host, port, "the MQTT broker", "HERDLIEN_BROKER_HOST and HERDLIEN_BROKER_PORT")
    address = environment.get("HERDLIEN_DATABASE_URL")
    if address and (parts := urlsplit(address)).hostname:
        _must_answer(parts.hostname, parts.port or 5432, "the database", "HERDLIEN_DATABASE_URL")


def _must_answer(host: str | None, port: int, what: str, variable: str) -> None:
    if host is None or not accepts(port, host, 3.0):
        raise StackError(f"{what} does not answer at {host}:{port}: start it, or correct {variable}")
