"""`python -m vision count`: what a person and a script get."""

import json
from pathlib import Path

import pytest

from tests.unit.vision.builders import herd, jpeg, sunny_pen
from vision.__main__ import main
from vision.commands import count, evaluate
from vision.counter import Counter
from vision.detectors.replay import ReplayDetector
from vision.manifest import Manifest, SceneTrust

COUNTER = {"any": SceneTrust(0.5, 0.5, 100)}


@pytest.fixture(autouse=True)
def sixteen_head_in_every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> Counter:
        return Counter(ReplayDetector([herd(16)] * 9, "herd-test"), Manifest("herd-test", "ab", 640, COUNTER))

    monkeypatch.setattr(count, "open_counter", opened)
    monkeypatch.setattr(evaluate, "open_counter", opened)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pen").mkdir()
    (tmp_path / "pen" / "good.jpg").write_bytes(jpeg(sunny_pen()))
    (tmp_path / "pen" / "empty.jpg").write_bytes(b"")
    (tmp_path / "pen" / "cut.jpg").write_bytes(jpeg(sunny_pen())[:500])
    (tmp_path / "pen" / "black.jpg").write_bytes(jpeg(sunny_pen() * 0))
    return tmp_path / "pen"


def test_bad_files_are_listed_and_the_rest_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", str(folder), "--json"]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out.splitlines()[-1])
    assert report["model"] == {"version": "herd-test", "sha256": "ab"}
    assert {Path(row["path"]).name for row in report["errors"]} == {"empty.jpg", "cut.jpg"}
    assert report["total_best"] == 16
    assert "empty.jpg: the file is empty" in printed.err


def test_a_black_picture_is_reported_unknown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["count", str(folder), "--json"])
    rows = json.loads(capsys.readouterr().out)["pictures"]
    assert {Path(row["path"]).name: (row["count"], row["unknown_because"]) for row in rows} == {
        "black.jpg": (None, "dark"),
        "good.jpg": ({"low": 14, "best": 16, "high": 18}, None),
    }


def test_without_json_nothing_goes_to_standard_output(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["count", str(folder / "good.jpg")])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "16 head (14-18)" in printed.err


@pytest.mark.parametrize("name", ["empty.jpg", "gone.jpg", "black.jpg"])
def test_nothing_counted_is_a_failure(folder: Path, name: str) -> None:
    assert main(["count", str(folder / name)]) == 2


def test_a_bad_region_says_how_to_write_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", str(folder), "--region", "1,2"]) == 2
    assert "write corners as shares" in capsys.readouterr().err


def test_annotated_pictures_of_one_name_do_not_overwrite_each_other(folder: Path, tmp_path: Path) -> None:
    (folder / "north").mkdir()
    (folder / "north" / "good.jpg").write_bytes(jpeg(255 - sunny_pen()))
    main(["count", str(folder / "good.jpg"), str(folder / "north"), "--annotate", str(tmp_path / "seen")])
    assert len(list((tmp_path / "seen").glob("good-*.jpg"))) == 2


def test_evaluating_prints_figures_per_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind, name, data in (("images", "a.jpg", jpeg(sunny_pen())), ("labels", "a.txt", b"0 0.5 0.5 0.1 0.1\n")):
        (tmp_path / "herd" / kind / "val").mkdir(parents=True)
        (tmp_path / "herd" / kind / "val" / name).write_bytes(data)
    assert main(["evaluate", str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["sets"]["herd"]["true"], report["sets"]["herd"]["counted"]) == (1, 16)
    assert report["model"]["size"] == 640
