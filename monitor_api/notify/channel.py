"""Channels: a message goes out through one of these, or raises NotSent."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Protocol

import httpx

from collateral.ops.logs import logger

SIGNATURE_HEADER = "X-HerdLien-Signature"
PATIENCE_S = 5.0
TRY_AGAIN_STATUS = frozenset({408, 425, 429})


class NotSent(ConnectionError):
    """A message did not arrive. `permanent`: trying again will not help; `away`: nobody answers there at all."""

    def __init__(self, reason: str, *, permanent: bool, away: bool = False) -> None:
        super().__init__(reason)
        self.permanent, self.away = permanent, away


class Channel(Protocol):
    """Somewhere a notification can go."""

    def send(self, payload: dict[str, Any], to: str | None = None) -> None:
        """Deliver one message, to the address `to` where the way has addresses, or raise NotSent."""


class LogChannel:
    """Writes the headline to the program's log, so that there is always one channel."""

    def send(self, payload: dict[str, Any], to: str | None = None) -> None:  # noqa: ARG002 - everybody reads the log
        headline = {name: payload.get(name) for name in ("case_id", "rule", "severity", "reason", "animal_count")}
        logger().warning("case_notice", text=payload.get("text_en"), **headline)


class WebhookChannel:
    """Posts signed JSON. The signature is sha256=<hex HMAC-SHA256 of the raw body>."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret.encode()

    def send(self, payload: dict[str, Any], to: str | None = None) -> None:  # noqa: ARG002 - one desk reads all
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature(self._secret, body)}
        try:
            answer = httpx.post(self._url, content=body, headers=headers, timeout=PATIENCE_S)
        except httpx.HTTPError as error:
            raise NotSent(f"{type(error).__name__}: {error}", permanent=False, away=True) from error
        if answer.is_success:
            return
        gone_for_good = 400 <= answer.status_code < 500 and answer.status_code not in TRY_AGAIN_STATUS
        raise NotSent(f"HTTP {answer.status_code}", permanent=gone_for_good)


def signature(secret: bytes, body: bytes) -> str:
    """The value of the signature header for a body."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
