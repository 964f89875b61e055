"""E-mail: one letter to one person, and the addresses that are set for levels where nobody has one."""

from __future__ import annotations

import hashlib
import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from collateral.model.person import Level
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


class MailChannel:
    """One e-mail a message and recipient, in Chinese and English. `set_for`: the addresses set for levels, which stand
    in where no person can be reached."""

    def __init__(self, server: MailServer, set_for: Mapping[Level, str]) -> None:
        self._server, self._set_for = server, set_for

    def send(self, payload: dict[str, Any], to: str | None = None) -> None:
        if to is None:
            raise NotSent("this message has no recipient", permanent=True)
        _send(self._server, to, payload)

    def set_for(self, branch: str, farm: str) -> dict[Level, list[str]]:
        """The addresses that are set for each level, for a case of this branch and farm."""
        return {level: addresses(template, branch, farm) for level, template in self._set_for.items()}


def addresses(template: str, branch: str, farm: str) -> list[str]:
    """The addresses that a setting means for a case of this branch and farm."""
    for mark, place in {"{branch}": branch, "{farm}": farm}.items():
        template = template.replace(mark, place)
    return [part.strip() for part in template.split(",") if part.strip()]


def letter(payload: dict[str, Any], sender: str, to: str) -> EmailMessage:
    """The e-mail that a message becomes."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = " ".join(f"{payload['text_zh']}".split())
    mail["Message-ID"] = _message_id(payload, to)
    mail["X-HerdLien-Case"] = str(payload["case_id"])
    mail["X-HerdLien-Reason"] = str(payload["reason"])
    mail.set_content("\n".join(_lines(payload)))
    return mail


def _message_id(payload: dict[str, Any], to: str) -> str:
    """The same for the same message to the same person: where we end between handing it in and noting that, it is
    handed in again, and mail programs know it for the same."""
    said = [(p["case_id"], p["reason"], p["sent_at"]) for p in (payload, *payload.get("also", []))]
    digest = hashlib.sha256(json.dumps([to, said]).encode()).hexdigest()[:24]
    return f"<case-{payload['case_id']}.{digest}@herdlien.local>"


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


def _send(server: MailServer, to: str, payload: dict[str, Any]) -> None:
    try:
        with _connected(server) as connection:
            _introduced(connection, server)
            connection.send_message(letter(payload, server.sender, to))
    except smtplib.SMTPRecipientsRefused as error:
        worst = max(code for code, _ in error.recipients.values())
        raise NotSent(f"mail server refuses the recipient: {worst}", permanent=worst in _FOR_GOOD) from error
    except smtplib.SMTPAuthenticationError as error:
        # Somebody will correct the password; the message is to be there still.
        raise NotSent(f"mail server refuses the login: {error.smtp_code}", permanent=False, away=True) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(
            f"mail server: {error.smtp_code} {error.smtp_error!r}", permanent=error.smtp_code in _FOR_GOOD
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}", permanent=False, away=True) from error


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_S, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=PATIENCE_S)


def _introduced(connection: smtplib.SMTP, server: MailServer) -> None:
    if server.security == "starttls":
        connection.starttls(context=ssl.create_default_context())
    if server.user:
        connection.login(server.user, server.password)
