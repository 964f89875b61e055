"""The default engine."""

from pathlib import Path

import numpy as np
import pytest

from firmware_sim.render_set import scatter
from firmware_sim.rendering import Light, PenView, render_pen
from vision.counter import open_counter
from vision.detectors.head import read_output
from vision.detectors.onnx import OnnxDetector
from vision.errors import VisionError
from vision.manifest import file_sha256, read_manifest
from vision.models import default_model

COCO = np.array([2, 1, -1])  # cattle in row 2 of the network's classes, sheep in row 1, pigs unknown


def test_each_column_of_the_output_becomes_one_box_of_our_class() -> None:
    output = np.array([[50, 20], [40, 20], [10, 4], [20, 8], [0.99, 0], [0.1, 0.7], [0.8, 0.2]], np.float32)
    boxes = read_output(output, COCO, 0.25)
    assert boxes.xyxy.tolist() == [[45, 30, 55, 50], [18, 16, 22, 24]]
    assert boxes.score.tolist() == pytest.approx([0.8, 0.7])
    assert boxes.by_class() == {"cattle": 1, "sheep": 1}


def test_boxes_under_the_floor_are_left_out() -> None:
    output = np.array([[50], [40], [10], [20], [0.99], [0.1], [0.2]], np.float32)
    assert len(read_output(output, COCO, 0.25)) == 0


def test_a_missing_model_says_what_to_name() -> None:
    with pytest.raises(VisionError, match=r"name an \.onnx file"):
        OnnxDetector(Path("nowhere.onnx"))


def test_a_file_that_is_no_model_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    with pytest.raises(VisionError, match="export it again"):
        OnnxDetector(tmp_path / "broken.onnx")


def test_the_model_that_comes_along_is_the_one_its_manifest_describes() -> None:
    model = default_model()
    manifest = read_manifest(model)
    assert manifest.sha256 == file_sha256(model)
    assert model.stem == manifest.version
    assert manifest.trust("any").quantile is not None


@pytest.mark.parametrize("light", [Light.DAY, Light.NIGHT])
@pytest.mark.parametrize("species", ["cattle", "sheep", "pig"])
def test_a_rendered_pen_is_counted_within_a_fifth(species: str, light: Light) -> None:
    rng = np.random.default_rng(41)
    view = PenView(species, 24.0, 15.0, look_seed=5)
    frame = render_pen(view, scatter(species, 24.0, 15.0, 30, rng), light, rng)
    counted = open_counter().count(frame.image, species=species, scene="rendered")
    assert counted.count is not None
    assert abs(counted.count.best - 30) <= 6
