"""What passes between a benchmark and a peer's process: one JSON object a line, in files.

    python run_PEER.py [OPTIONS] TASKS ANSWERS

TASKS holds one task a line, each with a `name`. ANSWERS gets `{"peer": ..., "versions": {...}}` first, then one line
per task: its name and what was found, or its name and an `error`. Runs in the peers' Python: standard library alone.
"""

import argparse
import importlib.metadata
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Task = dict[str, Any]
Answer = dict[str, Any]


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line with the two files that every runner takes."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("tasks", type=Path)
    made.add_argument("answers", type=Path)
    return made


def serve(options: argparse.Namespace, packages: Iterable[str], answer: Callable[[Task], Answer]) -> int:
    """Answer every task in turn; one that fails is answered with its error and the rest goes on."""
    with options.answers.open("w") as file:
        _write(file, {"peer": Path(sys.argv[0]).stem, "versions": versions(packages)})
        for task in lines(options.tasks):
            try:
                found = answer(task)
            except Exception as error:  # noqa: BLE001 - whatever a peer raises belongs into its answer
                traceback.print_exc()
                found = {"error": f"{type(error).__name__}: {error}"}
            _write(file, {"name": task["name"], **found})
    return 0


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The installed versions of distributions."""
    return {name: importlib.metadata.version(name) for name in packages}


def lines(path: Path) -> Iterator[Any]:
    """The objects in a file of JSON lines."""
    with path.open() as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def write_lines(path: Path, rows: Iterable[Any]) -> None:
    """Write a file of JSON lines."""
    with path.open("w") as file:
        for row in rows:
            _write(file, row)


def _write(file: Any, row: Any) -> None:
    file.write(json.dumps(row) + "\n")
    file.flush()
