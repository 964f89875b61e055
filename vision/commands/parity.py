"""`parity`: does a converted network count like the one it was made from? Writes the verdict into the manifest."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from vision.commands.terminal import picture_sets, print_json, progress, say
from vision.detector import Detector
from vision.detectors.onnx import OnnxDetector
from vision.manifest import Manifest, SceneTrust, manifest_path
from vision.papers.comparison import Compared, compare
from vision.papers.files import keep_verdict, paper_of
from vision.papers.parity import Parity, judge
from vision.truth import Truth, find_sets, read_set


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", type=Path, help="what it was made from: an .onnx file, or a checkpoint (train extra)")
    parser.add_argument("second", type=Path, help="the .onnx file that may stand in for it")
    parser.add_argument("--data", type=Path, action="append", help="a set or folder of sets, again for more")
    parser.add_argument("--every", type=int, default=1, help="look at each n-th picture; a verdict is kept for 1 only")
    parser.add_argument("--size", type=int, help="longest side of the network's input, pixels")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")


def run(arguments: argparse.Namespace) -> int:
    """0: the second is accepted. 1: it is refused, and why is said."""
    owner = owner_of(arguments.first, arguments.second)
    manifest = paper_of(owner, arguments.size or 640)
    size = arguments.size or manifest.image_size
    parity = measure(
        open_network(arguments.first, size, arguments.threads),
        open_network(arguments.second, size, arguments.threads),
        manifest,
        arguments.data or [picture_sets()],
        arguments.every,
    )
    tell(arguments.second, parity)
    kept = arguments.every == 1 and manifest_path(arguments.second) == manifest_path(owner)
    if kept:
        say(f"wrote {keep_verdict(owner, arguments.second, parity, size)}")
    if arguments.json:
        print_json({"first": arguments.first.name, "second": arguments.second.name, **asdict(parity)})
    return 0 if parity.accepted else 1


def owner_of(first: Path, second: Path) -> Path:
    """The fp32 model that the verdict is about: the second itself, when the first is a checkpoint."""
    return second if first.suffix == ".pt" else first


def open_network(path: Path, size: int, threads: int) -> Detector:
    """A network of any kind, on whole pictures and under ONNX Runtime, so that only the files differ."""
    if path.suffix != ".pt":
        return OnnxDetector(path, size=size, threads=threads)
    from vision.papers.checkpoint import CheckpointDetector  # noqa: PLC0415 - only checkpoints need the train extra

    return CheckpointDetector(path, size=size, threads=threads)


def measure(first: Detector, second: Detector, manifest: Manifest, data: Sequence[Path], every: int) -> Parity:
    """Compare on the validation pictures of every set, each counted as the manifest says. VisionError without sets."""
    found = {name: folder for one in data for name, folder in find_sets(one, "val").items()}
    compared: dict[str, list[Compared]] = {}
    with progress() as bar:
        for name, folder in found.items():
            truths = read_set(folder, "val")[::every]
            task = bar.add_task(name, total=len(truths))

            def trust(truth: Truth, name: str = name) -> SceneTrust:
                return manifest.trust(f"{name}/{truth.scene}" if truth.scene else name)

            compared[name] = compare(first, second, truths, trust, lambda task=task: bar.advance(task))  # type: ignore[misc]
    return judge(compared)


def tell(file: Path, parity: Parity) -> None:
    """The verdict and the pooled figures, for a person."""
    pooled = parity.pooled
    say(
        f"{file.name} on {pooled.pictures} pictures, {pooled.true} head: recall {pooled.recall[0]} to "
        f"{pooled.recall[1]} (loss {pooled.recall_loss} points), MAE {pooled.mae[0]} to {pooled.mae[1]}, equal counts "
        f"in {pooled.same_count:.0%}, {pooled.matched} of the boxes again at overlap {pooled.iou}, scores differ by "
        f"{pooled.score_difference}, {pooled.speed} times as fast"
    )
    say("accepted" if parity.accepted else "REFUSED: " + "; ".join(parity.refused_because))
