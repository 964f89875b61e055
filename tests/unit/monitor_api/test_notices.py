"""What a notice says, and what becomes of it when the mail server says no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collateral.alerting.routing import Reason
from collateral.anomaly import rules
from collateral.model.finding import Audience, Severity
from collateral.model.person import Level
from monitor_api.notify import sender
from monitor_api.notify.channel import NotSent
from monitor_api.notify.mail import MailChannel
from monitor_api.notify.message import message, together
from monitor_api.notify.settings import NotifySettings
from monitor_api.notify.words import RULE_NAMES
from tests.herds import NOW, driven_off, facts
from tests.mailbox import Mailbox, mailbox
from tests.unit.collateral.test_alerting import case

PEOPLE = {
    "mail_officer": "duty@{branch}.bank", "mail_branch_head": "head@{branch}.bank", "mail_branch_risk": "risk@bank",
    "mail_head_office": "office@bank, night@bank", "mail_farm": "{farm}@farms",
}  # fmt: skip
DUTY = "duty@b1.bank"
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
    ways(post.port)["email"].send(told(), DUTY)
    (mail,) = post.mails()
    assert mail["To"] == DUTY
    assert "红色预警" in mail["Subject"]
    text = mail.get_content()
    for words in ("成群离场", "Group driven off", "HT-1", "213082500000000", "213082500000001", "38,000"):
        assert words in text
    assert mail["X-HerdLien-Reason"] == "opened"


@pytest.mark.parametrize(
    ("late", "level"),
    [(timedelta(minutes=1), "支行行长"), (timedelta(minutes=31), "分行风险经理"), (timedelta(minutes=61), "总行")],
)
def test_a_letter_says_how_high_it_has_gone_and_why(post: Mailbox, late: timedelta, level: str) -> None:
    ways(post.port)["email"].send(told(reason=Reason.UNACKNOWLEDGED, late=late), DUTY)
    subject = post.mails()[0]["Subject"]
    assert "逾时无人受理" in subject
    assert f"已升级至{level}" in subject


def test_the_same_letter_to_the_same_person_is_known_for_the_same(post: Mailbox) -> None:
    """Where we end between handing a letter in and noting that, it is handed in twice; mail programs show it once."""
    for body, to in ((told(), DUTY), (told(), DUTY), (told(), "head@b1.bank"), (told(reason=Reason.GREW), DUTY)):
        ways(post.port)["email"].send(body, to)
    first, again, *others = [mail["Message-ID"] for mail in post.mails()]
    assert first == again
    assert len({first, *others}) == 3


def test_the_farm_is_told_of_its_animals_and_nothing_of_the_loan(post: Mailbox) -> None:
    body = told(Severity.YELLOW, audience=Audience.FARM, rule="fever")
    ways(post.port)["farm"].send(body, "f1@farms")
    (mail,) = post.mails()
    assert mail["To"] == "f1@farms"
    said = mail["Subject"] + mail.get_content() + str(body)
    assert not [word for word in ("HT-1", "loan", "38,000", "3800000", "coverage", "押品") if word in said]


def test_messages_of_one_farm_are_one_e_mail_led_by_the_gravest(post: Mailbox) -> None:
    both = together([told(Severity.ORANGE), told(Severity.RED)])
    assert (both["severity"], len(both["also"])) == ("red", 1)
    ways(post.port)["email"].send(both, DUTY)
    (mail,) = post.mails()
    assert "红色预警" in mail["Subject"]
    assert "橙色预警" in mail.get_content()


@pytest.mark.parametrize(("status", "permanent"), [(550, True), (451, False)])
def test_a_refusal_for_good_is_told_from_one_for_now(post: Mailbox, status: int, permanent: bool) -> None:
    post.refuse(status)
    with pytest.raises(NotSent) as refused:
        ways(post.port)["email"].send(told(), DUTY)
    assert (refused.value.permanent, refused.value.away) == (permanent, False)
    post.refuse(None)
    ways(post.port)["email"].send(told(), DUTY)
    assert len(post.mails()) == 1


def test_a_server_that_does_not_answer_is_tried_again(post: Mailbox) -> None:
    with pytest.raises(NotSent) as away:
        ways(1)["email"].send(told(), DUTY)
    assert (away.value.permanent, away.value.away) == (False, True)


def test_a_server_that_cannot_be_spoken_to_in_private_gets_nothing(post: Mailbox) -> None:
    with pytest.raises(NotSent) as refused:
        ways(post.port, mail_security="starttls")["email"].send(told(), DUTY)
    assert not refused.value.permanent
    assert post.mails() == []


def test_with_a_mail_server_there_are_the_two_ways_by_mail() -> None:
    nobody = dict.fromkeys(PEOPLE, "")
    assert set(sender.channels(NotifySettings(mail_host="127.0.0.1", **nobody))) == {"log", "email", "farm"}
    assert set(sender.channels(NotifySettings(**PEOPLE))) == {"log"}


def test_a_set_address_names_branch_and_farm_and_may_be_several() -> None:
    email = ways(25)["email"]
    assert isinstance(email, MailChannel)
    assert email.set_for("b7", "f2") == {
        Level.OFFICER: ["duty@b7.bank"], Level.BRANCH_HEAD: ["head@b7.bank"], Level.BRANCH_RISK: ["risk@bank"],
        Level.HEAD_OFFICE: ["office@bank", "night@bank"],
    }  # fmt: skip


def test_a_letter_to_nobody_is_refused_and_not_sent(post: Mailbox) -> None:
    with pytest.raises(NotSent) as refused:
        ways(post.port)["email"].send(told())
    assert refused.value.permanent
    assert post.mails() == []


def test_a_message_says_when_it_was_written() -> None:
    assert told()["sent_at"] == (NOW + timedelta(minutes=30)).isoformat()
