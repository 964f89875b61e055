"""The words of every rule in both languages, and the page about rules."""

import pytest

from collateral.alerting.lifecycle import CAUSES as SYSTEM_CAUSES
from collateral.anomaly.rules import ALL_RULES
from collateral.model.case import Stage
from dashboard import case_words, particulars, words
from dashboard.catalog import is_translated, messages, read
from dashboard.rule_words import RULE_WORDS
from dashboard.words import LOCALES, speak
from monitor_api.notify.words import RULE_NAMES
from tests.dashboard.opening import charts, opened, text

NAMES = sorted({rule.name for rule in ALL_RULES})


def test_every_rule_has_its_words_on_the_screen_and_no_word_has_lost_its_rule() -> None:
    assert sorted(RULE_WORDS) == NAMES


@pytest.mark.parametrize("rule", NAMES)
def test_a_rule_is_called_the_same_on_the_screen_and_in_a_message(rule: str) -> None:
    said = []
    for language in ("zh", "en"):
        speak(language)
        said.append(words._(RULE_WORDS[rule].name))
    assert tuple(said) == RULE_NAMES[rule]
    assert said[0] != said[1]


@pytest.mark.parametrize("locale", LOCALES.values())
def test_every_message_is_translated(locale: str) -> None:
    catalog = read(locale)
    lacking = []
    for message in messages():
        found = catalog.get(message if isinstance(message, str) else message[0])
        if found is None or not is_translated(found):
            lacking.append(message)
    assert not lacking, "run python -m dashboard.catalog and fill in the entries"


def test_every_stage_and_cause_of_a_case_has_its_word() -> None:
    assert set(case_words.STAGES) == set(Stage)
    assert {str(d): list(causes) for d, causes in SYSTEM_CAUSES.items()} == {
        d: list(causes) for d, causes in case_words.CAUSES.items()
    }


def test_figures_of_papers_are_told_in_their_units() -> None:
    speak("en")
    told = {"species": "cattle", "insured": 380, "covered_until": "2026-05-01", "pays_bank": False}
    assert particulars.readable("species", [told], {}, "CNY") == (
        "[Species: Cattle] [Insured: 380] [Covered until: 2026-05-01] [Pays the bank first: no]"
    )
    assert particulars.particular("ltv", 0.789, {}, "CNY") == "LTV **78.9%**"
    assert particulars.particular("price_change", None, {}, "CNY") == "Price change **–**"
    assert particulars.particular("cure_minor", 46_291_700, {}, "CNY") == "Cure amount **CN¥462,917**"


@pytest.mark.usefixtures("api")
def test_a_case_says_what_its_rule_means_and_what_to_do_now() -> None:
    shown = text(opened("officer", "case", "zh", id="41"))
    assert "未经批准，一小时内成群离圈或失联" in shown
    assert "现在该做什么：立即联系养殖场" in shown


@pytest.mark.usefixtures("api")
def test_the_rules_page_shows_how_often_each_was_right_and_how_soon_cases_are_handled() -> None:
    at = opened("risk", "rules", "en", rule="left_fence")
    drawn = charts(at)[0]
    assert "4 of 13" in drawn
    assert "Price and LTV" not in drawn  # nobody has judged it
    assert next(iter(at.table[0].value["In time"])) == "2 · :red[1 late]"
    assert list(at.table[1].value["Setting"]) == ["30.0", "45.0", "3"]


@pytest.mark.usefixtures("api")
def test_risk_staff_set_a_limit_with_a_reason_and_others_cannot() -> None:
    assert not [b for b in opened("officer", "rules", "en").button if b.key == "limit_submit"]
    at = opened("risk", "rules", "en", rule="left_fence")
    at.text_input(key="limit_value").input("35")
    at.button(key="limit_submit").click().run()
    assert "Please write down why." in text(at)
    at.text_input(key="limit_why").input("tractors")
    at.button(key="limit_submit").click().run()
    assert "It holds from the next look on." in text(at)
    assert "tractors" in str(at.table[1].value)
