"""Tokens say who somebody is; passwords are checked without telling whether a login exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from collateral.model.ids import BranchId, PersonId
from collateral.model.person import Person, Role
from collateral.settings.fragments import SettingsError
from monitor_api import passwords, tokens
from monitor_api.settings import ApiSettings

SECRET = "long enough for a test of signatures"
OFFICER = Person(person_id=PersonId("p1"), login="officer", name="Li", role=Role.OFFICER, branch_id=BranchId("north"))


def test_a_token_names_the_person_it_was_issued_to() -> None:
    token = tokens.issue(OFFICER, SECRET, datetime.now(UTC))
    assert tokens.person_id(token.text, SECRET) == "p1"


def test_a_token_lasts_twelve_hours_of_real_time() -> None:
    almost = tokens.issue(OFFICER, SECRET, datetime.now(UTC) - timedelta(hours=11, minutes=59))
    over = tokens.issue(OFFICER, SECRET, datetime.now(UTC) - timedelta(hours=12, seconds=1))
    assert tokens.person_id(almost.text, SECRET) == "p1"
    with pytest.raises(tokens.TokenRefused, match="expired"):
        tokens.person_id(over.text, SECRET)


def test_a_token_signed_with_another_secret_is_refused() -> None:
    token = tokens.issue(OFFICER, SECRET + "!", datetime.now(UTC))
    with pytest.raises(tokens.TokenRefused):
        tokens.person_id(token.text, SECRET)


def test_only_the_right_password_fits_and_nobody_has_one() -> None:
    stored = passwords.hashed("correct horse")
    assert passwords.fits("correct horse", stored)
    assert not passwords.fits("wrong horse", stored)
    assert not passwords.fits("nobody has this password", None)


@pytest.mark.parametrize(("secret", "said"), [("", "not set"), ("x" * 31, "31 characters")])
def test_a_missing_or_short_secret_is_refused_with_how_to_make_one(secret: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        ApiSettings(secret=SecretStr(secret)).signing_secret()
    assert "secrets.token_urlsafe" in str(refused.value)
