"""Trust: intervals and operating points, and the manifest that keeps them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.calibration import conformal_quantile, fit
from vision.errors import VisionError
from vision.evaluation import Examined
from vision.hindsight import held_out
from vision.manifest import Manifest, SceneTrust, file_sha256, read_manifest, write_manifest


def picture(rng: np.random.Generator, true: int) -> Examined:
    """A picture whose animals score around .7 and whose false finds score around .2."""
    right = np.clip(rng.normal(0.7, 0.12, true), 0, 1)
    wrong = np.clip(rng.normal(0.2, 0.08, rng.poisson(0.2 * true)), 0, 1)
    order = np.argsort(-np.concatenate([right, wrong]))
    found = np.concatenate([np.ones(len(right)), np.zeros(len(wrong))]).astype(np.bool_)[order]
    score = np.concatenate([right, wrong]).astype(np.float32)[order]
    return Examined("a", true, score, found, is_points=False, took_ms=1.0)


def pictures(seed: int, count: int) -> list[Examined]:
    rng = np.random.default_rng(seed)
    return [picture(rng, int(rng.integers(10, 90))) for _ in range(count)]


def test_the_interval_covers_fresh_pictures_as_often_as_it_says() -> None:
    trust = fit(pictures(0, 100))
    assert trust.quantile is not None
    fresh = pictures(1, 400)
    inside = [abs(p.counted(trust.score) - p.count) <= trust.quantile * p.counted(trust.score) ** 0.5 for p in fresh]
    assert 0.9 <= np.mean(inside) <= 1.0


def test_the_operating_point_lies_between_false_finds_and_animals() -> None:
    assert 0.3 <= fit(pictures(0, 60)).score <= 0.6


@pytest.mark.parametrize(("seen", "known"), [(18, False), (19, True)])
def test_a_95_percent_quantile_needs_nineteen_pictures(seen: int, known: bool) -> None:
    assert (conformal_quantile(list(range(seen))) is not None) == known


@given(st.lists(st.floats(0, 10), min_size=19, max_size=60))
def test_the_quantile_is_one_of_the_surprises_and_above_most(surprises: list[float]) -> None:
    quantile = conformal_quantile(surprises)
    assert quantile in surprises
    assert sum(value <= quantile for value in surprises) >= 0.95 * len(surprises)


def test_the_two_fold_check_needs_pictures_on_both_sides() -> None:
    assert held_out(pictures(0, 3)) is None
    check = held_out(pictures(0, 60))
    assert check is not None
    assert check.coverage95 is not None


def test_a_scene_measured_too_little_borrows_the_pooled_interval_and_keeps_its_score() -> None:
    manifest = Manifest("v", "", 640, {"any": SceneTrust(0.3, 1.5, 200), "drone": SceneTrust(0.4, None, 5)})
    assert manifest.trust("drone") == SceneTrust(0.4, 1.5, 5)
    assert manifest.trust("never-seen") == manifest.trust(None) == SceneTrust(0.3, 1.5, 200)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    model = tmp_path / "herd-1.onnx"
    model.write_bytes(b"network")
    manifest = Manifest("herd-1", file_sha256(model), 640, {"any": SceneTrust(0.3, 1.5, 200, 0.9, 0.95)})
    write_manifest(model, manifest)
    assert read_manifest(model) == manifest


def test_a_manifest_of_another_model_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "herd-1.onnx"
    model.write_bytes(b"network")
    write_manifest(model, Manifest("herd-1", "0" * 64, 640))
    with pytest.raises(VisionError, match="calibrate it again"):
        read_manifest(model)


def test_a_broken_manifest_says_how_to_make_one(tmp_path: Path) -> None:
    model = tmp_path / "herd-1.onnx"
    model.write_bytes(b"network")
    model.with_suffix(".json").write_text(json.dumps({"version": "x"}))
    with pytest.raises(VisionError, match="vision calibrate"):
        read_manifest(model)


def test_a_model_without_a_manifest_is_counted_uncalibrated(tmp_path: Path) -> None:
    model = tmp_path / "other.onnx"
    model.write_bytes(b"network")
    assert read_manifest(model).trust("any").quantile is None
