"""Logging in, and who one is."""

from __future__ import annotations

from math import ceil

from fastapi import APIRouter, Request

from collateral.contract.http import LoginAnswer, LoginRequest, Me
from collateral.model.person import Person
from collateral.model.saying import say
from collateral.store import people, sight
from monitor_api import passwords, tokens
from monitor_api.access import AnyPerson, AtDesk
from monitor_api.desk import Desk
from monitor_api.errors import NotLoggedIn, TooMany, documented
from monitor_api.throttle import Key, TooManyAttempts

router = APIRouter(tags=["session"])


@router.post("/login", responses=documented(401, 422, 429, 503))
def login(asked: LoginRequest, request: Request, desk: AtDesk) -> LoginAnswer:
    """A token for half a day. After five wrong passwords within a minute the login waits."""
    key = (asked.login, request.client.host if request.client else "")
    _unless_waiting(desk, key)
    with sight.unscoped(desk.connections) as connection:
        found = people.by_login(connection, asked.login)
    if not passwords.fits(asked.password, found.password_hash if found else None) or found is None:
        desk.throttle.wrong(key, desk.wall_now())
        desk.metrics.logins.labels("wrong").inc()
        raise NotLoggedIn(say("login or password is wrong; check both"))
    desk.throttle.right(key)
    desk.metrics.logins.labels("right").inc()
    token = tokens.issue(found.person, desk.secret, desk.wall_now())
    return LoginAnswer(token=token.text, expires_at=token.expires_at, me=_me(found.person))


@router.get("/me", responses=documented(401, 503))
def me(caller: AnyPerson) -> Me:
    """Who the token says one is."""
    return _me(caller.person)


def _unless_waiting(desk: Desk, key: Key) -> None:
    at = desk.wall_now()
    try:
        desk.throttle.check(key, at)
    except TooManyAttempts as error:
        desk.metrics.logins.labels("throttled").inc()
        wait_s = max(1, ceil((error.again_at - at).total_seconds()))
        raise TooMany(error.said, headers={"Retry-After": str(wait_s)}) from error


def _me(person: Person) -> Me:
    return Me.model_validate({
        "login": person.login, "name": person.name, "role": str(person.role), "branch_id": person.branch_id,
        "farm_id": person.farm_id, "language": person.language,
    })  # fmt: skip
