"""Asks one peer in a process of its own: tasks in, answers out, both as files (see `protocol`)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.vision import install, protocol

HERE = Path(__file__).parent
PATIENCE_S = 3600
_QUIET = {"YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false", "SAHI_LOG_LEVEL": "ERROR", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True, slots=True)
class Peer:
    """One way of using somebody's program. script: a runner in this folder; step: what must be installed for it."""

    name: str
    script: str
    step: str
    licence: str
    options: tuple[str, ...] = ()
    environment: install.Environment = install.YOLO


@dataclass(frozen=True, slots=True)
class Asked:
    """What a peer answered. reason: why there is nothing; answers: by task name, each with its result or an error."""

    versions: dict[str, str]
    answers: dict[str, dict[str, Any]]
    reason: str | None = None


def ask(peer: Peer, tasks: Sequence[protocol.Task], folder: Path, threads: int = 1) -> Asked:
    """Let a peer do all tasks; one that cannot be installed or breaks down is told with its reason."""
    python = install.prepared(peer.environment, peer.step)
    if isinstance(python, str):
        return Asked({}, {}, python)
    return ask_with(python, peer, tasks, folder, threads)


def ask_with(python: Path, peer: Peer, tasks: Sequence[protocol.Task], folder: Path, threads: int = 1) -> Asked:
    """As `ask`, with a certain interpreter."""
    stem = peer.name.replace(" ", "-").replace("/", "-")
    asked, told, log = (folder / f"{stem}.{kind}" for kind in ("tasks.jsonl", "answers.jsonl", "log"))
    protocol.write_lines(asked, tasks)
    command = [str(python), str(HERE / peer.script), *peer.options, str(asked), str(told)]
    environment = {**os.environ, **_QUIET, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": str(HERE)}
    with log.open("w") as output:
        try:
            done = subprocess.run(
                command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=folder, env=environment,
                check=False, timeout=PATIENCE_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Asked({}, {}, f"{peer.name} did not finish within {PATIENCE_S} s")
    rows = list(protocol.lines(told)) if told.exists() else []
    if done.returncode != 0 or not rows:
        last = (log.read_text().strip().splitlines() or ["it said nothing"])[-1]
        return Asked({}, {}, f"{peer.name} broke down: {last}")
    return Asked(rows[0]["versions"], {row["name"]: row for row in rows[1:]})
