"""Where notifications go, and which days the bank works."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

from pydantic import Field, SecretStr

from collateral.alerting.working_days import WorkingDays
from collateral.settings.fragments import Fragment, SettingsError

_PLACES = "Several are separated by commas; {branch} and {farm} stand for the ids of the case's branch and farm."


class NotifySettings(Fragment):
    """The risk desk's webhook and people's e-mail. Without an address only the log channel is used."""

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
        default="", title="Duty officer", description=f"Who gets red cases by e-mail (客户经理). {_PLACES}"
    )
    mail_branch_head: str = Field(
        default="", title="Branch head", description=f"Who hears when the officer does not act (支行行长). {_PLACES}"
    )
    mail_branch_risk: str = Field(
        default="", title="Branch risk", description=f"Who hears when the branch does not act (分行风险经理). {_PLACES}"
    )
    mail_head_office: str = Field(
        default="", title="Head office", description=f"Who hears when nobody acts (总行). {_PLACES}"
    )
    mail_farm: str = Field(
        default="", title="Farm", description=f"Who at the farm hears of its own animals' health. {_PLACES}"
    )


class CalendarSettings(Fragment):
    """Days off and worked weekends, as announced each year; without them only weekends are days off."""

    holidays: str = Field(
        default="",
        title="Holidays",
        description="Public holidays, as 2026-10-01 separated by commas; renew every year.",
    )
    worked_weekends: str = Field(
        default="", title="Worked weekends", description="Weekend days that are worked instead (调休), likewise."
    )

    def working_days(self) -> WorkingDays:
        """The calendar. Raises SettingsError where a date cannot be read."""
        return WorkingDays(_dates("HOLIDAYS", self.holidays), _dates("WORKED_WEEKENDS", self.worked_weekends))


@cache
def calendar() -> WorkingDays:
    """The bank's calendar, read once."""
    return CalendarSettings().working_days()


def _dates(name: str, text: str) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"HERDLIEN_{name}: {error}; write dates as 2026-10-01, separated by commas") from error
