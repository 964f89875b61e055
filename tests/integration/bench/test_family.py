"""A kill takes the whole family, also those who have left the group."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.havoc.family import Member, await_gone, family, send
from bench.havoc.unit import Program
from tests.integration.field import await_true

GRANDCHILD = "import time; print('here', flush=True); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time\n"
    f"subprocess.Popen([sys.executable, '-c', {GRANDCHILD!r}], start_new_session=True)\n"
    "time.sleep(600)\n"
)
PATIENCE_S = 30.0


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program("parent", [sys.executable, "-c", PARENT], {}, tmp_path / "log")
    made.start()
    await_true(lambda: len(made.members) == 2 and "here" in made.log.read_text(), "the child has a child")
    yield made
    made.stop()


def test_a_killed_program_takes_those_along_who_made_a_session_of_their_own(program: Program) -> None:
    everyone = program.members
    assert len(everyone) == 2
    program.kill()
    assert not program.running
    assert not any(member.alive for member in everyone)


def test_one_member_can_be_killed_alone_and_its_orphans_are_known_and_ended_with_the_rest(program: Program) -> None:
    parent, child = program.members
    program.kill_alone(parent)
    assert (program.running, child.alive, program.orphans) == (False, True, 1)
    program.stop()
    assert await_gone([child], PATIENCE_S)


def test_a_frozen_program_stands_still_until_it_is_let_go(program: Program) -> None:
    program.freeze()
    assert program.frozen
    await_true(lambda: {state(member) for member in program.members} == {"T"}, "both stand still")
    program.thaw()
    assert not program.frozen
    await_true(lambda: "T" not in {state(member) for member in program.members}, "both go on")


def test_a_number_that_was_given_to_another_process_is_left_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", GRANDCHILD]) as process:
        (member,) = family(process.pid)
        earlier = Member(member.pid, member.born - 1)
        send([earlier], signal.SIGKILL)
        assert not earlier.alive
        assert member.alive
        send([member], signal.SIGKILL)
        assert await_gone([member], PATIENCE_S)


def state(member: Member) -> str:
    return Path(f"/proc/{member.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
