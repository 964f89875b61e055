"""Command line: `python -m vision VERB ...`; `--help` after a verb lists its arguments."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from vision.errors import VisionError

VERBS = {
    "count": "head counts of pictures and folders",
    "evaluate": "counting error against labelled pictures",
    "gate": "head in, out and net past a line or through a race",
    "watch": "is a camera to be believed: covered, turned, out of focus, frozen, replayed",
    "serve": "count frames that come over MQTT",
    "accept": "a camera was set up anew: learn its view afresh",
    "train": "fine-tune the counter (needs the train extra)",
    "average": "the mean of several checkpoints' weights (needs the train extra)",
    "export": "checkpoint to ONNX (needs the train extra)",
    "calibrate": "measure a model's trust and write its manifest",
    "parity": "does a converted model count like its original",
    "datasheet": "what labelled sets hold, with leaks between their splits",
    "card": "a model's card from its manifest",
    "evidence": "keep what counts rest on, and check that it is whole",
    "sheet": "a contact sheet of counted pictures with their total",
    "plot": "counts against time, with their band",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status. 2: it could not be done, and the message says why."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m vision", description="Frames to head counts.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, summary in VERBS.items():
        verb = verbs.add_parser(name, help=summary)
        if given[:1] == [name]:  # only the chosen verb is imported: `count` must not need a broker or torch
            module = importlib.import_module(f"vision.commands.{name}")
            module.declare(verb)
            verb.set_defaults(run=module.run)
    chosen = parser.parse_args(given)
    try:
        return int(chosen.run(chosen))
    except VisionError as error:
        print(f"vision {chosen.verb}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
