"""The whole pilot as processes: the night without a person, and the night with one in front of a browser."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from stack.demo import PASSWORD
from stack.ports import free_port

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("HERDLIEN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]  # fmt: skip
LOOPBACK = {"127.0.0.1", "localhost"}
PATIENCE_MS = 60_000
KEYS = {
    "ok", "steps", "published", "stored", "lost", "duplicates", "counts", "red_cases", "tags_named", "delivered",
    "database", "broker",
}  # fmt: skip
INTERRUPTED = 130

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs in its own folder for temporary files, so that its processes can be told from others."""

    process: subprocess.Popen[bytes]
    api: str
    dashboard: str
    folder: Path

    def interrupt(self) -> int:
        """Ctrl-C, and the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)

    def left_over(self) -> list[str]:
        """The command lines of processes that still carry this demo's folder in their environment."""
        return [command for command, environment in _processes() if f"TMPDIR={self.folder}" in environment]


def _processes() -> Iterator[tuple[str, list[str]]]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            environment = (entry / "environ").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if command:
            yield command, environment


def command(seed: int, api_port: int, dashboard_port: int, *more: str) -> list[str]:
    ports = ["--api-port", str(api_port), "--dashboard-port", str(dashboard_port)]
    return [
        sys.executable,
        "-m",
        "stack",
        "demo",
        "--seed",
        str(seed),
        "--history-days",
        "2",
        *ports,
        *more,
    ]


@pytest.fixture
def demo() -> Iterator[Demo]:
    """A demo with night 12, ended and swept up whatever the test did to it."""
    # Not tmp_path: the database's socket has to lie on a short path.
    folder = Path(tempfile.mkdtemp(prefix="night-"))
    folder.chmod(0o755)  # the database may run under an account of its own
    api_port, dashboard_port = free_port(), free_port()
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            command(12, api_port, dashboard_port, "--speed", "60"), cwd=ROOT, stdout=log, stderr=log,
            env={**os.environ, "TMPDIR": str(folder)},
        )  # fmt: skip
    running = Demo(process, f"http://127.0.0.1:{api_port}", f"http://127.0.0.1:{dashboard_port}", folder)
    try:
        yield running
    finally:
        if process.poll() is None:
            running.interrupt()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_night_is_played_without_a_person_and_everything_holds() -> None:
    played = subprocess.run(
        command(11, free_port(), free_port(), "--check", "--json"), cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=500,
    )  # fmt: skip
    report = json.loads(played.stdout.splitlines()[-1])
    assert played.returncode == 0, played.stderr
    assert report.keys() == KEYS
    held = {"ok": True, "red_cases": 1, "tags_named": 24, "lost": 0, "duplicates": 0}
    assert {name: report[name] for name in held} == held
    assert report["stored"] == report["published"] > 0
    assert all(step["ok"] for step in report["steps"])


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH (HERDLIEN_CHROMIUM names one)")
def test_an_officer_acknowledges_the_theft_in_a_browser_and_ctrl_c_leaves_nothing_behind(
    demo: Demo, tmp_path: Path
) -> None:
    case = until(lambda: red_case(demo))
    asked = officer_in_a_browser(demo, case, tmp_path)
    hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in {"data", "blob"}}
    assert hosts <= LOOPBACK
    assert demo.interrupt() == INTERRUPTED
    assert demo.left_over() == []


def officer_in_a_browser(demo: Demo, case: dict[str, Any], pictures: Path) -> list[str]:
    """What an officer does about a red case; every address that the browser asked."""
    # Not at the top: the test without a browser runs where playwright is not installed.
    from playwright.sync_api import expect, sync_playwright

    asked: list[str] = []
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{demo.dashboard}/?lang=zh")
        page.fill(".st-key-login_name input", "officer")
        page.fill(".st-key-login_password input", PASSWORD)
        page.click(".st-key-login_submit button")
        expect(page.locator(".st-key-kpi_head")).to_contain_text("1,400")
        page.screenshot(path=pictures / "today-zh.png")

        page.click(".st-key-red_banner_link a")
        expect(page.locator(".st-key-case_sentence")).to_contain_text("押品牲畜成群离开圈舍")
        expect(page.locator(".st-key-case_loan")).to_contain_text(case["contract_no"])
        expect(page.locator(".st-key-testimony_1 img").first).to_be_visible()
        expect(page.locator(".st-key-case_map canvas").first).to_be_visible()
        page.screenshot(path=pictures / "case-zh.png")

        page.click(".st-key-language_choice button:has-text('English')")
        expect(page.locator(".st-key-case_sentence")).to_contain_text("pledged animals left their pens")
        page.fill(".st-key-acknowledge_note input", "called the farm")
        page.click(".st-key-acknowledge_submit button")
        expect(page.locator(".st-key-case_badges")).to_contain_text("Being verified")
        expect(page.locator(".st-key-timeline")).to_contain_text("called the farm")
        expect(page.locator(".st-key-red_banner")).to_have_count(0)
        page.screenshot(path=pictures / "case-en.png")

        page.click(".st-key-case_loan_link a")
        expect(page.locator(".st-key-witness_book")).to_contain_text(str(case["book"]))
        page.screenshot(path=pictures / "loan-en.png")
        page.click(".st-key-loan_section button:has-text('Camera pictures')")
        expect(page.locator("[class*=st-key-camera_] img").first).to_be_visible()
        page.screenshot(path=pictures / "cameras-en.png")
        page.click(".st-key-language_choice button:has-text('中文')")
        expect(page.locator(".st-key-witness_book")).to_contain_text("账面")
        page.screenshot(path=pictures / "loan-zh.png")
        page.goto(f"{demo.dashboard}/case?id={case['case_id']}&lang=zh")
        expect(page.locator(".st-key-case_badges")).to_contain_text("核实中")
        browser.close()
    return asked


def red_case(demo: Demo) -> dict[str, Any] | None:
    """The red case that waits in the officer's inbox, with the book figure of its loan."""
    assert demo.process.poll() is None, (demo.folder / "demo.log").read_text("utf-8")
    with httpx.Client(base_url=demo.api) as client:
        try:
            token = client.post("/v1/login", json={"login": "officer", "password": PASSWORD}).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            reds = client.get("/v1/alerts?severity=red&state=open").json()
            if not reds:
                return None
            book = client.get(f"/v1/loans/{reds[0]['loan_id']}").json()["loan"]["book"]
        except httpx.TransportError:
            return None  # still starting
    return {**reds[0], "book": book}


def until(look: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
    """What `look` finds, as soon as it finds something."""
    for _attempt in range(150):
        if found := look():
            return found
        time.sleep(2)
    raise TimeoutError("nothing came within five minutes")
