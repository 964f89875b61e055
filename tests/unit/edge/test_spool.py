"""The spool keeps exactly what was taken and not yet receipted, whatever happens to the process."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.spool import Draft, Spool, SpoolFull, SpoolUnusable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def draft(text: str = "x", at: datetime | None = NOON) -> Draft:
    return Draft("readings" if at else "frame", at, lambda spool, number: f"{spool}/{number}/{text}".encode())


class SpoolLife(RuleBasedStateMachine):
    """Appending, receipts and power cuts in any order, against a plain dictionary."""

    @initialize()
    def begin(self) -> None:
        self.room = TemporaryDirectory()
        self.folders = 0
        self.spool = Spool(self._folder() / "spool.sqlite")
        self.name = self.spool.name
        self.kept: dict[int, bytes] = {}
        self.last = 0

    @rule(texts=st.lists(st.text("ab", max_size=3), min_size=1, max_size=5))
    def append(self, texts: list[str]) -> None:
        self.spool.append([draft(text) for text in texts])
        for text in texts:
            self.last += 1
            self.kept[self.last] = f"{self.name}/{self.last}/{text}".encode()

    @rule(up_to=st.integers(0, 40))
    def receipt(self, up_to: int) -> None:
        gone = self.spool.forget(up_to)
        before = len(self.kept)
        self.kept = {number: payload for number, payload in self.kept.items() if number > up_to}
        assert gone == before - len(self.kept)

    @rule()
    def power_cut(self) -> None:
        """What is on the disk at this moment is all that is left."""
        folder = self._folder()
        for file in self.spool.path.parent.iterdir():
            shutil.copy(file, folder / file.name)
        self.spool.close()
        self.spool = Spool(folder / "spool.sqlite")

    @invariant()
    def keeps_exactly_what_is_not_receipted(self) -> None:
        assert {entry.number: entry.payload for entry in self.spool.after(0, 1000)} == self.kept
        assert self.spool.unsent == len(self.kept)
        assert self.spool.bytes_kept == sum(map(len, self.kept.values()))
        assert (self.spool.name, self.spool.last_number) == (self.name, self.last)
        assert self.spool.oldest_measured_at() == (NOON if self.kept else None)

    def teardown(self) -> None:
        self.spool.close()
        self.room.cleanup()

    def _folder(self) -> Path:
        self.folders += 1
        folder = Path(self.room.name) / str(self.folders)
        folder.mkdir()
        return folder


def test_a_spool_keeps_exactly_the_unreceipted_through_power_cuts() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(SpoolLife, settings=settings(max_examples=12, stateful_step_count=15, deadline=None))


def test_two_spools_never_share_a_name(tmp_path: Path) -> None:
    assert Spool(tmp_path / "a").name != Spool(tmp_path / "b").name


def test_a_full_spool_takes_nothing_and_recovers_when_receipted(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", most_bytes=100)
    spool.append([draft("a" * 40)])
    with pytest.raises(SpoolFull):
        spool.append([draft("b" * 40), draft("c")])
    assert spool.last_number == 1
    spool.forget(1)
    spool.append([draft("b" * 40)])
    assert [entry.number for entry in spool.after(0, 9)] == [2]


def test_frames_have_no_part_in_the_age_of_the_backlog(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append([draft(at=None)])
    assert spool.oldest_measured_at() is None


def test_a_file_that_is_no_spool_is_named_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    path.write_bytes(b"not a database, but a letter to the bank " * 100)
    with pytest.raises(SpoolUnusable, match="move the file away"):
        Spool(path)


def test_a_folder_that_is_not_there_is_named_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(SpoolUnusable, match="make its folder"):
        Spool(tmp_path / "missing" / "spool")


def test_a_second_gateway_on_the_same_file_is_refused(tmp_path: Path) -> None:
    first = Spool(tmp_path / "spool")
    with pytest.raises(SpoolUnusable, match="another gateway"):
        Spool(tmp_path / "spool")
    first.close()
