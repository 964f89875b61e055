"""The versioned manifest: which model files it lets count, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from vision.errors import VisionError
from vision.manifest import FORMAT, Manifest, ModelFile, SceneTrust, file_sha256, read_manifest, write_manifest
from vision.models import default_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "herd-7.onnx").write_bytes(b"full")
    (tmp_path / "herd-7.int8.onnx").write_bytes(b"small")
    return tmp_path / "herd-7.onnx"


def write(model: Path, accepted: bool | None = None, **parity: Any) -> Path:
    twin = model.with_name("herd-7.int8.onnx")
    files = {
        model.name: ModelFile(file_sha256(model), "fp32"),
        twin.name: ModelFile(file_sha256(twin), "int8", accepted, parity),
    }
    scenes = {"any": SceneTrust(0.3, 1.5, 200)}
    write_manifest(model, Manifest("herd-7", file_sha256(model), 640, scenes, classes=("cattle", "pig"), files=files))
    return twin


def change(model: Path, **keys: Any) -> None:
    path = model.with_suffix(".json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def test_an_accepted_twin_counts_by_the_same_paper_under_its_own_name(model: Path) -> None:
    twin = write(model, accepted=True)
    whole, small = read_manifest(model), read_manifest(twin)
    assert (whole.version, small.version) == ("herd-7", "herd-7.int8")
    assert small.sha256 == file_sha256(twin)
    assert small.scenes == whole.scenes
    assert small.classes == ("cattle", "pig")


def test_a_refused_twin_is_not_counted_with_and_says_why(model: Path) -> None:
    twin = write(model, accepted=False, refused_because=["recall falls by 2 points"])
    with pytest.raises(VisionError, match=r"recall falls by 2 points.*count with herd-7\.onnx"):
        read_manifest(twin)


def test_a_twin_that_nobody_has_compared_is_not_counted_with(model: Path) -> None:
    with pytest.raises(VisionError, match="vision parity"):
        read_manifest(write(model))


def test_an_export_that_does_not_count_like_its_checkpoint_is_not_counted_with(model: Path) -> None:
    refused = {model.name: ModelFile(file_sha256(model), "fp32", accepted=False)}
    write_manifest(model, Manifest("herd-7", file_sha256(model), 640, files=refused))
    with pytest.raises(VisionError, match="export it again"):
        read_manifest(model)


def test_a_twin_of_other_weights_is_refused(model: Path) -> None:
    twin = write(model, accepted=True)
    twin.write_bytes(b"small, of last year")
    with pytest.raises(VisionError, match="calibrate it again"):
        read_manifest(twin)


def test_files_renamed_together_are_still_known(model: Path, tmp_path: Path) -> None:
    twin = write(model, accepted=True)
    for path in (model, twin, model.with_suffix(".json")):
        path.rename(tmp_path / path.name.replace("herd-7", "north"))
    assert read_manifest(tmp_path / "north.int8.onnx").version == "herd-7.int8"


@pytest.mark.parametrize("written", [FORMAT + 1, 0, "2", None])
def test_a_manifest_of_another_format_asks_for_another_program(model: Path, written: object) -> None:
    write(model)
    change(model, format=written)
    with pytest.raises(VisionError, match=f"reads up to {FORMAT}: update it"):
        read_manifest(model)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"night_factor": 2}, "night_factor"),
        (
            {"scenes": {"any": {"score": 0.3, "quantile": None, "pictures": 3, "doubled": True}}},
            r"scenes\.any\.doubled",
        ),
        ({"files": {"herd-7.onnx": {"sha256": "", "precision": "fp32", "owner": 1}}}, r"files\.herd-7\.onnx\.owner"),
    ],
)
def test_a_key_that_is_not_understood_is_refused_not_skipped(model: Path, keys: dict[str, Any], named: str) -> None:
    write(model)
    change(model, **keys)
    with pytest.raises(VisionError, match=named):
        read_manifest(model)


@pytest.mark.parametrize("value", ["0.3", None, [0.3]])
def test_a_value_of_another_kind_is_refused(model: Path, value: object) -> None:
    write(model)
    change(model, scenes={"any": {"score": value, "quantile": None, "pictures": 3}})
    with pytest.raises(VisionError, match="is not a manifest"):
        read_manifest(model)


def test_free_figures_may_hold_anything(model: Path) -> None:
    write(model)
    change(model, figures={"pen": {"mae": 1.0, "new": [1]}}, data={"anything": {"at": "all"}})
    assert read_manifest(model).figures["pen"]["new"] == [1]


def test_a_manifest_of_the_format_before_is_read(model: Path) -> None:
    old = {"version": "herd-7", "sha256": file_sha256(model), "image_size": 640, "figures": {}, "data": {}}
    trust = {"score": 0.2, "quantile": 1.5, "pictures": 9, "recall": 0.8, "precision": 0.9}
    model.with_suffix(".json").write_text(json.dumps({**old, "scenes": {"any": trust}}))
    manifest = read_manifest(model)
    assert manifest.trust("any") == SceneTrust(0.2, 1.5, 9, 0.8, 0.9)
    assert manifest.files == {}


def test_the_default_model_is_never_a_twin(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.setattr("vision.models.HERE", model.parent)
    assert default_model() == model
