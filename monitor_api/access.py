"""Who is calling and what they may do, as types that a route's signature names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from collateral.alerting.lifecycle import HANDLERS
from collateral.model.person import Role
from collateral.model.saying import Saying, say
from collateral.store import people, sight
from monitor_api import tokens
from monitor_api.desk import Caller, Desk
from monitor_api.errors import NotAllowed, NotLoggedIn

_bearer = HTTPBearer(auto_error=False, description="The token that POST /v1/login gives.")


def desk_of(request: Request) -> Desk:
    """What `create_app` put there."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]


def _caller(desk: AtDesk, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Caller:
    if bearer is None:
        raise NotLoggedIn
    try:
        person_id = tokens.person_id(bearer.credentials, desk.secret)
    except tokens.TokenRefused as error:
        raise NotLoggedIn(error.said) from error
    with sight.unscoped(desk.connections) as connection:
        person = people.by_id(connection, person_id)
    if person is None:
        raise NotLoggedIn(say("this login no longer exists; ask an administrator"))
    return Caller(person, desk)


def only(roles: frozenset[Role], purpose: str) -> Callable[[Caller], Caller]:
    """What a route depends on that is for these roles; `purpose` completes "you may not ...", and is a
    message."""

    def permitted(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        if caller.person.role not in roles:
            raise NotAllowed(
                say(
                    "role {role} may not {purpose}; ask one of: {roles}",
                    role=caller.person.role, purpose=Saying(purpose, {}), roles=sorted(roles),
                )
            )  # fmt: skip
        return caller

    return permitted


AT_THE_BANK = frozenset({Role.OFFICER, Role.RISK, Role.AUDITOR, Role.ADMIN})

AnyPerson = Annotated[Caller, Depends(_caller)]
"""Anybody who is logged in, farm hands too."""

BankPerson = Annotated[Caller, Depends(only(AT_THE_BANK, "see loans"))]
"""Somebody of the bank: may read loans."""

CaseHandler = Annotated[Caller, Depends(only(HANDLERS, "set silences"))]
"""Somebody who handles the bank's cases. Which moves of which case anybody may make the lifecycle decides."""
