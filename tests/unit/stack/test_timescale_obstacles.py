"""Where TimescaleDB cannot be had, the reason is given and nothing breaks."""

from pathlib import Path

import pytest

from stack import debian, timescale
from stack.errors import StackError


@pytest.fixture
def unprepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that could fetch TimescaleDB but has not yet."""
    monkeypatch.setattr(timescale, "prefix", lambda: tmp_path / "prefix")
    monkeypatch.setattr(debian, "missing_tools", list)
    monkeypatch.setattr(timescale, "_no_bubblewrap", lambda: None)
    monkeypatch.setattr(debian, "find_mirror", lambda: debian.Mirror("http://m.example", "/k", "trixie"))
    monkeypatch.delenv("HERDLIEN_TIMESCALE", raising=False)
    return tmp_path


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERDLIEN_TIMESCALE", "off")
    assert timescale.available() == "switched off by HERDLIEN_TIMESCALE=off"


def test_another_system_than_debian_is_named(unprepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "missing_tools", lambda: ["apt-get", "dpkg-deb"])
    assert timescale.available() == "needs a Debian-like system (apt-get, dpkg-deb not found)"


def test_no_mirror_is_a_reason(unprepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "find_mirror", lambda: None)
    assert timescale.available() == "this machine's apt sources name no Debian 12 or 13 mirror"


def test_a_download_that_fails_is_a_reason_and_leaves_nothing_half(
    unprepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_place: Path) -> None:
        raise StackError("apt-get: E: could not resolve the mirror")

    monkeypatch.setattr(timescale, "_fetch", fail)
    reason = timescale.available()
    assert reason == "TimescaleDB's packages could not be had: apt-get: E: could not resolve the mirror"
    assert timescale.state() == "fetched on first use (38 MB)"
