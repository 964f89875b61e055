"""What a notice says, to whom it goes, and what becomes of it when the mail server says no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from collateral.alerting.routing import Level, Reason
from collateral.anomaly import rules
from collateral.model.finding import Audience, Severity
from collateral.settings.fragments import SettingsError
from monitor_api.notify import sender
from monitor_api.notify.channel import NotSent
from monitor_api.notify.message import message, together
from monitor_api.notify.settings import CalendarSettings, NotifySettings
from monitor_api.notify.words import RULE_NAMES
from tests.herds import NOW, driven_off, facts
from tests.mailbox import Mailbox, mailbox
from tests.unit.collateral.test_alerting import case

PEOPLE = {
    "mail_officer": "duty@{branch}.bank", "mail_branch_head": "head@{branch}.bank", "mail_branch_risk": "risk@bank",
    "mail_head_office": "office@bank, night@bank", "mail_farm": "{farm}@farms",
}  # fmt: skip
FACTS = facts([driven_off(0), driven_off(1)])


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Mailbox]:
    with mailbox("smtp", tmp_path / "post") as box:
        yield box


def ways(port: int, **changed: Any) -> dict[str, sender.Channel]:
    asked: dict[str, Any] = {"mail_host": "127.0.0.1", "mail_port": port, "mail_security": "none", **PEOPLE, **changed}
    return sender.channels(NotifySettings(**asked))


def told(severity: Severity = Severity.RED, reason: Reason = Reason.OPENED, late: timedelta = timedelta(0), **changed: Any) -> dict[str, Any]:  # fmt: skip
    about = replace(case(severity), animals=("a0000", "a0001"), value_affected_minor=3_800_000, **changed)
    return message(about, str(reason), FACTS, "HT-1", about.due_at + late)


def test_every_rule_has_a_name_in_both_languages() -> None:
    names = {rule.name for rule in (*rules.HERD_RULES, *rules.LOAN_RULES)}
    assert names <= set(RULE_NAMES)


def test_a_red_case_arrives_as_an_e_mail_that_names_loan_and_animals(post: Mailbox) -> None:
    ways(post.port)["email"].send(told())
    (mail,) = post.mails()
    assert mail["To"] == "duty@b1.bank"
    assert "红色预警" in mail["Subject"]
    text = mail.get_content()
    for words in ("成群离场", "Group driven off", "HT-1", "213082500000000", "213082500000001", "38,000"):
        assert words in text
    assert mail["X-HerdLien-Reason"] == "opened"


@pytest.mark.parametrize(
    ("late", "people"),
    [
        (timedelta(minutes=1), "duty@b1.bank, head@b1.bank"),
        (timedelta(minutes=31), "duty@b1.bank, head@b1.bank, risk@bank"),
        (timedelta(minutes=61), "duty@b1.bank, head@b1.bank, risk@bank, office@bank, night@bank"),
    ],
)
def test_the_later_it_is_the_higher_it_goes_and_who_had_it_before_has_it_again(
    post: Mailbox, late: timedelta, people: str
) -> None:
    ways(post.port)["email"].send(told(reason=Reason.UNACKNOWLEDGED, late=late))
    (mail,) = post.mails()
    assert mail["To"] == people
    assert "逾时无人受理" in mail["Subject"]


def test_the_farm_is_told_of_its_animals_and_nothing_of_the_loan(post: Mailbox) -> None:
    body = told(Severity.YELLOW, audience=Audience.FARM, rule="fever")
    ways(post.port)["farm"].send(body)
    (mail,) = post.mails()
    assert mail["To"] == "f1@farms"
    said = mail["Subject"] + mail.get_content() + str(body)
    assert not [word for word in ("HT-1", "loan", "38,000", "3800000", "coverage", "押品") if word in said]


def test_messages_of_one_farm_are_one_e_mail_led_by_the_gravest(post: Mailbox) -> None:
    both = together([told(Severity.ORANGE), told(Severity.RED)])
    assert (both["severity"], len(both["also"])) == ("red", 1)
    ways(post.port)["email"].send(both)
    (mail,) = post.mails()
    assert "红色预警" in mail["Subject"]
    assert "橙色预警" in mail.get_content()


@pytest.mark.parametrize(("status", "permanent"), [(550, True), (451, False)])
def test_a_refusal_for_good_is_told_from_one_for_now(post: Mailbox, status: int, permanent: bool) -> None:
    post.refuse(status)
    with pytest.raises(NotSent) as refused:
        ways(post.port)["email"].send(told())
    assert refused.value.permanent is permanent
    post.refuse(None)
    ways(post.port)["email"].send(told())
    assert len(post.mails()) == 1


def test_a_server_that_does_not_answer_is_tried_again(post: Mailbox) -> None:
    with pytest.raises(NotSent) as away:
        ways(1)["email"].send(told())
    assert not away.value.permanent


def test_a_server_that_cannot_be_spoken_to_in_private_gets_nothing(post: Mailbox) -> None:
    with pytest.raises(NotSent) as refused:
        ways(post.port, mail_security="starttls")["email"].send(told())
    assert not refused.value.permanent
    assert post.mails() == []


def test_without_an_address_there_is_no_such_way() -> None:
    nobody = dict.fromkeys(PEOPLE, "")
    assert set(sender.channels(NotifySettings(mail_host="127.0.0.1", **nobody))) == {"log"}
    assert set(sender.channels(NotifySettings(**PEOPLE))) == {"log"}
    assert set(ways(25)) == {"log", "email", "farm"}


def test_a_level_without_an_address_leaves_the_others_theirs(post: Mailbox) -> None:
    ways(post.port, mail_branch_head="")["email"].send(told(reason=Reason.UNACKNOWLEDGED, late=timedelta(minutes=1)))
    assert post.mails()[0]["To"] == "duty@b1.bank"
    assert next(iter(Level)) is Level.OFFICER


def test_holidays_are_read_from_the_settings_and_a_wrong_date_is_named() -> None:
    calendar = CalendarSettings(holidays="2026-10-01, 2026-10-02", worked_weekends="2026-10-10").working_days()
    assert [calendar.is_working(date(2026, 10, day)) for day in (1, 2, 5, 10, 11)] == [False, False, True, True, False]
    with pytest.raises(SettingsError, match="HERDLIEN_HOLIDAYS"):
        CalendarSettings(holidays="1 October").working_days()


def test_a_message_says_when_it_was_written() -> None:
    assert told()["sent_at"] == (NOW + timedelta(minutes=30)).isoformat()
