"""How gate counters are judged, and what faults a detector is given."""

from pathlib import Path

import pytest

from bench.gates.clip import Clip
from bench.gates.faults import HIDDEN, faulty
from bench.gates.verdict import Count, difference, failing, figures


def clip(name: str, come: int, gone: int, head: int = 10) -> Clip:
    return Clip(name, "g", Path("none"), (0, 0, 1, 1), come, gone, head, 10, 640, 360)


CLIPS = [clip("a", 10, 0), clip("b", 6, 4), clip("c", 0, 0)]
RIGHT = {"a": Count(10, 0, 0.2, 0), "b": Count(6, 4, 0.4, 1), "c": Count(0, 0, 0.3, 0)}
OFF = {"a": Count(8, 0, 1.0), "b": Count(7, 5, 1.0), "c": Count(0, 1, 1.0)}


def test_errors_are_per_hundred_true_passages() -> None:
    row = figures(CLIPS, OFF)
    assert (row.passages, row.per_100, row.gross_per_100) == (20, 15.0, 25.0)
    assert (row.net_mae, row.exact, row.exact_both) == (1.0, pytest.approx(1 / 3, abs=1e-4), 0.0)
    assert row.flagged is None


def test_a_counter_that_tells_doubt_is_also_judged_on_what_it_did_not_doubt() -> None:
    doubtful = RIGHT | {"b": Count(9, 4, 0.4, 2)}
    row = figures(CLIPS, doubtful)
    assert (row.flagged, row.exact_unflagged) == (1, 1.0)
    assert row.exact < 1
    assert [wrong["clip"] for wrong in failing(CLIPS, doubtful)] == ["b"]


def test_the_difference_is_paired_and_the_same_every_time() -> None:
    gain = difference(CLIPS, RIGHT, OFF)
    assert gain == difference(CLIPS, RIGHT, OFF)
    assert gain["low"] <= gain["mean"] == 1.0 <= gain["high"]
    assert difference(CLIPS, OFF, RIGHT)["mean"] == -1.0
    assert difference(CLIPS, OFF, OFF) == {"mean": 0.0, "low": 0.0, "high": 0.0}


def test_no_clips_are_no_figures() -> None:
    with pytest.raises(ValueError, match="nothing was counted"):
        figures([], {})


def frames(visible: float, count: int = 200) -> list[dict[str, object]]:
    box = [100.0, 100.0, 200.0, 160.0, "cow", visible]
    return [{"frame": n, "t": n / 10, "boxes": [box]} for n in range(count)]


def at_home(rows: list[dict[str, list[list[float]]]]) -> int:
    """Frames in which something lies where the animal is."""
    return sum(any(abs(b[0] - 100) < 30 and abs(b[3] - 160) < 30 for b in row["boxes"]) for row in rows)


def test_faults_are_the_same_for_the_same_seed() -> None:
    assert faulty(frames(1.0), 10, (640, 360), 4) == faulty(frames(1.0), 10, (640, 360), 4)
    assert faulty(frames(1.0), 10, (640, 360), 4) != faulty(frames(1.0), 10, (640, 360), 5)


def test_a_hidden_animal_is_not_found_and_a_plain_one_is_found_mostly() -> None:
    plain, half, hidden = (at_home(faulty(frames(share), 10, (640, 360), 1)) for share in (1.0, 0.4, HIDDEN - 0.01))
    assert 150 < plain < 200
    assert hidden < 3
    assert hidden < half < plain


def test_two_that_overlap_much_are_one_box_at_times() -> None:
    near = [[100.0, 100, 200, 160, "a", 1.0], [104.0, 102, 204, 162, "b", 1.0]]
    rows = faulty([{"frame": n, "t": n / 10, "boxes": near} for n in range(200)], 10, (640, 360), 1)
    counts = [len(row["boxes"]) for row in rows]
    assert counts.count(1) > 30
    assert counts.count(2) > 60
