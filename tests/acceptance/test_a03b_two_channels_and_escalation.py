"""A3, second half: the red case of the night truck reaches the duty officer by two channels; nobody acknowledges it
within 30 minutes, so it goes up; once somebody does, it is quiet until the next limit.

The database, the risk desk's webhook and the mail server are real and run as processes; the clock is the play's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from collateral.alerting.lifecycle import Move, moved
from collateral.model.case import Case
from collateral.model.person import Role
from collateral.store import cases, pool
from monitor_api.notify import sender
from monitor_api.notify.settings import NotifySettings
from monitor_api.watch import Watch
from tests.integration.test_watchkeeper import NIGHT, SECRET, STOLEN, beat, before_the_night, theft
from tests.mailbox import Mailbox, mailbox
from tests.unit.collateral.test_alerting import person

MINUTE = timedelta(minutes=1)
DUTY, HEAD, RISK, OFFICE = "duty-b1@bank", "head-b1@bank", "risk@bank", "office@bank"


@pytest.fixture
def bank(database: str) -> Iterator[psycopg.Connection]:
    """72 pledged head in one pen under a camera, all heard within the hour before the night."""
    with pool.connect(database) as connection:
        before_the_night(connection)
        yield connection


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Mailbox]:
    with mailbox("webhook", tmp_path / "desk") as box:
        yield box


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Mailbox]:
    with mailbox("smtp", tmp_path / "post") as box:
        yield box


class Night:
    """The play: each minute the watchkeeper looks and what is due is sent."""

    def __init__(self, bank: psycopg.Connection, desk: Mailbox, post: Mailbox) -> None:
        self._bank = bank
        self._ways = sender.channels(
            NotifySettings(
                webhook_url=f"http://127.0.0.1:{desk.port}/alerts",
                webhook_secret=SECRET,
                mail_host="127.0.0.1",
                mail_port=post.port,
                mail_security="none",
                mail_officer="duty-{branch}@bank",
                mail_branch_head="head-{branch}@bank",
                mail_branch_risk=RISK,
                mail_head_office=OFFICE,
            )
        )
        self._watch = Watch(bank, frozenset(self._ways))

    def play(self, first: int, last: int) -> None:
        """Minutes `first` to `last` of the night, both included."""
        for minute in range(first, last + 1):
            theft(self._bank, minute)
            now = NIGHT + minute * MINUTE + timedelta(seconds=30)
            self._watch.look(now)
            sender.send_due(self._bank, self._ways, now)


def red(bank: psycopg.Connection) -> Case:
    (case,) = [case for case, _ in cases.unresolved(bank) if case.severity.word == "red"]
    return case


def raised_minute(bank: psycopg.Connection) -> int:
    return int((red(bank).raised_at - NIGHT) / MINUTE)


def test_the_red_case_reaches_the_duty_officer_by_two_channels_in_the_minute_it_is_raised(
    bank: psycopg.Connection, desk: Mailbox, post: Mailbox
) -> None:
    Night(bank, desk, post).play(0, 35)
    case = red(bank)
    posts, mails = desk.posts(SECRET), [m for m in post.mails() if m["X-HerdLien-Case"] == str(case.case_id)]
    first_post = next(p for p in posts if p["severity"] == "red")
    assert {m["To"] for m in mails} == {DUTY}
    sent = datetime.fromisoformat(first_post["sent_at"])
    second_witness = max(datetime.fromisoformat(t["since"]) for t in first_post["testimonies"])
    assert sent == case.raised_at
    assert timedelta(0) <= sent - second_witness <= 5 * MINUTE
    last_mail, last_post = mails[-1].get_content(), [p for p in posts if p["case_id"] == case.case_id][-1]
    stolen = {f"2130825{n:08}" for n in range(STOLEN)}
    assert {animal["identity"] for animal in last_post["animals"]} == stolen
    assert all(identity in last_mail for identity in stolen)
    assert "HT-1" in last_mail
    assert "红色预警" in mails[0]["Subject"]
    assert len(mails) < STOLEN / 2, "not a message an animal"
    delivered = bank.execute(
        "SELECT DISTINCT channel FROM outbox WHERE case_id = %s AND delivered_at IS NOT NULL", (case.case_id,)
    ).fetchall()
    assert {channel for (channel,) in delivered} == {"log", "webhook", "email"}


def test_nobody_acknowledging_within_30_minutes_takes_it_up_level_by_level(
    bank: psycopg.Connection, desk: Mailbox, post: Mailbox
) -> None:
    night = Night(bank, desk, post)
    night.play(0, 40)
    at = raised_minute(bank)
    night.play(41, at + 30)
    assert [m for m in post.mails() if m["X-HerdLien-Reason"] == "unacknowledged"] == []
    night.play(at + 31, at + 95)
    raised = [m for m in post.mails() if m["X-HerdLien-Reason"] == "unacknowledged"]
    assert [m["To"] for m in raised] == [DUTY, HEAD, DUTY, HEAD, RISK, DUTY, HEAD, RISK, OFFICE], (
        "each by a letter of their own"
    )
    assert ["支行行长" in raised[0]["Subject"], "总行" in raised[-1]["Subject"]] == [True, True]
    by_desk = [p["level"] for p in desk.posts(SECRET) if p["reason"] == "unacknowledged" and p["severity"] == "red"]
    assert by_desk == ["branch_head", "branch_risk", "head_office"]


def test_who_acknowledges_in_time_has_peace_until_the_site_must_be_verified(
    bank: psycopg.Connection, desk: Mailbox, post: Mailbox
) -> None:
    night = Night(bank, desk, post)
    night.play(0, 35)
    number = red(bank).case_id
    read = cases.one(bank, number)
    assert read is not None
    taken = moved(read[0], Move.ACKNOWLEDGE, person(Role.OFFICER), NIGHT + 36 * MINUTE)
    assert cases.replace(bank, taken, read[1])
    night.play(36, 36 + 90)
    raised = [m for m in post.mails() if m["X-HerdLien-Reason"].startswith("un")]
    assert [m for m in raised if m["X-HerdLien-Case"] == str(number)] == []
    late = int((taken.raised_at - NIGHT) / MINUTE) + 24 * 60
    beat(bank, NIGHT + (late + 1) * MINUTE)
    night.play(late + 1, late + 1)
    unverified = [m for m in post.mails() if m["X-HerdLien-Reason"] == "unverified"]
    assert [m["To"] for m in unverified if m["X-HerdLien-Case"] == str(number)] == [DUTY, HEAD]


def test_a_mail_server_that_is_away_is_tried_until_it_is_back_and_the_other_channel_waits_for_nothing(
    bank: psycopg.Connection, desk: Mailbox, post: Mailbox
) -> None:
    night = Night(bank, desk, post)
    post.refuse(451)
    night.play(0, 25)
    case = red(bank)
    assert post.mails() == []
    assert "red" in {p["severity"] for p in desk.posts(SECRET)}
    post.refuse(None)
    night.play(26, 35)
    assert str(case.case_id) in {m["X-HerdLien-Case"] for m in post.mails()}
    failed = bank.execute("SELECT count(*) FROM case_event WHERE event = 'notice_failed'").fetchone()
    assert failed is not None
    assert failed[0] >= 1


def test_with_people_enrolled_the_letters_go_to_those_of_the_branch_and_the_set_addresses_stand_in_above(
    bank: psycopg.Connection, desk: Mailbox, post: Mailbox
) -> None:
    bank.execute("INSERT INTO branch VALUES ('b2', '二支行', 'Branch 2')")
    for login, role, branch in (
        ("li", "officer", "b1"),
        ("risk1", "risk", "b1"),
        ("wang", "officer", "b2"),
        ("risk2", "risk", "b2"),
    ):
        bank.execute(
            "INSERT INTO person (person_id, login, name, role, branch_id, password_hash, email)"
            " VALUES (%(login)s, %(login)s, %(login)s, %(role)s, %(branch)s, 'x', %(login)s || '@people')",
            {"login": login, "role": role, "branch": branch},
        )
    bank.execute("UPDATE loan SET officer_id = 'li'")
    night = Night(bank, desk, post)
    night.play(0, 35)
    case = red(bank)
    about = [m for m in post.mails() if m["X-HerdLien-Case"] == str(case.case_id)]
    assert {m["To"] for m in about} == {"li@people"}
    night.play(36, raised_minute(bank) + 62)
    raised = [m["To"] for m in post.mails() if m["X-HerdLien-Reason"] == "unacknowledged"]
    assert raised == ["li@people", HEAD, "li@people", HEAD, "risk1@people"]
