"""Figures as people read them, in both languages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from collateral.contract.http import Count
from dashboard import figures
from dashboard.words import speak

NOW = datetime(2025, 3, 9, 18, 52, tzinfo=UTC)


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    speak("zh")
    yield
    speak("zh")


@pytest.mark.parametrize(
    ("minor", "zh", "en"),
    [
        (41_599_200, "41.6万元", "CN¥416K"),
        (2_100_000_000, "2,100万元", "CN¥21M"),
        (30_000_000_000, "3亿元", "CN¥300M"),
        (850_000, "8,500元", "CN¥8K"),
        (0, "0元", "CN¥0"),
    ],
)
def test_money_is_said_in_wan_and_yi_or_in_millions(minor: int, zh: str, en: str) -> None:
    assert figures.money(minor, "CNY") == zh
    speak("en")
    assert figures.money(minor, "CNY") == en


@pytest.mark.parametrize(
    ("age", "zh", "en"),
    [
        (timedelta(seconds=20), "刚刚", "just now"),
        (timedelta(minutes=2), "2分钟前", "2 min ago"),
        (timedelta(hours=30), "30小时前", "30 hr ago"),
        (timedelta(days=9), "9天前", "9 days ago"),
    ],
)
def test_an_age_is_said_as_people_say_it(age: timedelta, zh: str, en: str) -> None:
    assert figures.ago(NOW - age, NOW) == zh
    speak("en")
    assert figures.ago(NOW - age, NOW) == en


def test_what_was_never_seen_says_so() -> None:
    assert figures.ago(None, NOW) == "从未"


def test_a_time_carries_its_zone() -> None:
    assert figures.clock(NOW) == "02:52 UTC+8"


def test_an_old_figure_says_that_it_is_stale_and_a_new_one_does_not() -> None:
    assert "已过时" in figures.as_of(NOW - timedelta(hours=1), NOW)
    assert "已过时" not in figures.as_of(NOW - timedelta(minutes=3), NOW)


def test_a_share_just_below_the_whole_is_never_rounded_up_to_it() -> None:
    assert figures.share(0.99999) == "99.9%"
    assert figures.share(1.0) == "100.0%"
    assert figures.share(0.978) == "97.8%"


def test_an_unknown_count_is_a_word_and_never_a_number() -> None:
    blind = Count(low=None, best=None, high=None, as_of=None, unknown_because="covered")
    assert figures.count(blind) == "未知"
    assert figures.why_unknown(blind) == "镜头被遮盖"


def test_a_reason_that_is_not_known_is_shown_as_it_is() -> None:
    blind = Count(low=None, best=None, high=None, as_of=None, unknown_because="cow on the lens")
    assert figures.why_unknown(blind) == "cow on the lens"


def test_a_missed_deadline_says_by_how_much() -> None:
    assert figures.due_in(NOW - timedelta(minutes=5), NOW) == "已超时 5分钟"
    assert figures.due_in(NOW + timedelta(minutes=9), NOW) == "剩余 9分钟"


def test_names_are_listed_as_the_language_does() -> None:
    assert figures.listed(["东舍", "西舍"]) == "东舍、西舍"
    speak("en")
    assert figures.listed(["East", "West"]) == "East, West"
