"""What the HTTP interface is told from outside."""

from __future__ import annotations

from pydantic import Field, SecretStr

from collateral.settings.fragments import DatabaseSettings, SettingsError

LEAST_SECRET = 32
_ADVICE = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


class ApiSettings(DatabaseSettings):
    """The database and the secret that signs tokens."""

    secret: SecretStr = Field(
        default=SecretStr(""),
        title="Token secret",
        description=f"At least {LEAST_SECRET} characters, random, the same for every process that serves the API.",
    )

    def signing_secret(self) -> str:
        """The secret; raises SettingsError when it is missing or short enough to guess."""
        text = self.secret.get_secret_value()
        if not text:
            raise SettingsError(f"HERDLIEN_SECRET is not set, so logins cannot be signed; {_ADVICE}")
        if len(text) < LEAST_SECRET:
            raise SettingsError(
                f"HERDLIEN_SECRET has {len(text)} characters and needs at least {LEAST_SECRET}; {_ADVICE}"
            )
        return text
