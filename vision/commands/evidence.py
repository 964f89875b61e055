"""`evidence`: keep what counts rest on in a folder, check that it is whole, and let what is old go."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collateral.contract.evidence import fingerprint
from collateral.evidence.chain import Chain
from collateral.ops import clock
from vision.commands.terminal import print_json, say
from vision.counter import open_counter
from vision.counting import PictureCount
from vision.drawing import caption
from vision.errors import VisionError
from vision.evidence.chains import Chains
from vision.evidence.folder import Checked, EvidenceFolder
from vision.evidence.making import Taken, make_evidence
from vision.evidence.watched import count_watched
from vision.picture import find_pictures
from vision.region import Region

METHOD = "camera-still"
MEGABYTE = 1024 * 1024


def declare(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    add = deeds.add_parser("add", help="count pictures and keep their evidence")
    add.add_argument("folder", type=Path)
    add.add_argument("paths", nargs="+", type=Path, metavar="PICTURE")
    add.add_argument("--camera", default="desk", help="whose chain the records hang in")
    add.add_argument("--region", help='count inside this polygon only: "0,0.2 1,0.2 1,1 0,1" (shares)')
    add.add_argument("--scene", help="kind of scene, as in the model's manifest")
    add.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    add.add_argument("--threads", type=int, default=2)
    check = deeds.add_parser("verify", help="find what was changed, removed or moved")
    check.add_argument("folder", type=Path)
    check.add_argument(
        "--newest", action="append", default=[], metavar="CAMERA=SHA256", help="a record that must be there"
    )
    check.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    prune = deeds.add_parser("prune", help="let the oldest go")
    prune.add_argument("folder", type=Path)
    prune.add_argument("--days", type=float, help="remove what was captured longer ago")
    prune.add_argument("--most-mb", type=float, help="then remove the oldest until this much is left")
    prune.add_argument("--hold-since", type=datetime.fromisoformat, help="an open case holds all from then on")


def run(arguments: argparse.Namespace) -> int:
    """0: done, and whole. 1: `verify` found something."""
    folder = EvidenceFolder(arguments.folder)
    if arguments.deed == "add":
        return _add(folder, arguments)
    if not arguments.folder.is_dir():
        raise VisionError(f"no folder at {arguments.folder}: name one that `python -m vision evidence add` has written")
    return _verify(folder, arguments) if arguments.deed == "verify" else _prune(folder, arguments)


def _add(folder: EvidenceFolder, arguments: argparse.Namespace) -> int:
    counter = open_counter(arguments.model, threads=arguments.threads)
    region = Region.parse(arguments.region) if arguments.region else None
    chains = Chains(clock.now(), folder.links())
    for path in find_pictures(arguments.paths):
        try:
            data = path.read_bytes()
            captured_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            say(f"{path}: cannot be read ({error.strerror})")
            continue
        received_at = clock.now()
        counted = count_watched(counter, data, method=METHOD, region=region, scene=arguments.scene)
        taken = Taken(
            camera=arguments.camera, sha256=fingerprint(data), captured_at=captured_at, received_at=received_at,
            counted_at=clock.now(),
        )  # fmt: skip
        evidence = make_evidence(taken, counted, chains.link(taken.camera))
        folder.keep(evidence)
        chains.hung(taken.camera, evidence.record)
        say(_kept(path, counted.count, evidence.name))
    return 0


def _kept(path: Path, counted: PictureCount, name: str) -> str:
    return f"{path}: {caption(counted)}; record {name}"


def _verify(folder: EvidenceFolder, arguments: argparse.Namespace) -> int:
    checked = folder.check(dict(_named(text) for text in arguments.newest))
    for line in _report(checked):
        say(line)
    if arguments.json:
        found = asdict(checked.whole)
        chains = [{**chain, "since": chain["since"].isoformat()} for chain in found["chains"]]
        print_json({**found, "chains": chains, "pictures_gone": checked.pictures_gone, "whole": not found["faults"]})
    return 1 if checked.whole.faults else 0


def _report(checked: Checked) -> list[str]:
    whole = checked.whole
    chains = [
        f"{chain.camera} since {chain.since:%Y-%m-%d %H:%M:%S}{_why(chain)}: {chain.first} to {chain.last}, "
        f"newest {chain.newest}"
        for chain in whole.chains
    ]
    faults = [f"FAULT {fault.camera} {fault.number or ''} {fault.says}" for fault in whole.faults]
    gone = [f"{checked.pictures_gone} records have no picture here"] if checked.pictures_gone else []
    end = "not whole" if faults else "whole"
    return [*chains, *gone, *faults, f"{whole.records} records in {len(whole.chains)} chains: {end}"]


def _why(chain: Chain) -> str:
    return f" ({chain.begins})" if chain.begins else ""


def _named(text: str) -> tuple[str, str]:
    camera, _, name = text.rpartition("=")
    if not camera:
        raise VisionError(f"--newest {text!r}: write CAMERA=SHA256, as `verify` prints them")
    return camera, name


def _prune(folder: EvidenceFolder, arguments: argparse.Namespace) -> int:
    hold = arguments.hold_since
    if hold is not None and hold.tzinfo is None:
        raise VisionError("--hold-since needs a zone: 2026-06-01T08:00+08:00")
    before = None if arguments.days is None else clock.now() - timedelta(days=arguments.days)
    most = None if arguments.most_mb is None else int(arguments.most_mb * MEGABYTE)
    pruned = folder.prune(before=before, most_bytes=most, hold_since=hold)
    say(f"{pruned.records} records and their pictures removed, {pruned.freed / MEGABYTE:.1f} MB")
    return 0
