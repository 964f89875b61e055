"""Gives each message by e-mail its recipients: the people of the case's branch, or the farm's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from collateral.alerting.recipients import Told, of_the_bank, of_the_farm
from collateral.model.person import Level, Person
from collateral.ops.logs import logger
from collateral.store import cases, outbox, people, pool
from monitor_api.notify.mail import MailChannel

FARM = "farm"
NOBODY = "nobody can be told: set people's addresses (python -m monitor_api person), or HERDLIEN_MAIL_{setting}"


def address(connection: pool.Connection, ways: Mapping[str, MailChannel], now: datetime) -> None:
    """Let every message that has no recipient yet go to those whom it concerns now, in the caller's transaction."""
    staff: dict[str, list[Person]] = {}
    for message in outbox.unaddressed(connection, list(ways)):
        branch = message.branch_id
        if branch not in staff:
            staff[branch] = people.staff(connection, branch)
        told = _told(message, staff[branch], ways[message.channel])
        if told.vacant:
            _say_vacant(message, told)
        if told.recipients:
            outbox.address(connection, message.outbox_id, told.recipients)
        else:
            _nobody(connection, message, now)


def _told(message: outbox.Unaddressed, staff: list[Person], way: MailChannel) -> Told:
    set_for = way.set_for(message.branch_id, message.farm_id)
    if message.channel == FARM:
        return of_the_farm(staff, message.farm_id, set_for[Level.OFFICER])
    reached = Level(message.payload.get("level") or Level.OFFICER)
    return of_the_bank(staff, reached, message.branch_id, message.officer_id, set_for)


def _say_vacant(message: outbox.Unaddressed, told: Told) -> None:
    logger().warning(
        "level_without_people", case=message.case_id, branch=message.branch_id, levels=[str(v) for v in told.vacant],
        told=len(told.recipients), of_them_set_addresses=sum(r.person_id is None for r in told.recipients),
    )  # fmt: skip


def _nobody(connection: pool.Connection, message: outbox.Unaddressed, now: datetime) -> None:
    why = NOBODY.format(setting="FARM" if message.channel == FARM else "OFFICER and the others")
    outbox.failed(connection, message, why, None, now)
    cases.record(connection, message.case_id, now, "system", "notice_failed", f"{message.channel}: {why}")
    logger().error("notice_to_nobody", case=message.case_id, channel=message.channel, branch=message.branch_id)
