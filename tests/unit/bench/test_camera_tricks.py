"""The parts of the camera benchmark that figures rest on."""

import json
from pathlib import Path

import pytest

from bench.camera_tricks import main, poisson_bound
from bench.tricks.trial import Outcome
from vision.camera.finding import Trick


@pytest.mark.parametrize(("seen", "bound"), [(0, 2.996), (1, 4.744), (3, 7.754)])
def test_the_bound_on_false_alarms_is_the_known_poisson_one(seen: int, bound: float) -> None:
    assert poisson_bound(seen) == pytest.approx(bound, abs=0.002)


def test_an_outcome_counts_the_first_right_finding_and_tells_the_wrong_ones() -> None:
    first = {Trick.FROZEN: 1.0, Trick.MOVED: 3.0, Trick.TURNED_AWAY: 2.5}
    outcome = Outcome("turn", "barn", first, frozenset({Trick.MOVED, Trick.TURNED_AWAY}), 8.0)
    assert outcome.delay_s == 2.5
    assert outcome.false == [Trick.FROZEN]


def test_it_says_why_it_is_skipped_where_the_pictures_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("HERDLIEN_DATA", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["bench.camera_tricks", "--json"])
    assert main() == 0
    assert "no pictures at" in json.loads(capsys.readouterr().out)["skipped"]
