"""The data sheet: what it counts, what it calls a leak, and what it cannot know."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.vision.labelled_sets import add_picture, noise
from vision.__main__ import main
from vision.papers.data_sheet import DataSheet, describe, summary
from vision.papers.samples import class_names, read_samples
from vision.papers.sheet_page import page

TWO = "0 0.5 0.5 0.25 0.25\n2 0.2 0.2 0.125 0.125\n"


def sheet_of(folder: Path) -> DataSheet:
    samples, broken = [], []
    for split in ("train", "val"):
        rows, wrong = read_samples(folder, split)
        samples += rows
        broken += wrong
    return describe(samples, {folder.name: class_names(folder)}, {folder.name: broken})


@pytest.fixture
def pen(tmp_path: Path) -> Path:
    add_picture(tmp_path / "pen", "train", "a", noise(1), TWO)
    add_picture(tmp_path / "pen", "train", "b", noise(2, 128, 64), rows=None)
    add_picture(tmp_path / "pen", "val", "c", noise(3))
    return tmp_path / "pen"


def test_pictures_head_sizes_and_classes_are_counted_per_split(pen: Path) -> None:
    train = sheet_of(pen).sets["pen"].splits["train"]
    assert (train.pictures, train.head, train.head_per_picture, train.unlabelled) == (2, 2, (0, 1, 2), 1)
    assert train.sizes == {"96x64": 1, "128x64": 1}
    assert train.classes == {"cattle": 1, "pig": 1}


def test_box_sizes_are_those_that_the_network_sees(tmp_path: Path) -> None:
    add_picture(tmp_path / "pen", "train", "a", noise(1, 96, 96), "0 0.5 0.5 0.25 0.25\n")
    train = sheet_of(tmp_path / "pen").sets["pen"].splits["train"]
    assert train.box_side == (160, 160, 160, 160, 160)
    assert train.small == 0


def test_scenes_come_from_the_index(pen: Path) -> None:
    (pen / "index.csv").write_text("name,scene\na,barn\nb,yard\n")
    assert sheet_of(pen).sets["pen"].splits["train"].scenes == {"barn": (1, 2), "yard": (1, 0)}


def test_heads_that_are_points_are_counted_as_points(pen: Path) -> None:
    add_picture(pen, "train", "d", noise(4), points="0.1 0.1\n0.2 0.2\n0.3 0.3\n")
    assert max(sheet_of(pen).sets["pen"].splits["train"].head_per_picture or ()) == 3


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names:\n  0: cattle\n  3: 'goat'\n", {0: "cattle", 3: "goat"}),
        ('nc: 2\nnames: [cow, "pig"]\n', {0: "cow", 1: "pig"}),
        ("train: images\n", {0: "cattle", 1: "sheep", 2: "pig", 3: "person"}),
    ],
)
def test_class_names_are_those_of_the_set(pen: Path, text: str, names: dict[int, str]) -> None:
    (pen / "data.yaml").write_text(text)
    assert class_names(pen) == names


def test_the_same_bytes_in_both_splits_are_a_leak(pen: Path) -> None:
    add_picture(pen, "val", "again", noise(1))
    (leak,) = sheet_of(pen).leaks
    assert (leak.val, leak.train, leak.exact) == ("pen/val/again.jpg", "pen/train/a.jpg", True)


@pytest.mark.parametrize("changed", ["turned", "mirrored", "brighter", "smaller"])
def test_a_changed_copy_is_found_out(pen: Path, changed: str) -> None:
    image = noise(1)
    copy = {
        "turned": np.rot90(image),
        "mirrored": image[:, ::-1],
        "brighter": np.clip(image.astype(int) + 25, 0, 255).astype(np.uint8),
        "smaller": cv2.resize(image, (72, 48), interpolation=cv2.INTER_AREA),
    }[changed]
    add_picture(pen, "val", "again", np.ascontiguousarray(copy))
    (leak,) = sheet_of(pen).leaks
    assert (leak.train, leak.exact) == ("pen/train/a.jpg", False)
    assert leak.alike >= 0.98


def test_other_pictures_and_blank_ones_are_no_leak(pen: Path) -> None:
    add_picture(pen, "train", "black", noise(1) * 0)
    add_picture(pen, "val", "grey", noise(1) * 0 + 9)
    assert sheet_of(pen).leaks == []


def test_repeated_pictures_within_a_split_are_listed(pen: Path) -> None:
    add_picture(pen, "train", "twice", noise(1))
    assert sheet_of(pen).sets["pen"].splits["train"].repeated == [["pen/train/a.jpg", "pen/train/twice.jpg"]]


def test_the_hash_follows_pictures_and_labels(pen: Path) -> None:
    before = sheet_of(pen).sha256
    assert sheet_of(pen).sha256 == before
    (pen / "labels" / "train" / "a.txt").write_text("0 0.5 0.5 0.25 0.26\n")
    assert sheet_of(pen).sha256 != before


def test_an_unknown_set_has_no_licence_and_a_known_one_keeps_its_own(pen: Path) -> None:
    assert sheet_of(pen).sets["pen"].source.licence.startswith("unknown")
    pen.rename(pen.with_name("thermal-sheep"))
    assert sheet_of(pen.with_name("thermal-sheep")).sets["thermal-sheep"].source.licence == "MIT"


def test_the_verb_writes_page_record_and_grid(pen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasheet", str(tmp_path), "--out", str(tmp_path / "out"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["sets"]["pen"]["train"] == {"pictures": 2, "head": 2}
    assert cv2.imread(str(tmp_path / "out" / "samples.jpg")).shape[1] > 1000
    assert "| pen | train | 2 | 2 |" in (tmp_path / "out" / "DATA_SHEET.md").read_text()
    assert json.loads((tmp_path / "out" / "data_sheet.json").read_text())["sha256"] == report["sha256"]


def test_broken_files_are_named_and_the_rest_is_described(
    pen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pen / "images" / "train" / "empty.jpg").write_bytes(b"")
    (pen / "labels" / "train" / "b.txt").write_text("0 what 0.5 0.1 0.1\n")
    assert main(["datasheet", str(pen), "--out", str(tmp_path / "out"), "--json"]) == 1
    broken = json.loads(capsys.readouterr().out.splitlines()[-1])["broken"]["pen"]
    assert [line.partition(":")[0] for line in broken] == ["train/b.jpg", "train/empty.jpg"]


def test_a_place_without_sets_says_what_it_should_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasheet", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "<set>/images/train" in capsys.readouterr().err


def test_page_and_summary_say_how_many_leak(pen: Path) -> None:
    add_picture(pen, "val", "again", noise(1))
    sheet = sheet_of(pen)
    assert "1 with the same bytes, 0 look the same" in page(sheet)
    assert summary(sheet)["leaks"] == {"exact": 1, "twins": 0}
