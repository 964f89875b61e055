"""The API on a real database, as a person would call it, with a few readings, counts, pictures and cases."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import psycopg
import uvicorn
from psycopg.types.json import Jsonb

from collateral.model.finding import Severity
from collateral.store import pool
from monitor_api import load_pilot
from monitor_api.app import create_app
from monitor_api.desk import Desk
from monitor_api.passwords import hashed
from tests.integration.enrolments import HEAD, NORTH, PASSWORD, SOUTH, small_bank, tag_of

SECRET = "a secret for tests, long enough to serve"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SUNNY, MISTY = ("n", "a", "sunny", NORTH), ("s", "b", "misty", SOUTH)
JPEG = b"\xff\xd8\xff\xe0 a picture of "


@dataclass
class Bank:
    """A served API. `get` and `post` call it as somebody; data time stands still at NOW."""

    client: httpx.Client
    dsn: str
    desk: Desk
    tokens: dict[str, str]

    def get(self, path: str, login: str | None = None, **params: Any) -> Any:
        """GET /v1`path`."""
        return self.client.get(f"/v1{path}", params=params, headers=self._as(login))

    def post(self, path: str, login: str | None = None, **body: Any) -> Any:
        """POST /v1`path`."""
        return self.client.post(f"/v1{path}", json=body, headers=self._as(login))

    def send(self, path: str, data: bytes, login: str, **params: Any) -> Any:
        """POST /v1`path` with a file as the body."""
        headers = self._as(login) | {"Content-Type": "text/csv"}
        return self.client.post(f"/v1{path}", content=data, params=params, headers=headers)

    def log_in(self, login: str, password: str) -> Any:
        """POST /v1/login."""
        return self.client.post("/v1/login", json={"login": login, "password": password})

    def _as(self, login: str | None) -> dict[str, str]:
        if login is None:
            return {}
        if login not in self.tokens:
            self.tokens[login] = self.log_in(login, PASSWORD).json()["token"]
        return {"Authorization": f"Bearer {self.tokens[login]}"}


@contextmanager
def open_bank(dsn: str, now: datetime = NOW, head: int = HEAD) -> Iterator[Bank]:
    """The small bank, loaded and served; `head` animals on each farm."""
    load_pilot.load(dsn, small_bank(head), hash_password=known_hash)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for farm in (SUNNY, MISTY):
            hear(connection, *farm)
    desk = Desk(pool.open_pool(dsn, most=4), SECRET, now=lambda: now)
    with served(desk) as address, httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield Bank(client, dsn, desk, {})


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The API on a free port of its own; gives its address."""
    config = uvicorn.Config(create_app(desk), log_level="error", ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


def hear(connection: psycopg.Connection, letter: str, tag: str, farm: str, at: tuple[float, float]) -> None:
    """Every animal but the last heard an hour ago in its pen; a count with its picture; a gateway online."""
    gateway, camera = f"{letter}-gw", f"{letter}-cam"
    for n in range(HEAD - 1):
        for hours in (1, 2):
            read(connection, tag_of(tag, n), gateway, NOW - timedelta(hours=hours), at)
    connection.execute(
        "INSERT INTO gateway_status VALUES (%s, %s, 'online', %s, 0, NULL, 'test')",
        (gateway, NOW - timedelta(minutes=2), NOW - timedelta(minutes=2)),
    )
    count(connection, camera, gateway, NOW - timedelta(minutes=5))
    picture = picture_of(camera)
    connection.execute(
        "INSERT INTO evidence VALUES (%s, 'frame', 'image/jpeg', %s, %s, %s, NULL, %s, %s)",
        (sha_of(camera), camera, NOW - timedelta(minutes=5), NOW, hashlib.sha256(picture).hexdigest(), picture),
    )


def read(connection: psycopg.Connection, tag: str, gateway: str, at: datetime, place: tuple[float, float]) -> None:
    """One reading of a tag."""
    connection.execute(
        "INSERT INTO reading (tag_id, sequence, measured_at, heard_at, received_at, gateway_id, latitude, longitude,"
        " fix_error_m, battery_pct, clock_ok) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 5, 80, true)",
        (tag, int(at.timestamp()), at, at, at, gateway, *place),
    )


def count(connection: psycopg.Connection, camera: str, gateway: str, at: datetime) -> None:
    """One head count of five."""
    connection.execute(
        "INSERT INTO head_count (camera_id, sequence, captured_at, counted_at, received_at, gateway_id, low, best,"
        " high, method, model_version, frame_sha256) VALUES (%s, 1, %s, %s, %s, %s, 4, 5, 6, 'detect', 'm1', %s)",
        (camera, at, at, at, gateway, sha_of(camera)),
    )


def picture_of(camera: str) -> bytes:
    """What is shown of the one frame of a camera."""
    return JPEG + b"with boxes of " + camera.encode()


def sha_of(camera: str) -> str:
    """The hash of the one frame of a camera."""
    return hashlib.sha256(JPEG + camera.encode()).hexdigest()


def open_case(dsn: str, letter: str = "n", rule: str = "tag_silence", severity: Severity = Severity.ORANGE) -> int:
    """A case about the loan of one branch; returns its number."""
    branch, farm = ("north", "sunny") if letter == "n" else ("south", "misty")
    testimony = {
        "witness": "tag", "since": NOW.isoformat(), "particulars": {"silent": 1, "value_minor": 5}, "frames": []
    }  # fmt: skip
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "INSERT INTO supervision_case (rule, severity, stage, branch_id, farm_id, loan_id, opened_at, event_at,"
            " last_seen_at, occurrences, value_affected_minor, coverage_before, coverage_after, due_at, animals,"
            " testimonies, figures) VALUES (%s, %s, 'new', %s, %s, %s, %s, %s, %s, 1, 1500000, 1, 0.9, %s, %s, %s, %s)"
            " RETURNING case_id",
            (
                rule, int(severity), branch, farm, f"{letter}-loan", NOW, NOW, NOW, NOW + timedelta(hours=4),
                [f"{letter}-animal-{HEAD - 1}"], Jsonb([testimony]), Jsonb({"silent": 1, "loan_value": 7}),
            ),
        ).fetchone()  # fmt: skip
    assert row is not None
    number: int = row[0]
    return number


@cache
def known_hash(password: str) -> str:
    """The hash of a password, made once for all tests: argon2 is slow on purpose."""
    return hashed(password)
