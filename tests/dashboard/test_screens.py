"""Every screen, for every role, in both languages, against the HTTP interface."""

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI
from streamlit.testing.v1 import AppTest

from collateral.contract.http import ResolveRequest
from dashboard import rehearsal
from dashboard.client import Api
from tests.dashboard.canned_api import PASSWORD
from tests.dashboard.opening import APP, opened, text

pytestmark = pytest.mark.usefixtures("api")
CHINESE = re.compile(r"[一-鿿]")
BANK = ("officer", "risk", "auditor", "admin")
PAGES = {
    "today": {}, "loans": {}, "loan": {"id": "L1"}, "alerts": {}, "case": {"id": "41"}, "map": {}, "devices": {},
    "movements": {}, "rules": {},
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", BANK)
@pytest.mark.parametrize("page", PAGES)
def test_each_screen_opens_for_each_bank_role_in_each_language(page: str, role: str, lang: str) -> None:
    at = opened(role, page, lang, **PAGES[page])
    assert at.header, text(at)
    assert bool(CHINESE.search(at.header[0].value)) == (lang == "zh") or page in {"loan", "case"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", ["map", "devices", "alerts"])
def test_a_farm_sees_its_map_its_devices_and_its_alerts(page: str, lang: str) -> None:
    at = opened("farm", page if page != "map" else None, lang)
    assert at.header


def test_a_farm_reads_what_to_do_about_a_case_and_nothing_of_the_loan() -> None:
    shown = text(opened("farm", "case", "zh", id="38"))
    assert "请养殖场查找所列牲畜" in shown
    assert "涉及牲畜：11 头" in shown
    for word in ("贷款", "估值", "价值", "覆盖率", "PA-2024-0098", "马家养殖合作社"):
        assert word not in shown, word
    assert "元" not in text(opened("farm", "alerts", "zh"))


def test_a_farm_has_no_page_about_money() -> None:
    at = opened("farm")
    assert "余额" not in text(at)
    assert at.header[0].value == "养殖场地图"


def test_nobody_sees_figures_before_logging_in() -> None:
    at = opened(None)
    assert not at.metric
    assert [b.label for b in at.button] == ["登录"]


def test_logging_in_leads_to_todays_work_in_the_persons_language() -> None:
    at = AppTest.from_file(str(APP), default_timeout=60).run()
    at.text_input(key="login_name").input("officer")
    at.text_input(key="login_password").input(PASSWORD)
    at.button(key="login_submit").click().run()
    assert at.header[0].value == "今日工作"


def test_a_wrong_password_is_said_calmly() -> None:
    at = opened(None, lang="en")
    at.text_input(key="login_name").input("officer")
    at.text_input(key="login_password").input("wrong")
    at.button(key="login_submit").click().run()
    assert "Login or password is not right." in text(at)


def test_an_expired_login_leads_back_to_the_form_with_a_word(pilot: FastAPI) -> None:
    at = opened("officer", lang="en")
    pilot.state.expired = True
    at.run()
    assert "Your login has expired" in text(at)


def test_an_api_that_is_away_gives_a_calm_page_and_comes_back(pilot: FastAPI) -> None:
    at = opened("officer", lang="en")
    pilot.state.away = True
    at.run()
    assert "The system is not answering" in text(at)
    pilot.state.away = False
    at.run()
    assert "Today's work" in text(at)


def test_a_red_case_that_nobody_acknowledged_is_on_every_page() -> None:
    for page, query in PAGES.items():
        assert "1 red alert is waiting" in text(opened("officer", page, "en", **query)), page


def test_ages_are_counted_from_the_systems_clock() -> None:
    assert "截至 02:50 UTC+8，2分钟前" in text(opened("officer"))


def test_a_loan_shows_the_three_witnesses_and_the_estimate_side_by_side() -> None:
    at = opened("officer", "loan", "zh", id="L2")
    shown = {m.label: m.value for m in at.metric}
    assert shown["账面"] == "500"
    assert shown["耳标"] == "489"
    assert shown["摄像头"] == "475"
    assert shown["核定估计"] == "500"
    assert "未证实短少" in text(at)
    assert "已计数 2 / 4 个圈舍，对应账面 250 头" in text(at)
    assert "24 小时内未能证实在栏的押品牲畜：11 头" in text(at)


def test_an_unknown_count_is_never_a_zero() -> None:
    at = opened("officer", "loan", "zh", id="L4")
    assert next(m.value for m in at.metric if m.label == "摄像头") == "未知"
    assert "镜头被遮挡" in text(at)


def test_a_loan_of_another_branch_is_refused_in_words() -> None:
    assert "no such loan" in text(opened("officer", "loan", "en", id="L99"))


def test_a_case_says_in_one_sentence_what_happened() -> None:
    shown = text(opened("officer", "case", "zh", id="41"))
    assert "青山牧场有 24 头押品牲畜成群离开圈舍" in shown
    assert "少计 22 头" in shown
    assert "98.5% → 95.2%" in shown


def test_a_case_says_what_the_loan_to_value_ratio_would_be_without_the_named_animals() -> None:
    shown = text(opened("officer", "case", "zh", id="41"))
    assert "扣除后抵押率 72.1%，超过上限 60%" in shown


def test_a_task_says_how_much_is_at_stake() -> None:
    assert "24 头 · 涉及价值 41.6万元" in text(opened("officer", "today", "zh"))


def test_a_case_calls_pens_by_their_name() -> None:
    shown = text(opened("officer", "case", "en", id="41"))
    assert "Pen **1号舍** · Counted before (median) **136**" in shown


def test_a_delivered_notice_is_told_once() -> None:
    shown = text(opened("officer", "case", "en", id="41"))
    assert "Message to the duty phone (Opened)" in shown
    assert "notice_delivered" not in shown


REHEARSED = ["--loan", "L1", "--case", "41", "--expect", "PA-2024-0117"]


def test_a_rehearsal_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HERDLIEN_PASSWORD", PASSWORD)
    assert rehearsal.main(REHEARSED) == 1
    assert capsys.readouterr().out == "not shown: '核实中' on case (zh); 'Being verified' on case (en)\n"


def test_a_rehearsal_finds_every_figure_once_the_case_is_acknowledged(
    api: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERDLIEN_PASSWORD", PASSWORD)
    Api("token-officer", api).acknowledge(41, "called the farm")
    assert rehearsal.main(REHEARSED) == 0
    assert capsys.readouterr().out == "today, loan L1 and case 41 rendered in zh and en, 24 animals named\n"


def test_a_red_case_is_proposed_by_one_and_confirmed_by_another() -> None:
    at = opened("officer", "case", "en", id="41")
    at.text_input(key="acknowledge_note").input("called the farm")
    at.button(key="acknowledge_submit").click().run()
    assert "Acknowledged." in text(at)
    assert "called the farm" in text(at)
    at.button(key="resolve_submit").click().run()
    assert "Please write down what was found." in text(at)
    at.selectbox(key="resolve_cause_confirmed").select("theft")
    at.text_area(key="resolve_note").input("police report 17")
    at.button(key="resolve_submit").click().run()
    assert "officer proposes: **Confirmed: it was so · Theft**" in text(at)
    assert not [b for b in at.button if b.key in {"resolve_submit", "confirm_submit"}]
    at = opened("risk", "case", "en", id="41")
    at.text_input(key="confirm_note").input("read the report")
    at.button(key="confirm_submit").click().run()
    assert "officer found: **Confirmed: it was so · Theft**" in text(at)
    assert "read the report" in text(at)


def test_whoever_checks_a_verdict_can_send_it_back() -> None:
    api = Api("token-officer")
    api.acknowledge(41, "")
    api.resolve(41, ResolveRequest(disposition="false_alarm", cause="gps_fault", note="all there"))
    at = opened("risk", "case", "zh", id="41")
    assert "提出认定：**误报 · 定位故障**" in text(at)
    at.text_input(key="step_note_return").input("照片呢")
    at.button(key="step_submit_return").click().run()
    assert "已退回重新核实" in text(at)
    assert [b for b in at.button if b.key == "resolve_submit"]


def test_a_case_that_is_silenced_or_comes_and_goes_says_so() -> None:
    assert "Silenced by planned work no. 3" in text(opened("officer", "case", "en", id="34"))
    assert "It comes and goes" in text(opened("officer", "case", "en", id="38"))


def test_planned_work_is_announced_with_a_reason_and_ended() -> None:
    at = opened("officer", "alerts", "en")
    assert "**Maintenance** · Qingshan farm · fences are mended" in text(at)
    at.button(key="silence_submit").click().run()
    assert "Please write down why." in text(at)
    at.selectbox(key="silence_work").select("retagging")
    at.text_input(key="silence_why").input("tags of pen 3")
    at.button(key="silence_submit").click().run()
    assert "Announced: nobody is called" in text(at)
    assert "**New ear tags** · Qingshan farm · tags of pen 3" in text(at)
    at.button(key="silence_end_4").click().run()
    assert [s.silence_id for s in Api("token-officer").silences()] == [3]
    assert not [b for b in opened("auditor", "alerts", "en").button if b.key == "silence_submit"]


def test_an_auditor_reads_and_cannot_decide() -> None:
    at = opened("auditor", "case", "en", id="41")
    assert not [b for b in at.button if b.key in {"acknowledge_submit", "resolve_submit"}]
    assert "officers and risk staff decide" in text(at)


def test_the_inbox_is_filtered_by_what_the_url_says() -> None:
    at = opened("officer", "alerts", "en", state="resolved", severity="blue")
    assert "odd_new_rule" in text(at)
    assert "Group driven off" not in text(at)


def test_a_rule_that_is_not_known_is_shown_as_it_is() -> None:
    assert "odd_new_rule" in text(opened("officer", "case", "zh", id="35"))


@pytest.mark.parametrize(
    ("lang", "messages", "unreadable", "tags", "readings"),
    [
        ("zh", "缺失消息", "24 小时内无法解读", "24 小时内有缺数的耳标", "24 小时内缺失读数"),
        ("en", "Messages missing", "Unreadable in 24 h", "Tags with gaps in 24 h", "Readings missing in 24 h"),
    ],
)
def test_the_devices_page_says_what_is_missing(
    lang: str, messages: str, unreadable: str, tags: str, readings: str
) -> None:
    gateways, _, ear_tags = (table.value for table in opened("officer", "devices", lang).table)
    assert {*zip(gateways[messages], gateways[unreadable], strict=True)} == {("37", "2"), ("0", "0")}
    assert {*zip(ear_tags[tags], ear_tags[readings], strict=True)} == {("31", "45")}


def decks(at: AppTest) -> list[dict[str, Any]]:
    found = [e for e in at.main if e.type == "deck_gl_json_chart"] or at.get("deck_gl_json_chart")
    return [json.loads(e.proto.json) for e in found]


@pytest.mark.parametrize(("page", "query"), [("map", {"farm": "f1"}), ("case", {"id": "41"})])
def test_a_map_never_asks_for_a_map_service(page: str, query: dict[str, str]) -> None:
    specs = decks(opened("officer", page, "zh", **query))
    assert specs
    for spec in specs:
        assert "mapStyle" in spec
        assert "carto" not in json.dumps(spec)
        assert "://" not in str(spec["mapStyle"])


def test_a_map_of_very_many_animals_draws_hexagons_and_keeps_those_outside_as_dots(pilot: FastAPI) -> None:
    pilot.state.extra = 1400
    layers = decks(opened("officer", "map", "zh", farm="f1"))[0]["layers"]
    kinds = {layer["@@type"]: layer for layer in layers}
    assert "HexagonLayer" in kinds
    assert len(kinds["ScatterplotLayer"]["data"]) == 24
