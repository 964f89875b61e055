"""The peers that count over a line, as their makers set them up."""

from __future__ import annotations

from bench.peers.vision.install import NORFAIR
from bench.peers.vision.runner import Peer

LINE_COUNTERS = (
    Peer(
        "ultralytics BoT-SORT + ObjectCounter", "run_ultralytics_counter.py", "ultralytics", "AGPL-3.0",
        ("--tracker", "botsort"),
    ),
    Peer(
        "ultralytics ByteTrack + ObjectCounter", "run_ultralytics_counter.py", "ultralytics", "AGPL-3.0",
        ("--tracker", "bytetrack"),
    ),
    Peer("boxmot OC-SORT + ObjectCounter", "run_boxmot_counter.py", "boxmot", "AGPL-3.0"),
    Peer(
        "norfair IoU + LineZone centre", "run_norfair_counter.py", "norfair", "BSD-3-Clause, MIT",
        environment=NORFAIR,
    ),
    Peer(
        "trackers ByteTrack + LineZone centre 3", "run_supervision_counter.py", "supervision", "Apache-2.0, MIT",
        ("--anchor", "centre", "--threshold", "3"),
    ),
    Peer("trackers ByteTrack + LineZone default", "run_supervision_counter.py", "supervision", "Apache-2.0, MIT"),
)  # fmt: skip
