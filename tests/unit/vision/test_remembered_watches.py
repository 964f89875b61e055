"""What a counter knew of its cameras is there after a restart; what is of no use is put aside, never a crash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.vision.camera_scenes import FPS, START, barn, live
from vision.__main__ import main
from vision.camera.finding import Trick
from vision.camera.habits import Habits
from vision.camera.watches import Watches
from vision.detector import Image
from vision.errors import VisionError
from vision.settings import VisionSettings
from vision.state.folder import StateFolder
from vision.state.memory import open_memory
from vision.state.watch_keeper import WatchKeeper

HABITS = Habits(memory=64)
MINUTE, FRAME = timedelta(minutes=1), timedelta(seconds=1 / FPS)


@dataclass
class Life:
    """One life of a counter with this folder, `at` event time; `wall` are the seconds that its process has run."""

    folder: StateFolder
    at: datetime
    wall: float = 0.0
    watches: Watches = field(init=False)
    keeper: WatchKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = WatchKeeper(self.folder, HABITS, lambda: self.at, monotonic=lambda: self.wall)
        self.watches = Watches(HABITS, memory=self.keeper)

    def shown(self, pictures: Iterable[Image], every: timedelta = FRAME) -> list[set[Trick]]:
        """What was found with each."""
        found = []
        for picture in pictures:
            self.at += every
            self.wall += every.total_seconds()
            sequence = int(self.at.timestamp() * FPS)
            found.append({one.kind for one in self.watches.look("cam-1", sequence, picture, self.at, self.at)})
        return found


@contextmanager
def living(root: Path, at: datetime = START, *, killed: bool = False) -> Iterator[Life]:
    """A counter that is stopped at the end, or killed."""
    with StateFolder(root) as folder:
        life = Life(folder, at)
        yield life
        if not killed:
            life.keeper.keep_all()


def rag(canvas: np.ndarray, _: int) -> np.ndarray:
    canvas[:, : canvas.shape[1] * 2 // 3] = (40, 60, 50)
    return canvas


def defocused(canvas: np.ndarray, _: int) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 3))


def elsewhere(_: np.ndarray, __: int) -> np.ndarray:
    return barn(seed=5)


@pytest.mark.parametrize(
    ("trick", "found"),
    [(rag, Trick.PARTLY_COVERED), (defocused, Trick.DEFOCUSED), (elsewhere, Trick.TURNED_AWAY)],
    ids=["rag", "defocus", "another place"],
)
@pytest.mark.parametrize("killed", [True, False])
def test_what_was_done_to_a_camera_while_the_counter_was_down_is_found(
    tmp_path: Path, trick: object, found: Trick, killed: bool
) -> None:
    with living(tmp_path, killed=killed) as life:
        assert life.shown(live(10)) == [set()] * 40
    with living(tmp_path, START + timedelta(hours=1)) as life:
        assert found in life.shown(live(6, seed=1, before=trick))[-1]  # type: ignore[arg-type]


def test_without_what_was_known_the_same_trick_is_learnt_as_normal(tmp_path: Path) -> None:
    with living(tmp_path) as life:
        assert life.shown(live(6, seed=1, before=rag))[-1] == set()


def test_a_recording_of_before_the_restart_is_found_after_it(tmp_path: Path) -> None:
    before = list(live(60))
    with living(tmp_path) as life:
        life.shown(before)
    with living(tmp_path, START + timedelta(hours=1)) as life:
        life.shown(live(10, seed=3))
        assert {Trick.REPLAYED} <= set.union(*life.shown(before[60:140]))


@pytest.mark.parametrize("every", [FRAME, MINUTE], ids=["video", "stills"])
def test_an_honest_camera_raises_nothing_over_many_restarts(tmp_path: Path, every: timedelta) -> None:
    at, found = START, []
    for seed in range(8):
        with living(tmp_path, at, killed=seed % 2 == 1) as life:
            found += life.shown(live(5, seed=seed), every)
        at = life.at + timedelta(minutes=seed)
    assert found == [set()] * 160


def test_a_finding_that_held_before_the_restart_holds_with_the_first_picture_after_it(tmp_path: Path) -> None:
    with living(tmp_path) as life:
        life.shown(live(10))
        assert life.shown(live(3, seed=1, before=rag), MINUTE)[-1] == {Trick.PARTLY_COVERED}
    with living(tmp_path, life.at) as life:
        assert Trick.PARTLY_COVERED in life.shown(live(1, seed=2, before=rag), MINUTE)[0]


def test_a_watch_is_kept_once_it_is_known_and_then_at_intervals_and_not_with_every_picture(tmp_path: Path) -> None:
    file = tmp_path / "cam-1.watch"
    with living(tmp_path, killed=True) as life:
        life.shown(live(0.5))
        assert not file.exists()  # nothing is known yet
        life.shown(live(5))
        first = file.read_bytes()
        life.shown(live(2.5, seed=1), timedelta(seconds=50))
        assert file.read_bytes() == first
        life.shown(live(1.5, seed=2), timedelta(seconds=50))
        assert file.read_bytes() != first


@pytest.mark.parametrize("harm", ["damaged", "other-version", "other-size", "from-the-future"])
def test_what_is_of_no_use_is_put_aside_with_a_reason_and_the_camera_is_learnt_anew(
    tmp_path: Path, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cam-1.watch"
    with living(tmp_path) as life:
        life.shown(live(10))
    content = file.read_bytes()
    pictures = list(live(6, seed=1, before=rag))
    if harm == "damaged":
        file.write_bytes(content[: len(content) // 2])
    elif harm == "other-version":
        file.write_bytes(content.replace(b"watch 1", b"watch 2", 1))
    elif harm == "other-size":
        pictures = [cv2.resize(picture, (640, 480)) for picture in pictures]
    later = START + (timedelta(hours=-1) if harm == "from-the-future" else timedelta(hours=1))
    with living(tmp_path, later) as life:
        assert life.shown(pictures)[-1] == set()
    assert {path.name for path in tmp_path.iterdir()} == {"cam-1.watch", f"cam-1.watch.{harm}", "in-use"}
    said = capsys.readouterr().out
    assert "camera_learnt_anew" in said
    assert harm in said


def test_a_full_disk_is_said_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise VisionError("No space left on device: make room there")

    with living(tmp_path) as life:
        monkeypatch.setattr(life.folder, "write", full)
        assert life.shown(live(10)) == [set()] * 40
    assert capsys.readouterr().out.count("state_not_kept") == 2  # once it is known, and at the end


def test_a_view_that_was_accepted_is_learnt_afresh_and_kept(tmp_path: Path) -> None:
    with living(tmp_path) as life:
        life.shown(live(10))
        moved = list(live(10, seed=1, scene=barn(seed=5)))
        assert life.shown(moved[:20])[-1]
        assert main(["accept", "cam-1", "--state", str(tmp_path)]) == 0
        assert life.shown(moved[20:])[-1] == set()
    with living(tmp_path, life.at) as life:
        assert life.shown(live(6, seed=2, scene=barn(seed=5)))[-1] == set()
        assert life.shown(live(6, seed=3))[-1]


def test_accept_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accept", "cam-1"]) == 2
    assert main(["accept", "../cam-1", "--state", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "HERDLIEN_VISION_STATE" in said
    assert "is no camera's name" in said


def test_a_camera_that_was_left_out_of_the_memory_is_recalled_when_it_is_heard_of_again(tmp_path: Path) -> None:
    with living(tmp_path) as life:
        life.watches.most = 1
        life.shown(live(10))
        for number, picture in enumerate(live(2)):
            life.watches.look(f"cam-{number + 2}", number, picture, life.at, life.at)
        assert len(life.keeper._changed) == 0
        assert Trick.PARTLY_COVERED in life.shown(live(6, seed=1, before=rag))[-1]


def test_a_camera_that_was_gone_for_thirty_days_is_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with living(tmp_path) as life:
        life.shown(live(2))
    written = datetime.fromtimestamp((tmp_path / "cam-1.watch").stat().st_mtime, UTC)
    for days, there in ((29, True), (31, False)):
        with open_memory(tmp_path, lambda: START, written + timedelta(days=days)):
            assert (tmp_path / "cam-1.watch").exists() is there
    assert "not heard of for 30 days" in capsys.readouterr().out


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HERDLIEN_VISION_STATE", "")
    assert VisionSettings().vision_state is None
    monkeypatch.setenv("HERDLIEN_VISION_STATE", str(tmp_path))
    assert VisionSettings().vision_state == tmp_path
