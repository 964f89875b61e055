"""Where notifications go."""

from __future__ import annotations

from pydantic import Field, SecretStr

from collateral.settings.fragments import Fragment


class NotifySettings(Fragment):
    """The risk desk's webhook. Without an address only the log channel is used."""

    webhook_url: str | None = Field(
        default=None, title="Webhook", description="Address that receives orange and red cases as signed JSON."
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        title="Webhook secret",
        description="Shared key of the HMAC-SHA256 signature of each message.",
    )
