"""`watch`: is the camera of a video, a folder of pictures or a live stream to be believed?"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from vision.camera.finding import CameraFinding, Trick
from vision.camera.habits import Habits
from vision.camera.watch import CameraWatch
from vision.commands.terminal import print_json, say
from vision.video.frames import VideoFrame
from vision.video.source import open_frames

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of a video that does not say when it was taken


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--video", required=True, help="a video file, a folder of pictures, or rtsp://...")
    parser.add_argument("--fps", type=float, help="pictures a second, for a folder whose pictures carry no time")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="look at one picture every so many seconds")
    parser.add_argument("--moving", action="store_true", help="held by hand, a drone or a PTZ: do not judge its view")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")


def run(arguments: argparse.Namespace) -> int:
    """0 when the camera can be believed, 1 when something was found."""
    diary = Diary()
    watch = CameraWatch(Habits(fixed=not arguments.moving))
    with open_frames(arguments.video, arguments.fps, arguments.every) as frames:
        for frame in frames:
            began = time.thread_time()
            findings = watch.look(frame.image, _moment(frame))
            diary.note(frame, findings, time.thread_time() - began)
    diary.close()
    for entry in diary.entries:
        say(f"{entry['from_s']:.1f} s to {entry['until_s']:.1f} s: {entry['sentence']}")
    say(f"{diary.pictures} pictures, {len(diary.entries)} findings")
    if arguments.json:
        print_json({"source": frames.report.as_json(), **diary.as_row()})
    return 1 if diary.entries else 0


def _moment(frame: VideoFrame) -> datetime:
    return frame.taken_at or BEGINNING + timedelta(seconds=frame.at_s)


@dataclass(slots=True)
class Diary:
    """Findings with the times between which they held; what is still open at the end ends with the last picture."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    holding: dict[Trick, dict[str, Any]] = field(default_factory=dict)
    pictures: int = 0
    cpu_s: float = 0.0
    last_s: float = 0.0

    def note(self, frame: VideoFrame, findings: list[CameraFinding], cpu_s: float) -> None:
        """One more picture and what was said of it."""
        self.pictures, self.cpu_s, self.last_s = self.pictures + 1, self.cpu_s + cpu_s, frame.at_s
        said = {finding.kind: finding for finding in findings}
        for kind in [kind for kind in self.holding if kind not in said]:
            self._end(kind, frame.at_s)
        for kind, finding in said.items():
            entry = self.holding.setdefault(kind, {"from_s": round(frame.at_s, 3), "frame": frame.index})
            entry.update(finding.as_row())  # the newest evidence of a finding that goes on

    def close(self) -> None:
        """No more pictures."""
        for kind in list(self.holding):
            self._end(kind, self.last_s)
        self.entries.sort(key=lambda entry: float(entry["from_s"]))

    def as_row(self) -> dict[str, Any]:
        """Plain values for JSON."""
        each = round(self.cpu_s / self.pictures * 1000, 2) if self.pictures else None
        return {"pictures": self.pictures, "findings": self.entries, "cpu_ms_per_picture": each}

    def _end(self, kind: Trick, at_s: float) -> None:
        self.entries.append({**self.holding.pop(kind), "until_s": round(at_s, 3)})
