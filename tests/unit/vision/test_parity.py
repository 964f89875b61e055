"""The verdict on a converted network: what it lets through and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.unit.vision.builders import boxes_of
from tests.unit.vision.labelled_sets import add_picture, noise
from tests.unit.vision.networks import columns, write_network
from vision.__main__ import main
from vision.detector import Boxes
from vision.detectors.replay import ReplayDetector
from vision.errors import VisionError
from vision.manifest import Manifest, SceneTrust, file_sha256, parse_manifest, read_manifest, write_manifest
from vision.papers.comparison import compare
from vision.papers.parity import Limits, Parity, judge
from vision.truth import read_set

TRUST = SceneTrust(0.5, None, 0)
HERD = 10


def cows(found: int, score: float = 0.9, shift: float = 0.0) -> Boxes:
    return boxes_of([((i * 9.0 + shift, 20, i * 9.0 + 8 + shift, 40), score, 0) for i in range(found)])


def verdict(tmp_path: Path, first: list[Boxes], second: list[Boxes], limits: Limits | None = None) -> Parity:
    """Both over as many pictures of ten cows, 96 x 64 pixels."""
    rows = "".join(f"0 {(i * 9 + 4) / 96} {30 / 64} {8 / 96} {20 / 64}\n" for i in range(HERD))
    for number in range(len(first)):
        add_picture(tmp_path / "pen", "val", f"{number:03}", noise(number), rows)
    truths = read_set(tmp_path / "pen", "val")
    compared = compare(ReplayDetector(first), ReplayDetector(second), truths, lambda _: TRUST)
    return judge({"pen": compared}, limits)


def test_equal_answers_are_accepted_and_said_to_be_equal(tmp_path: Path) -> None:
    parity = verdict(tmp_path, [cows(9)] * 4, [cows(9)] * 4)
    assert parity.accepted
    pooled = parity.pooled
    assert (pooled.recall, pooled.recall_loss, pooled.mae, pooled.mae_rise) == ((0.9, 0.9), 0, (1, 1), 0)
    assert (pooled.same_count, pooled.matched, pooled.iou, pooled.score_difference) == (1, 1, 1, 0)


def test_a_network_that_loses_animals_is_refused_with_figures(tmp_path: Path) -> None:
    parity = verdict(tmp_path, [cows(10)] * 4, [cows(9)] * 4)
    assert not parity.accepted
    assert parity.pooled.recall_loss == 10
    assert "recall falls by 10.0 points, 0.3 are allowed" in parity.refused_because
    assert "pen: 4 of 40 animals more are missed" in parity.refused_because


def test_false_animals_raise_the_counting_error_and_are_refused(tmp_path: Path) -> None:
    more = boxes_of([((i * 9.0, 20, i * 9.0 + 8, 40), 0.9, 0) for i in range(HERD)] + [((0, 45, 90, 60), 0.8, 0)])
    parity = verdict(tmp_path, [cows(10)] * 4, [more] * 4)
    assert parity.pooled.recall_loss == 0
    assert parity.refused_because[0].startswith("the counting error rises by 1.0")


def test_finding_more_animals_is_no_loss(tmp_path: Path) -> None:
    parity = verdict(tmp_path, [cows(9)] * 4, [cows(10)] * 4)
    assert parity.accepted
    assert parity.pooled.recall_loss == -10


@pytest.mark.parametrize(("lost", "accepted"), [(0.2, True), (0.4, False)])
def test_the_limit_is_three_tenths_of_a_point_of_recall(tmp_path: Path, lost: float, accepted: bool) -> None:
    pictures = 50  # 500 head: one animal is 0.2 points; the counting error is judged elsewhere
    missed = round(lost / 100 * HERD * pictures)
    second = [cows(9)] * missed + [cows(10)] * (pictures - missed)
    assert verdict(tmp_path, [cows(10)] * pictures, second, Limits(mae_rise=9)).accepted == accepted


def test_a_loss_in_one_set_cannot_hide_behind_a_gain_in_another(tmp_path: Path) -> None:
    rows = "".join(f"0 {(i * 9 + 4) / 96} {30 / 64} {8 / 96} {20 / 64}\n" for i in range(HERD))
    compared = {}
    for name, first, second in (("cattle", 9, 10), ("pigs", 10, 9)):
        for number in range(4):
            add_picture(tmp_path / name, "val", f"{number}", noise(number), rows)
        truths = read_set(tmp_path / name, "val")
        both = ReplayDetector([cows(first)] * 4), ReplayDetector([cows(second)] * 4)
        compared[name] = compare(*both, truths, lambda _: TRUST)
    parity = judge(compared)
    assert parity.pooled.recall_loss == 0
    assert parity.refused_because == (
        "pigs: 4 of 40 animals more are missed",
        "pigs: counts err by 4 head more over 4 pictures",
    )


def test_moved_boxes_and_scores_are_reported(tmp_path: Path) -> None:
    parity = verdict(tmp_path, [cows(10, score=0.9)], [cows(10, score=0.8, shift=1.0)])
    assert parity.accepted
    assert parity.pooled.iou == pytest.approx(7 / 9, abs=1e-3)
    assert parity.pooled.score_difference == pytest.approx(0.1, abs=1e-3)


def test_a_box_just_under_the_limit_is_lost_to_the_count_but_still_a_partner(tmp_path: Path) -> None:
    parity = verdict(tmp_path, [cows(10, score=0.51)], [cows(10, score=0.49)])
    assert not parity.accepted
    assert parity.pooled.matched == 1


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(ValueError, match="no pictures"):
        judge({})


# The verb, with real files under ONNX Runtime.


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A calibrated model, its twin that answers alike in other bytes, and a set."""
    for number in range(3):
        add_picture(tmp_path / "pen", "val", f"{number}", noise(number))
    answer = columns([((48, 32, 24, 16), 0, 0.9)])
    model = write_network(tmp_path / "herd-9.onnx", answer)
    twin = write_network(tmp_path / "herd-9.int8.onnx", answer + 0.001)
    write_manifest(model, Manifest("herd-9", file_sha256(model), 96, {"any": TRUST}))
    return model, twin, tmp_path / "pen"


def test_the_verdict_is_written_into_the_manifest(
    pair: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    model, twin, data = pair
    assert main(["parity", str(model), str(twin), "--data", str(data), "--threads", "1", "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["accepted"]
    assert report["pooled"]["pictures"] == 3
    assert read_manifest(twin).version == "herd-9.int8"
    manifest = parse_manifest(model.with_suffix(".json"))
    assert manifest.scenes == {"any": TRUST}
    assert manifest.classes == ("cattle", "sheep", "pig", "person")
    assert manifest.files[twin.name].parity["pooled"]["recall_loss"] == 0


def test_a_refused_twin_stays_on_disk_with_its_figures(
    pair: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    model, twin, data = pair
    write_network(twin, columns([((48, 32, 24, 16), 0, 0.1)]))
    assert main(["parity", str(model), str(twin), "--data", str(data), "--threads", "1"]) == 1
    assert "REFUSED: recall falls by 100.0 points" in capsys.readouterr().err
    assert twin.is_file()
    assert parse_manifest(model.with_suffix(".json")).files[twin.name].parity["pooled"]["recall_loss"] == 100
    with pytest.raises(VisionError, match="was refused"):
        read_manifest(twin)


def test_a_sample_of_the_pictures_gives_no_verdict(pair: tuple[Path, Path, Path]) -> None:
    model, twin, data = pair
    assert main(["parity", str(model), str(twin), "--data", str(data), "--threads", "1", "--every", "2"]) == 0
    assert twin.name not in parse_manifest(model.with_suffix(".json")).files


def test_a_network_of_other_classes_says_what_to_do(
    pair: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    model, twin, data = pair
    write_network(twin, columns([((48, 32, 24, 16), 0, 0.9)], classes=2), names="{0: 'cat', 1: 'dog'}")
    assert main(["parity", str(model), str(twin), "--data", str(data)]) == 2
    assert "it was trained for something else" in capsys.readouterr().err
