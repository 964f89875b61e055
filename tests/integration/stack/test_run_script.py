"""./run before there is anything to run: old Python, other folders, odd paths."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from stack.folders import REPOSITORY

OLD_PYTHON = """#!/bin/sh
case "$2" in
*print*) echo 'Python 3.8.10' ;;
*) exit 1 ;;
esac
"""
TOOLS = ("dirname", "cat", "cksum", "sed", "awk", "df", "rm", "mkdir", "sleep", "paste", "tail", "grep", "tee", "sh")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the script in a path with a space, without an environment."""
    folder = tmp_path / "my herd"
    folder.mkdir()
    for name in ("run", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture
def old_machine(tmp_path: Path) -> Path:
    """A PATH on which python3 is old."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    python = folder / "python3"
    python.write_text(OLD_PYTHON)
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return folder


def call(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script), *arguments], capture_output=True, text=True, check=False, cwd="/", timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
    )  # fmt: skip


def test_help_needs_no_environment(checkout: Path) -> None:
    result = call(checkout / "run", "help")
    assert result.returncode == 0
    assert "./run demo" in result.stdout
    assert not (checkout / ".venv").exists()


def test_an_unknown_verb_shows_the_known_ones_on_standard_error(checkout: Path) -> None:
    result = call(checkout / "run", "fly")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.endswith("run: there is no 'fly'\n")


def test_an_old_python_is_named_with_the_fix(checkout: Path, old_machine: Path) -> None:
    result = call(checkout / "run", "doctor", PATH=str(old_machine))
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert "Python 3.11 or newer is needed; found Python 3.8.10" in last
    assert "PYTHON=" in last
    assert not (checkout / ".venv.lock").exists()


def test_a_chosen_python_that_is_too_old_is_refused(checkout: Path, old_machine: Path) -> None:
    result = call(checkout / "run", "doctor", PYTHON=str(old_machine / "python3"))
    assert result.returncode == 1
    assert "is Python 3.8.10; Python 3.11 or newer is needed" in result.stderr


def test_the_lock_of_an_installer_that_died_is_taken_over(checkout: Path, old_machine: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (checkout / ".venv.lock").mkdir()
    (checkout / ".venv.lock" / "pid").write_text(f"{gone.pid}\n")
    result = call(checkout / "run", "doctor", PATH=str(old_machine))
    assert "Waiting" not in result.stderr
    assert "Python 3.11 or newer" in result.stderr


def test_a_failed_installation_says_what_to_do(checkout: Path) -> None:
    # pip with an empty index: what a machine without network sees, only faster.
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    result = call(checkout / "run", "doctor", **offline)
    assert result.returncode == 1
    assert "installing failed; the whole output is in" in result.stderr
    assert "start the same command again" in result.stderr
    assert not list((checkout / ".venv").glob(".installed-*"))
