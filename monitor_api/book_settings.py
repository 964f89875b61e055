"""What the book is told from outside: the counties that ear tags may come from, the key of the pledge check."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr

from collateral.book.pledge_match import LEAST_KEY_BYTES, RoundKey
from collateral.settings.fragments import DatabaseSettings, SettingsError


class BookSettings(DatabaseSettings):
    """The database, the counties, and the round of the pledge check among partner banks."""

    counties: str = Field(
        default="", title="Counties",
        description="Six-digit county codes that ear tags may bear, separated by commas, blanks or lines. Empty: the"
        " counties of the animals enrolled already.",
    )  # fmt: skip

    pledge_round: str = Field(
        default="", pattern=r"^[A-Za-z0-9_-]{0,32}$", title="Pledge check round",
        description="Name of the round whose key the partner banks share now, such as 2026Q1.",
    )  # fmt: skip
    pledge_key: SecretStr = Field(
        default=SecretStr(""), title="Pledge check key",
        description="The round's key as hex, 64 digits or more, the same at every partner bank. Keep it in a file and"
        " name that with HERDLIEN_PLEDGE_KEY_FILE.",
    )  # fmt: skip

    def county_codes(self) -> frozenset[str]:
        """The codes. Raises SettingsError when one has not six digits."""
        codes = frozenset(re.split(r"[\s,;]+", self.counties.strip())) - {""}
        wrong = sorted(code for code in codes if not re.fullmatch(r"\d{6}", code))
        if wrong:
            raise SettingsError(f"HERDLIEN_COUNTIES: {wrong[0]} has not six digits; write codes such as 150524")
        return codes

    def round_key(self) -> RoundKey | None:
        """The key of the present round; None where the bank takes part in no check. Raises SettingsError."""
        text = self.pledge_key.get_secret_value().strip()
        if not text and not self.pledge_round:
            return None
        if not text or not self.pledge_round:
            raise SettingsError("HERDLIEN_PLEDGE_ROUND and HERDLIEN_PLEDGE_KEY belong together; set both or neither")
        try:
            secret = bytes.fromhex(text)
        except ValueError as error:
            raise SettingsError("HERDLIEN_PLEDGE_KEY is not hex; it is made as the partners agreed") from error
        if len(secret) < LEAST_KEY_BYTES:
            raise SettingsError(f"HERDLIEN_PLEDGE_KEY has {len(secret)} bytes and needs at least {LEAST_KEY_BYTES}")
        return RoundKey(self.pledge_round, secret)
