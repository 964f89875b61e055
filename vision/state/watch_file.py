"""A camera's watch as bytes, and back: what took long to learn, and what was suspected. Pure.

Not in it: what is learnt again within seconds (the expected noise, the last pictures), and the camera's own times and
numbers, so that a frame that comes late or from a camera whose counting began anew is judged as ever.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct

from collateral.contract.messages import Moment
from vision.camera.finding import Evidence, Trick
from vision.camera.glance import GRID, Blocks, Grey
from vision.camera.habits import Habits
from vision.camera.noise_print import WORDS, Memory
from vision.camera.sharpness import Sharpness
from vision.camera.suspicion import Suspicion
from vision.camera.view import View
from vision.camera.viewing import MOST_VIEWS
from vision.camera.watch import CameraWatch
from vision.state.envelope import Fault, Unusable, opened, seal

KIND, VERSION = "watch", 1
"""Raise VERSION when what a view measures changes: old measures must not be compared with new ones."""
_FLOAT, _WORD, _TIME = np.dtype("<f4"), np.dtype("<u8"), np.dtype("<f8")
_Number = Annotated[int, Meta(ge=0, le=2**53)]
_Side = Annotated[int, Meta(ge=1, le=4096)]


class _View(Struct, forbid_unknown_fields=True):
    planes: bytes
    outline: bytes
    rows: _Side
    columns: _Side
    sharp: Sharpness | None
    pictures: Annotated[int, Meta(ge=1, le=2**53)]


class _Prints(Struct, forbid_unknown_fields=True):
    entries: _Number
    kept: _Number
    fine: bytes
    coarse: bytes
    times: bytes
    usual: tuple[float, float, float]
    kept_at_s: float | None
    at_s: float | None


class _Watch(Struct, forbid_unknown_fields=True):
    now: Moment
    at_s: float
    pictures: _Number
    light: str
    taken: list[Moment]
    suspicions: dict[Trick, Suspicion]
    evidence: dict[Trick, Evidence]
    views: Annotated[dict[str, _View], Meta(max_length=MOST_VIEWS)]
    prints: _Prints


_decoder = msgspec.msgpack.Decoder(_Watch)


def remembered(watch: CameraWatch) -> bytes:
    """The file of this watch."""
    body = _Watch(
        now=watch.now, at_s=watch.at_s, pictures=watch.pictures, light=watch.light, taken=list(watch.taken),
        suspicions={trick: state for trick, state in watch.suspicions.items() if state != Suspicion()},
        evidence=watch.evidence, views={name: _of_view(view) for name, view in watch.view.views.items()},
        prints=_of_prints(watch),
    )  # fmt: skip
    return seal(KIND, VERSION, msgspec.msgpack.encode(body))


def recalled(content: bytes, habits: Habits) -> CameraWatch:
    """The watch in this file, under these habits; Unusable when it is damaged or of another version."""
    body = opened(KIND, VERSION, content)
    try:
        return _watch(_decoder.decode(body), habits)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unusable(Fault.DAMAGED, f"what it holds makes no sense: {error}") from error


def _watch(kept: _Watch, habits: Habits) -> CameraWatch:
    if kept.prints.entries != habits.memory:
        says = f"it remembers up to {kept.prints.entries} pictures, this program {habits.memory}"
        raise Unusable(Fault.OTHER_VERSION, says)
    watch = CameraWatch(habits, now=kept.now, at_s=_finite(kept.at_s), pictures=kept.pictures, light=kept.light)
    watch.taken.extend(kept.taken)
    watch.suspicions, watch.evidence = kept.suspicions, kept.evidence
    if any(state.holds and trick not in kept.evidence for trick, state in kept.suspicions.items()):
        raise ValueError("a finding without its evidence")
    watch.view.views = {name: _view(view) for name, view in kept.views.items()}
    _recall_prints(watch, kept.prints)
    return watch


def _of_view(view: View) -> _View:
    rows, columns = view.outline.shape
    blocks = view.blocks
    planes = np.stack([blocks.mean, blocks.across, blocks.down, blocks.coarse])
    return _View(_bytes(planes), _bytes(view.outline), rows, columns, view.sharp, view.pictures)


def _view(kept: _View) -> View:
    planes = _array(kept.planes, (4, GRID[1], GRID[0]))
    outline = _array(kept.outline, (kept.rows, kept.columns))
    if kept.sharp is not None and not (kept.sharp.worst > 0 and math.isfinite(kept.sharp.best)):
        raise ValueError("a sharpness that none can have")
    return View(Blocks(planes[0], planes[1], planes[2], planes[3]), outline, kept.sharp, kept.pictures)


def _of_prints(watch: CameraWatch) -> _Prints:
    fine, coarse = watch.replay.memory, watch.replay.coarse
    filled = fine.filled
    return _Prints(
        fine.entries, fine.kept, fine.prints[:filled].astype(_WORD).tobytes(),
        coarse.prints[:filled].astype(_WORD).tobytes(), fine.times[:filled].astype(_TIME).tobytes(),
        (watch.replay.usual[0], watch.replay.usual[1], watch.replay.usual[2]), watch.replay.kept_at_s,
        watch.replay.at_s,
    )  # fmt: skip


def _recall_prints(watch: CameraWatch, kept: _Prints) -> None:
    times = np.frombuffer(kept.times, _TIME)
    for memory, prints in ((watch.replay.memory, kept.fine), (watch.replay.coarse, kept.coarse)):
        _fill(memory, np.frombuffer(prints, _WORD), times, kept.kept)
    watch.replay.usual = [_finite(usual) for usual in kept.usual]
    watch.replay.kept_at_s = None if kept.kept_at_s is None else _finite(kept.kept_at_s)
    watch.replay.at_s = None if kept.at_s is None else _finite(kept.at_s)


def _fill(memory: Memory, prints: np.ndarray, times: np.ndarray, kept: int) -> None:
    memory.kept = kept
    if len(times) != memory.filled or not np.isfinite(times).all():
        raise ValueError(f"{len(times)} times of {memory.filled} pictures")
    memory.prints[: memory.filled] = prints.reshape(memory.filled, WORDS)
    memory.times[: memory.filled] = times


def _bytes(plane: Grey) -> bytes:
    return plane.astype(_FLOAT).tobytes()


def _array(content: bytes, shape: tuple[int, ...]) -> Grey:
    plane = np.frombuffer(content, _FLOAT).reshape(shape).astype(np.float32)
    if not np.isfinite(plane).all():
        raise ValueError("a measure that is no number")
    return plane


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a time that is no number")
    return value
