"""The dashboard in a real browser: log in, look, acknowledge, reload, and never leave this machine."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.dashboard.canned_api import PASSWORD, build, free_port, serving
from tests.dashboard.canned_inspections import tag

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("HERDLIEN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]  # fmt: skip
PATIENCE_MS = 30_000
HERE = {"127.0.0.1", "localhost"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH (HERDLIEN_CHROMIUM names one)"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The dashboard as its own process, against the canned interface."""
    port = free_port()
    with serving(build()) as url:
        command = [sys.executable, "-m", "dashboard", "--port", str(port)]
        program = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "HERDLIEN_API_URL": url})
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            program.terminate()
            program.wait(15)


def wait_for(url: str) -> None:
    for _attempt in range(120):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise TimeoutError(url)


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        browser.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return page


def log_in(page: Page, address: str, login: str = "officer", lang: str = "zh", path: str = "") -> None:
    page.goto(f"{address}/{path}{'&' if '?' in path else '?'}lang={lang}")
    page.fill(".st-key-login_name input", login)
    page.fill(".st-key-login_password input", PASSWORD)
    page.click(".st-key-login_submit button")


def test_an_officer_works_through_a_red_case_in_both_languages_and_stays_on_this_machine(
    page: Page, address: str, tmp_path: Path
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(page, address)
    expect(page.locator(".st-key-kpi_head")).to_contain_text("2,000")
    page.screenshot(path=tmp_path / "today.png")

    page.click(".st-key-red_banner_link a")
    expect(page.locator(".st-key-case_sentence")).to_contain_text("24 头押品牲畜成群离开圈舍")
    expect(page.locator(".st-key-case_map canvas").first).to_be_visible()
    page.screenshot(path=tmp_path / "case.png")
    page.click(".st-key-language_choice button:has-text('English')")
    expect(page.locator(".st-key-case_sentence")).to_contain_text("24 pledged animals left their pens")
    page.fill(".st-key-acknowledge_note input", "called the farm")
    page.click(".st-key-acknowledge_submit button")
    expect(page.locator(".st-key-case_badges")).to_contain_text("Being verified")
    expect(page.locator(".st-key-timeline")).to_contain_text("called the farm")
    expect(page.locator(".st-key-red_banner")).to_have_count(0)

    page.click(".st-key-case_loan_link a")
    expect(page.locator(".st-key-witness_book")).to_contain_text("600")
    expect(page.locator(".st-key-grade_card_red")).to_contain_text("open case: Group driven off")
    expect(page.locator(".st-key-pens_against_book canvas, .st-key-pens_against_book svg").first).to_be_visible()
    page.screenshot(path=tmp_path / "loan.png")
    page.click(".st-key-loan_section button:has-text('Camera pictures')")
    expect(page.locator(".st-key-camera_f1-cam1 img").first).to_be_visible()
    assert "part=cameras" in page.url
    page.click(".st-key-loan_map_link a")
    expect(page.locator(".st-key-farm_map canvas").first).to_be_visible()
    page.screenshot(path=tmp_path / "map.png")

    hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in {"data", "blob"}}
    assert hosts <= HERE


def test_an_inspector_uploads_reads_and_sees_the_pens_drawn(page: Page, address: str, tmp_path: Path) -> None:
    log_in(page, address, path=f"inspections?id={'b' * 16}")
    expect(page.locator(".st-key-session_commitment")).to_contain_text("抽样承诺")
    rows = [f"{tag(n)},2025-03-10 02:20:00,1号舍" for n in range(3)]
    with page.expect_response("**/upload_file/**"):  # a form sends what has arrived when it is submitted
        page.set_input_files(
            ".st-key-reads_file input",
            files=[{"name": "r.csv", "mimeType": "text/csv", "buffer": "\n".join(["EID,Time,pen", *rows]).encode()}],
        )
    page.click(".st-key-reads_submit button")
    expect(page.locator(".st-key-session_unique")).to_contain_text("3")
    expect(page.locator(".st-key-session_result canvas, .st-key-session_result .vega-embed svg").first).to_be_visible()
    page.screenshot(path=tmp_path / "inspection.png")


def test_a_reload_stays_logged_in_and_logging_out_ends_it(page: Page, context: BrowserContext, address: str) -> None:
    log_in(page, address, "risk")
    expect(page.locator(".st-key-kpi_head")).to_be_visible()
    wait_for_cookie(context)
    page.reload()
    expect(page.locator(".st-key-kpi_head")).to_be_visible()
    page.click(".st-key-logout button")
    expect(page.locator(".st-key-login_name")).to_be_visible()
    page.reload()
    expect(page.locator(".st-key-login_name")).to_be_visible()


def test_a_link_to_a_loan_survives_the_login(page: Page, address: str) -> None:
    log_in(page, address, path="loan?id=L2")
    expect(page.locator(".st-key-witness_book")).to_contain_text("500")


def test_the_map_really_draws(page: Page, address: str) -> None:
    log_in(page, address, path="map?farm=f1")
    canvas = page.locator(".st-key-farm_map canvas").first
    expect(canvas).to_be_visible()
    for _attempt in range(20):
        if len(canvas.screenshot()) > BLANK_BYTES:
            return
        page.wait_for_timeout(500)
    pytest.fail("the map stayed blank")


BLANK_BYTES = 9_000  # a blank picture of this size compresses to far less


def wait_for_cookie(context: BrowserContext) -> None:
    for _attempt in range(60):
        held = [c for c in context.cookies() if c["name"] == "herdlien_session"]
        if held:
            assert held[0]["httpOnly"]
            assert held[0]["sameSite"] == "Strict"
            return
        time.sleep(0.25)
    pytest.fail("no session cookie")
