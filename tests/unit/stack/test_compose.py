"""docker-compose.yml and what lies beside it hang together; no Docker needed to see that."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from stack.folders import REPOSITORY

COMPOSE = REPOSITORY / "docker-compose.yml"
TEXT = COMPOSE.read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
DOCKERFILE = (REPOSITORY / "deploy" / "Dockerfile").read_text(encoding="utf-8")
CONDITIONS = {"service_healthy", "service_completed_successfully"}

each_service = pytest.mark.parametrize("name", SERVICES)


def is_a_step(name: str) -> bool:
    """It runs to its end rather than staying."""
    return SERVICES[name].get("restart") == "no"


def test_every_program_of_the_system_is_there() -> None:
    programs = {"db", "broker", "migrate", "ingest", "vision", "monitor_api", "watchkeeper", "dashboard"}
    gateways = {f"edge-gw-{number}" for number in range(1, 9)}
    assert programs | gateways | {"firmware_sim"} <= set(SERVICES)


@each_service
def test_a_service_has_an_image_and_ours_are_built(name: str) -> None:
    service = SERVICES[name]
    assert service["image"]
    if service["image"].startswith("herdlien/"):
        build = service["build"]
        assert (REPOSITORY / build["dockerfile"]).is_file()
        assert build["args"]["EXTRA"] in PROJECT["project"]["optional-dependencies"]


@each_service
def test_a_foreign_image_is_pinned(name: str) -> None:
    service = SERVICES[name]
    if "build" not in service:
        assert re.search(r":\d[\w.-]*$", service["image"])


@each_service
def test_dependencies_exist_and_wait_for_the_right_thing(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert how["condition"] in CONDITIONS
        assert (how["condition"] == "service_completed_successfully") == is_a_step(other)
        # A service of the plain system must not need one that only a profile starts.
        assert set(SERVICES[other].get("profiles", [])) <= set(SERVICES[name].get("profiles", []))


@each_service
def test_what_stays_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check.get("disable") is True if is_a_step(name) else check["test"]


@each_service
def test_the_module_of_each_command_is_a_package_of_ours(name: str) -> None:
    command = SERVICES[name].get("command", [])
    if "-m" in command:
        module = command[command.index("-m") + 1]
        assert module in PACKAGES
        assert (REPOSITORY / module / "__init__.py").is_file()


@each_service
def test_ports_are_published_on_the_loopback_address_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@each_service
def test_our_programs_cannot_write_to_their_image(name: str) -> None:
    if SERVICES[name]["image"].startswith("herdlien/"):
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_every_variable_is_documented() -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))
    documented = set(re.findall(r"^#? ?(\w+)=", (REPOSITORY / ".env.example").read_text(), re.MULTILINE))
    assert used
    assert used <= documented


def test_secrets_have_no_default() -> None:
    for name in ("HERDLIEN_SECRET", "HERDLIEN_DATABASE_PASSWORD", "HERDLIEN_BROKER_PASSWORD"):
        assert set(re.findall(rf"(?<!\$)\$\{{{name}([^}}]*)\}}", TEXT)) == {":?set it in .env"}


def test_volumes_that_are_used_are_declared() -> None:
    declared = set(yaml.safe_load(TEXT)["volumes"])
    mounted = {entry.split(":")[0] for service in SERVICES.values() for entry in service.get("volumes", [])}
    assert {name for name in mounted if not name.startswith(".")} == declared
    assert all((REPOSITORY / name).exists() for name in mounted if name.startswith("."))


def test_the_image_holds_every_package() -> None:
    assert re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE) == PACKAGES


def test_the_counters_state_is_a_volume_that_its_account_may_write_to() -> None:
    vision = SERVICES["vision"]
    state = vision["environment"]["HERDLIEN_VISION_STATE"]
    assert [entry.split(":")[1] for entry in vision["volumes"]] == [state]
    assert re.search(rf"install -d -o herdlien -g herdlien .*{state}\b", DOCKERFILE)
