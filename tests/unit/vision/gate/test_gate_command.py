"""`vision gate` as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from stack.folders import REPOSITORY
from tests.unit.vision.gate.walks import film, straight
from vision.__main__ import main
from vision.gate.counting import count_gate
from vision.gate.detections_file import DetectionsFile, line_of
from vision.gate.line import Line
from vision.gate.online import count_online


def kept(path: Path) -> Path:
    frames = film([straight(200, -30, 80), straight(400, 630, -80, since=1)], 11)
    path.write_text("".join(line_of(one) + "\n" for one in frames), encoding="utf-8")
    return path


def test_the_last_line_is_the_count_as_json(tmp_path) -> None:
    command = [sys.executable, "-m", "vision", "gate", "--detections", str(kept(tmp_path / "a.jsonl")), "--line", "0,300,600,300", "--json"]  # fmt: skip
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["in"], report["out"], report["net"], report["ambiguous"]) == (1, 1, 0, 0)
    assert [event["kind"] for event in report["events"]] == ["in", "out"]
    assert report["skipped"] == 0


def test_bad_lines_are_told_counted_and_passed_over(tmp_path, capsys) -> None:
    path = kept(tmp_path / "a.jsonl")
    lines = path.read_text().splitlines()
    lines[20] = "{broken"
    path.write_text("\n".join(lines))
    assert main(["gate", "--detections", str(path), "--line", "0,300,600,300", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out.splitlines()[-1])["skipped"] == 1
    assert "line 21" in said.err


def test_a_file_without_one_usable_frame_is_status_2(tmp_path, capsys) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("nothing\n")
    assert main(["gate", "--detections", str(path), "--line", "0,300,600,300", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["frames"] == 0


def test_the_help_says_which_way_is_in(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["gate", "--help"])
    assert "Which way is in" in capsys.readouterr().out


def test_trajectories_are_drawn_and_detections_can_be_kept_again(tmp_path) -> None:
    path = kept(tmp_path / "a.jsonl")
    picture, copy = tmp_path / "seen.png", tmp_path / "b.jsonl"
    wanted = ["gate", "--detections", str(path), "--line", "0,300,600,300"]
    assert main([*wanted, "--annotate", str(picture), "--save-detections", str(copy)]) == 0
    assert copy.read_text() == path.read_text()
    drawn = cv2.imread(str(picture))
    assert drawn is not None
    assert drawn.max() > 150


def test_nothing_is_written_where_nothing_can_be(tmp_path, capsys) -> None:
    wanted = ["gate", "--detections", str(kept(tmp_path / "a.jsonl")), "--line", "0,300,600,300"]
    assert main([*wanted, "--annotate", str(tmp_path / "no" / "seen.png")]) == 2
    assert main([*wanted, "--save-detections", str(tmp_path / "no" / "b.jsonl")]) == 2
    assert main([*wanted, "--annotate", str(tmp_path / "film.mp4")]) == 2
    assert "--video" in capsys.readouterr().err


@pytest.mark.slow
def test_a_video_is_counted_with_the_network_and_drawn(tmp_path, shared_data, capsys) -> None:
    clip = shared_data / "vision" / "race-gate" / "clips" / "A_race_back_and_forth.mp4"
    short, capture = tmp_path / "short.avi", cv2.VideoCapture(str(clip))
    writer = cv2.VideoWriter(str(short), cv2.VideoWriter.fourcc(*"MJPG"), 30, (300, 500))
    for _ in range(8):
        writer.write(capture.read()[1])
    writer.release()
    film_file, boxes = tmp_path / "seen.mp4", tmp_path / "boxes.jsonl"
    wanted = ["gate", "--video", str(short), "--line", "0,220,300,220", "--threads", "1", "--json"]
    assert main([*wanted, "--annotate", str(film_file), "--save-detections", str(boxes)]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["frames"] == 8
    assert report["model"]["version"]
    assert len(boxes.read_text().splitlines()) == 8
    assert cv2.VideoCapture(str(film_file)).get(cv2.CAP_PROP_FRAME_COUNT) == 8


@pytest.mark.parametrize("count", [count_gate, count_online])
@pytest.mark.parametrize("y", [180, 220, 250])
def test_the_real_clip_has_one_down_and_one_up(tmp_path, shared_data, count, y) -> None:
    truth = shared_data / "vision" / "race-gate" / "clips" / "A_race_back_and_forth.boxes.json"
    rows = json.loads(truth.read_text())["frames"]
    path = tmp_path / "a.jsonl"
    path.write_text(
        "\n".join(
            json.dumps({"frame": n, "t": n / 30, "boxes": [[*box, 0.9, 0] for box in boxes]}) for n, _, boxes in rows
        )
    )
    counted = count(DetectionsFile(path, print), Line(0, y, 300, y))
    assert (counted.came_in, counted.went_out) == (1, 1)
