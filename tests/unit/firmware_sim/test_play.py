"""A play hands over exactly what its truth says, in order, and the same for the same seed."""

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from collateral.contract.enrolment import CameraEnrolled
from collateral.contract.messages import MOST_READINGS, LocalFrame, Uplink
from collateral.ops.clock import Clock
from firmware_sim.camera import NoPictures, RealLens, Shot, real_pictures, sequence_of
from firmware_sim.herd import PenPlace
from firmware_sim.play import Plan, Play, begin_of
from firmware_sim.truth import Truth
from tests.unit.firmware_sim.pilots import LIVE, enrolment, world

HISTORY = timedelta(hours=20)
RATE = 40_000.0


@dataclass
class Mailbox:
    """Stands for the link to a gateway."""

    gateway: str
    readings: list[list[Uplink]] = field(default_factory=list)
    frames: list[LocalFrame] = field(default_factory=list)
    pending: int = 0

    def hand_over(self, *, readings: list[Uplink] | None = None, frame: LocalFrame | None = None) -> None:
        if readings:
            self.readings.append(readings)
        if frame:
            self.frames.append(frame)

    def wait_below(self, pending: int, wait_s: float | None) -> bool:
        return True


class BlankLens:
    """Takes pictures of nothing, quickly."""

    def shoot(self, camera: CameraEnrolled, pen: PenPlace, at_s: int) -> Shot:
        return Shot(camera, pen.species, sequence_of(camera, at_s), at_s, b"jpeg", len(pen.rows), "day", None)


def play(folder: Path, *, story: str = "night_theft", hours: float = 2.5, seed: int = 1) -> dict[str, Mailbox]:
    """A whole play, in a blink; what each gateway was given."""
    links = {gateway.gateway_id: Mailbox(gateway.gateway_id) for gateway in enrolment().gateways}
    clock = Clock(time.time(), LIVE.timestamp(), RATE)
    plan = Plan(begin=LIVE - HISTORY, live=LIVE, until=LIVE + timedelta(hours=hours), picture_days=1)
    made = world(seed, story=story, history=HISTORY)
    with Truth(folder) as truth:
        Play(made, enrolment(), links, BlankLens(), truth, plan, clock, threading.Event()).run()  # type: ignore[arg-type]
    return links


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth")


@pytest.fixture(scope="module")
def given(folder: Path) -> dict[str, Mailbox]:
    return play(folder)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[1:]


def handed_over(links: dict[str, Mailbox]) -> list[str]:
    every = [uplink for link in links.values() for batch in link.readings for uplink in batch]
    return [f"{u.tag},{u.seq},{u.measured_at:%Y-%m-%dT%H:%M:%SZ}" for u in every]


def test_what_was_handed_over_is_what_the_truth_says(given: dict[str, Mailbox], folder: Path) -> None:
    assert sorted(handed_over(given)) == sorted(lines(folder / "published.csv"))
    assert json.loads((folder / "play.json").read_text())["phase"] == "done"


def test_each_gateway_is_given_its_readings_in_order_of_time(given: dict[str, Mailbox]) -> None:
    for link in given.values():
        times = [uplink.measured_at for batch in link.readings for uplink in batch]
        assert times == sorted(times)
        assert max(map(len, link.readings)) <= MOST_READINGS


def test_history_says_when_it_was_heard(given: dict[str, Mailbox]) -> None:
    old = [u for link in given.values() for batch in link.readings for u in batch if u.measured_at < LIVE]
    assert all(uplink.heard_at is not None for uplink in old)


def test_nothing_is_played_beyond_the_end(given: dict[str, Mailbox]) -> None:
    until = LIVE + timedelta(hours=2.5)
    assert all(uplink.measured_at <= until for link in given.values() for batch in link.readings for uplink in batch)


def test_every_camera_looks_in_history_and_live(given: dict[str, Mailbox], folder: Path) -> None:
    frames = [frame for link in given.values() for frame in link.frames]
    assert len(frames) == len(lines(folder / "frames.csv"))
    assert {f.camera for f in frames if f.captured_at < LIVE} == {c.camera_id for c in enrolment().cameras}
    assert {f.camera for f in frames if f.captured_at >= LIVE} == {c.camera_id for c in enrolment().cameras}
    assert len({(frame.camera, frame.sequence) for frame in frames}) == len(frames)


def test_the_theft_is_told_as_it_happens(given: dict[str, Mailbox], folder: Path) -> None:
    told = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert [told[0]["event"], told[-1]["event"], len(told)] == ["theft_begins", "theft_ends", 26]
    assert (told[0]["head"], told[0]["at"]) == (24, "2026-03-01T18:10:00Z")


def test_the_same_seed_gives_the_same_truth_however_fast_it_is_played(
    given: dict[str, Mailbox], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.unit.firmware_sim.test_play.RATE", 15_000.0)
    play(tmp_path)
    assert sorted(lines(tmp_path / "published.csv")) == sorted(lines(folder / "published.csv"))
    assert (tmp_path / "events.jsonl").read_text() == (folder / "events.jsonl").read_text()


def test_another_seed_gives_another_truth(folder: Path, given: dict[str, Mailbox], tmp_path: Path) -> None:
    play(tmp_path, story="quiet_night", hours=0.2, seed=2)
    assert (tmp_path / "events.jsonl").read_text() == ""
    assert lines(tmp_path / "published.csv")[:50] != lines(folder / "published.csv")[:50]


def test_history_begins_at_a_whole_hour() -> None:
    begin = begin_of(LIVE + timedelta(minutes=25), 14)
    assert begin == datetime(2026, 2, 15, 17, tzinfo=LIVE.tzinfo)


def test_real_pictures_are_sent_when_a_folder_has_them(tmp_path: Path) -> None:
    (tmp_path / "cattle").mkdir()
    (tmp_path / "cattle" / "a.jpg").write_bytes(b"cows")
    (tmp_path / "any.jpg").write_bytes(b"anything")
    made, camera = world(), enrolment().cameras[0]
    shot = RealLens(tmp_path, made).shoot(camera, made.herd.pen_named(camera.pen_id), int(LIVE.timestamp()))
    assert (shot.jpeg, shot.true_head, shot.scene) == (b"cows", None, None)
    assert [path.name for path in real_pictures(tmp_path, "pig")] == ["any.jpg", "a.jpg"]


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoPictures, match=r"no \.jpg pictures"):
        real_pictures(tmp_path, "cattle")
