"""Sends what is in the outbox: once where it can, again where it must, and gives up loudly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from collateral.ops.logs import logger
from collateral.store import cases, outbox, pool
from monitor_api.notify.channel import Channel, LogChannel, NotSent, WebhookChannel
from monitor_api.notify.settings import NotifySettings

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 12  # about four hours of trying


def channels(settings: NotifySettings) -> dict[str, Channel]:
    """The channels that are set up."""
    found: dict[str, Channel] = {"log": LogChannel()}
    if settings.webhook_url:
        found["webhook"] = WebhookChannel(settings.webhook_url, settings.webhook_secret.get_secret_value())
    return found


def send_due(connection: pool.Connection, ways: Mapping[str, Channel], now: datetime) -> int:
    """Try every message that is due, one transaction each; how many arrived."""
    arrived = 0
    while True:
        with connection.transaction():
            waiting = outbox.due(connection, now, most=1)
            if not waiting:
                return arrived
            arrived += _try(connection, ways, waiting[0], now)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the given number of failed attempts: doubling, at most an hour."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts, 20)))


def _try(connection: pool.Connection, ways: Mapping[str, Channel], notice: outbox.Notice, now: datetime) -> bool:
    try:
        ways[notice.channel].send(notice.payload)
    except NotSent as error:
        hopeless = error.permanent or notice.attempts + 1 >= MOST_ATTEMPTS
        again_at = None if hopeless else now + wait_after(notice.attempts)
        outbox.failed(connection, notice, str(error), again_at, now)
        cases.record(connection, notice.case_id, now, "system", "notice_failed", f"{notice.channel}: {error}")
        logger().warning(
            "notice_failed", case=notice.case_id, channel=notice.channel, error=str(error), gave_up=hopeless
        )
        return False
    outbox.delivered(connection, notice, now)
    cases.record(connection, notice.case_id, now, "system", "notice_delivered", f"{notice.channel}: {notice.reason}")
    return True
