"""What a person gets from `python -m stack`."""

import json
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stack import demo, doctor
from stack.__main__ import main
from stack.errors import ProgramDiedError, StackError
from stack.ports import LOOPBACK
from stack.up import check_environment, vision_state

PLACE = demo.Place(Path("/run-folder"), api_port=8000, dashboard_port=8501, webhook_port=9000, ingest_health_port=9100)
FARMS = {"gw-1": "farm-1", "gw-2": "farm-2"}
PORTS = {"gw-1": 7001, "gw-2": 7002}
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_a_taken_port_is_one_line_on_standard_error_and_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as holder:
        holder.bind((LOOPBACK, 0))
        holder.listen()
        status = main(["demo", "--api-port", str(holder.getsockname()[1])])
    captured = capsys.readouterr()
    assert status == 1
    assert captured.out == ""
    assert captured.err.startswith("herdlien: port")
    assert "--api-port" in captured.err
    assert captured.err.count("\n") == 1


def test_the_doctor_prints_one_json_object_as_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["ok"] is (status == 0)
    assert {"Python", "PostgreSQL", "MQTT broker", "disk", "Chromium"} <= {row["what"] for row in report["findings"]}


def test_every_finding_that_can_be_missing_has_a_fix() -> None:
    assert all(finding.fix for finding in doctor.examine() if finding.what != "PostgreSQL")


def test_up_names_every_variable_that_is_not_set() -> None:
    with pytest.raises(StackError, match="HERDLIEN_DATABASE_URL, HERDLIEN_SECRET"):
        check_environment({"HERDLIEN_BROKER_HOST": "127.0.0.1"})


def test_up_says_which_server_does_not_answer() -> None:
    environment = {
        "HERDLIEN_DATABASE_URL": "postgresql://herdlien@127.0.0.1:1/herdlien",
        "HERDLIEN_BROKER_HOST": "127.0.0.1",
        "HERDLIEN_BROKER_PORT": "1",
        "HERDLIEN_SECRET": "s",
    }
    with pytest.raises(StackError, match=r"the MQTT broker does not answer at 127\.0\.0\.1:1"):
        check_environment(environment)


def test_the_counter_remembers_apart_for_each_broker_in_a_folder_that_outlives_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    here = vision_state({"HERDLIEN_BROKER_HOST": "127.0.0.1"})
    assert here == tmp_path / "herdlien" / "vision-127.0.0.1-1883"
    assert vision_state({"HERDLIEN_BROKER_HOST": "127.0.0.1", "HERDLIEN_BROKER_PORT": "1884"}) != here


def test_the_counter_of_a_demo_remembers_in_the_folder_of_its_run() -> None:
    (vision,) = (program for program in demo.core_programs(PLACE) if program.name == "vision")
    assert vision.command[-2:] == ["--state", str(PLACE.folder / "vision")]


def test_the_composition_names_each_program_once() -> None:
    programs = [
        *demo.steps(PLACE, demo.DemoOptions(), NOON),
        *demo.core_programs(PLACE),
        *demo.edge_programs(PLACE, FARMS, PORTS),
        demo.simulator(PLACE, PORTS, demo.DemoOptions()),
        demo.watchkeeper(),
    ]
    names = [program.name for program in programs]
    assert len(names) == len(set(names))
    assert {"ingest", "vision", "monitor_api", "watchkeeper", "dashboard", "edge-gw-1", "edge-gw-2"} <= set(names)
    assert all(program.command[0] == sys.executable for program in programs)


def test_the_night_is_the_last_one_that_has_begun() -> None:
    for hours, day in ((0, 1), (12, 1), (14, 2)):  # noon, midnight and 02:00 in Shanghai
        begun = demo.nightfall(NOON + timedelta(hours=hours)).astimezone(demo.ZONE)
        assert (begun.day, f"{begun:%H:%M}") == (day, demo.NIGHT_BEGINS)


def test_no_secret_stands_on_a_command_line() -> None:
    words = [word for program in demo.core_programs(PLACE) for word in program.command]
    assert not [word for word in words if "secret" in word.lower() or "password" in word.lower()]


def test_a_dead_program_is_described_by_its_last_line() -> None:
    error = ProgramDiedError("ingest", -9, ["starting", "killed for memory"], "/x/ingest.log")
    assert str(error) == "ingest stopped (signal 9): killed for memory\n  whole log: /x/ingest.log"
