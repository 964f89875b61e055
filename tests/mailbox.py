"""Somebody to notify: an SMTP server and a webhook desk, each a process of its own that writes down what it is sent.

`python tests/mailbox.py smtp FOLDER` and `... webhook FOLDER` listen on a free port of 127.0.0.1, write it to
FOLDER/port, and add a file to FOLDER for each message. A file FOLDER/refuse makes them refuse with the number in it,
the mailbox only the recipient whom it names after the number, where it names one.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Mailbox:
    """What a process on the other side has received."""

    port: int
    folder: Path

    def mails(self) -> list[EmailMessage]:
        """E-mails in the order in which they came."""
        return [cast(EmailMessage, email.message_from_bytes(b, policy=email.policy.default)) for b in self._files()]

    def posts(self, secret: str) -> list[dict[str, Any]]:
        """Posted messages in order. Raises where a signature is not by `secret`."""
        posts = [json.loads(content) for content in self._files()]
        for post in posts:
            signed = "sha256=" + hmac.new(secret.encode(), post["body"].encode(), hashlib.sha256).hexdigest()
            assert hmac.compare_digest(signed, post["signature"]), "a message that nobody we know has signed"
        return [json.loads(post["body"]) for post in posts]

    def refuse(self, status: int | None, recipient: str = "") -> None:
        """Answer every message (to `recipient`) with this status from now on; None: take them again."""
        mark, part = self.folder / "refuse", self.folder / "refuse-part"
        if status is None:
            mark.unlink(missing_ok=True)
        else:
            part.write_text(f"{status} {recipient}")
            part.rename(mark)

    def _files(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("message-*"))]


@contextmanager
def mailbox(kind: str, folder: Path) -> Iterator[Mailbox]:
    """A process that takes messages of `kind` (smtp, webhook) while the context lasts."""
    folder.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, str(Path(__file__)), kind, str(folder)])
    try:
        for _ in range(1000):
            if (folder / "port").exists():
                break
            if process.poll() is not None:
                raise AssertionError(f"the {kind} mailbox ended with {process.returncode}")
            time.sleep(0.01)
        yield Mailbox(int((folder / "port").read_text()), folder)
    finally:
        process.terminate()
        process.wait(timeout=10)


class Inbox:
    """Inside the process: keeps each message in a file that appears whole."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    def keep(self, content: bytes) -> None:
        self._count += 1
        whole = self._folder / f"message-{self._count:04}"
        part = whole.with_name(f"part-{self._count}")
        part.write_bytes(content)
        part.rename(whole)

    def refusal(self, line: str = "") -> int | None:
        """The status to answer with; `line`: what was asked, which must name the recipient to be refused."""
        try:
            status, _, recipient = (self._folder / "refuse").read_text().partition(" ")
        except FileNotFoundError:
            return None
        return int(status) if recipient in line else None


async def speak_smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inbox: Inbox) -> None:
    """As much of RFC 5321 as handing in mail needs."""

    def say(line: str) -> None:
        writer.write(line.encode() + b"\r\n")

    say("220 mailbox ESMTP")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"EHLO":
            say("250-mailbox")
            say("250 SMTPUTF8")
        elif verb == b"DATA":
            say("354 go on")
            await writer.drain()
            lines = []
            while (part := await reader.readline()) not in {b".\r\n", b""}:
                lines.append(part[1:] if part.startswith(b"..") else part)
            inbox.keep(b"".join(lines))
            say("250 kept")
        elif verb == b"RCPT" and (refused := inbox.refusal(line.decode())):
            say(f"{refused} not here")
        elif verb == b"QUIT":
            say("221 bye")
            await writer.drain()
            break
        elif verb in {b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"}:
            say("250 well")
        else:
            say("502 not spoken here")
        await writer.drain()
    writer.close()


async def take_post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inbox: Inbox) -> None:
    """One POST a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers["content-length"]))
    status = inbox.refusal() or 204
    if status == 204:
        kept = {"signature": headers.get("x-herdlien-signature", ""), "body": body.decode()}
        inbox.keep(json.dumps(kept).encode())
    writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    writer.close()


async def serve(kind: str, folder: Path) -> None:
    """Listen until told to stop."""
    inbox, speak = Inbox(folder), {"smtp": speak_smtp, "webhook": take_post}[kind]
    server = await asyncio.start_server(lambda r, w: speak(r, w, inbox), LOOPBACK, 0)
    part = folder / "port-part"
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(folder / "port")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(sys.argv[1], Path(os.fspath(sys.argv[2]))))
    except KeyboardInterrupt:
        sys.exit(0)
