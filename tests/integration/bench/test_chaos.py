"""A short run of the chaos, as a person would start it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.broker import missing
from stack.folders import REPOSITORY, run_folder

SECONDS, TAGS = 15, 2000

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the run puts its folders; the database's account must be able to pass."""
    made = run_folder("test-chaos")
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(400)
def test_while_everything_is_killed_cut_and_stalled_nothing_is_lost_or_doubled(folder: Path) -> None:
    if reason := missing("mosquitto"):
        pytest.skip(reason)
    done = chaos(folder, "--minutes", str(SECONDS / 60), "--tags", str(TAGS), "--seed", "7")
    assert done.returncode in {0, 1}, done.stderr[-3000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["published"] == result["stored"] >= TAGS
    assert (result["lost"], result["duplicates"], result["surplus"], result["unsent"]) == (0, 0, 0, 0)
    assert result["kills"] == sum(result["kills_by"].values()) >= 3
    assert set(result["kills_by"]) == {"ingest", "gateway", "broker", "database"}
    assert min(result["acts"].values()) >= 1
    # The programs noticed: a run that broke nothing would prove nothing.
    assert result["felt"]["database_recoveries"] >= 1
    assert result["felt"]["broker_away"] >= 1
    assert done.returncode == 0
    assert list(folder.iterdir()) == [], "folders are removed"


@pytest.mark.timeout(200)
def test_a_run_that_cannot_start_says_why_and_leaves_nothing(folder: Path) -> None:
    done = chaos(folder, "--minutes", "0.1", environment={"HERDLIEN_BROKER_KIND": "nats"})
    assert done.returncode == 2
    assert "needs Mosquitto" in done.stderr
    assert done.stdout == ""
    assert list(folder.iterdir()) == []


def chaos(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`./run bench chaos`, with its folders below `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "bench.chaos", "--json", "--database", "plain", *arguments],
        capture_output=True, text=True, check=False, cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(folder), **(environment or {})},
    )  # fmt: skip
