"""Sends what is in the outbox: once where it can, again where it must, and gives up loudly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from collateral.alerting.routing import Level
from collateral.ops.logs import logger
from collateral.store import cases, outbox, pool
from monitor_api.notify.channel import Channel, LogChannel, NotSent, WebhookChannel
from monitor_api.notify.mail import EmailChannel, FarmMailChannel, MailServer
from monitor_api.notify.message import together
from monitor_api.notify.settings import NotifySettings

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 12  # about four hours of trying
ONE_BY_ONE = frozenset({"log"})


def channels(settings: NotifySettings) -> dict[str, Channel]:
    """The channels that are set up."""
    found: dict[str, Channel] = {"log": LogChannel()}
    if settings.webhook_url:
        found["webhook"] = WebhookChannel(settings.webhook_url, settings.webhook_secret.get_secret_value())
    if settings.mail_host:
        found |= _mail(settings, settings.mail_host)
    return found


def _mail(settings: NotifySettings, host: str) -> dict[str, Channel]:
    server = MailServer(
        host=host, port=settings.mail_port, security=settings.mail_security, sender=settings.mail_from,
        user=settings.mail_user, password=settings.mail_password.get_secret_value(),
    )  # fmt: skip
    people = {
        Level.OFFICER: settings.mail_officer, Level.BRANCH_HEAD: settings.mail_branch_head,
        Level.BRANCH_RISK: settings.mail_branch_risk, Level.HEAD_OFFICE: settings.mail_head_office,
    }  # fmt: skip
    ways: dict[str, Channel] = {"email": EmailChannel(server, people)} if any(people.values()) else {}
    if settings.mail_farm:
        ways["farm"] = FarmMailChannel(server, settings.mail_farm)
    return ways


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


def _try(connection: pool.Connection, ways: Mapping[str, Channel], notice: outbox.Notice, now: datetime) -> int:
    """Send one message with those of the same farm that may go with it; how many arrived."""
    company = [] if notice.channel in ONE_BY_ONE else outbox.mates(connection, notice, now)
    notices = [notice, *company]
    try:
        _way(ways, notice.channel).send(together([n.payload for n in notices]))
    except NotSent as error:
        for each in notices:
            _not_sent(connection, each, error, now)
        return 0
    for each in notices:
        outbox.delivered(connection, each, now)
        cases.record(connection, each.case_id, now, "system", "notice_delivered", f"{each.channel}: {each.reason}")
    return len(notices)


def _way(ways: Mapping[str, Channel], channel: str) -> Channel:
    way = ways.get(channel)
    if way is None:
        raise NotSent(f"{channel} is not set up any more", permanent=True)
    return way


def _not_sent(connection: pool.Connection, notice: outbox.Notice, error: NotSent, now: datetime) -> None:
    hopeless = error.permanent or notice.attempts + 1 >= MOST_ATTEMPTS
    outbox.failed(connection, notice, str(error), None if hopeless else now + wait_after(notice.attempts), now)
    cases.record(connection, notice.case_id, now, "system", "notice_failed", f"{notice.channel}: {error}")
    logger().warning("notice_failed", case=notice.case_id, channel=notice.channel, error=str(error), gave_up=hopeless)
