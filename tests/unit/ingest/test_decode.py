"""python -m ingest decode: captures as people keep them, and what support is told of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.commands.decode import main
from stack.folders import REPOSITORY
from tests.unit.ingest.test_adapters import PAYLOADS

FRAME = "686b74002a035715014384 01".replace(" ", "")


def case(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))


def kept(folder: Path, content: str | bytes, name: str = "capture") -> str:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def decoded(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    status = main([*arguments, "--json"])
    last = capsys.readouterr().out.strip().splitlines()[-1]
    return status, json.loads(last)


def test_a_payload_without_its_topic_is_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = kept(tmp_path, json.dumps(case("chirpstack/up_hkt")["payload"]))
    status, told = decoded(capsys, "--adapter", "chirpstack_v4", file)
    (result,) = told.pop("results")
    assert (status, told) == (0, {"adapter": "chirpstack", "messages": 1, "stored": 1, "quarantined": 0})
    assert result["topic"].endswith("/device/70b3d57ed005a1b2/event/up")
    assert result["rows"][0]["table"] == "reading"
    assert result["rows"][0]["steps"] == 323
    assert (result["file"], result["outcome"]) == (file, "stored")


@pytest.mark.parametrize(
    "name",
    [
        "chirpstack/join", "chirpstack/status", "chirpstack/ack_missing", "chirpstack/txack", "chirpstack/log_otaa",
        "chirpstack/location", "chirpstack/integration", "chirpstack/up_zeros_omitted", "things-stack/join",
        "things-stack/up_hkt", "things-stack/down_failed", "things-stack/location_solved", "frigate/end",
        "frigate/available_offline", "herdlien/readings", "hkt/default_frame",
    ],
)  # fmt: skip
def test_the_topic_of_a_payload_is_guessed_from_what_it_says(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = case(name)
    payload = wanted["payload"]
    file = kept(tmp_path, payload if isinstance(payload, str) else json.dumps(payload))
    _, told = decoded(capsys, "--adapter", name.split("/", maxsplit=1)[0], file)
    assert told["results"][0]["topic"].split("/")[-1] == wanted["topic"].split("/")[-1]
    assert told["results"][0]["outcome"] == wanted["expected"]["outcome"]


def test_lines_of_a_listening_client_carry_topic_and_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"tst": "2026-03-01T12:00:02.000000+0000", "topic": "frigate/pen-3/cow", "qos": 0, "retain": 0, "payload": "7"},
        {"tst": "2026-03-01T12:00:03.000000+0000", "topic": "frigate/pen-3/cow", "qos": 0, "retain": 0, "payload": "?"},
    ]
    file = kept(tmp_path, "\n".join(map(json.dumps, lines)))
    status, told = decoded(capsys, "--adapter", "frigate", file)
    assert (status, told["messages"], told["stored"], told["quarantined"]) == (1, 2, 1, 1)
    assert told["results"][0]["events"][0]["at"] == "2026-03-01T12:00:02+00:00"
    assert told["results"][1]["reason"] == "expected a number of cow, got b'?'"


@pytest.mark.parametrize("layout", ["array", "lines", "pretty", "wrapped", "exported"])
def test_payloads_are_found_however_they_are_laid_out(
    layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    payload, topic = case("things-stack/up_hkt")["payload"], case("things-stack/up_hkt")["topic"]
    content = {
        "array": json.dumps([payload, payload]),
        "lines": f"{json.dumps(payload)}\n\n{json.dumps(payload)}\n",
        "pretty": json.dumps(payload, indent=2),
        "wrapped": json.dumps({"topic": topic, "payload": payload}),
        "exported": json.dumps({"result": payload}),
    }[layout]
    status, told = decoded(capsys, "--adapter", "ttn", kept(tmp_path, content))
    assert (status, told["stored"]) == (0, 2 if layout in ("array", "lines") else 1)
    assert told["results"][0]["rows"][0]["sequence"] == 1503


def test_one_bad_line_does_not_hide_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = json.dumps(case("chirpstack/up_hkt")["payload"])
    status, told = decoded(capsys, "--adapter", "chirpstack", kept(tmp_path, f"{good}\n{good[:100]}\n{good}"))
    assert (status, [each["outcome"] for each in told["results"]]) == (1, ["stored", "quarantined", "stored"])


@pytest.mark.parametrize(
    "content",
    [
        bytes.fromhex(FRAME),
        FRAME,
        " ".join(FRAME[at : at + 2] for at in range(0, len(FRAME), 2)).upper(),
        "aGt0ACoDVxUBQ4QB",
    ],
    ids=["bytes", "hex", "spaced", "base64"],
)
def test_a_frame_is_read_as_bytes_or_in_any_spelling(
    content: str | bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = decoded(capsys, "--adapter", "hkt", kept(tmp_path, content))
    row = told["results"][0]["rows"][0]
    assert (status, row["battery_pct"], row["steps"], row["tamper"]) == (0, 87, 323, True)


def test_several_frames_stand_one_to_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = decoded(capsys, "--adapter", "hkt", kept(tmp_path, f"{FRAME}\n{FRAME}77\n"))
    assert (status, told["stored"], told["quarantined"]) == (1, 1, 1)
    assert "unknown type 0x77 at offset 12" in told["results"][1]["reason"]


def test_withheld_figures_are_told_and_a_declared_scale_brings_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = kept(tmp_path, "686b74002a090009c4")
    _, told = decoded(capsys, "--adapter", "hkt", file)
    assert "both scales are plausible" in told["results"][0]["notes"][0]
    _, told = decoded(capsys, "--adapter", "hkt", "--hkt-scale", "100", file)
    assert (told["results"][0]["rows"][0]["ear_temp_c"], told["results"][0]["notes"]) == (25.0, [])


def test_simulated_data_are_refused_unless_welcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = kept(tmp_path, json.dumps(case("things-stack/up_simulated_refused")["payload"]))
    assert decoded(capsys, "--adapter", "tts", file)[0] == 1
    assert decoded(capsys, "--adapter", "tts", "--accept-simulated", file)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--adapter", "zigbee", "FILE"], "no adapter 'zigbee'; there are herdlien, chirpstack, things-stack, frigate, hkt"),
        (["--adapter", "hkt", "MISSING"], "No such file"),
        (["--adapter", "hkt", "EMPTY"], "is empty"),
        (["--adapter", "hkt"], "required: FILE"),
        (["FILE"], "required: --adapter"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_said_with_status_2(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"FILE": kept(tmp_path, FRAME), "EMPTY": kept(tmp_path, " \n", "empty"), "MISSING": str(tmp_path / "none")}
    try:
        status = main([files.get(each, each) for each in arguments])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert said in err


def test_it_needs_neither_database_nor_broker_and_reads_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "decode", "--adapter", "hkt", "-"],
        input=FRAME, capture_output=True, text=True, cwd=REPOSITORY, check=False,
        env={"PATH": "/nowhere", "HERDLIEN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "battery_pct: 87" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 messages: 1 understood, 0 would be quarantined"


def test_what_a_capture_says_cannot_order_the_terminal_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = {"topic": "frigate/pen\x1b[2J/cow", "payload": "\x1b]0;owned\x07"}
    assert main(["--adapter", "frigate", kept(tmp_path, json.dumps(evil))]) == 1
    assert "\x1b" not in capsys.readouterr().out
