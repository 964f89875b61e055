"""Node-RED from npm in a private folder outside the checkout; or the reason why it cannot be had."""

import contextlib
import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from stack.folders import cache_folder

NODE_RED = "4.1.8"
PG = "8.23.1"
LEAST_NODE = (18, 5)
NPM_PATIENCE_S = 300


def place() -> Path:
    """Where it is kept."""
    return cache_folder("node-red-r1")


def prepared() -> Path | str:
    """The folder with Node-RED in it, fetched on first use; a string says why there is none."""
    if reason := _no_node():
        return reason
    folder = place()
    with _alone(folder.with_suffix(".lock")):
        if (folder / ".whole").exists():
            return folder
        if shutil.which("npm") is None:
            return "Node-RED comes by npm, which is not on the PATH"
        return _fetched(folder)


def node_version() -> str:
    """For instance `v20.20.2`; empty where there is no node."""
    if shutil.which("node") is None:
        return ""
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()


def _no_node() -> str | None:
    version = node_version()
    if not version:
        return "Node-RED needs node, which is not on the PATH"
    numbers = tuple(int(part) for part in version.removeprefix("v").split(".")[:2])
    needed = ".".join(map(str, LEAST_NODE))
    return None if numbers >= LEAST_NODE else f"Node-RED {NODE_RED} needs node {needed} or newer; here is {version}"


def _fetched(folder: Path) -> Path | str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    wanted = {"name": "herdlien-peer", "private": True, "dependencies": {"node-red": NODE_RED, "pg": PG}}
    (folder / "package.json").write_text(json.dumps(wanted))
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=NPM_PATIENCE_S,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"npm did not fetch Node-RED within {NPM_PATIENCE_S} s"
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        return f"npm could not fetch Node-RED: {said[0]}"
    (folder / ".whole").touch()
    return folder


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
