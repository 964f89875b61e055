"""`card`: a model's card, from its manifest and what is given beside it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from vision.commands.terminal import say
from vision.errors import VisionError
from vision.manifest import manifest_path, parse_manifest
from vision.papers.card import card


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="the .onnx file whose manifest stands beside it")
    parser.add_argument("--sheet", type=Path, help="data_sheet.json of `datasheet`; default: what the manifest kept")
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        metavar="NAME=REPORT",
        help="a saved report of `evaluate --json`; repeat",
    )
    parser.add_argument("--weak", type=Path, help="what it is bad at, Markdown; default: MODEL.weaknesses.md beside it")
    parser.add_argument("--out", type=Path, help="the card to write; default: standard output")


def run(arguments: argparse.Namespace) -> int:
    """0: written."""
    manifest = parse_manifest(manifest_path(arguments.model))
    sheet = None if arguments.sheet is None else _document(arguments.sheet, "sets")
    beside = {name: report for given in arguments.beside for name, report in _reports(given).items()}
    text = card(manifest, sheet, beside, _weaknesses(arguments))
    if arguments.out is None:
        print(text, end="")
    else:
        arguments.out.write_text(text)
        say(f"wrote {arguments.out}")
    return 0


def _weaknesses(arguments: argparse.Namespace) -> str | None:
    path = arguments.weak or manifest_path(arguments.model).with_suffix(".weaknesses.md")
    if path.is_file():
        return str(path.read_text())
    if arguments.weak:
        raise VisionError(f"no text at {path}: write there what the model is bad at")
    say(f"what it is bad at is missing from the card: write it into {path}")
    return None


def _reports(given: str) -> dict[str, dict[str, Any]]:
    """The report under its name, and the baselines that it brings along under theirs."""
    name, found, path = given.partition("=")
    if not found:
        raise VisionError(f"--beside {given}: write NAME=REPORT.json")
    report = _document(Path(path), "sets")
    return {name: report, **report.get("baselines", {})}


def _document(path: Path, key: str) -> dict[str, Any]:
    """A JSON object; of a saved output, the last line that is one."""
    try:
        text = path.read_text()
        document = json.loads(text if text.lstrip().startswith("{") else text.strip().splitlines()[-1])
    except (OSError, ValueError, IndexError) as error:
        raise VisionError(f"{path} cannot be read as JSON ({error}): save the program's last line there") from error
    if not isinstance(document, dict) or key not in document:
        raise VisionError(f"{path} has no `{key}`: give a data sheet or a report of `evaluate --json`")
    return document
