"""`calibrate` writes the paper: trust, what it was made from, and files whose verdicts still hold."""

import json
from pathlib import Path

import pytest

from tests.unit.vision.labelled_sets import add_picture, noise
from tests.unit.vision.networks import columns, write_network
from vision.__main__ import main
from vision.errors import VisionError
from vision.manifest import Manifest, ModelFile, file_sha256, parse_manifest, read_manifest, write_manifest


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model that was compared with its checkpoint, with a twin that was accepted, and a set of six pictures."""
    for number in range(6):
        add_picture(tmp_path / "sets" / "pen", "train" if number < 2 else "val", f"{number}", noise(number))
    answer = columns([((48, 32, 24, 16), 0, 0.9)])
    model = write_network(tmp_path / "herd-9.onnx", answer)
    twin = write_network(tmp_path / "herd-9.int8.onnx", answer + 0.001)
    files = {
        model.name: ModelFile(file_sha256(model), "fp32", accepted=True),
        twin.name: ModelFile(file_sha256(twin), "int8", accepted=True),
    }
    write_manifest(model, Manifest("herd-9", file_sha256(model), 96, files=files))
    return model


def calibrate(model: Path, *more: str) -> int:
    return main(
        ["calibrate", str(model), "--data", str(model.parent / "sets"), "--size", "96", "--threads", "1", *more]
    )


def test_new_counts_need_a_new_verdict_on_the_twin_and_not_on_the_export(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(model) == 0
    assert "judge it: python -m vision parity" in capsys.readouterr().err
    manifest = parse_manifest(model.with_suffix(".json"))
    assert {name: file.accepted for name, file in manifest.files.items()} == {
        "herd-9.onnx": True,
        "herd-9.int8.onnx": None,
    }
    assert manifest.scenes["any"].pictures == 4
    with pytest.raises(VisionError, match="nobody has compared"):
        read_manifest(model.with_name("herd-9.int8.onnx"))


def test_the_paper_keeps_what_the_model_was_made_from(model: Path, tmp_path: Path) -> None:
    main(["datasheet", str(tmp_path / "sets"), "--out", str(tmp_path / "out")])
    (tmp_path / "run.json").write_text(json.dumps({"recipe": {"seed": 5}, "by_set": {"pen": 2}}))
    papers = ["--sheet", str(tmp_path / "out" / "data_sheet.json"), "--run", str(tmp_path / "run.json")]
    assert calibrate(model, *papers) == 0
    manifest = parse_manifest(model.with_suffix(".json"))
    assert manifest.data["sheet"]["sets"]["pen"]["train"] == {"pictures": 2, "head": 2}
    assert manifest.data["run"]["recipe"]["seed"] == 5
    assert manifest.classes == ("cattle", "sheep", "pig", "person")


def test_a_sheet_that_is_none_is_refused(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run.json").write_text("{}")
    assert calibrate(model, "--sheet", str(tmp_path / "run.json")) == 2
    assert "Give data_sheet.json" in capsys.readouterr().err
