"""Mosquitto: the one on the PATH, else Debian's package unpacked into a private folder."""

import fcntl
import functools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack import debian
from stack.errors import StackError
from stack.folders import cache_folder
from stack.ports import LOOPBACK

# Debian puts it where only root's PATH looks.
ALSO_LOOK_IN = "/usr/sbin:/usr/local/sbin"

# The broker's defaults lose messages without telling anybody; every line here was measured.
SETTINGS = """\
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
max_inflight_messages 1000
max_queued_messages 1000000
max_packet_size 4194304
log_dest stderr
connection_messages false
"""
# Started by root it would drop to an account that cannot write into the folder.
AS_ROOT = "user root\n"


@dataclass(frozen=True, slots=True)
class Mosquitto:
    """A program to start and what it needs around it."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    kind: str = "mosquitto"

    def version(self) -> str:
        """For instance `Mosquitto 2.0.11`."""
        around = self.whole_environment()
        said = subprocess.run([str(self.program), "-h"], capture_output=True, text=True, check=False, env=around)
        found = re.search(r"version (\S+)", said.stdout)
        return f"Mosquitto {found[1] if found else 'unknown'}"

    def whole_environment(self) -> dict[str, str]:
        """Ours, with the private libraries in front."""
        return {**os.environ, **self.environment}

    def command(self, folder: Path, port: int) -> list[str]:
        """Write the settings below `folder` and say how to start."""
        settings = folder / "mosquitto.conf"
        text = SETTINGS.format(port=port, host=LOOPBACK, folder=folder)
        settings.write_text(text + (AS_ROOT if os.geteuid() == 0 else ""))
        return [str(self.program), "-c", str(settings)]


@functools.cache
def find() -> Mosquitto | str:
    """Mosquitto, or the reason why this machine cannot have it."""
    on_path = shutil.which("mosquitto") or shutil.which("mosquitto", path=ALSO_LOOK_IN)
    if on_path:
        return Mosquitto(Path(on_path))
    if missing := debian.missing_tools():
        return f"mosquitto is not on the PATH and cannot be fetched here ({', '.join(missing)} not found)"
    mirror = debian.find_mirror()
    if mirror is None:
        return "mosquitto is not on the PATH, and apt's sources name no Debian 12 or 13 mirror"
    try:
        return _from_packages(mirror)
    except (StackError, OSError) as error:
        return f"mosquitto could not be fetched: {error}"


def state() -> str:
    """One line about Mosquitto here, without fetching anything."""
    if shutil.which("mosquitto") or shutil.which("mosquitto", path=ALSO_LOOK_IN):
        return "on the PATH"
    mirror = debian.find_mirror()
    if mirror is None or debian.missing_tools():
        return "not here: apt install mosquitto"
    fetched = (_place(mirror) / ".whole").exists()
    return "Debian's package in a private folder" if fetched else "fetched on first use (1 MB)"


def _place(mirror: debian.Mirror) -> Path:
    return cache_folder(f"mosquitto-{mirror.suite}-r1")


def _from_packages(mirror: debian.Mirror) -> Mosquitto:
    place = _place(mirror)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / ".whole").exists():
            shutil.rmtree(place, ignore_errors=True)
            _fetch(mirror, place)
    libraries = [str(folder) for folder in sorted((place / "usr" / "lib").glob("*-linux-gnu*"))]
    libraries += [str(folder) for folder in sorted((place / "lib").glob("*-linux-gnu*"))]
    return Mosquitto(place / "usr" / "sbin" / "mosquitto", {"LD_LIBRARY_PATH": ":".join(libraries)})


def _fetch(mirror: debian.Mirror, place: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="herdlien-apt-") as folder:
        apt = debian.Apt(Path(folder), mirror, mirror.suite)
        apt.update()
        # The system's own C library and the libraries already installed stay in use.
        wanted = ["mosquitto", *_missing_libraries(apt.with_dependencies("mosquitto"))]
        debian.unpack(apt.download(wanted), place)
    (place / ".whole").touch()


def _missing_libraries(packages: list[str]) -> list[str]:
    here = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    installed = {line.split()[0] for line in here if line.endswith(" installed")}
    return [name for name in packages if name.startswith("lib") and name not in installed]
