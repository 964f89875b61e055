"""A folder of frames: in natural order of their names, or of the moments that they carry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from pathlib import Path

from vision.errors import VisionError
from vision.picture import ENDINGS, UnreadablePicture, read_picture
from vision.video.frames import Frames, Pace, VideoFrame
from vision.video.stamp import stamp_in_exif, stamp_in_name


@dataclass(frozen=True, slots=True)
class _Due:
    """A picture file and its place in time."""

    path: Path
    at_s: float
    taken_at: datetime | None


class FolderFrames(Frames):
    """The pictures that stand directly in a folder. A broken one is told in the report, and the rest goes on.

    fps: a regular pace, frames in natural order of their names (frame2 before frame10). Without it every frame must
    carry its moment, in EXIF or in its name, and they come in that order. zone: where a stamp names no zone.
    Raises VisionError for a folder without pictures, and for one without a pace.
    """

    def __init__(self, path: Path, *, fps: float | None, every_s: float | None, zone: tzinfo) -> None:
        files = sorted((p for p in path.iterdir() if p.suffix.lower() in ENDINGS and p.is_file()), key=_natural)
        if not files:
            raise VisionError(f"{path} holds no pictures ({', '.join(ENDINGS)}): name the folder that holds the frames")
        super().__init__(str(path), len(files))
        self._due = enumerate(_in_time(path, files, fps, zone))
        self._pace = Pace(every_s)

    def _next(self) -> VideoFrame | None:
        for index, due in self._due:
            if not self._pace.due(due.at_s):
                self._passed_over += 1
                continue
            try:
                return VideoFrame(index, due.at_s, due.taken_at, read_picture(due.path).image)
            except UnreadablePicture as error:
                self._broken += 1
                self._fault(f"{due.path.name}: {error}")
        return None

    def _release(self) -> None:
        pass  # no file stays open


def _in_time(folder: Path, files: Sequence[Path], fps: float | None, zone: tzinfo) -> list[_Due]:
    moments = [stamp_in_exif(path, zone) or stamp_in_name(path.name, zone) for path in files]
    if fps is not None:
        return [_Due(path, row / fps, moment) for row, (path, moment) in enumerate(zip(files, moments, strict=True))]
    stamped = [(moment, path) for moment, path in zip(moments, files, strict=True) if moment is not None]
    if len(stamped) < len(files) or (len(files) > 1 and len({moment for moment, _ in stamped}) == 1):
        raise VisionError(
            f"{folder}: the frames do not tell when they were taken, in EXIF or in their names: say how many a second"
        )
    return _spread(sorted(stamped, key=lambda pair: pair[0]))


def _spread(stamped: Sequence[tuple[datetime, Path]]) -> list[_Due]:
    """Frames that share a stamp, as several a second do, stand evenly within its second, in order of their names."""
    first, due = stamped[0][0], []
    for moment, group in groupby(stamped, key=lambda pair: pair[0]):
        same = list(group)
        start = (moment - first).total_seconds()
        due += [_Due(path, start + row / len(same), moment) for row, (_, path) in enumerate(same)]
    return due


def _natural(path: Path) -> list[tuple[int, str]]:
    """frame2 before frame10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), part) if part.isdecimal() else (-1, part) for part in parts]
