"""What was found out about engines on this machine, in a small file in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from vision.manifest import file_sha256

Winner = Literal["onnx", "openvino"]
_MOST = 64  # trials kept, the newest


def recall(model: Path, precision: str, size: int, threads: int) -> Winner | None:
    """Who won the trial of this model with these settings on this machine, or None when it was never held."""
    found = _read().get(_key(model, precision, size, threads))
    return found if found in {"onnx", "openvino"} else None  # type: ignore[return-value]


def remember(model: Path, precision: str, size: int, threads: int, winner: Winner) -> None:
    """Keep a trial's winner. Without a cache folder that can be written the trial is simply held again next time."""
    path = _file()
    if path is None:
        return
    trials = [*_read().items(), (_key(model, precision, size, threads), winner)]
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(dict(trials[-_MOST:]), indent=1))
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


def _read() -> dict[str, str]:
    path = _file()
    try:
        document = json.loads(path.read_text()) if path else {}
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _file() -> Path | None:
    try:
        folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:  # a user without a home
        return None
    return Path(folder) / "herdlien" / "engines.json"


def _key(model: Path, precision: str, size: int, threads: int) -> str:
    """All that a trial's outcome hangs on."""
    engines = f"{version('onnxruntime')} {version('openvino')}"
    told = f"{file_sha256(model)} {precision} {size} {threads} {engines} {_processor()}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return f"{platform.machine()} {platform.processor()}"
    told = [line for line in lines if line.startswith(("model name", "flags"))]
    return " ".join(sorted(set(told))) or platform.machine()
