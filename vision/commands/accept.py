"""`accept`: a camera was set up anew on purpose; let a counter that runs, or the next one, learn its view afresh."""

from __future__ import annotations

import argparse
from pathlib import Path

from collateral.contract.topics import is_name
from vision.commands.terminal import say
from vision.errors import VisionError
from vision.settings import VisionSettings
from vision.state.watch_keeper import ACCEPT


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("camera")
    parser.add_argument("--state", type=Path, help="the counter's state folder; default: HERDLIEN_VISION_STATE")


def run(arguments: argparse.Namespace) -> int:
    """0: the camera's next picture begins its new view."""
    folder = arguments.state or VisionSettings().vision_state
    if folder is None or not folder.is_dir():
        raise VisionError("where? Name the counter's state folder with --state or HERDLIEN_VISION_STATE")
    if not is_name(arguments.camera):
        raise VisionError(f"{arguments.camera!r} is no camera's name: letters, digits, - and _, 64 at most")
    try:
        (folder / f"{arguments.camera}.{ACCEPT}").touch()
    except OSError as error:
        raise VisionError(f"nothing can be left in {folder} ({error.strerror})") from error
    say(f"{arguments.camera}: its next picture begins its new view")
    return 0
