"""The service itself: health, metrics, its description, and what it says when it cannot run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from collateral.contract.enrolment import write
from monitor_api.app import described
from stack.postgres import EmbeddedPostgres
from tests.integration.api import open_bank
from tests.integration.enrolments import small_bank

ROOT = Path(__file__).parents[2]
SNAPSHOT = ROOT / "docs" / "reference" / "openapi.json"


def run(*verb: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor_api", *verb], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip


def test_the_committed_openapi_description_is_that_of_the_code() -> None:
    refresh = "refresh it: ./run python -m monitor_api openapi > docs/reference/openapi.json"
    assert json.loads(SNAPSHOT.read_text("utf-8")) == json.loads(json.dumps(described())), refresh


def test_health_and_metrics_are_there_with_and_without_the_version(database: str) -> None:
    with open_bank(database) as bank:
        for path in ("/v1/health", "/health"):
            answer = bank.client.get(path)
            assert (answer.status_code, answer.json()["ok"], answer.json()["schema_current"]) == (200, True, True)
        assert 'herdlien_api_requests_total{method="GET"' in bank.client.get("/metrics").text


def test_what_is_not_there_is_a_problem_too(database: str) -> None:
    with open_bank(database) as bank:
        answer = bank.client.get("/v1/nothing")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_when_the_database_stops_health_says_so_and_recovers(postgres_server: EmbeddedPostgres, database: str) -> None:
    with open_bank(database) as bank:
        assert bank.get("/loans", "n-officer").status_code == 200
        postgres_server.stop()
        try:
            health = bank.client.get("/health")
            loans = bank.get("/loans", "n-officer")
        finally:
            postgres_server.restart()
        assert (health.status_code, health.json()["ok"], health.json()["database"]) == (503, False, "away")
        assert (loans.status_code, loans.headers["content-type"]) == (503, "application/problem+json")
        assert "postgres" not in loans.text
        # the pool waits longer after each failure, so that a database that comes up is not stormed
        assert any(bank.client.get("/health").status_code == 200 for _ in range(6))
        assert bank.get("/loans", "n-officer").status_code == 200


def test_migrate_and_load_from_the_command_line_say_what_they_did(empty_database: str, tmp_path: Path) -> None:
    (tmp_path / "pilot.json").write_bytes(write(small_bank()))
    migrated = run("migrate", HERDLIEN_DATABASE_URL=empty_database)
    assert (migrated.returncode, "applied 0001" in migrated.stdout, "PostgreSQL" in migrated.stdout) == (0, True, True)
    assert "schema is current" in run("migrate", HERDLIEN_DATABASE_URL=empty_database).stdout
    loaded = run("load-pilot", str(tmp_path / "pilot.json"), HERDLIEN_DATABASE_URL=empty_database)
    assert (loaded.returncode, "12 animal" in loaded.stdout) == (0, True)


NOBODY = "postgresql://herdlien:hush@127.0.0.1:1/herdlien"


@pytest.mark.parametrize(
    ("verb", "environment", "said"),
    [
        (("serve", "--port", "1"), {}, "HERDLIEN_SECRET is not set"),
        (("serve", "--port", "1"), {"HERDLIEN_SECRET": "short"}, "needs at least 32"),
        (("serve", "--port", "1"), {"HERDLIEN_SECRET": "x" * 32, "HERDLIEN_DATABASE_URL": NOBODY}, "127.0.0.1:1"),
        (("migrate",), {"HERDLIEN_DATABASE_URL": NOBODY}, "127.0.0.1:1"),
        (("migrate",), {"HERDLIEN_DATABASE_URL": "nonsense"}, "HERDLIEN_DATABASE_URL"),
    ],
)
def test_what_cannot_run_says_why_in_one_line_and_exits_two(
    verb: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    refused = run(*verb, **environment)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(refused.stderr.strip().splitlines()) == 1
    assert said in refused.stderr
    assert "hush" not in refused.stderr


def test_a_wrong_password_for_the_database_is_named_as_such(database: str) -> None:
    user, _, rest = database.partition("@")
    wrong = f"{user.rpartition(':')[0]}:wrong@{rest}"
    refused = run("migrate", HERDLIEN_DATABASE_URL=wrong)
    assert refused.returncode == 2
    assert "correct the user or password" in refused.stderr
