"""The loan page: grade, worth, outlook, count by pen, roll-forward; with figures, and before there are any."""

import json
import re

import pytest

from tests.dashboard.opening import charts, opened, text

pytestmark = pytest.mark.usefixtures("api")
PARTS = ("herd", "worth", "outlook", "course", "cameras", "book")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("loan", ["L1", "L4"])
@pytest.mark.parametrize("part", PARTS)
def test_each_section_opens_with_figures_and_without(part: str, loan: str, lang: str) -> None:
    shown = text(opened("officer", "loan", lang, id=loan, part=part))
    assert "{" not in shown
    assert not re.search(r"\bnan\b|unexpected", shown)


def test_a_loan_shows_its_grade_with_the_reasons_gravest_first() -> None:
    at = opened("officer", "loan", "zh", id="L1")
    shown = text(at)
    assert next(m.value for m in at.metric if m.label == "预警等级") == "红色预警"
    assert shown.index("未结预警：成群离场") < shown.index("按最佳估计较账面短少 3.5%")
    assert "未知项：逾期天数" in shown


def test_a_loan_that_was_never_graded_says_so_calmly() -> None:
    assert "No early-warning grade yet" in text(opened("officer", "loan", "en", id="L4"))


def test_the_course_tells_when_the_grade_changed_and_why() -> None:
    at = opened("officer", "loan", "en", id="L1", part="course")
    changes = [m.value for m in at.markdown if "warning]" in m.value and m.value.startswith("`")]
    assert [re.findall(r"(\w+) warning", change)[0] for change in changes] == ["Red", "Yellow", "Blue"]
    assert "Group driven off" in changes[0]


def test_worth_shows_what_may_be_drawn_and_itemises_what_does_not_count() -> None:
    at = opened("officer", "loan", "en", id="L1", part="worth")
    shown = {m.label: m.value for m in at.metric}
    assert shown["Deficit"] == "CN¥1.26M"
    assert shown["Cure amount"] == "CN¥960K"
    ineligible, lines = (table.value for table in at.table)
    assert list(ineligible["Reason"]) == ["Missing"]
    assert list(ineligible["Head"]) == ["29"]
    assert list(lines["Price"]) == ["CN¥27.90/kg"]


def test_a_loan_with_room_shows_what_is_available() -> None:
    at = opened("officer", "loan", "zh", id="L2", part="worth")
    assert {m.label: m.value for m in at.metric}["可用额度"] == "42万元"
    assert "无保单记录" in text(at)


@pytest.mark.parametrize(
    ("loan", "says"),
    [
        ("L1", "The LTV is above its ceiling now"),
        ("L2", "The LTV is expected above its ceiling in week 13 (2025-06-08)"),
        ("L4", "No breach of the ceiling in sight within 26 weeks"),
    ],
)
def test_the_outlook_says_when_the_ceiling_is_crossed(loan: str, says: str) -> None:
    at = opened("officer", "loan", "en", id=loan, part="outlook")
    assert says in text(at)
    assert any("Ceiling" in chart for chart in charts(at))


def test_without_a_market_price_the_outlook_says_what_the_value_rests_on() -> None:
    assert "No market price is on record" in text(opened("officer", "loan", "en", id="L4", part="outlook"))


def test_the_count_by_pen_says_where_to_look_first_and_sorts_the_unseen() -> None:
    at = opened("officer", "loan", "en", id="L1")
    shown = text(at)
    assert "Look first at pen 1号舍: at least 29 head short" in shown
    assert "Last physical count 148 head, 7 days ago." in shown
    assert "Last heard outside the fence 6" in shown
    pens = at.table[0].value
    assert list(pens["Physical count"]) == ["–", "–", "148", "–"]
    assert "Farm" not in pens  # the same for every pen


def test_a_pen_without_tags_has_no_mark_that_says_its_animals_are_gone() -> None:
    drawn = charts(opened("officer", "loan", "en", id="L1"))[-1]
    marks = [part for part in json.loads(drawn)["layer"] if part["mark"]["type"] == "point"]
    told = {(m["pen"], m["witness"]) for m in marks[0]["data"]["values"]}
    assert ("1号舍 · 150", "Ear tags") in told
    assert ("4号舍 · 150", "Ear tags") not in told


def test_the_roll_forward_ties_or_names_who_is_not_accounted_for() -> None:
    assert "台账平衡" in text(opened("officer", "loan", "zh", id="L2", part="book"))
    shown = text(opened("officer", "loan", "zh", id="L1", part="book", month="2025-02"))
    assert "台账不平：2 头无法说明去向" in shown
    assert "163010200001001" in shown  # the ear tag number, not the id
