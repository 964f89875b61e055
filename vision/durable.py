"""Files that are there whole or not at all, also when the power goes."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

PART = ".part"
"""The ending of a file that is being written; a power cut leaves it."""


def write_whole(target: Path, content: bytes, *, replace: bool = True) -> None:
    """Put these bytes at `target`, in the place of what was there or, without `replace`, only where nothing is.

    Raises OSError; what was there is then still there. That the name outlives a power cut too takes `sync_names`.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=PART)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(target)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(part, target)
    finally:
        part.unlink(missing_ok=True)


def sync_names(folder: Path) -> None:
    """Have the names in a folder written. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
