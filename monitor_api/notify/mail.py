"""E-mail to people, up the ladder as the clock runs, and to the farm for what is its own matter."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from collateral.alerting.routing import Level
from monitor_api.notify.channel import PATIENCE_S, NotSent

MOST_ANIMALS = 40
_FOR_GOOD = range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where e-mail is handed in. `security`: starttls, tls or none. `user` None: the server asks for no login."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str = ""


class EmailChannel:
    """One e-mail a message, in Chinese and English, to `people` of the case's level and of all levels below it."""

    def __init__(self, server: MailServer, people: Mapping[Level, str]) -> None:
        self._server, self._people = server, people

    def send(self, payload: dict[str, Any]) -> None:
        reached = Level(payload.get("level") or Level.OFFICER)
        upto = [*Level][: [*Level].index(reached) + 1]
        _send(self._server, [a for level in upto for a in addresses(self._people.get(level, ""), payload)], payload)


class FarmMailChannel:
    """E-mail to the farm."""

    def __init__(self, server: MailServer, people: str) -> None:
        self._server, self._people = server, people

    def send(self, payload: dict[str, Any]) -> None:
        _send(self._server, addresses(self._people, payload), payload)


def addresses(template: str, payload: Mapping[str, Any]) -> list[str]:
    """The addresses that a setting means for this case."""
    places = {"{branch}": str(payload.get("branch_id", "")), "{farm}": str(payload.get("farm_id", ""))}
    for mark, place in places.items():
        template = template.replace(mark, place)
    return [part.strip() for part in template.split(",") if part.strip()]


def letter(payload: dict[str, Any], sender: str, people: list[str]) -> EmailMessage:
    """The e-mail that a message becomes."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, ", ".join(people)
    mail["Subject"] = " ".join(f"{payload['text_zh']}".split())
    mail["Message-ID"] = make_msgid(f"case-{payload['case_id']}", domain="herdlien.local")
    mail["X-HerdLien-Case"] = str(payload["case_id"])
    mail["X-HerdLien-Reason"] = str(payload["reason"])
    mail.set_content("\n".join(_lines(payload)))
    return mail


def _lines(payload: dict[str, Any]) -> list[str]:
    lines = [payload["text_zh"], payload["text_en"], ""]
    lines += [f"编号 Case {payload['case_id']}    时限 Due {payload['due_at']}    原因 Why {payload['reason']}", ""]
    for animal in payload.get("animals", [])[:MOST_ANIMALS]:
        where = f"{animal['latitude']:.5f}, {animal['longitude']:.5f}" if animal["latitude"] is not None else "-"
        lines.append(f"{animal['identity']}    {animal['last_seen_at'] or '-'}    {where}")
    more = len(payload.get("animals", [])) - MOST_ANIMALS
    lines += [f"+ {more}"] if more > 0 else []
    for other in payload.get("also", []):
        lines += ["", f"{other['text_zh']}", f"{other['text_en']}", f"编号 Case {other['case_id']}"]
    return lines


def _send(server: MailServer, people: list[str], payload: dict[str, Any]) -> None:
    if not people:
        raise NotSent(
            "nobody's address is set for this level; set HERDLIEN_MAIL_OFFICER and the others", permanent=True
        )
    try:
        with _connected(server) as connection:
            _introduced(connection, server)
            refused = connection.send_message(letter(payload, server.sender, people))
    except smtplib.SMTPRecipientsRefused as error:
        worst = max(code for code, _ in error.recipients.values())
        raise NotSent(f"mail server refuses everybody: {error.recipients}", permanent=worst in _FOR_GOOD) from error
    except smtplib.SMTPAuthenticationError as error:
        # Somebody will correct the password; the message is to be there still.
        raise NotSent(f"mail server refuses the login: {error.smtp_code}", permanent=False) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(
            f"mail server: {error.smtp_code} {error.smtp_error!r}", permanent=error.smtp_code in _FOR_GOOD
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}", permanent=False) from error
    if refused:
        # Some have it; who is missing must stand on record, and the others not hear it again.
        raise NotSent(f"mail server refuses {', '.join(refused)}; the others have it", permanent=True)


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_S, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=PATIENCE_S)


def _introduced(connection: smtplib.SMTP, server: MailServer) -> None:
    if server.security == "starttls":
        connection.starttls(context=ssl.create_default_context())
    if server.user:
        connection.login(server.user, server.password)
