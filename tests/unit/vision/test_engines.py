"""What any engine must do with any model file. OpenVINO is asked too where it is installed."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from tests.unit.vision.builders import sunny_pen
from tests.unit.vision.networks import FLOAT16, INT64, columns, write_network
from vision.detector import Float
from vision.detectors import choice, openvino
from vision.detectors.choice import Trial, open_detector
from vision.detectors.network import Network, NetworkDetector
from vision.detectors.onnx import OnnxDetector
from vision.errors import VisionError
from vision.models import default_model

PEN = sunny_pen(640, 320)  # fills a 640 network from edge to edge: its pixels are the network's
COW, MAN = (200.0, 100.0, 120.0, 80.0), (200.0, 100.0, 30.0, 70.0)


@pytest.fixture(params=["onnx", "openvino"])
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine installed here."""
    if request.param == "openvino" and not openvino.is_installed():
        pytest.skip("the openvino extra is not installed")
    return str(request.param)


def detector(path: Path, engine: str) -> NetworkDetector:
    return open_detector(path, engine="onnx" if engine == "onnx" else "openvino", precision="exact", threads=1)


def test_people_are_found_and_take_no_animal_away(tmp_path: Path, engine: str) -> None:
    answer = columns([(COW, 0, 0.8), (MAN, 3, 0.9)])
    boxes = detector(write_network(tmp_path / "m.onnx", answer), engine).detect(PEN)
    assert (len(boxes.animals), len(boxes.people)) == (1, 1)
    assert boxes.score.tolist() == pytest.approx([0.9, 0.8]), "best first"
    assert boxes.animals.xyxy.tolist() == [[140, 60, 260, 140]]


def test_a_network_that_lists_chosen_boxes_is_read(tmp_path: Path, engine: str) -> None:
    rows = [[140, 60, 260, 140, 0.8, 0], [300, 10, 340, 90, 0.7, 3], [0, 0, 9, 9, 0.9, 7], [0, 0, 0, 0, 0, 0]]
    path = write_network(tmp_path / "m.onnx", np.array([rows], np.float32))
    boxes = detector(path, engine).detect(PEN)
    assert boxes.xyxy.tolist() == [[140, 60, 260, 140], [300, 10, 340, 90]]
    assert boxes.class_id.tolist() == [0, 3]


def test_a_network_in_half_precision_is_read(tmp_path: Path, engine: str) -> None:
    answer = columns([(COW, 0, 0.8)]).astype(np.float16)
    boxes = detector(write_network(tmp_path / "m.onnx", answer, kind=FLOAT16), engine).detect(PEN)
    assert boxes.score.tolist() == pytest.approx([0.8], abs=1e-3)
    assert boxes.score.dtype == np.float32


def test_a_network_with_a_fixed_input_overrules_the_size_asked_for(tmp_path: Path, engine: str) -> None:
    path = write_network(tmp_path / "m.onnx", columns([((160, 160, 60, 40), 0, 0.8)]), takes=(1, 3, 320, 320))
    boxes = detector(path, engine).detect(PEN)
    assert boxes.xyxy.tolist() == [[260, 120, 380, 200]], "320 to 640 pixels, less the border above"


def test_public_coco_networks_need_no_names(tmp_path: Path, engine: str) -> None:
    answer = columns([(COW, 19, 0.8), ((500, 100, 40, 40), 18, 0.7), ((400, 100, 30, 70), 0, 0.6)], classes=80)
    boxes = detector(write_network(tmp_path / "m.onnx", answer, names=""), engine).detect(PEN)
    assert boxes.by_class() == {"cattle": 1, "sheep": 1}
    assert len(boxes.people) == 1


@pytest.mark.parametrize(
    ("names", "shape", "complaint"),
    [
        (
            "{0: 'cattle', 1: 'sheep'}",
            (1, 9, 4),
            r"9 x 4 numbers, which does not fit its 2 class names.*Export it again",
        ),
        ("{0: 'car', 1: 'bus'}", (1, 6, 4), "knows none of cattle, sheep, pig"),
        ("", (1, 7, 4), "does not name its classes"),
        ("[1, 2", (1, 7, 4), "does not name its classes"),
        ("['cattle']", (1, 5, 4), "by number"),
        ("{-3: 'cattle'}", (1, 5, 4), "by number"),
        ("{0: 'cattle'}", (5, 4), "2 dimensions, not 3"),
    ],
)
def test_a_model_whose_classes_and_output_do_not_fit_says_so(
    tmp_path: Path, engine: str, names: str, shape: tuple[int, ...], complaint: str
) -> None:
    path = write_network(tmp_path / "m.onnx", np.zeros(shape, np.float32), names=names)
    with pytest.raises(VisionError, match=complaint):
        detector(path, engine)


@pytest.mark.parametrize(
    ("takes", "kind", "complaint"),
    [
        ((1, 1, 640, 640), 1, "takes 1 x 1 x 640 x 640 numbers, not one picture"),
        ((8, 3, 640, 640), 1, "takes 8 x 3"),
        ((1, 3, 384, 640), 1, "640 x 384: export it square"),
        ((1, 3, 65536, 65536), 1, "out of bounds"),
        ((1, 3, 640, 640), INT64, "real numbers"),
    ],
)
def test_a_model_that_takes_something_else_says_so(
    tmp_path: Path, engine: str, takes: tuple[int, ...], kind: int, complaint: str
) -> None:
    path = write_network(tmp_path / "m.onnx", columns([(COW, 0, 0.8)]), takes=takes, kind=kind)
    with pytest.raises(VisionError, match=complaint):
        detector(path, engine)


@pytest.mark.parametrize(("ir", "opset"), [(99, 17), (8, 99)])
def test_a_model_newer_than_onnx_runtime_says_to_update(tmp_path: Path, ir: int, opset: int) -> None:
    path = write_network(tmp_path / "m.onnx", columns([(COW, 0, 0.8)]), ir=ir, opset=opset)
    with pytest.raises(VisionError, match=r"99 is newer than ONNX Runtime.*Update onnxruntime"):
        OnnxDetector(path)


def whole_model() -> bytes:
    return default_model().read_bytes()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "is empty"),
        (b"not a network", "is not a model"),
        (np.random.default_rng(1).bytes(20_000), "is not a model"),
        (whole_model()[: len(whole_model()) // 2], "is not a model"),
    ],
)
def test_a_damaged_model_file_says_what_to_do(tmp_path: Path, engine: str, data: bytes, complaint: str) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    with pytest.raises(VisionError, match=complaint):
        detector(path, engine)


def test_a_network_that_answers_nonsense_is_refused_at_that_picture(tmp_path: Path, engine: str) -> None:
    answer = columns([(COW, 0, float("nan"))])
    nonsense = detector(write_network(tmp_path / "m.onnx", answer), engine)
    with pytest.raises(VisionError, match="not numbers"):
        nonsense.detect(PEN)


class Failing:
    """An engine that opens and cannot run, as with a network whose layers do not fit this size."""

    name = "engine 1"
    network = Network("{0: 'cattle'}", None, (1, 5, None))

    def run(self, tensor: Float) -> Float:
        raise RuntimeError("shapes do not fit")


def test_an_engine_that_fails_at_a_picture_says_at_what_size(tmp_path: Path) -> None:
    failing = NetworkDetector(
        Failing(), tmp_path / "m.onnx", size=640, threads=1, floor=0.05, iou=0.5, version="herd-9"
    )
    with pytest.raises(
        VisionError, match=r"herd-9 fails on an input of 640 x 320 under engine 1 \(shapes do not fit\)"
    ):
        failing.detect(PEN)


def test_engines_that_are_not_there_are_named() -> None:
    if openvino.is_installed():
        pytest.skip("the openvino extra is installed")
    with pytest.raises(VisionError, match="install the `openvino` extra, or take engine onnx"):
        open_detector(default_model(), engine="openvino")


def test_without_the_extra_onnx_runtime_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino, "is_installed", lambda: False)
    assert open_detector(default_model()).engine.startswith("onnxruntime")


@pytest.mark.parametrize(
    ("trial", "winner"),
    [
        (Trial(50, 25, same=True), "openvino"),
        (Trial(50, 49, same=True), "onnx"),
        (Trial(50, 25, same=False), "onnx"),
        (Trial(25, 50, same=True), "onnx"),
    ],
)
def test_openvino_is_taken_when_clearly_faster_and_of_the_same_opinion(trial: Trial, winner: str) -> None:
    assert trial.winner == winner


def test_the_choice_is_measured_once_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not openvino.is_installed():
        pytest.skip("the openvino extra is not installed")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = open_detector(default_model(), size=320, threads=1)
    (remembered,) = json.loads((tmp_path / "herdlien" / "engines.json").read_text()).values()
    assert first.engine.startswith({"onnx": "onnxruntime", "openvino": "openvino"}[remembered])
    monkeypatch.setattr(choice, "measure", lambda *_: pytest.fail("measured again"))
    assert open_detector(default_model(), size=320, threads=1).engine == first.engine


def test_both_engines_tell_the_same_about_a_picture(tmp_path: Path) -> None:
    if not openvino.is_installed():
        pytest.skip("the openvino extra is not installed")
    first, second = (detector(default_model(), name).detect(PEN) for name in ("onnx", "openvino"))
    assert len(first) == len(second)
    assert np.allclose(first.score, second.score, atol=1e-3)


def test_no_engine_burns_the_processor_between_pictures(engine: str) -> None:
    two_threads = open_detector(default_model(), engine="onnx" if engine == "onnx" else "openvino", size=320)
    for _ in range(3):
        two_threads.detect(PEN)
    used = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - used < 0.1
