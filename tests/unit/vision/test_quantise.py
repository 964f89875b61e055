"""The int8 twin: what stays in full precision, and what is said when it cannot be made."""

import importlib.util
from pathlib import Path

import pytest

from tests.unit.vision.labelled_sets import add_picture, noise
from vision.__main__ import main
from vision.commands.export import calibration_pictures
from vision.errors import VisionError
from vision.manifest import file_sha256, parse_manifest
from vision.models import HERE
from vision.papers.files import class_names
from vision.papers.quantise import kept_in_full, quantise

NODES = ["/model.0/conv/Conv", "/model.1/conv/Conv", "/model.2/act/Mul", "/model.9/cv2/Conv", "Reshape_7"]
HERD = HERE / "herd-2.onnx"


def test_the_first_stages_the_head_and_nodes_of_no_stage_stay_in_full() -> None:
    assert kept_in_full(NODES, 1) == {"/model.0/conv/Conv", "/model.9/cv2/Conv", "Reshape_7"}


def test_a_network_without_stages_is_refused() -> None:
    with pytest.raises(VisionError, match="export it with"):
        kept_in_full(["Conv_1"], 5)


def test_ranges_are_read_from_training_pictures_alone_and_from_every_set(tmp_path: Path) -> None:
    for name, number in (("big", 41), ("small", 3)):
        for index in range(number):
            add_picture(tmp_path / name, "train", f"{index:02}", noise(index))
        add_picture(tmp_path / name, "val", "never", noise(99))
    chosen = calibration_pictures([tmp_path])
    assert {path.parent.name for path in chosen} == {"train"}
    assert [sum(name in path.parts for path in chosen) for name in ("big", "small")] == [21, 3]


@pytest.mark.skipif(importlib.util.find_spec("onnx") is not None, reason="onnx is here")
def test_without_onnx_the_train_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match="`train` extra"):
        quantise(HERD, tmp_path / "small.onnx", [add_picture(tmp_path, "train", "a", noise(1))], 64)


def test_without_a_checkpoint_export_says_what_writes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path / "last.pt"), "--out", str(tmp_path / "herd-9.onnx")]) == 2
    assert "`python -m vision train` writes one" in capsys.readouterr().err


def test_a_twin_cannot_be_calibrated_on_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", str(tmp_path / "herd-9.int8.onnx")]) == 2
    assert "calibrate the fp32 file" in capsys.readouterr().err


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of ONNX's own making
def test_a_twin_is_smaller_keeps_its_class_names_and_waits_for_its_verdict(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    for index in range(3):
        add_picture(tmp_path / "pen", "train", f"{index}", noise(index, 128, 96))
    out = tmp_path / "herd-2.onnx"
    assert (
        main(["export", str(HERD), "--out", str(out), "--int8", "--size", "128", "--data", str(tmp_path / "pen")]) == 0
    )
    twin = tmp_path / "herd-2.int8.onnx"
    assert twin.stat().st_size < 0.6 * out.stat().st_size
    assert class_names(twin) == class_names(HERD)
    files = parse_manifest(tmp_path / "herd-2.json").files
    assert (files[twin.name].sha256, files[twin.name].accepted) == (file_sha256(twin), None)
