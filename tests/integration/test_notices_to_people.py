"""Notices go to people of the case's branch, one letter each, exactly once, until it has arrived or is given up loudly.

Database and mail server are real; the small bank has branches north and south, with an address for most people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest

from collateral.alerting.cases import open_case
from collateral.contract.enrolment import Enrolment
from collateral.model.finding import Audience, Severity
from collateral.model.ids import BranchId, FarmId, LoanId
from collateral.model.person import Level, Role
from collateral.store import cases, outbox, people, pool
from monitor_api import load_pilot
from monitor_api.__main__ import main
from monitor_api.load_pilot import EnrolmentRefused
from monitor_api.notify import sender
from monitor_api.notify.settings import NotifySettings
from tests.herds import NOW
from tests.integration.api import known_hash, open_bank
from tests.integration.enrolments import PASSWORD, small_bank
from tests.mailbox import Mailbox, mailbox
from tests.unit.collateral.test_alerting import STAKES, finding

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SECRET = "a shared secret"
SET = {"mail_officer": "duty-{branch}@set", "mail_head_office": "office@set", "mail_farm": "{farm}@set"}
NORTH, SOUTH = ("north", "sunny", "n-loan"), ("south", "misty", "s-loan")


def bank_with_addresses() -> Enrolment:
    """Everybody but the south's risk staff has an address; the north has two officers."""
    enrolment = small_bank(1)
    for person in enrolment.people:
        person.email = None if person.login == "s-risk" else f"{person.login}@bank"
    (officer,) = [copy(person) for person in enrolment.people if person.login == "n-officer"]
    officer.login, officer.email = "n-officer-2", "n-officer-2@bank"
    enrolment.people.append(officer)
    return enrolment


@pytest.fixture
def bank(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    load_pilot.load(database, bank_with_addresses(), hash_password=known_hash)
    with pool.connect(database) as connection:
        yield connection


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Mailbox]:
    with mailbox("smtp", tmp_path / "post") as box:
        yield box


@dataclass
class Office:
    """Writes notices as the watchkeeper does and sends what is due."""

    bank: psycopg.Connection
    ways: dict[str, sender.Channel]

    def case(self, where: tuple[str, str, str] = NORTH, rule: str = "group_removal", audience: Audience = Audience.BANK) -> int:  # fmt: skip
        branch, farm, loan = where
        about = replace(finding(rule), farm_id=FarmId(farm), loan_id=LoanId(loan))
        opened = open_case(about, BranchId(branch), STAKES, NOW).case
        number = cases.add(self.bank, replace(opened, audience=audience, severity=Severity.RED))
        assert number is not None
        return number

    def tell(self, case: int, level: Level = Level.OFFICER, channel: str = "email", at: datetime = NOW) -> None:
        words = {"text_zh": f"案 {case}", "text_en": f"case {case}", "due_at": NOW.isoformat()}
        payload = {
            "case_id": case, "reason": "opened", "severity": "red", "level": str(level), "sent_at": at.isoformat(),
            "farm_id": f"farm of {case}", **words,
        }  # fmt: skip
        outbox.add(self.bank, case, channel, "opened", payload, at)

    def send(self, at: datetime = NOW) -> int:
        return sender.send_due(self.bank, self.ways, at)


def office(bank: psycopg.Connection, post: Mailbox, **settings: Any) -> Office:
    asked: dict[str, Any] = {"mail_host": "127.0.0.1", "mail_port": post.port, "mail_security": "none"}
    return Office(bank, sender.channels(NotifySettings(**(asked | settings))))


def letters(post: Mailbox) -> list[tuple[int, str]]:
    return [(int(mail["X-HerdLien-Case"]), mail["To"]) for mail in post.mails()]


def persons(post: Mailbox) -> list[str]:
    return sorted(to.removesuffix("@bank") for _, to in letters(post))


def rows(bank: psycopg.Connection) -> dict[str | None, str]:
    """What has become of each recipient's letter."""
    found = bank.execute(
        "SELECT coalesce(person_id, address), CASE WHEN delivered_at IS NOT NULL THEN 'delivered'"
        " WHEN given_up_at IS NOT NULL THEN 'given up' ELSE 'waits' END FROM outbox"
    ).fetchall()
    return dict(found)


def set_person(*arguments: str) -> None:
    assert main(["person", *arguments]) == 0


def test_the_people_of_one_branch_are_never_written_to_about_another(bank: psycopg.Connection, post: Mailbox) -> None:
    desk = office(bank, post, **SET)
    north, south = desk.case(NORTH), desk.case(SOUTH)
    for number, level in product((north, south), Level):
        desk.tell(number, level)
    desk.send()
    got = {case: {to for about, to in letters(post) if about == case} for case in (north, south)}
    assert got[north] == {
        "n-officer@bank", "n-officer-2@bank", "n-risk@bank", "all-risk@bank"
    }  # fmt: skip
    assert got[south] == {"s-officer@bank", "all-risk@bank"}
    # One letter a level that was reached, to those of that level and below.
    assert Counter(to for about, to in letters(post) if about == north)["n-officer@bank"] == 4
    assert Counter(to for about, to in letters(post) if about == north)["all-risk@bank"] == 1
    assert {len(mail["To"].split(",")) for mail in post.mails()} == {1}


def test_the_loans_officer_hears_of_it_and_once_they_have_left_the_other_officers_do(
    bank: psycopg.Connection, post: Mailbox
) -> None:
    assert main(["loan-officer", "n-loan", "n-officer-2"]) == 0
    desk = office(bank, post)
    case = desk.case()
    desk.tell(case)
    desk.send()
    assert persons(post) == ["n-officer-2"]
    set_person("n-officer-2", "--left")
    desk.tell(case, at=NOW + MINUTE)
    desk.send(NOW + MINUTE)
    assert persons(post) == ["n-officer", "n-officer-2"]


def test_who_could_not_be_reached_is_tried_again_alone(bank: psycopg.Connection, post: Mailbox) -> None:
    desk = office(bank, post)
    desk.tell(desk.case(), Level.BRANCH_RISK)
    post.refuse(451, "n-officer-2@bank")
    assert desk.send() == 2
    assert rows(bank) == {"n-officer": "delivered", "n-officer-2": "waits", "n-risk": "delivered"}
    for seconds in (1, 29):
        assert desk.send(NOW + seconds * SECOND) == 0
    post.refuse(None)
    assert desk.send(NOW + 31 * SECOND) == 1
    assert desk.send(NOW + 3600 * SECOND) == 0
    assert persons(post) == ["n-officer", "n-officer-2", "n-risk"], "each once"


def test_an_address_that_does_not_exist_is_given_up_and_on_record_and_keeps_nobody_else_waiting(
    bank: psycopg.Connection, post: Mailbox
) -> None:
    desk = office(bank, post)
    desk.tell(case := desk.case())
    post.refuse(550, "n-officer@bank")
    desk.send()
    assert rows(bank) == {"n-officer": "given up", "n-officer-2": "delivered"}
    said = bank.execute("SELECT event, note FROM case_event WHERE case_id = %s ORDER BY 1", (case,)).fetchall()
    assert said == [
        ("notice_delivered", "email to n-officer-2: opened"),
        ("notice_failed", "email to n-officer: mail server refuses the recipient: 550"),
    ]


@pytest.mark.parametrize("change", [["--left"], ["--no-email"]])
def test_who_has_left_while_a_letter_waits_does_not_get_it(
    bank: psycopg.Connection, post: Mailbox, change: list[str]
) -> None:
    desk = office(bank, post)
    desk.tell(desk.case())
    post.refuse(451)
    desk.send()
    set_person("n-officer-2", *change)
    post.refuse(None)
    desk.send(NOW + MINUTE)
    assert persons(post) == ["n-officer"]
    assert rows(bank) == {"n-officer": "delivered", "n-officer-2": "given up"}


def test_who_has_gone_to_another_branch_while_a_letter_waits_does_not_get_it(
    bank: psycopg.Connection, post: Mailbox
) -> None:
    desk = office(bank, post)
    desk.tell(desk.case())
    post.refuse(451)
    desk.send()
    bank.execute("UPDATE person SET branch_id = 'south' WHERE login = 'n-officer-2'")
    post.refuse(None)
    desk.send(NOW + MINUTE)
    assert persons(post) == ["n-officer"]


def test_a_letter_that_waits_goes_to_the_address_as_it_has_been_corrected(
    bank: psycopg.Connection, post: Mailbox
) -> None:
    assert main(["loan-officer", "n-loan", "n-officer"]) == 0
    desk = office(bank, post)
    desk.tell(desk.case())
    post.refuse(451)
    desk.send()
    set_person("n-officer", "--email", "li.ming@bank")
    post.refuse(None)
    desk.send(NOW + MINUTE)
    assert [to for _, to in letters(post)] == ["li.ming@bank"]


def test_where_a_level_has_nobody_the_address_that_is_set_is_told_and_the_figures_show_it(
    bank: psycopg.Connection, post: Mailbox
) -> None:
    for login in ("n-officer", "n-officer-2"):
        set_person(login, "--no-email")
    desk = office(bank, post, mail_officer="duty-{branch}@set, night-{branch}@set")
    desk.tell(case := desk.case())
    post.refuse(451, "night-north@set")
    desk.send()
    post.refuse(None)
    desk.send(NOW + MINUTE)
    assert letters(post) == [(case, "duty-north@set"), (case, "night-north@set")], "each once"
    figures = {(f.branch, f.level): f.people for f in people.reachable(bank)}
    assert (figures["north", "officer"], figures["north", "branch_risk"], figures["south", "branch_risk"]) == (0, 1, 0)
    assert outbox.undelivered(bank) == outbox.Undelivered(given_up=0, to_addresses=2)


def test_where_no_address_is_set_either_the_next_level_above_is_told(bank: psycopg.Connection, post: Mailbox) -> None:
    for login in ("n-officer", "n-officer-2"):
        set_person(login, "--left")
    desk = office(bank, post)
    desk.tell(desk.case())
    desk.send()
    assert persons(post) == ["n-risk"]


def test_a_notice_that_nobody_can_get_is_given_up_loudly(bank: psycopg.Connection, post: Mailbox) -> None:
    bank.execute("UPDATE person SET email = NULL")
    desk = office(bank, post)
    desk.tell(case := desk.case())
    assert desk.send() == 0
    assert rows(bank) == {None: "given up"}
    ((note,),) = bank.execute("SELECT note FROM case_event WHERE case_id = %s", (case,)).fetchall()
    assert "nobody can be told" in note
    assert outbox.undelivered(bank).given_up == 1


def test_the_api_shows_who_was_told_and_the_figures_whom_nobody_tells(
    database: str, post: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    with open_bank(database) as served, pool.connect(database) as bank:
        set_person("n-officer", "--email", "li@bank")
        desk = office(bank, post)
        desk.tell(case := desk.case())
        desk.send()
        notices = served.get(f"/alerts/{case}", "n-risk").json()["notices"]
        assert [(n["channel"], n["told"], n["delivered_at"] is not None) for n in notices] == [
            ("email", "n-officer", True)
        ]
        figures = served.client.get("/metrics").text
        for line in (
            'herdlien_notice_people{branch="north",level="officer"} 1.0',
            'herdlien_notice_people{branch="south",level="officer"} 0.0',
            "herdlien_notices_given_up 0.0", "herdlien_notices_to_set_addresses 0.0", "herdlien_working_days_known_to 1.",
        ):  # fmt: skip
            assert line in figures
        set_person("n-officer", "--left")
        assert served.log_in("n-officer", PASSWORD).status_code == 401
        assert served.get("/today", "n-risk").status_code == 200
        set_person("n-risk", "--left")
        assert served.get("/today", "n-risk").status_code == 401, "a token ends with its person's leaving"


def test_a_branch_head_is_who_is_said_to_be_one(bank: psycopg.Connection, post: Mailbox) -> None:
    set_person("n-auditor", "--told-as", "branch_head")
    desk = office(bank, post, **SET)
    desk.tell(desk.case(), Level.BRANCH_HEAD)
    desk.send()
    assert persons(post) == ["n-auditor", "n-officer", "n-officer-2"]


def test_the_farms_own_matter_goes_to_that_farms_people_alone(bank: psycopg.Connection, post: Mailbox) -> None:
    desk = office(bank, post, **SET)
    desk.tell(desk.case(NORTH, "fever", Audience.FARM), channel="farm")
    desk.send()
    assert [to for _, to in letters(post)] == ["n-farm@bank"]
    set_person("n-farm", "--left")
    desk.tell(desk.case(NORTH, "calving", Audience.FARM), channel="farm", at=NOW + MINUTE)
    desk.send(NOW + MINUTE)
    assert [to for _, to in letters(post)] == ["n-farm@bank", "sunny@set"]


def test_a_mail_server_that_is_away_is_asked_once_a_pass_and_no_other_way_waits_for_it(
    bank: psycopg.Connection, post: Mailbox, tmp_path: Path
) -> None:
    with mailbox("webhook", tmp_path / "desk") as risk_desk:
        desk = office(bank, post, mail_port=1, webhook_url=f"http://127.0.0.1:{risk_desk.port}/", webhook_secret=SECRET)
        case = desk.case()
        desk.tell(case, Level.HEAD_OFFICE)
        desk.tell(case, channel="webhook")
        assert desk.send() == 1
        assert [p["case_id"] for p in risk_desk.posts(SECRET)] == [case]
    tried = bank.execute("SELECT sum(attempts) FROM outbox WHERE channel = 'email'").fetchone()
    assert tried == (1,)
    assert set(rows(bank).values()) == {"delivered", "waits"}
    desk.ways |= office(bank, post).ways
    assert desk.send(NOW + MINUTE) == 4
    assert persons(post) == ["all-risk", "n-officer", "n-officer-2", "n-risk"]


def test_what_is_rolled_back_is_told_to_nobody(bank: psycopg.Connection, post: Mailbox) -> None:
    desk = office(bank, post)
    with pytest.raises(RuntimeError), bank.transaction():
        desk.tell(desk.case())
        raise RuntimeError
    assert desk.send() == 0
    assert post.mails() == []


def test_the_database_and_the_model_agree_on_who_is_told_at_which_level(bank: psycopg.Connection) -> None:
    bank.execute("DELETE FROM person")
    made = 0
    for role, branch, told_as in product(Role, ("north", None), (None, *Level)):
        try:
            bank.execute(
                "INSERT INTO person (person_id, login, name, role, branch_id, farm_id, password_hash, email, told_as)"
                " VALUES (%(n)s, %(n)s, 'x', %(role)s, %(branch)s, 'sunny', 'x', 'x@bank', %(level)s)",
                {"n": f"p{made}", "role": str(role), "branch": branch, "level": told_as and str(told_as)},
            )
            made += 1
        except psycopg.errors.CheckViolation:
            continue
    assert made >= 15
    model = Counter(str(each.person.level) for each in people.everybody(bank) if each.person.level)
    stored = {f.level: f.people for f in people.reachable(bank) if f.branch == "north"}
    assert stored == model


def test_the_terminal_lists_people_and_the_levels_that_nobody_can_be_told_at(
    bank: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    set_person("n-officer-2", "--left")
    capsys.readouterr()
    assert main(["people"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "n-officer: officer of north, told as officer, n-officer@bank" in said
    assert any(line.startswith("n-officer-2: officer of north") and ", left 20" in line for line in said)
    assert "n-farm: farm of north, told for the farm, n-farm@bank" in said
    assert "s-risk: risk of south, told as branch_risk, no address" in said
    assert [line for line in said if line.startswith(("north:", "south:"))] == [
        f"{branch}: no {level} can be told by e-mail; the address set for the level stands in"
        for branch, level in (("north", "branch_head"), ("south", "branch_head"), ("south", "branch_risk"))
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["person", "nobody", "--left"], "there is nobody with the login nobody"),
        (["person", "n-risk", "--email", "n-risk"], "'n-risk' is no e-mail address"),
        (["person", "n-risk", "--told-as", "head_office"], "head_office is for who belongs to no branch"),
        (["loan-officer", "n-loan", "s-officer"], "s-officer is no officer of branch north"),
        (["loan-officer", "n-loan", "n-risk"], "n-risk is no officer of branch north"),
        (["loan-officer", "x-loan", "n-officer"], "there is no loan x-loan"),
    ],
)
def test_the_terminal_refuses_what_cannot_be_and_says_why(
    bank: psycopg.Connection, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    before = people.everybody(bank)
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert people.everybody(bank) == before


def test_who_has_left_is_nobody_until_they_come_back(bank: psycopg.Connection) -> None:
    set_person("n-risk", "--left")
    assert people.by_login(bank, "n-risk") is None
    assert people.by_id(bank, "n-risk") is None
    set_person("n-risk", "--back")
    found = people.by_id(bank, "n-risk")
    assert found is not None
    assert found.email == "n-risk@bank"


def test_an_enrolment_sets_addresses_and_the_loans_officer_and_leaves_what_it_says_nothing_of(
    bank: psycopg.Connection, database: str
) -> None:
    set_person("n-risk", "--told-as", "branch_head")
    plain = small_bank(1)
    assert set(load_pilot.load(database, plain, hash_password=known_hash).changed.values()) == {0}
    found = people.by_id(bank, "n-risk")
    assert found is not None
    assert (found.email, found.level) == ("n-risk@bank", Level.BRANCH_HEAD)
    (person,) = [p for p in plain.people if p.login == "n-officer"]
    person.email, plain.loans[0].officer = "li@bank", "n-officer"
    changed = load_pilot.load(database, plain, hash_password=known_hash).changed
    assert {table: n for table, n in changed.items() if n} == {"person": 1, "loan": 1}
    officer = bank.execute("SELECT officer_id FROM loan WHERE loan_id = 'n-loan'").fetchone()
    assert officer == ("n-officer",)


def test_an_enrolment_with_a_wrong_address_level_or_officer_is_refused(database: str) -> None:
    spoilt = small_bank(1)
    spoilt.people[0].email = "li ming@bank"
    spoilt.people[1].told_as = "head_office"
    spoilt.loans[0].officer = "s-officer"
    with pytest.raises(EnrolmentRefused) as refused:
        load_pilot.load(database, spoilt, hash_password=known_hash)
    said = "\n".join(str(fault) for fault in refused.value.faults)
    for words in (
        "people[0].email: 'li ming@bank' is no e-mail address", "people[1].told_as: head_office is for who",
        "loans[0].officer: s-officer is no officer of branch north",
    ):  # fmt: skip
        assert words in said
