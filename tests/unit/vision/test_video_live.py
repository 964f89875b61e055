"""A live camera over RTSP: real connections to a small camera of our own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest

from vision.errors import VisionError
from vision.video import open_frames
from vision.video.address import shown
from vision.video.live import Patience

CAMERA = Path(__file__).with_name("rtsp_camera.py")
SHORT = Patience(connect_s=5, silence_s=2, retries=2, pause_s=0.1, longest_pause_s=0.2)


@contextmanager
def camera(*arguments: str) -> Iterator[str]:
    """Its address, without user and path."""
    command = [sys.executable, str(CAMERA), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def test_frames_come_with_the_time_of_their_arrival() -> None:
    before = datetime.now(UTC)
    with camera() as host, open_frames(f"rtsp://{host}/pen", patience=SHORT) as frames:
        seen = list(islice(frames, 5))
    assert [frame.image.shape for frame in seen] == [(120, 160, 3)] * 5
    assert all(a.at_s < b.at_s and a.index < b.index for a, b in pairwise(seen))
    taken = [frame.taken_at for frame in seen if frame.taken_at is not None]
    assert len(taken) == 5
    assert before < taken[0] < before + timedelta(seconds=30)
    assert frames.report.ended == "stopped"


def test_a_slow_reader_gets_fresh_frames_and_the_report_counts_the_rest() -> None:
    with camera() as host, open_frames(f"rtsp://{host}/pen", patience=SHORT) as frames:
        first = next(frames).index
        before, patience = frames.report.passed_over, time.monotonic() + 30
        while frames.report.passed_over < before + 10 and time.monotonic() < patience:
            time.sleep(0.02)
        newest = [frame.index for frame in islice(frames, SHORT.waiting)][-1]
    assert frames.report.passed_over >= before + 10
    assert newest > first + 10


def test_a_camera_that_hangs_up_is_tried_again_until_patience_ends() -> None:
    with camera("--frames", "30", "--visits", "2") as host:
        frames = open_frames(f"rtsp://{host}/pen", patience=SHORT)
        indices = [frame.index for frame in frames]
    assert frames.report.reconnects == 1
    assert indices[-1] == 59, "the second visit's last frame"
    assert frames.report.ended == "lost"
    assert "refuses" in frames.report.faults[-1]


def test_a_camera_that_sends_nothing_is_given_up_in_bounded_time() -> None:
    started = time.monotonic()
    with camera("--silent") as host, pytest.raises(VisionError, match="sends no frame within 1 s"):
        open_frames(f"rtsp://{host}/pen", patience=Patience(connect_s=1, silence_s=1, retries=0))
    assert time.monotonic() - started < 15


def test_user_and_password_are_used_and_never_shown() -> None:
    with camera("--password", "s3cret") as host:
        with open_frames(f"rtsp://farm:s3cret@{host}/pen", patience=SHORT) as frames:
            next(frames)
        with pytest.raises(VisionError, match="user and password") as refused:
            open_frames(f"rtsp://farm:s3kret@{host}/pen?key=s3kret", patience=SHORT)
    assert "s3cret" not in frames.report.source
    assert "s3kret" not in str(refused.value)
    assert "rtsp://farm:***@" in str(refused.value)


def test_a_closed_port_says_that_the_camera_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(VisionError, match=r"refuses.*check the port"):
        open_frames(f"rtsp://127.0.0.1:{port}/pen", patience=SHORT)


def test_a_machine_that_accepts_and_says_nothing_is_given_up_in_bounded_time() -> None:
    started = time.monotonic()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(VisionError, match="gives no video within 1 s"),
    ):
        open_frames(f"rtsp://127.0.0.1:{server.getsockname()[1]}/pen", patience=Patience(connect_s=1))
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("http://farm/film.mp4", "not http://"),
        ("rtsp:///pen", "names no camera"),
        ("rtsp://host:99999/pen", "Port out of range"),
        ("rtsp://[half/pen", "not an address"),
        ("rtsp://no-such-machine.invalid/pen", "no machine named"),
    ],
)
def test_an_address_that_cannot_be_meant_says_why(address: str, complaint: str) -> None:
    with pytest.raises(VisionError, match=complaint):
        open_frames(address, patience=SHORT)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("rtsp://farm:a:b@c@host:8554/pen?x=1#y", "rtsp://farm:***@host:8554/pen?***"),
        ("rtsp://farm@host/pen", "rtsp://farm@host/pen"),
        ("rtsp://host/pen", "rtsp://host/pen"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, told: str) -> None:
    assert shown(address) == told
