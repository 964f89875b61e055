"""Who hears of a case: people of its branch, level by level, each once, and never those of another branch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.alerting.recipients import Told, of_the_bank, of_the_farm
from collateral.model.ids import BranchId, PersonId
from collateral.model.person import Level, Person, Role, address_fault, level_fault

NOTHING_SET: dict[Level, list[str]] = {}
LEVELS_SET = {level: [f"{level}@set"] for level in Level}


def one(login: str, role: Role = Role.OFFICER, branch: str | None = "a", email: str | None = "", told_as: Level | None = None, farm: str | None = None) -> Person:  # fmt: skip
    return Person(
        person_id=PersonId(login), login=login, name=login, role=role, branch_id=BranchId(branch) if branch else None,
        farm_id=farm, email=f"{login}@bank" if email == "" else email, told_as=told_as,
    )  # fmt: skip


STAFF = [
    one("li"), one("wang"), one("zhao", told_as=Level.BRANCH_HEAD), one("qian", Role.RISK), one("sun", Role.RISK, None),
    one("zhou", Role.AUDITOR), one("wu", Role.ADMIN), one("herder", Role.FARM, farm="f1"),
    one("b-li", branch="b"), one("b-qian", Role.RISK, "b"), one("b-head", branch="b", told_as=Level.BRANCH_HEAD),
]  # fmt: skip


def names(told: Told) -> list[str]:
    return [r.person_id or r.address for r in told.recipients]


@pytest.mark.parametrize(
    ("reached", "who"),
    [
        (Level.OFFICER, ["li", "wang"]),
        (Level.BRANCH_HEAD, ["li", "wang", "zhao"]),
        (Level.BRANCH_RISK, ["li", "wang", "zhao", "qian"]),
        (Level.HEAD_OFFICE, ["li", "wang", "zhao", "qian", "sun"]),
    ],
)
def test_a_case_is_told_to_the_people_of_its_branch_up_to_the_level_it_has_reached(
    reached: Level, who: list[str]
) -> None:
    told = of_the_bank(STAFF, reached, "a", None, LEVELS_SET)
    assert (names(told), told.vacant) == (who, ())


def test_the_officer_whom_the_loan_names_is_told_instead_of_the_other_officers() -> None:
    assert names(of_the_bank(STAFF, Level.OFFICER, "a", "wang", LEVELS_SET)) == ["wang"]


@pytest.mark.parametrize("named", ["gone", "b-li", "zhao", "qian"])
def test_where_the_loans_officer_cannot_be_told_the_officers_of_the_branch_are(named: str) -> None:
    """Left, of another branch, or no officer any more."""
    assert names(of_the_bank(STAFF, Level.OFFICER, "a", named, LEVELS_SET)) == ["li", "wang"]


def test_a_level_where_nobody_has_an_address_is_told_by_the_one_that_is_set_and_said_to_be_vacant() -> None:
    staff = [one("li", email=None), one("qian", Role.RISK)]
    told = of_the_bank(staff, Level.BRANCH_RISK, "a", None, LEVELS_SET)
    assert names(told) == ["officer@set", "branch_head@set", "qian"]
    assert told.vacant == (Level.OFFICER, Level.BRANCH_HEAD)


def test_where_nobody_can_be_told_up_to_the_level_reached_the_next_level_above_is() -> None:
    told = of_the_bank([one("qian", Role.RISK), one("sun", Role.RISK, None)], Level.OFFICER, "a", None, NOTHING_SET)
    assert names(told) == ["qian"]
    assert told.vacant == (Level.OFFICER, Level.BRANCH_HEAD)
    assert of_the_bank([], Level.OFFICER, "a", None, NOTHING_SET) == Told(recipients=(), vacant=tuple(Level))


def test_who_holds_two_places_or_shares_a_mailbox_is_told_once() -> None:
    staff = [one("li", email="Desk@bank"), one("wang", email="desk@bank"), one("qian", Role.RISK, email="desk@bank")]
    set_for = {Level.BRANCH_HEAD: ["desk@BANK", "head@bank"]}
    assert names(of_the_bank(staff, Level.BRANCH_RISK, "a", None, set_for)) == ["li", "head@bank"]


def test_the_farm_hears_of_its_own_matters_by_its_own_people() -> None:
    assert names(of_the_farm(STAFF, "f1", ["set@farms"])) == ["herder"]
    assert names(of_the_farm(STAFF, "f2", ["set@farms"])) == ["set@farms"]
    assert names(of_the_farm(STAFF, "f2", [])) == []


people = st.builds(
    one, st.sampled_from([f"p{n}" for n in range(20)]), st.sampled_from(Role), st.sampled_from(["a", "b", None]),
    st.sampled_from(["", None, "shared@bank"]), st.sampled_from([None, *Level]), st.sampled_from(["f1", None]),
)  # fmt: skip


@given(st.lists(people, unique_by=lambda p: p.login), st.sampled_from(Level), st.sampled_from(["p1", "p2", None]))
def test_no_one_of_another_branch_is_ever_told_and_no_one_twice(
    staff: list[Person], reached: Level, officer: str | None
) -> None:
    known = {person.person_id: person for person in staff}
    told = of_the_bank(staff, reached, "a", officer, LEVELS_SET)
    for recipient in told.recipients:
        if recipient.person_id:
            person = known[recipient.person_id]
            assert person.branch_id == (None if person.level is Level.HEAD_OFFICE else "a")
            assert person.email == recipient.address
            assert person.level is not None
            assert list(Level).index(person.level) <= list(Level).index(reached)
    addresses = [r.address.casefold() for r in told.recipients]
    assert addresses, "somebody is told"
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize(
    "text", ["li@bank.example", "li.ming+herds@mail.bank.com.cn", "duty@localhost", "o'neil@bank-1.example"]
)
def test_an_address_is_an_address(text: str) -> None:
    assert address_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "li",
        "@bank",
        "li@",
        "li@@bank",
        "li ming@bank",
        "li@bank,wang@bank",
        "li@bank\nBcc: all@bank",
        "<li@bank>",
        "li..m@bank",
        ".li@bank",
        "li@-bank",
        "li@bank..cn",
        "李@bank",
        "l" * 65 + "@bank",
        "l@" + ".".join(["b" * 60] * 5),
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text: str) -> None:
    assert address_fault(text)


def test_only_who_belongs_to_a_branch_is_told_at_its_levels() -> None:
    assert level_fault("branch_head", "risk", "a") is None
    assert level_fault("head_office", "risk", None) is None
    assert level_fault("head_office", "risk", "a")
    assert level_fault("branch_risk", "risk", None)
    assert level_fault("officer", "farm", "a")
    assert level_fault("king", "risk", None)
