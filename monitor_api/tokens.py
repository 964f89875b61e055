"""Bearer tokens: who somebody is, signed, for half a day of real time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from collateral.model.person import Person
from collateral.model.saying import Refusal, say

LASTS = timedelta(hours=12)
ALGORITHM = "HS256"
ISSUER = "herdlien"


class TokenRefused(Refusal):
    """The token is not valid; log in again."""


@dataclass(frozen=True, slots=True)
class Token:
    """The text to send as `Authorization: Bearer`, and until when it is good."""

    text: str
    expires_at: datetime


def issue(person: Person, secret: str, at: datetime) -> Token:
    """A token for `person`, from the real time `at` on. Roles are not in it: they are read afresh on each call."""
    expires_at = at + LASTS
    claims = {"iss": ISSUER, "sub": person.person_id, "iat": at, "exp": expires_at}
    return Token(jwt.encode(claims, secret, algorithm=ALGORITHM), expires_at)


def person_id(text: str, secret: str) -> str:
    """Whom a token names. Raises TokenRefused when it is forged, changed or expired."""
    try:
        claims = jwt.decode(
            text, secret, algorithms=[ALGORITHM], issuer=ISSUER, options={"require": ["exp", "sub", "iss"]}
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenRefused(say("the login has expired; log in again")) from error
    except jwt.InvalidTokenError as error:
        raise TokenRefused(say("the token is not valid; log in again")) from error
    return str(claims["sub"])
