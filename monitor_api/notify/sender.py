"""Sends what is in the outbox: once where it can, again where it must, and gives up loudly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from collateral.model.person import Level
from collateral.ops.logs import logger
from collateral.store import cases, outbox, people, pool
from monitor_api.notify.addressing import FARM, address
from monitor_api.notify.channel import Channel, LogChannel, NotSent, WebhookChannel
from monitor_api.notify.mail import MailChannel, MailServer
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
    levels = {
        Level.OFFICER: settings.mail_officer, Level.BRANCH_HEAD: settings.mail_branch_head,
        Level.BRANCH_RISK: settings.mail_branch_risk, Level.HEAD_OFFICE: settings.mail_head_office,
    }  # fmt: skip
    return {"email": MailChannel(server, levels), FARM: MailChannel(server, {Level.OFFICER: settings.mail_farm})}


def send_due(connection: pool.Connection, ways: Mapping[str, Channel], now: datetime) -> int:
    """Address what has no recipient yet, then try every message that is due, one transaction each; how many arrived.

    A way where nobody answers rests until the next call, so that the others need not wait for it.
    """
    mails = {name: way for name, way in ways.items() if isinstance(way, MailChannel)}
    with connection.transaction():
        address(connection, mails, now)
    arrived, resting = 0, set[str]()
    while True:
        with connection.transaction():
            waiting = outbox.due(connection, now, most=1, addressed=list(mails), resting=list(resting))
            if not waiting:
                return arrived
            notices = [waiting[0], *_company(connection, waiting[0], now)]
            error = _tried(connection, ways, notices)
            _noted(connection, notices, error, now)
            arrived += 0 if error else len(notices)
            if error and error.away:
                resting.add(waiting[0].channel)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the given number of failed attempts: doubling, at most an hour."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts, 20)))


def _company(connection: pool.Connection, notice: outbox.Notice, now: datetime) -> list[outbox.Notice]:
    """What may go with a message to the same recipient, as one."""
    return [] if notice.channel in ONE_BY_ONE else outbox.mates(connection, notice, now)


def _tried(connection: pool.Connection, ways: Mapping[str, Channel], notices: list[outbox.Notice]) -> NotSent | None:
    """Send them as one; why they have not arrived, or None."""
    first = notices[0]
    try:
        _way(ways, first.channel).send(together([n.payload for n in notices]), _recipient(connection, first))
    except NotSent as error:
        return error
    return None


def _way(ways: Mapping[str, Channel], channel: str) -> Channel:
    way = ways.get(channel)
    if way is None:
        raise NotSent(f"{channel} is not set up any more", permanent=True)
    return way


def _recipient(connection: pool.Connection, notice: outbox.Notice) -> str | None:
    """Where it goes now: a person's address as it is at this moment, for they may have moved or left meanwhile."""
    if notice.person_id is None:
        return notice.address
    mailbox = people.mailbox(connection, notice.person_id, notice.case_id)
    if mailbox is None:
        raise NotSent(f"{notice.person_id} has left the branch, or has no address any more", permanent=True)
    return mailbox


def _noted(connection: pool.Connection, notices: list[outbox.Notice], error: NotSent | None, now: datetime) -> None:
    for each in notices:
        if error:
            _not_sent(connection, each, error, now)
        else:
            outbox.delivered(connection, each, now)
            cases.record(connection, each.case_id, now, "system", "notice_delivered", f"{_what(each)}: {each.reason}")


def _not_sent(connection: pool.Connection, notice: outbox.Notice, error: NotSent, now: datetime) -> None:
    hopeless = error.permanent or notice.attempts + 1 >= MOST_ATTEMPTS
    outbox.failed(connection, notice, str(error), None if hopeless else now + wait_after(notice.attempts), now)
    cases.record(connection, notice.case_id, now, "system", "notice_failed", f"{_what(notice)}: {error}")
    logger().warning("notice_failed", case=notice.case_id, channel=notice.channel, error=str(error), gave_up=hopeless)


def _what(notice: outbox.Notice) -> str:
    to = notice.person_id or ("the address set for the level" if notice.address else "")
    return f"{notice.channel} to {to}" if to else notice.channel
