"""The supervisor with small real child processes."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stack.board import PlainBoard
from stack.errors import ProgramDiedError, StackError
from stack.folders import REPOSITORY
from stack.health import answers, listens, lives, says
from stack.ports import free_port
from stack.processes import Program, Supervisor

LISTEN_FOREVER = "import time; print('here', flush=True); time.sleep(600)"
DIE_SOON = (
    "import sys, time; print('here', flush=True); time.sleep({delay});"
    "print('error: the database refused the password', file=sys.stderr); print('bye'); sys.exit(3)"
)
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
WITH_CHILD = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('grandchild', p.pid, flush=True); p.wait()"
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def soon(condition: Callable[[], bool], patience_s: float = 10.0) -> bool:
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, shown: io.StringIO) -> Supervisor:
    return Supervisor(tmp_path, board=PlainBoard(shown))


def test_when_one_program_dies_the_others_are_stopped_and_it_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramDiedError) as caught, supervisor:
        supervisor.start(Program("calm", python(LISTEN_FOREVER), says("here")))
        supervisor.start(Program("doomed", python(DIE_SOON.format(delay=0.3)), says("here")))
        calm = supervisor.child_of("calm")
        supervisor.wait()
    assert calm.status() is not None
    assert caught.value.name == "doomed"
    assert caught.value.status == 3
    assert "doomed stopped (exit status 3): error: the database refused the password" in str(caught.value)
    assert "doomed.log" in str(caught.value)


def test_programs_are_stopped_in_reverse_order(supervisor: Supervisor, shown: io.StringIO) -> None:
    with supervisor:
        for name in ("first", "second", "third"):
            supervisor.start(Program(name, python(LISTEN_FOREVER), says("here")))
    stopped = [line.split()[0] for line in shown.getvalue().splitlines() if line.endswith("stopped")]
    assert stopped == ["third", "second", "first"]


def test_a_program_that_will_not_stop_is_ended_after_its_grace(supervisor: Supervisor) -> None:
    with supervisor:
        supervisor.start(Program("stubborn", python(STUBBORN), says("here"), grace_s=0.3))
        child = supervisor.child_of("stubborn")
    assert child.status() == -signal.SIGKILL


def test_what_a_program_started_itself_is_stopped_with_it(supervisor: Supervisor) -> None:
    with supervisor:
        supervisor.start(Program("parent", python(WITH_CHILD), says("grandchild")))
        grandchild = int(supervisor.child_of("parent").output().split()[1])
        assert is_alive(grandchild)
    assert soon(lambda: not is_alive(grandchild))


def test_a_step_that_fails_stops_the_start_with_its_reason(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramDiedError, match="error: the database refused"), supervisor:
        supervisor.run(Program("migrate", python(DIE_SOON.format(delay=0))))


def test_a_step_gives_back_what_it_wrote(supervisor: Supervisor) -> None:
    with supervisor:
        assert supervisor.run(Program("enrol", python("print('four loans')"))).strip() == "four loans"


def test_a_program_that_is_never_ready_is_named(supervisor: Supervisor) -> None:
    slow = Program("slow", python(LISTEN_FOREVER), says("never said"), patience_s=0.5)
    with (
        pytest.raises(StackError, match=r"slow was not ready within \d s"),
        supervisor,
    ):
        supervisor.start(slow)


def test_a_program_that_cannot_be_started_says_why(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramDiedError, match="cannot start /no/such/program: No such file"), supervisor:
        supervisor.start(Program("absent", ["/no/such/program"], lives(5)))


def test_the_end_of_a_play_is_no_accident(supervisor: Supervisor) -> None:
    with supervisor:
        supervisor.start(Program("calm", python(LISTEN_FOREVER), says("here")))
        supervisor.start(Program("play", python("import time; time.sleep(0.2)"), ends=True))
        supervisor.wait(until="play")


def test_several_programs_start_side_by_side(supervisor: Supervisor) -> None:
    nap = python("import time; time.sleep(0.5); print('here', flush=True); time.sleep(600)")
    began = time.monotonic()
    with supervisor:
        supervisor.start(*[Program(f"edge-{n}", nap, says("here")) for n in range(6)])
        assert time.monotonic() - began < 6 * 0.5


def test_health_is_asked_over_http_and_tcp(supervisor: Supervisor, tmp_path: Path) -> None:
    port = free_port()
    serve = [
        sys.executable,
        "-m",
        "http.server",
        str(port),
        "--bind",
        "127.0.0.1",
        "--directory",
        str(tmp_path),
    ]
    with supervisor:
        supervisor.start(Program("web", serve, answers(f"http://127.0.0.1:{port}/")))
        child = supervisor.child_of("web")
        assert listens(port)(child)
        assert not answers(f"http://127.0.0.1:{port}/missing")(child)


def launcher(tmp_path: Path, body: str) -> subprocess.Popen[str]:
    """A supervisor in a process of its own, which tells us its program's process id."""
    code = f"""
import pathlib, sys
from stack.board import PlainBoard
from stack.errors import StackError
from stack.health import says
from stack.processes import Program, Stopped, Supervisor, stopping_on_signals
try:
    with stopping_on_signals(), Supervisor(pathlib.Path({str(tmp_path)!r}), board=PlainBoard()) as supervisor:
        supervisor.start(Program("calm", [sys.executable, "-c", {body!r}], says("here"), grace_s=5))
        print(supervisor.child_of("calm").pid, flush=True)
        supervisor.wait()
except Stopped:
    sys.exit(130)
"""
    return subprocess.Popen(python(code), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    with launcher(tmp_path, LISTEN_FOREVER) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(10) == 130
        assert not is_alive(pid)


def test_a_second_signal_does_not_wait_for_the_grace_period(tmp_path: Path) -> None:
    with launcher(tmp_path, STUBBORN) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert time.monotonic() - began < 3
        assert not is_alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_no_program_outlives_a_launcher_that_was_killed(tmp_path: Path) -> None:
    with launcher(tmp_path, LISTEN_FOREVER) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        process.kill()
        process.wait()
        assert soon(lambda: not is_alive(pid))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the servers another account")
def test_the_database_too_ends_with_a_launcher_that_was_killed(service_folder: Path) -> None:
    code = f"""
import pathlib, time
from stack.postgres import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path({str(service_folder / "orphan")!r}), durable=False).start()
print(server.child.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert Path(f"/proc/{pid}").stat().st_uid != 0
        process.kill()
        process.wait()
        assert soon(lambda: not is_alive(pid))
