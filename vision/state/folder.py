"""One folder with a few small files per camera, each written whole or not at all.

`<camera>.watch`, `<camera>.chain`; what could not be used lies beside them as `<camera>.watch.damaged` and so on.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from collateral.ops.logs import logger
from vision.durable import PART, sync_names, write_whole
from vision.errors import VisionError
from vision.state.envelope import Fault, Unusable

MOST_FILES = 1000  # of a kind [I]: more cameras than one such program counts for
MOST_BYTES = 16 * 1024 * 1024  # of a file: four views of the largest outline and a full memory are 7 MB
_LOCK = "in-use"


class StateFolder:
    """Files of cameras below `root`. Whoever opens it has it alone until it closes it, or ends however it ends."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(root)
            for left in root.glob(f".*{PART}"):  # a power cut leaves them
                left.unlink(missing_ok=True)
        except OSError as error:
            raise VisionError(f"no state can be kept in {root} ({error.strerror}): make it writable") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let another program have it."""
        self._lock.close()

    def cameras(self, kind: str) -> list[str]:
        """Which cameras have a file of this kind."""
        return sorted(path.stem for path in self.root.glob(f"*.{kind}"))

    def read(self, camera: str, kind: str) -> bytes | None:
        """The file's bytes, None when there is none; Unusable when it cannot be read."""
        path = self._path(camera, kind)
        try:
            if path.stat().st_size > MOST_BYTES:
                raise Unusable(Fault.DAMAGED, f"it is larger than {MOST_BYTES} bytes")
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unusable(Fault.UNREADABLE, f"it cannot be read ({error.strerror})") from error

    def write(self, camera: str, kind: str, content: bytes) -> None:
        """Put these bytes in the place of what was there, durably: whole or not at all, also when the power goes.

        Raises VisionError when that cannot be done; what was there is then still there.
        """
        path = self._path(camera, kind)
        try:
            self._make_room(path, kind)
            write_whole(path, content)
            with contextlib.suppress(OSError):  # it is there; a disk that cannot promise more may still be used
                sync_names(path.parent)
        except OSError as error:
            raise VisionError(f"{path} cannot be written ({error.strerror}): make room there") from error

    def put_aside(self, camera: str, kind: str, fault: Fault) -> Path:
        """Keep a file that cannot be used for whoever wants to look at it, in the place of an earlier such one. Where
        that cannot be done it stays, and the log says so."""
        path = self._path(camera, kind)
        aside = path.with_name(f"{path.name}.{fault}")
        try:
            path.replace(aside)
        except OSError as error:
            reason = f"{path} cannot be renamed ({error.strerror}): make its folder writable"
            logger().error("state_not_put_aside", camera=camera, reason=reason)
        return aside

    def take(self, camera: str, kind: str) -> bool:
        """Whether there was such a file; it is gone then."""
        try:
            self._path(camera, kind).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise VisionError(f"{self._path(camera, kind)} cannot be removed ({error.strerror})") from error
        return True

    def forget(self, before_s: float) -> list[str]:
        """Remove what was last written before `before_s`, seconds since 1970; the names of the files."""
        old = [path for path in self._files() if _written_s(path) < before_s]
        for path in old:
            path.unlink(missing_ok=True)
        return [path.name for path in old]

    def _make_room(self, path: Path, kind: str) -> None:
        if path.exists():
            return
        others = sorted(self.root.glob(f"*.{kind}"), key=_written_s)
        for oldest in others[: max(0, len(others) + 1 - MOST_FILES)]:
            logger().warning("state_forgotten", file=oldest.name, reason=f"more than {MOST_FILES} cameras")
            oldest.unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        return (path for path in sorted(self.root.glob("*.*")) if path.is_file())

    def _path(self, camera: str, kind: str) -> Path:
        # Names of cameras are letters, digits, - and _: the contract sees to it.
        return self.root / f"{camera}.{kind}"


def _locked(root: Path) -> IO[bytes]:
    lock = (root / _LOCK).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise VisionError(
            f"another program keeps its state in {root}: give each its own, with --state or HERDLIEN_VISION_STATE"
        ) from None
    return lock


def _written_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
