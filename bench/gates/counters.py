"""Everyone who counts a clip: us, and the peers in their own processes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from bench.gates.clip import Clip
from bench.gates.verdict import Count
from bench.peers.vision.runner import Asked, Peer, ask
from vision.gate.counting import count_gate
from vision.gate.detections_file import DetectionsFile
from vision.gate.line import Line


def ours(clips: Sequence[Clip]) -> dict[str, Count]:
    """What `vision gate --detections FILE --line ...` says of each clip. Raises VisionError for a broken file."""
    return {clip.name: _one(clip) for clip in clips}


def _one(clip: Clip) -> Count:
    sights = list(DetectionsFile(clip.detections, lambda _: None))
    began = time.process_time()
    told = count_gate(sights, Line(*clip.line)).as_json()
    took_ms = (time.process_time() - began) * 1000
    return Count(told["in"], told["out"], round(took_ms / max(len(sights), 1), 4), int(told["ambiguous"]))


def theirs(peer: Peer, clips: Sequence[Clip], folder: Path) -> tuple[Asked, dict[str, Count]]:
    """A peer on all clips; clips that it failed on are not among the counts."""
    asked = ask(peer, [clip.task for clip in clips], folder)
    counts = {
        name: Count(row["in"], row["out"], row["ms_per_frame"])
        for name, row in asked.answers.items()
        if "error" not in row
    }
    return asked, counts
