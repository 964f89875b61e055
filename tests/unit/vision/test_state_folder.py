"""The folder in which a counter remembers: whole files, a bound, one program at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vision.errors import VisionError
from vision.state import folder as state
from vision.state.envelope import Fault, Unusable
from vision.state.folder import StateFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    with StateFolder(tmp_path) as opened:
        yield opened


def test_what_was_written_is_there_for_the_next_program(tmp_path: Path) -> None:
    with StateFolder(tmp_path / "a" / "b") as first:
        first.write("cam-1", "watch", b"one")
        first.write("cam-1", "watch", b"two")
    with StateFolder(tmp_path / "a" / "b") as second:
        assert (second.read("cam-1", "watch"), second.read("cam-2", "watch"), second.cameras("watch")) == (
            b"two",
            None,
            ["cam-1"],
        )


def test_two_programs_cannot_have_one_folder(tmp_path: Path) -> None:
    with (
        StateFolder(tmp_path),
        pytest.raises(VisionError, match=r"another program keeps its state .* HERDLIEN_VISION_STATE"),
    ):
        StateFolder(tmp_path)
    StateFolder(tmp_path).close()


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("cam-1", "watch", b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VisionError, match="No space left on device"):
        folder.write("cam-1", "watch", b"two")
    assert folder.read("cam-1", "watch") == b"one"
    assert {path.name for path in tmp_path.iterdir()} == {"cam-1.watch", "in-use"}


def test_what_a_power_cut_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".x.part").write_bytes(b"half")
    StateFolder(tmp_path).close()
    assert not (tmp_path / ".x.part").exists()


def test_no_more_files_of_a_kind_are_kept_than_the_bound(
    tmp_path: Path, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_FILES", 3)
    for number in range(5):
        folder.write(f"cam-{number}", "watch", b"x")
        os.utime(tmp_path / f"cam-{number}.watch", (number, number))
    folder.write("cam-4", "watch", b"again")
    assert folder.cameras("watch") == ["cam-2", "cam-3", "cam-4"]


def test_a_file_that_is_too_large_to_be_one_of_ours_is_not_read(
    tmp_path: Path, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_BYTES", 10)
    folder.write("cam-1", "watch", b"x" * 11)
    with pytest.raises(Unusable, match="larger than 10 bytes"):
        folder.read("cam-1", "watch")


def test_what_is_put_aside_is_out_of_the_way_and_is_forgotten_with_all_that_is_old(
    tmp_path: Path, folder: StateFolder
) -> None:
    folder.write("cam-1", "watch", b"bad")
    assert folder.put_aside("cam-1", "watch", Fault.DAMAGED).read_bytes() == b"bad"
    assert folder.read("cam-1", "watch") is None
    folder.write("cam-2", "chain", b"new")
    os.utime(tmp_path / "cam-1.watch.damaged", (1000, 1000))
    assert folder.forget(2000.0) == ["cam-1.watch.damaged"]
    assert folder.cameras("chain") == ["cam-2"]


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VisionError, match="no state can be kept in"):
        StateFolder(tmp_path / "file")
