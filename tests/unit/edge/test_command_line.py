"""The gateway starts or says in one line why not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from edge import __main__ as program


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """The program sets up logging for its own standard error, which ends with the test."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def run(monkeypatch: pytest.MonkeyPatch, *given: str) -> int:
    monkeypatch.setattr(sys, "argv", ["edge", *given])
    return program.main()


def test_a_spool_in_a_missing_folder_is_one_line_and_status_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    spool = tmp_path / "no" / "spool"
    status = run(monkeypatch, "--farm", "f", "--gateway", "g", "--listen", "0", "--spool", str(spool))
    assert status == 2
    assert f"edge: spool {spool}" in capsys.readouterr().err.splitlines()[-1]


def test_a_name_that_no_topic_can_carry_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status = run(monkeypatch, "--farm", "a/b", "--gateway", "g", "--listen", "0", "--spool", str(tmp_path / "s"))
    assert status == 2
    assert "a/b" in capsys.readouterr().err


def test_settings_come_from_flags() -> None:
    given = program.arguments(
        ["--farm=f", "--gateway=g", "--listen=7000", "--spool=s", "--heartbeat=60", "--spool-mb=5"]
    )
    made = program.settings(given)
    assert (made.heartbeat.total_seconds(), made.spool_most_bytes, made.listen.port) == (60, 5 * 1024 * 1024, 7000)
