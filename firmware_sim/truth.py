"""The ground truth of a play, written as it happens: what must be found in the database, and what really took place.

published.csv   tag,sequence,measured_at: every reading handed to a gateway, written before it is handed over
frames.csv      camera,sequence,captured_at,sha256,true_head,light: every picture (true_head empty: not known)
events.jsonl    what happens to the herd, one JSON object per line, written when it happens
world.json      seed, times and counts
play.json       how far the play is; replaced whole, so a reader never sees half of it
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from firmware_sim.camera import Shot
from firmware_sim.uplinks import Uplinks


def moment(at_s: float) -> str:
    """ISO 8601, UTC, whole seconds."""
    return datetime.fromtimestamp(int(at_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Truth:
    """The files of one play, made anew in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._published = (folder / "published.csv").open("w", encoding="ascii")
        self._frames = (folder / "frames.csv").open("w", encoding="utf-8")
        self._events = (folder / "events.jsonl").open("w", encoding="utf-8")
        self._published.write("tag,sequence,measured_at\n")
        self._frames.write("camera,sequence,captured_at,sha256,true_head,light\n")
        self.readings = self.pictures = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (self._published, self._frames, self._events):
            file.close()

    def publish(self, uplinks: Uplinks, tags: tuple[str, ...]) -> None:
        """These readings are about to be handed over."""
        times = np.datetime_as_string(uplinks.measured_s.astype("datetime64[s]"), unit="s").tolist()
        rows = zip(uplinks.row.tolist(), uplinks.sequence.tolist(), times, strict=True)
        self._published.writelines([f"{tags[row]},{sequence},{at}Z\n" for row, sequence, at in rows])
        self._published.flush()
        self.readings += len(uplinks)

    def picture(self, shot: Shot) -> None:
        """This picture is about to be handed over."""
        digest = hashlib.sha256(shot.jpeg).hexdigest()
        head = "" if shot.true_head is None else shot.true_head
        self._frames.write(
            f"{shot.camera.camera_id},{shot.sequence},{moment(shot.captured_s)},{digest},{head},{shot.light}\n"
        )
        self._frames.flush()
        self.pictures += 1

    def event(self, name: str, at_s: float, **particulars: Any) -> None:
        """Something happens to the herd."""
        line = json.dumps({"event": name, "at": moment(at_s), **particulars}, ensure_ascii=False)
        self._events.write(line + "\n")
        self._events.flush()

    def world(self, **particulars: Any) -> None:
        """What the play is made of."""
        self._replace("world.json", particulars)

    def progress(self, phase: str, event_time: datetime, **particulars: Any) -> None:
        """How far the play is: history, live or done."""
        state = {
            "phase": phase,
            "event_time": event_time.isoformat(timespec="seconds"),
            "published": self.readings,
            "frames": self.pictures,
            **particulars,
        }
        self._replace("play.json", state)

    def _replace(self, name: str, content: dict[str, Any]) -> None:
        draft = self._folder / f".{name}"
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        draft.replace(self._folder / name)
