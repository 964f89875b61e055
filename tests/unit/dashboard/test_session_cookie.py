"""The cookie that carries a login over a reload, and the command line."""

import asyncio
import socket
import time
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from dashboard import tickets
from dashboard.__main__ import main
from dashboard.serve import COOKIE, begin_session, end_session

Post = Callable[..., httpx.Response]


@pytest.fixture
def post() -> Post:
    """Sends to the two routes, without a server."""
    routes = [
        Route("/session/begin", begin_session, methods=["POST"]),
        Route("/session/end", end_session, methods=["POST"]),
    ]
    transport = httpx.ASGITransport(Starlette(routes=routes))

    async def sent(path: str, content: bytes | str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post(path, content=content)

    return lambda path, content=b"": asyncio.run(sent(path, content))


def test_a_ticket_buys_a_cookie_that_scripts_and_other_sites_cannot_use(post: Post) -> None:
    answer = post("/session/begin", tickets.issue("the-token"))
    cookie = answer.headers["set-cookie"]
    assert f"{COOKIE}=the-token" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_ticket_is_good_once(post: Post) -> None:
    ticket = tickets.issue("the-token")
    post("/session/begin", ticket)
    again = post("/session/begin", ticket)
    assert again.status_code == 410
    assert "set-cookie" not in again.headers


def test_a_ticket_expires(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, later = tickets.issue("the-token"), time.monotonic() + tickets.VALID_S + 1
    monkeypatch.setattr(tickets.time, "monotonic", lambda: later)
    assert tickets.redeem(ticket) is None


def test_a_guess_buys_nothing(post: Post) -> None:
    assert post("/session/begin", b"\xff\xfe guess").status_code == 410


def test_logging_out_drops_the_cookie(post: Post) -> None:
    assert "Max-Age=0" in post("/session/end").headers["set-cookie"]


def test_a_taken_port_is_one_line_and_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    assert capsys.readouterr().err == f"dashboard: port {port} is taken; choose another with --host or --port\n"
