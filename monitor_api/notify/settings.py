"""Where notifications go."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from collateral.settings.fragments import Fragment

_PLACES = "Several are separated by commas; {branch} and {farm} stand for the ids of the case's branch and farm."


class NotifySettings(Fragment):
    """The risk desk's webhook and the mail server. With neither only the log channel is used.

    E-mail goes to people (`python -m monitor_api person`); the addresses here stand in where nobody of a level has one.
    """

    webhook_url: str | None = Field(
        default=None, title="Webhook", description="Address that receives orange and red cases as signed JSON."
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        title="Webhook secret",
        description="Shared key of the HMAC-SHA256 signature of each message.",
    )
    mail_host: str | None = Field(
        default=None, title="Mail server", description="SMTP server that takes e-mail from us."
    )
    mail_port: int = Field(default=587, title="Mail port", description="TCP port of the mail server.", ge=1, le=65535)
    mail_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", title="Mail security",
        description="starttls, tls from the first byte, or none for a server on this machine.",
    )  # fmt: skip
    mail_user: str | None = Field(default=None, title="Mail user", description="Login at the mail server, if it asks.")
    mail_password: SecretStr = Field(
        default=SecretStr(""), title="Mail password", description="Password of that login."
    )
    mail_from: str = Field(default="herdlien@localhost", title="Sender", description="Address that e-mail comes from.")
    mail_officer: str = Field(
        default="",
        title="Duty officer",
        description=f"Stands in for officers (客户经理) where a branch has none with an address. {_PLACES}",
    )
    mail_branch_head: str = Field(
        default="", title="Branch head", description=f"Stands in for the branch head (支行行长), likewise. {_PLACES}"
    )
    mail_branch_risk: str = Field(
        default="", title="Branch risk", description=f"Stands in for the risk staff (分行风险经理), likewise. {_PLACES}"
    )
    mail_head_office: str = Field(
        default="", title="Head office", description=f"Stands in for the head office (总行), likewise. {_PLACES}"
    )
    mail_farm: str = Field(
        default="", title="Farm", description=f"Stands in for a farm's people for its own matters, likewise. {_PLACES}"
    )
