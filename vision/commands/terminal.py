"""What every verb says to a person: progress and messages on standard error, one JSON object on standard output."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress() -> Progress:
    """A progress bar on standard error; silent when that is not a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def say(line: str) -> None:
    """One line for a person."""
    print(line, file=sys.stderr, flush=True)


def print_json(document: dict[str, Any]) -> None:
    """The one JSON object, as the last line of standard output."""
    print(json.dumps(document, ensure_ascii=False), flush=True)


def picture_sets() -> Path:
    """The folder of labelled sets: `vision` below HERDLIEN_DATA, which defaults to ../shared/data."""
    default = Path(__file__).parents[2] / ".." / "shared" / "data"
    return Path(os.environ.get("HERDLIEN_DATA", default)) / "vision"
