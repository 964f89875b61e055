"""Where run data and downloads lie, and whether there is room."""

import os
import shutil
import tempfile
from pathlib import Path

from stack.errors import StackError

REPOSITORY = Path(__file__).resolve().parent.parent
LEAST_FREE_MB = 500


def cache_folder(name: str) -> Path:
    """A place for downloads that outlives the run; root's lies where the servers' account can read it."""
    if os.geteuid() == 0:
        folder = Path("/var/tmp/herdlien-0")  # noqa: S108  # owned by root, checked below
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = home / "herdlien"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise StackError(f"{folder} belongs to somebody else: remove it, then start again")
    return folder / name


def state_folder(name: str) -> Path:
    """Where a program keeps what it must know again at its next start; the program makes it."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return home / "herdlien" / name


def run_folder(purpose: str, under: Path | None = None) -> Path:
    """A fresh folder for one run. Others may pass through it (the servers' account must) but not list it."""
    folder = Path(tempfile.mkdtemp(prefix=f"herdlien-{purpose}-", dir=under))
    folder.chmod(0o711)
    return folder


def check_space(folder: Path, needed_mb: int = LEAST_FREE_MB) -> None:
    """Refuse to start on a disk that is all but full."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < needed_mb:
        raise StackError(
            f"only {free_mb} MB free in {folder}, {needed_mb} MB are needed: "
            "free some space there, or set TMPDIR to a folder on a larger disk"
        )
