"""What is on this machine, what is missing, and the fix for each."""

import glob
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stack import mosquitto, nats, timescale
from stack.demo import API_PORT, DASHBOARD_PORT
from stack.folders import LEAST_FREE_MB, REPOSITORY
from stack.ports import holder_of, is_free
from stack.postgres import packaged_binaries

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CJK_FONTS = ("/usr/share/fonts/**/*CJK*", "/usr/share/fonts/**/wqy*", "/System/Library/Fonts/PingFang.ttc")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. Without what is `needed` the demo cannot run."""

    what: str
    there: bool
    detail: str
    fix: str = ""
    needed: bool = True


def examine() -> list[Finding]:
    """Look at everything, change nothing, fetch nothing."""
    looks: list[Callable[[], Finding]] = [
        _python, _environment, _disk, _postgres, _timescale, _broker,
        lambda: _port(DASHBOARD_PORT, "the dashboard", "--dashboard-port"),
        lambda: _port(API_PORT, "the API", "--api-port"),
        _browser, _font, _data,
    ]  # fmt: skip
    return [look() for look in looks]


def doctor(*, as_json: bool = False) -> int:
    """Print the table, or one JSON object; exit status 1 when the demo could not run."""
    findings = examine()
    ok = all(finding.there for finding in findings if finding.needed)
    if as_json:
        print(json.dumps({"ok": ok, "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
    else:
        Console().print(render(findings))
    return 0 if ok else 1


def render(findings: list[Finding]) -> Table:
    """What, whether, detail and fix."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("", "what", "found", "fix"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        mark = Text("ok", "green") if finding.there else Text("MISSING" if finding.needed else "without", "yellow")
        table.add_row(mark, Text(finding.what), Text(finding.detail), Text("" if finding.there else finding.fix))
    return table


def _python() -> Finding:
    version = platform.python_version()
    return Finding("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer, or set PYTHON=")


def _environment() -> Finding:
    missing = [name for name in ("psycopg", "paho", "fastapi", "streamlit", "cv2") if not _has(name)]
    detail = f"without {', '.join(missing)}" if missing else sys.prefix
    return Finding("environment", not missing, detail, "rm -r .venv, then ./run doctor installs it anew")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _disk() -> Finding:
    free_mb = shutil.disk_usage(REPOSITORY).free // 1_000_000
    fix = f"free {LEAST_FREE_MB} MB, or set TMPDIR to a larger disk"
    return Finding("disk", free_mb >= LEAST_FREE_MB, f"{free_mb / 1000:.1f} GB free", fix)


def _postgres() -> Finding:
    install = packaged_binaries()
    if install is None:
        fix = "pip has no PostgreSQL for this machine: start one and use ./run up with HERDLIEN_DATABASE_URL"
        return Finding("PostgreSQL", there=False, detail=platform.machine(), fix=fix)
    shown = subprocess.run(
        [str(install / "bin" / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    return Finding("PostgreSQL", shown.returncode == 0, shown.stdout.strip() or shown.stderr.strip()[-80:])


def _timescale() -> Finding:
    there = timescale.obstacle() is None
    fix = "only tests use it; the demo runs on plain PostgreSQL"
    return Finding("TimescaleDB", there, timescale.state(), fix, needed=False)


def _broker() -> Finding:
    found = nats.find()
    spare = found if isinstance(found, str) else found.version()
    have = not isinstance(found, str) or "not here" not in mosquitto.state()
    return Finding("MQTT broker", have, f"Mosquitto {mosquitto.state()}; {spare}", "apt install mosquitto")


def _port(number: int, what_for: str, option: str) -> Finding:
    free = is_free(number)
    detail = "free" if free else f"taken by {holder_of(number) or 'another program'}"
    return Finding(f"port {number}", free, f"{detail} ({what_for})", f"./run demo {option} N", needed=False)


def _browser() -> Finding:
    names = [path for name in BROWSERS if (path := shutil.which(name))]
    fix = "apt install chromium (browser tests and pictures only)"
    return Finding("Chromium", bool(names), names[0] if names else "none on the PATH", fix, needed=False)


def _font() -> Finding:
    # glob, not pathlib: these patterns are absolute.
    fonts = [path for pattern in CJK_FONTS for path in glob.glob(pattern, recursive=True)]  # noqa: PTH207
    fix = "apt install fonts-noto-cjk, else Chinese in pictures and reports is boxes"
    return Finding("Chinese font", bool(fonts), fonts[0] if fonts else "none found", fix, needed=False)


def _data() -> Finding:
    folder = Path(os.environ.get("HERDLIEN_DATA") or REPOSITORY.parent / "shared" / "data")
    fix = "set HERDLIEN_DATA; tests on real pictures are skipped without it"
    return Finding("shared data", folder.is_dir(), str(folder), fix, needed=False)
