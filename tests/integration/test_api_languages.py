"""What the API refuses and gives as reasons, in the language that the caller asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from dashboard.client import Api, Refused
from dashboard.words import Language, speak
from tests.integration.animal_files import file, row
from tests.integration.api import NOW, Bank, open_bank, open_case, served

CHINESE = re.compile(r"[一-鿿]")
SALE = {
    "loan_id": "n-loan", "kind": "sale", "leaving": ["n-animal-0", "n-animal-1"], "reason": "to the abattoir",
    "window_from": (NOW - timedelta(hours=1)).isoformat(), "window_to": (NOW + timedelta(hours=5)).isoformat(),
}  # fmt: skip


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


@contextmanager
def asking(bank: Bank, accept_language: str | None) -> Iterator[Bank]:
    """`bank` as a caller that asks for a language; None asks for none."""
    if accept_language is not None:
        bank.client.headers["Accept-Language"] = accept_language
    try:
        yield bank
    finally:
        bank.client.headers.pop("Accept-Language", None)


@pytest.mark.parametrize(
    ("asked", "language", "title", "detail"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh", "未找到", "没有该贷款，或您无权查看；请核对编号"),
        ("en", "en", "Not found", "there is no such loan, or it is not yours to see; check the id"),
        (None, "en", "Not found", "there is no such loan, or it is not yours to see; check the id"),
        ("klingon;q=9,,;", "en", "Not found", "there is no such loan, or it is not yours to see; check the id"),
    ],
)
def test_a_problem_is_told_in_the_language_asked_for(
    bank: Bank, asked: str | None, language: str, title: str, detail: str
) -> None:
    with asking(bank, asked):
        answer = bank.get("/loans/none", "n-officer")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (language, "Accept-Language")
    assert (answer.json()["title"], answer.json()["detail"]) == (title, detail)


def test_every_kind_of_problem_is_told_in_chinese(bank: Bank) -> None:
    case = open_case(bank.dsn)
    with asking(bank, "zh-CN"):
        told = {
            "nobody": bank.get("/loans"),
            "wrong": bank.log_in("n-officer", "wrong password"),
            "forged": bank.client.get("/v1/me", headers={"Authorization": "Bearer forged"}),
            "role": bank.post("/silences", "n-auditor"),
            "stage": bank.post(f"/alerts/{case}/moves", "n-officer", move="confirm", note="seen"),
            "cause": bank.post(f"/alerts/{case}/moves", "n-officer", move="dismiss", cause="theft", note="seen"),
            "page": bank.client.get("/v1/nothing"),
            "method": bank.client.delete("/v1/loans"),
        }  # fmt: skip
    details = {name: answer.json()["detail"] for name, answer in told.items()}
    assert [name for name, text in details.items() if not CHINESE.search(text)] == []
    assert details["stage"] == f"预警 {case} 当前为“待确认”，不能执行“认定属实”"
    assert details["role"].startswith("审计无权")
    assert details["cause"].startswith("“误报”没有原因'theft'")
    assert [name for name, answer in told.items() if not CHINESE.search(answer.json()["title"])] == []


def test_what_is_wrong_with_a_request_is_said_field_by_field(bank: Bank) -> None:
    body = {"move": "jump", "note": "", "version": 1}
    with asking(bank, "zh"):
        chinese = bank.post("/alerts/1/moves", "n-officer", **body).json()["detail"]
        missing = bank.post("/alerts/1/moves", "n-officer").json()["detail"]
        number = bank.get("/alerts/nought", "n-officer").json()["detail"]
    english = bank.post("/alerts/1/moves", "n-officer", **body).json()["detail"]
    assert "body.note：至少 1 个字符" in chinese
    assert "body.move：须为以下之一：" in chinese
    assert "body.note: needs at least 1 characters" in english
    assert missing == "请更正请求：body.move：未填写；body.note：未填写"
    assert number == "请更正请求：path.case_id：须为整数"


def test_what_stands_against_a_movement_is_told_in_both_languages(bank: Bank) -> None:
    number = bank.post("/movements", "n-officer", **SALE).json()["summary"]["request_id"]
    english = bank.get(f"/movements/{number}", "n-risk").json()["objections"]
    with asking(bank, "zh-CN"):
        chinese = bank.get(f"/movements/{number}", "n-risk")
        refused = bank.post(f"/movements/{number}/approve", "n-risk").json()
        own = bank.post(f"/movements/{number}/approve", "n-officer").json()
    assert english == ["needs a quarantine certificate with its number"]
    assert chinese.json()["objections"] == ["缺少检疫合格证明及其编号"]
    assert chinese.headers["Content-Language"] == "zh"
    assert (refused["title"], refused["detail"]) == ("与现状冲突", "缺少检疫合格证明及其编号")
    assert own["detail"] == "申请人不能批准自己提交的变动申请；请由他人办理"


def test_what_is_wrong_with_a_row_of_a_file_is_told_in_both_languages(bank: Bank) -> None:
    bad = file(row(900, pen="nowhere"), row(901, value="dear"))
    english = fault_texts(bank.send("/farms/sunny/animals", bad, "n-officer", dry_run=True).json())
    with asking(bank, "zh"):
        chinese = fault_texts(bank.send("/farms/sunny/animals", bad, "n-officer", dry_run=True).json())
        refused = fault_texts(bank.send("/farms/sunny/animals", b"a,b\n1,2\n", "n-officer").json())
    assert ("is no pen of farm sunny", "write one of: n-pen") in english
    assert ("不是养殖场 sunny 的圈舍", "请填写以下之一：n-pen") in chinese
    assert ("表头缺少该列", "请补充；也可写作畜禽标识") in refused
    assert all(CHINESE.search(text) for pair in (*chinese, *refused) for text in pair)


def fault_texts(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault["why"], fault["fix"]) for fault in answer["faults"]]


def test_why_a_count_proves_nothing_is_told_in_both_languages_also_when_it_was_kept(bank: Bank) -> None:
    asked = {"farm_id": "sunny", "pens": ["n-pen"], "freeze_from": (NOW - timedelta(hours=1)).isoformat(),
             "freeze_until": NOW.isoformat()}  # fmt: skip
    opened = bank.post("/loans/n-loan/count-sessions", "n-officer", **asked).json()
    at = f"/count-sessions/{opened['session']['session_id']}"
    with asking(bank, "zh"):
        standing = bank.get(at, "n-officer").json()["refused_because"]
        bank.post(f"{at}/close", "n-officer")
        kept = bank.get(at, "n-officer").json()["refused_because"]
    told = ["尚未读标或计数；请读取每个圈舍的耳标", "以下圈舍既无读标也无计数：N-PEN；请补充盘点"]
    assert (standing, kept) == (told, told)
    assert bank.get(at, "n-officer").json()["refused_because"] == [
        "nothing was read or counted; read the tags of every pen",
        "pens without any read or count: N-PEN; count them too",
    ]


def test_callers_side_by_side_are_each_answered_in_their_own_language(bank: Bank) -> None:
    for _ in range(5):
        for asked, text in (("zh", "未登录"), ("en", "Not logged in")):
            with asking(bank, asked):
                assert bank.get("/loans").json()["title"] == text


def test_a_fault_of_the_server_is_told_in_the_language_too(bank: Bank) -> None:
    def broken() -> datetime:
        raise RuntimeError("the clock fell off the wall")

    bank.get("/me", "n-officer")
    headers = {"Authorization": f"Bearer {bank.tokens['n-officer']}", "Accept-Language": "zh-CN"}
    with served(replace(bank.desk, now=broken)) as address:
        # The log of a fault is long and slow to draw.
        answer = httpx.get(f"{address}/v1/today", headers=headers, trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["Content-Language"]) == (500, "zh")
    assert answer.json()["title"] == "系统出错"


@pytest.mark.parametrize(("language", "reason"), [("zh", "没有该贷款"), ("en", "there is no such loan")])
def test_the_dashboard_shows_a_refusal_in_the_language_the_person_chose(
    bank: Bank, language: Language, reason: str
) -> None:
    bank.get("/me", "n-officer")
    speak(language)
    with pytest.raises(Refused, match=reason):
        Api(bank.tokens["n-officer"], str(bank.client.base_url)).loan("none")
