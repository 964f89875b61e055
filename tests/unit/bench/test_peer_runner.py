"""How peers are asked: tasks and answers in files, every failure told with its reason."""

import json
import sys
from pathlib import Path

import pytest

from bench.peers.vision import install, protocol
from bench.peers.vision.counters import LINE_COUNTERS
from bench.peers.vision.install import Environment, Step
from bench.peers.vision.runner import Peer, ask, ask_with

HALVES = """
import sys
from protocol import parser, serve
sys.exit(serve(parser(None).parse_args(), ["pip"], lambda task: {"half": 10 / task["number"]}))
"""


def asked(script: str, tmp_path: Path, *tasks: protocol.Task):
    path = tmp_path / "run_it.py"
    path.write_text(script)
    return ask_with(Path(sys.executable), Peer("it", str(path), "it", "MIT"), tasks, tmp_path)


def test_every_task_is_answered_and_one_that_fails_takes_no_other_along(tmp_path: Path) -> None:
    found = asked(HALVES, tmp_path, *({"name": str(n), "number": n} for n in (5, 0, 2)))
    assert found.reason is None
    assert [found.answers[name].get("half") for name in "502"] == [2.0, None, 5.0]
    assert found.answers["0"]["error"].startswith("ZeroDivisionError")
    assert found.versions.keys() == {"pip"}


def test_a_peer_that_breaks_down_is_told_with_its_last_words(tmp_path: Path) -> None:
    found = asked("raise SystemExit('no such camera')", tmp_path, {"name": "a"})
    assert found.answers == {}
    assert found.reason == "it broke down: no such camera"


def test_a_peer_that_cannot_be_fetched_is_told_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "cache_folder", lambda name: tmp_path / name)
    nothing = Environment("none", {"ghost": Step(("herdlien-no-such-peer==1",), options=("--no-index",))})
    found = ask(Peer("ghost", "run_it.py", "ghost", "MIT", environment=nothing), [{"name": "a"}], tmp_path)
    assert "pip could not fetch ghost" in str(found.reason)
    assert not (tmp_path / "none" / ".has-ghost").exists()


def test_every_peer_has_a_runner_and_a_step_that_installs_it() -> None:
    for peer in LINE_COUNTERS:
        assert (Path(protocol.__file__).parent / peer.script).is_file()
        assert peer.step in peer.environment.steps


@pytest.mark.slow
@pytest.mark.parametrize("peer", LINE_COUNTERS, ids=lambda peer: peer.name)
def test_a_peer_that_is_here_counts_right_and_down_as_in(peer: Peer, tmp_path: Path) -> None:
    if not install.is_here(peer.environment, peer.step):
        pytest.skip(f"{peer.step} has not been fetched; `./run bench gate_films` does")
    steps = range(48)
    ways = {"right": [(100 + 9 * n, 180) for n in steps], "down": [(320, 40 + 6 * n) for n in steps]}
    lines = {"right": (320, 60, 320, 300), "down": (200, 180, 440, 180)}
    tasks = []
    for name, way in ways.items():
        for sense, places in (("there", way), ("back", way[::-1])):
            for turn in (1, -1):
                path = tmp_path / f"{name}-{sense}-{turn}.jsonl"
                rows = [{"frame": n, "t": n / 10, "boxes": [_box(*place)]} for n, place in enumerate(places)]
                path.write_text("".join(json.dumps(row) + "\n" for row in rows))
                line = lines[name] if turn == 1 else (*lines[name][2:], *lines[name][:2])
                tasks.append(
                    {"name": path.stem, "detections": str(path), "line": line, "fps": 10, "width": 640, "height": 360}
                )
    found = ask(peer, tasks, tmp_path)
    assert found.reason is None
    for name, row in found.answers.items():
        assert (row["in"], row["out"]) == ((1, 0) if "there" in name else (0, 1)), name


def _box(x: float, y: float) -> list[float]:
    return [x - 30, y - 20, x + 30, y + 20, 0.9, 0]
