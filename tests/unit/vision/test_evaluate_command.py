"""`python -m vision evaluate` and the further flags of `count`, on sets of every kind a person may have."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.vision.builders import herd, jpeg, sunny_pen
from vision.__main__ import main
from vision.commands import count, evaluate
from vision.counter import Counter
from vision.detector import Boxes, Image
from vision.manifest import Manifest, SceneTrust

TRUST = {"any": SceneTrust(0.5, 0.5, 100), "pasture/barn": SceneTrust(0.5, 2.0, 100)}


class Steady:
    """Sees four head in every picture."""

    version = "herd-test"

    def detect(self, image: Image) -> Boxes:
        assert image.ndim == 3
        return herd(4)


@pytest.fixture(autouse=True)
def four_head_in_every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(model: Path | None = None, **_: object) -> Counter:
        name = "herd-test" if model is None else model.stem
        return Counter(Steady(), Manifest(name, "ab", 640, TRUST if model is None else {}))

    monkeypatch.setattr(count, "open_counter", opened)
    monkeypatch.setattr(evaluate, "open_counter", opened)


def put(folder: Path, split: str, name: str, *, label: str | None = None, point: str | None = None) -> None:
    for kind, text in (("labels", label), ("points", point)):
        if text is not None:
            (folder / kind / split).mkdir(parents=True, exist_ok=True)
            (folder / kind / split / f"{Path(name).stem}.txt").write_text(text)
    (folder / "images" / split).mkdir(parents=True, exist_ok=True)
    (folder / "images" / split / name).write_bytes(jpeg(sunny_pen()))


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert main(["evaluate", *arguments, "--json"]) == status
    report: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return report


FOUR = "".join(f"0 {(i * 80 + 36) / 320} 0.5 {72 / 320} 0.111\n" for i in range(4))


def test_any_split_and_ending_and_an_empty_or_missing_label_file_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "odd", "test", "full.JPG", label=FOUR)
    put(tmp_path / "odd", "test", "empty.jpeg", label="")
    put(tmp_path / "odd", "test", "unlabelled.png")
    row = evaluated(capsys, str(tmp_path), "--split", "test")["sets"]["odd"]
    assert (row["images"], row["true"], row["counted"], row["unlabelled"]) == (3, 4, 12, 1)
    assert 0.3 <= row["ap50"] < 1  # eight boxes in the empty pictures are false
    assert list(row["by_scene"]) == ["all"]


def test_a_set_with_points_alone_has_a_point_ap_and_no_ap50(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "points", "val", "a.jpg", point="".join(f"{(i * 80 + 36) / 320} 0.5\n" for i in range(4)))
    row = evaluated(capsys, str(tmp_path / "points"))["sets"]["points"]
    assert (row["point_ap"], row["ap50"], row["recall"], row["mae"]) == (1.0, None, 1.0, 0.0)


def test_scenes_of_the_index_have_figures_of_their_own_and_their_own_trust(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        put(tmp_path / "pasture", "val", f"{name}.jpg", label=FOUR)
    (tmp_path / "pasture" / "index.csv").write_text("name,scene,day\na,barn,1\nb.jpg,shed,2\n")
    row = evaluated(capsys, str(tmp_path))["sets"]["pasture"]
    assert {name: scene["images"] for name, scene in row["by_scene"].items()} == {"barn": 1, "shed": 1}
    assert row["by_scene"]["barn"]["width95"] == 8
    assert row["by_scene"]["shed"]["width95"] == 2


def test_broken_pictures_and_labels_are_told_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "s", "val", "good.jpg", label=FOUR)
    put(tmp_path / "s", "val", "bad-label.jpg", label="0 x 0.1 0.1 0.1\n")
    put(tmp_path / "s", "val", "short-label.jpg", label="0 0.1\n")
    put(tmp_path / "s", "val", "cut.jpg", label=FOUR)
    (tmp_path / "s/images/val/cut.jpg").write_bytes(jpeg(sunny_pen())[:400])
    put(tmp_path / "t", "val", "zero.jpg", label=FOUR)
    (tmp_path / "t/images/val/zero.jpg").write_bytes(b"")
    report = evaluated(capsys, str(tmp_path))
    told = {Path(row["path"]).name for row in report["errors"]}
    assert told == {"bad-label.jpg", "short-label.jpg", "cut.jpg", "zero.jpg"}
    assert report["sets"]["s"]["images"] == 1
    assert (report["sets"]["t"]["images"], report["sets"]["t"]["mae"]) == (0, None)


def test_nothing_that_can_be_examined_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "t", "val", "zero.jpg", label=FOUR)
    (tmp_path / "t/images/val/zero.jpg").write_bytes(b"")
    assert evaluated(capsys, str(tmp_path), status=2)["errors"]
    assert main(["evaluate", str(tmp_path / "nowhere")]) == 2


def test_baselines_stand_beside_on_the_same_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "s", "val", "a.jpg", label=FOUR)
    report = evaluated(capsys, str(tmp_path), "--baseline", "coco.onnx", "--baseline", "old.onnx")
    assert report["model"]["version"] == "herd-test"
    assert {name: row["model"]["version"] for name, row in report["baselines"].items()} == {
        "coco": "coco",
        "old": "old",
    }
    assert report["baselines"]["coco"]["sets"]["s"]["mae"] == 0.0


def test_an_outline_is_taken_by_the_box_around_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "s", "val", "a.jpg", label="0 0 0.444 0.225 0.444 0.225 0.556 0 0.556\n")
    assert evaluated(capsys, str(tmp_path))["sets"]["s"]["recall"] == 1.0


def counted(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert main(["count", *arguments, "--json"]) == status
    report: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return report


@pytest.fixture
def pens(tmp_path: Path) -> Path:
    rows = [{"name": "west", "corners": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}]
    rows.append({"name": "east", "corners": [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]})
    zone = {"name": "road", "corners": "0.75,0 1,0 1,1 0.75,1"}
    (tmp_path / "pens.json").write_text(json.dumps({"region": rows, "excluded": [zone]}))
    return tmp_path / "pens.json"


def test_every_pen_of_a_picture_has_its_count(tmp_path: Path, pens: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(sunny_pen()))
    (row,) = counted(capsys, str(tmp_path / "a.jpg"), "--regions", str(pens))["pictures"]
    assert row["count"]["best"] == 3
    assert {name: pen["best"] for name, pen in row["regions"].items()} == {"west": 2, "east": 1}


def test_a_window_of_frames_has_one_count_and_one_for_each_pen(
    tmp_path: Path, pens: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "camera").mkdir()
    for number in range(8):
        (tmp_path / "camera" / f"{number}.jpg").write_bytes(jpeg(sunny_pen()))
    (tmp_path / "camera" / "5.jpg").write_bytes(jpeg(sunny_pen() * 0))
    (tmp_path / "camera" / "6.jpg").write_bytes(b"")
    camera = str(tmp_path / "camera")
    arguments = [camera, "--regions", str(pens), "--window", "4s", "--every", "1s", "--fps", "1"]
    report = counted(capsys, *arguments)
    assert [(row["count"] or {}).get("best") for row in report["windows"]] == [3, None]
    assert report["windows"][0]["regions"]["west"]["count"]["best"] == 2
    assert (report["windows"][1]["frames"], report["windows"][1]["seen"]) == (3, 2)
    assert report["windows"][1]["unknown_because"] == "too_few_frames"
    assert report["sources"][0]["broken"] == 1
    assert not report["windows"][0]["trust"]["verified"]


def test_a_source_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = counted(capsys, str(tmp_path / "gone.mp4"), "--window", "15s", status=2)
    assert "gone.mp4" in report["errors"][0]["path"]


def test_a_pace_without_a_window_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", str(tmp_path), "--fps", "2"]) == 2
    assert "--window" in capsys.readouterr().err
