"""Logging in, and what a token is good for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import psycopg
import pytest

from collateral.store import people
from monitor_api import tokens
from tests.integration.api import SECRET, Bank, open_bank
from tests.integration.enrolments import PASSWORD


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def test_the_right_password_gives_a_token_for_twelve_hours(bank: Bank) -> None:
    answer = bank.log_in("n-officer", PASSWORD).json()
    left = datetime.fromisoformat(answer["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=55) < left <= timedelta(hours=12)
    me = bank.client.get("/v1/me", headers={"Authorization": f"Bearer {answer['token']}"}).json()
    assert me == answer["me"]
    assert (me["role"], me["branch_id"], me["language"]) == ("officer", "north", "zh")


def test_an_unknown_login_and_a_wrong_password_are_told_the_same(bank: Bank) -> None:
    wrong = bank.log_in("n-officer", "wrong")
    unknown = bank.log_in("nobody", "wrong")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401
    assert wrong.headers["content-type"] == "application/problem+json"


def test_after_five_wrong_passwords_even_the_right_one_waits_and_others_do_not(bank: Bank) -> None:
    tries = [bank.log_in("n-officer", f"wrong {n}").status_code for n in range(6)]
    assert tries == [401] * 5 + [429]
    waiting = bank.log_in("n-officer", PASSWORD)
    assert waiting.status_code == 429
    assert 1 <= int(waiting.headers["Retry-After"]) <= 60
    assert "try again after" in waiting.json()["detail"]
    assert bank.log_in("n-risk", PASSWORD).status_code == 200


def _with(bank: Bank, token: str) -> tuple[int, str]:
    answer = bank.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()["detail"]


def _officer(bank: Bank) -> people.Credentials:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        found = people.by_login(connection, "n-officer")
    assert found is not None
    return found


def test_an_expired_token_is_refused_and_says_so(bank: Bank) -> None:
    old = tokens.issue(_officer(bank).person, SECRET, datetime.now(UTC) - timedelta(hours=13))
    assert _with(bank, old.text) == (401, "the login has expired; log in again")


def test_forged_tokens_are_refused(bank: Bank) -> None:
    now = datetime.now(UTC)
    person = _officer(bank).person
    claims = {"iss": tokens.ISSUER, "sub": person.person_id, "exp": now + timedelta(hours=1)}
    good = tokens.issue(person, SECRET, now).text
    head, body, signature = good.split(".")
    forged = {
        "signed by another": tokens.issue(person, SECRET[::-1], now).text,
        "not signed": jwt.encode(claims, None, algorithm="none"),
        "changed": f"{head}.{body}.{signature[::-1]}",
        "never ending": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, SECRET, "HS256"),
        "of another program": jwt.encode({**claims, "iss": "elsewhere"}, SECRET, "HS256"),
        "not a token": "abc",
    }
    assert {name: _with(bank, token)[0] for name, token in forged.items()} == dict.fromkeys(forged, 401)
    assert bank.client.get("/v1/me", headers={"Authorization": f"Bearer {good}"}).status_code == 200


def test_a_token_of_somebody_who_has_left_is_refused(bank: Bank) -> None:
    gone = replace(_officer(bank).person, person_id="gone")
    status, detail = _with(bank, tokens.issue(gone, SECRET, datetime.now(UTC)).text)
    assert (status, "no longer exists" in detail) == (401, True)


def test_a_change_of_role_holds_from_the_next_call_on(bank: Bank) -> None:
    assert bank.get("/loans", "n-officer").status_code == 200
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE person SET role = 'farm', farm_id = 'sunny' WHERE login = 'n-officer'")
    assert bank.get("/loans", "n-officer").status_code == 403
