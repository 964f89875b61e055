"""Movement requests on the screen: asked for by one, papers put to them, approved by another."""

import pytest

from dashboard.client import Api
from tests.dashboard.opening import opened, text

pytestmark = pytest.mark.usefixtures("api")


def disabled(role: str, number: str = "9") -> dict[str, bool]:
    at = opened(role, "movements", "en", id=number)
    return {b.key: b.disabled for b in at.button if b.key and b.key.startswith("decide_")}


def test_the_list_tells_what_waits_and_what_is_done() -> None:
    shown = text(opened("officer", "movements", "zh"))
    assert "待办：2" in shown
    assert "**出栏** · 转出 24 头" in shown
    assert "已执行，待回款" in shown


def test_the_list_narrows_to_the_loan_in_the_url() -> None:
    shown = text(opened("officer", "movements", "en", loan="L2"))
    assert "two calves" in shown
    assert "slaughterhouse" not in shown


def test_nobody_approves_what_they_asked_for_themselves() -> None:
    assert disabled("officer") == {"decide_approve": True, "decide_refuse": True, "decide_withdraw": False}


def test_another_person_approves_once_the_papers_are_there() -> None:
    assert disabled("risk")["decide_approve"]
    at = opened("risk", "movements", "en", id="9")
    assert "a sale needs a quarantine_certificate" in text(at)
    at.text_input(key="paper_number").input("JY-130826-0042")
    at.button(key="paper_submit").click().run()
    assert "JY-130826-0042" in text(at)
    at.button(key="decide_approve").click().run()
    assert Api("token-risk").movement(9).summary.state == "approved"
    assert "Book what really moved" in text(at)


def test_the_buyers_proceeds_need_a_receipt_and_close_the_sale() -> None:
    at = opened("officer", "movements", "en", id="8")
    at.number_input(key="proceeds_amount").set_value(408_000.0)
    at.button(key="proceeds_submit").click().run()
    assert "Please give the receipt's number." in text(at)
    at.text_input(key="proceeds_receipt").input("SK-1")
    at.button(key="proceeds_submit").click().run()
    closed = Api("token-officer").movement(8).summary
    assert (closed.state, closed.proceeds_minor) == ("closed", 40_800_000)


def test_a_request_is_asked_for_with_the_numbers_as_they_were_pasted() -> None:
    at = opened("officer", "movements", "en", loan="L2")
    at.text_area(key="ask_leaving").input("163010200001001\n163010200001002，a3, a4")
    at.button(key="ask_submit").click().run()
    assert "Please write down the reason." in text(at)
    at.text_input(key="ask_reason").input("sold at the market")
    at.button(key="ask_submit").click().run()
    assert "Request #10 is asked for; somebody else approves it. Still missing" in text(at)
    asked = Api("token-officer").movement(10).summary
    assert Api("token-officer").movement(10).leaving[:2] == ["a1", "a2"]  # ids for the ear tag numbers
    assert (asked.loan_id, asked.leaving, asked.reason) == ("L2", 4, "sold at the market")


def test_an_auditor_reads_movements_and_cannot_ask_or_decide() -> None:
    at = opened("auditor", "movements", "en", id="9")
    assert not [b for b in at.button if b.key and b.key.startswith(("decide_", "ask_"))]
    assert not [b for b in opened("auditor", "movements", "en").button if b.key == "ask_submit"]


def test_a_lot_of_pigs_is_asked_for_shown_and_booked_by_those_that_really_left() -> None:
    at = opened("officer", "movements", "zh", loan="L2")
    at.multiselect(key="ask_groups_leaving").select("pigs-1").run()
    at.number_input(key="ask_head_out_pigs-1").set_value(120)
    at.text_input(key="ask_reason").input("卖给屠宰场")
    at.text_input(key="ask_paper").input("JY-1")
    at.button(key="ask_submit").click().run()
    asked = Api("token-officer").movement(10)
    assert (asked.summary.leaving, asked.leaving) == (120, [])
    assert [(g.group_id, g.head, g.to_group_id) for g in asked.groups_leaving] == [("pigs-1", 120, None)]
    at = opened("risk", "movements", "zh", id="10")
    assert "**转出牲畜** · pigs-1 · 120 头" in text(at)
    at.button(key="decide_approve").click().run()
    at = opened("officer", "movements", "en", id="10")
    at.number_input(key="execute_head_pigs-1").set_value(117)
    at.button(key="execute_submit").click().run()
    assert "**Leaving** · pigs-1 · 117 head" in text(opened("auditor", "movements", "en", id="10"))


def test_pigs_are_moved_to_another_house_and_bought_into_one() -> None:
    at = opened("officer", "movements", "en", loan="L2")
    at.selectbox(key="ask_kind").select("transfer").run()
    at.multiselect(key="ask_groups_leaving").select("pigs-1").run()
    assert at.selectbox(key="ask_to_pigs-1").options == ["pigs-2 · House 2 · 0 head"]
    at.text_input(key="ask_reason").input("the house is full")
    at.button(key="ask_submit").click().run()
    (line,) = Api("token-officer").movement(10).groups_leaving
    assert (line.head, line.to_group_id) == (1, "pigs-2")

    at = opened("officer", "movements", "en", loan="L2")
    at.selectbox(key="ask_kind").select("purchase").run()
    at.multiselect(key="ask_groups_entering").select("pigs-2").run()
    at.number_input(key="ask_head_in_pigs-2").set_value(90)
    at.number_input(key="ask_head_value_pigs-2").set_value(1_850.0)
    at.text_input(key="ask_reason").input("bought at the market")
    at.button(key="ask_submit").click().run()
    (entry,) = Api("token-officer").movement(11).groups_entering
    assert (entry.group_id, entry.head, entry.value_minor) == ("pigs-2", 90, 185_000)
