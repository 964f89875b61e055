"""The herds that the reconciliation is measured on, and what must hold of the measurement at any size."""

from itertools import product

import numpy as np
import pytest

from bench.reconcile_bias import measured
from bench.reconciliation.herd import AS_OF, Setting, herd


def setting(loss: float, *, cameras: bool = False, inspected: bool = False, at_once: bool = False) -> Setting:
    return Setting(head=200, loss=loss, cameras=cameras, inspected=inspected, at_once=at_once)


def test_who_is_gone_is_silent_and_an_inspection_misses_those_who_had_left_by_then() -> None:
    there, facts = herd(setting(0.2, inspected=True), np.random.default_rng(7))
    silent = {t.animal_id: t.last_seen_at for t in facts.tracks if t.last_seen_at and (AS_OF - t.last_seen_at).days}
    assert there == 160
    assert len(silent) >= 40
    (inspection,) = facts.inspections
    missed = [silent[a] <= inspection.closed_at for a in inspection.absent if a in silent]
    assert missed
    assert all(missed)


def test_cameras_count_those_who_are_there() -> None:
    there, facts = herd(setting(0.5, cameras=True), np.random.default_rng(7))
    newest = [camera.counts[-1].count for camera in facts.cameras]
    assert sum(count.best for count in newest if count) == pytest.approx(there, rel=0.15)


@pytest.mark.parametrize(("cameras", "inspected"), [*product((False, True), repeat=2)])
def test_honest_herds_are_not_called_short_and_a_tenth_is_found_missing(cameras: bool, inspected: bool) -> None:
    honest = measured(setting(0.0, cameras=cameras, inspected=inspected), 20, 1)
    short = measured(setting(0.1, cameras=cameras, inspected=inspected), 20, 1)
    assert (honest["proved"], honest["told"], honest["holds"]) == (0, 0, 1)
    assert abs(short["bias"]) <= 0.6
    assert short["holds"] >= 0.9
