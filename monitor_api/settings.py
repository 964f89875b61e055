"""What the HTTP interface and the housekeeping are told from outside."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, SecretStr

from collateral.settings.fragments import DatabaseSettings, SettingsError
from collateral.store.ages import Ages

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


class KeepingSettings(DatabaseSettings):
    """How long what is stored is kept, in days. What a case that is not resolved rests on is kept in any case."""

    keep_readings_days: int = Field(
        default=90, ge=16, title="Keep readings",
        description="Days that readings and gateways' heartbeats are kept; at least 16, for rules look 14 back.",
    )  # fmt: skip
    keep_five_minutes_days: int = Field(
        default=14, ge=1, title="Keep 5-minute sums", description="Days that sums of 5 minutes are kept."
    )
    keep_sums_days: int = Field(
        default=730, ge=16, title="Keep hourly and daily sums", description="Days that sums of an hour or day are kept."
    )
    keep_evidence_days: int | None = Field(
        default=None, ge=16, title="Keep evidence",
        description="Days that pictures and the counts made from them are kept. Unset: for ever.",
    )  # fmt: skip
    keep_quarantine_days: int | None = Field(
        default=None, ge=1, title="Keep quarantine",
        description="Days that messages which could not be read are kept. Unset: for ever.",
    )  # fmt: skip
    compress_after_days: int = Field(
        default=15, ge=1, title="Compress readings after",
        description="Days after which TimescaleDB's Community edition compresses readings.",
    )  # fmt: skip

    def ages(self) -> Ages:
        """The same as durations."""
        return Ages(
            readings=timedelta(days=self.keep_readings_days),
            five_minutes=timedelta(days=min(self.keep_five_minutes_days, self.keep_readings_days)),
            roll_ups=timedelta(days=self.keep_sums_days),
            evidence=_days(self.keep_evidence_days),
            quarantine=_days(self.keep_quarantine_days),
            compress_after=timedelta(days=self.compress_after_days),
        )


def _days(number: int | None) -> timedelta | None:
    return None if number is None else timedelta(days=number)
