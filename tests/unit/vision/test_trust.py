"""Chances, bands, sliding scores: simulated herds whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.calibration import calibrate
from vision.counting import head_range
from vision.evaluation import Examined
from vision.hindsight import check
from vision.manifest import Manifest, SceneTrust
from vision.trust.band import fit_bands, quantile_at
from vision.trust.chance import fit_chance
from vision.trust.watch import SHIFT, fit_watch, measure_slip


def picture(rng: np.random.Generator, true: int, slide: float = 0.0, scene: str = "") -> Examined:
    """Animals' log odds around 1, false finds' around -2; each picture has its own light. slide: of all of them."""
    light = rng.normal(0, 0.25)
    odds = np.concatenate([rng.normal(1.0, 1.2, true), rng.normal(-2.0, 0.7, rng.poisson(0.3 * true))]) + light + slide
    score = 1 / (1 + np.exp(-odds))
    order = np.argsort(-score)
    found = (np.arange(len(score)) < true)[order]
    kept = score[order] >= 0.02
    return Examined("a", true, score[order][kept].astype(np.float32), found[kept], False, 1.0, scene)


def pictures(seed: int, count: int, slide: float = 0.0, scene: str = "") -> list[Examined]:
    rng = np.random.default_rng(seed)
    return [picture(rng, int(rng.integers(5, 90)), slide, scene) for _ in range(count)]


def coverage(trust: SceneTrust, fresh: list[Examined]) -> float:
    ranges = [head_range(t.counted_by(trust), trust) for t in fresh]
    return float(np.mean([r.low <= t.count <= r.high for r, t in zip(ranges, fresh, strict=True)]))


def test_95_percent_intervals_cover_93_to_99_percent_of_exchangeable_pictures() -> None:
    covered = [coverage(calibrate({"pen": pictures(seed, 73)})["pen"], pictures(900 + seed, 80)) for seed in range(12)]
    assert 0.93 <= np.mean(covered) <= 0.99


def test_when_recall_slips_intervals_fail_and_nothing_is_verified() -> None:
    trust = calibrate({"pen": pictures(0, 80)})["pen"]
    slipped = pictures(1, 80, slide=-1.2)
    assert coverage(trust, slipped) < 0.7
    assert trust.watch is not None
    assert not measure_slip([t.score[t.score >= 0.05] for t in slipped], trust.watch).verified


def loss_of(slide: float, counted_from: float) -> float:
    before, after = (pictures(5, 150, s) for s in (0.0, slide))
    recall = [sum(t.score[t.found].__ge__(counted_from).sum() for t in rows) / sum(t.count for t in rows)
              for rows in (before, after)]  # fmt: skip
    return float(recall[0] - recall[1])


def test_verified_is_withheld_in_every_run_whose_recall_fell_by_the_limit_and_given_where_it_did_not() -> None:
    trust = calibrate({"pen": pictures(0, 80)})["pen"]
    assert trust.watch is not None
    watch = trust.watch
    slide = next(-s / 50 for s in range(200) if loss_of(-s / 50, watch.counted_from) >= SHIFT)

    def verified(by: float) -> list[bool]:
        runs = [pictures(100 + seed, 60, by) for seed in range(25)]
        return [measure_slip([t.score[t.score >= 0.05] for t in run], watch).verified for run in runs]

    assert not any(verified(slide))
    assert np.mean(verified(0.0)) >= 0.6


def test_no_pictures_verify_nothing() -> None:
    trust = calibrate({"pen": pictures(0, 80)})["pen"]
    assert trust.watch is not None
    slip = measure_slip([], trust.watch)
    assert (slip.verified, slip.reason) == (False, "too_few_pictures_to_rule_out_a_slip")
    assert fit_watch([np.array([0.5], np.float32)] * 5, [], 5, 0.3) is None


def test_expected_head_is_right_on_average_where_scores_are() -> None:
    rows = pictures(3, 200)
    chance = fit_chance([t.score for t in rows], [t.found for t in rows])
    asked = [t.score[t.score >= 0.05] for t in rows]
    found = sum(int(t.found[t.score >= 0.05].sum()) for t in rows)
    assert sum(chance.expected(score) for score in asked) == pytest.approx(found, rel=0.03)
    assert (np.diff(chance.of(np.linspace(0.05, 0.95, 50, dtype=np.float32))) > 0).all()


def test_no_boxes_at_all_still_give_a_chance() -> None:
    chance = fit_chance([], [])
    assert chance.expected(np.array([0.9], np.float32)) == pytest.approx(0.9)


def test_a_scene_that_nobody_calibrated_gets_an_interval_at_least_as_wide() -> None:
    slides = {"barn": 0.0, "pen": -0.6, "yard": 0.5}
    rows = [t for row, (name, slide) in enumerate(slides.items()) for t in pictures(row, 40, slide, name)]
    manifest = Manifest("", "", 0, calibrate({"farm": rows}))
    known, unseen = manifest.trust("farm/barn"), manifest.trust("farm/shed")
    assert unseen == manifest.scenes["farm"]
    assert unseen.quantile_at(50) >= known.quantile_at(50)  # type: ignore[operator]
    assert known.watch is not None
    assert unseen.watch is None
    fresh = pictures(77, 100, -0.3, "shed")
    assert coverage(unseen, fresh) >= 0.93


def test_what_is_said_of_held_out_pictures_comes_true() -> None:
    told = check({"pen": pictures(0, 100)})["pen"]
    trust = calibrate({"pen": pictures(0, 100)})["pen"]
    fresh = pictures(50, 200)
    assert told.mae == pytest.approx(np.mean([abs(t.counted_by(trust) - t.count) for t in fresh]), rel=0.25)
    assert told.mae <= told.threshold_mae


def test_rendered_pictures_calibrate_themselves_alone() -> None:
    real = {"pen": pictures(0, 40)}
    drawn = [
        replace(one, scene="pig" if place < 15 else "sheep") for place, one in enumerate(pictures(1, 40, slide=2.0))
    ]
    both = calibrate({**real, "rendered": drawn})
    assert both["pen"] == calibrate(real)["pen"]
    assert both["any"] == calibrate(real)["any"]
    assert (both["rendered"].pictures, both["rendered/pig"].pictures) == (40, 15)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=120))
def test_bands_hold_enough_pictures_and_leave_no_count_out(pairs: list[tuple[int, int]]) -> None:
    counted, true = [c for c, _ in pairs], [t for _, t in pairs]
    bands = fit_bands(counted, true)
    assert bool(bands) == (len(pairs) >= 19)
    assert sum(band.pictures for band in bands) == (len(pairs) if bands else 0)
    assert all(band.pictures >= 19 for band in bands)
    assert (quantile_at(bands, 10_000) is None) == (not bands)
