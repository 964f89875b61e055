"""The peers' environments, made on first use in the cache folder: pinned, and apart from ours.

Two of them, because norfair wants an older numpy than the others. Each is made in steps; a step that fails takes down
the peers that need it and no other.
"""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stack.folders import cache_folder

PATIENCE_S = 900


@dataclass(frozen=True, slots=True)
class Step:
    """One call of pip: what it installs, and after which other steps."""

    packages: tuple[str, ...]
    after: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment and the steps that can be asked of it."""

    folder: str
    steps: dict[str, Step]


# torchvision comes without its dependencies, so that pip keeps whichever build of torch is there.
YOLO = Environment(
    "vision-peers-r1",
    {
        "torch": Step(("torch==2.13.0",)),
        "torchvision": Step(("torchvision==0.28.0",), ("torch",), ("--no-deps",)),
        "ultralytics": Step(
            ("ultralytics==8.4.190", "lap==0.5.13", "shapely>=2", "onnx>=1.23.2", "onnxruntime>=1.32.0"),
            ("torchvision",),
        ),
        "supervision": Step(("supervision==0.31.2", "trackers==2.6.1"), ("ultralytics",)),
        "sahi": Step(("sahi==0.12.8",), ("ultralytics",)),
        "boxmot": Step(("boxmot==25.0.0",), ("ultralytics",)),
    },
)
NORFAIR = Environment("vision-peers-norfair-r1", {"norfair": Step(("norfair==2.3.0", "supervision==0.31.2"))})


def prepared(environment: Environment, step: str) -> Path | str:
    """The interpreter in which `step` is installed, fetched on first use; a string says why there is none."""
    folder = cache_folder(environment.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / ".lock"):
        python = folder / "bin" / "python"
        if not python.exists():
            venv.create(folder, with_pip=True)
        reason = _installed(environment, step, python)
    return python if reason is None else reason


def _installed(environment: Environment, name: str, python: Path) -> str | None:
    """Install a step and those before it, unless they are there; else the reason why not."""
    step, mark = environment.steps[name], python.parents[1] / f".has-{name}"
    wanted = "\n".join((*step.options, *step.packages))
    if mark.exists() and mark.read_text() == wanted:
        return None
    for before in step.after:
        if reason := _installed(environment, before, python):
            return reason
    print(f"fetching {name} for comparison: some minutes the first time", file=sys.stderr, flush=True)
    if reason := _pip(python, [*step.options, *_held(environment, python), *step.packages]):
        return f"pip could not fetch {name}: {reason}"
    _settle_opencv(python)
    mark.write_text(wanted)
    return None


def _held(environment: Environment, python: Path) -> list[str]:
    """Constraints, so that a later step does not exchange what an earlier one pinned."""
    pins = [package for step in environment.steps.values() for package in step.packages if "==" in package]
    path = python.parents[1] / "constraints.txt"
    path.write_text("\n".join(pins) + "\n")
    return ["--constraint", str(path)]


def _pip(python: Path, arguments: list[str]) -> str | None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_S, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return f"nothing within {PATIENCE_S} s"
    if done.returncode == 0:
        return None
    said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["it said nothing"]
    return said[0].removeprefix("ERROR: ")


def _settle_opencv(python: Path) -> None:
    """opencv-python wants a desktop's display libraries; a bare server has none, and its twin does without."""
    ask = "import importlib.util, importlib.metadata as m; print(m.version('opencv-python')); import cv2"
    done = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False)
    version = done.stdout.strip()
    if done.returncode == 0 or not version:
        return
    subprocess.run([str(python), "-m", "pip", "uninstall", "--yes", "--quiet", "opencv-python"], check=False)
    _pip(python, [f"opencv-python-headless=={version}"])


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_here(environment: Environment, step: str) -> bool:
    """Whether it has been fetched before: for tests, which fetch nothing."""
    return (cache_folder(environment.folder) / f".has-{step}").exists()
