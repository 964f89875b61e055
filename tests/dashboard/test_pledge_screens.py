"""The pledge check on the screen: lists exchanged, matches without a customer, an override by two people."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.client import Api
from tests.dashboard.canned_pledges import CUSTOMER, OURS, SAME, ear_tag, list_of_bank_x
from tests.dashboard.opening import opened, text

pytestmark = pytest.mark.usefixtures("api")
WHY = "bank X has released these in writing"


def sent(data: bytes, button: str = "partner_submit", lang: str = "en") -> AppTest:
    at = opened("risk", "pledges", lang)
    at.text_input(key="partner_code").input("BANKX")
    at.file_uploader(key="partner_file").set_value(("x.csv", data, "text/csv"))
    return at.button(key=button).click().run()


def tables(at: AppTest) -> str:
    return "\n".join(frame.value.to_csv() for frame in at.dataframe)


def test_before_any_list_nothing_is_called_good_news() -> None:
    shown = text(opened("officer", "pledges", "zh"))
    assert "还没有可比对的他行清单，因此尚无结论。" in shown
    assert "它不能隐藏的是" in shown


def test_another_banks_list_is_compared_and_shows_the_loan_that_may_not_be_drawn_on() -> None:
    at = sent(list_of_bank_x())
    shown = text(at)
    assert f"{SAME} of our animals stand on it (loans: 1)." in shown
    assert "1 loan may not be drawn on" in shown
    assert "Drawing is blocked" in shown
    assert "BANKX" in tables(at)


def test_a_list_can_be_checked_without_taking_it() -> None:
    shown = text(sent(list_of_bank_x(), "partner_check"))
    assert "nothing was taken" in shown
    assert "may not be drawn on" not in shown


def test_a_list_with_bare_numbers_is_refused_line_by_line_and_repeats_none() -> None:
    good = list_of_bank_x().decode().splitlines()
    at = sent("\n".join([*good[:2], f"cn-tag,{ear_tag(3)},,,", *good[2:]]).encode())
    assert "Rows that were left out: 1" in text(at)
    assert ear_tag(3) not in tables(at) + text(at)
    other_key = b"scheme,digest,species,pledged_from,pledged_until\n" + f"key-check,{'0' * 64},,,\n".encode()
    assert "The list cannot be read" in text(sent(other_key))


def test_this_banks_list_is_made_only_when_asked_for_and_holds_hashes_alone() -> None:
    at = opened("admin", "pledges", "en")
    assert not at.get("download_button")
    at.button(key="own_list_make").click().run()
    (button,) = at.get("download_button")
    assert button.label == f"Download {OURS + 1} hashes"  # animals and their farm
    assert ear_tag(0) not in at.session_state["own_pledge_list"].decode()


def test_matches_name_our_animals_and_the_bank_and_nobody_elses_customer() -> None:
    sent(list_of_bank_x())
    at = opened("officer", "pledges", "en", loan="L1")
    shown = text(at) + tables(at)
    assert f"{SAME} of 600 animals stand on a list of: BANKX" in shown
    assert ear_tag(OURS - 1) in shown
    assert "Qingshan farm" in shown  # same farm, species and time
    assert CUSTOMER not in shown


def test_the_override_takes_two_people() -> None:
    sent(list_of_bank_x())
    at = opened("officer", "pledges", "en", loan="L1")
    at.text_area(key="override_reason").input("short")
    at.button(key="override_submit").click().run()
    assert "in ten letters or more" in text(at)
    at.text_area(key="override_reason").input(WHY)
    at.button(key="override_submit").click().run()
    assert "somebody else of risk staff decides it" in text(at)
    assert not [b for b in at.button if b.key == "verdict_confirm"]
    second = opened("risk", "pledges", "en", loan="L1")
    second.text_area(key="verdict_reason").input("seen the letter of release")
    second.button(key="verdict_confirm").click().run()
    assert Api("token-risk").drawdown("L1").allowed
    shown = text(second)
    assert "Let pass by two people" in shown
    assert WHY in shown


def test_each_role_sees_what_it_may_do() -> None:
    sent(list_of_bank_x())
    keys = {role: {b.key for b in opened(role, "pledges", "en").button} for role in ("officer", "risk", "auditor")}
    assert "own_list_make" in keys["risk"]
    assert not {"own_list_make", "partner_submit"} & (keys["officer"] | keys["auditor"])
    audited = opened("auditor", "pledges", "en", loan="L1")
    assert not [b for b in audited.button if b.key in {"pledge_check", "override_submit"}]
    assert "pledges" not in opened("farm", "map").session_state["links"]


def test_a_loan_without_matches_can_be_checked_again() -> None:
    at = opened("officer", "pledges", "en", loan="L2")
    assert "No number of this loan stands on a list that was compared" in text(at)
    at.button(key="pledge_check").click().run()
    assert "There is no list of another bank to compare with" in text(at)
