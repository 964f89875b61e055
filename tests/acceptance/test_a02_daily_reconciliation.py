"""A2: ledger 500, tags 489, camera 471, no physical count. The page says so, and nobody is called.

The morning is played hour by hour from 06:00 to noon; all rules look at each hour.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings
from collateral.book.reconcile import reconcile
from collateral.facts.herd import HerdFacts, Track
from collateral.model.finding import Audience, Severity
from collateral.model.ids import BranchId, LoanId
from tests.herds import counted, facts, fixes, gateway, pen, track

SIX = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)  # 06:00 in Shanghai
L1 = LoanId("L1")
SILENT_H = (25, 26, 27, 29, 31, 34, 38, 45, 58, 76, 130)  # the 11 unseen, by the age of their last sign
PEN = pen("p1", 200.0)


def morning(now: datetime) -> HerdFacts:
    """The farm at `now`: 489 tags heard within the hour, 11 silent since before the day, one camera over all."""
    quiet = [seen(n, SIX - timedelta(hours=hours)) for n, hours in enumerate(SILENT_H)]
    heard = [seen(n, now - timedelta(minutes=n % 55)) for n in range(len(SILENT_H), 500)]
    camera = counted(468, 471, 475, ending=now, half=35)  # sigma 18
    return facts([*quiet, *heard], cameras=[camera], gateways=[gateway(heard=now)], as_of=now)


def seen(number: int, at: datetime) -> Track:
    return track(number, seen=at, walked=fixes((30, 30), (31, 30), ending=at), where=PEN)


def test_the_page_shows_500_489_471_and_no_shortfall() -> None:
    result = reconcile(morning(SIX), L1)
    assert (result.book, result.tags_seen, result.camera.best if result.camera else None) == (500, 489, 471)
    assert result.physical is None
    assert result.coverage == pytest.approx(0.978)
    assert 489 <= result.estimate.low <= result.estimate.best <= 500
    assert result.estimate.high == 500
    assert not result.shortfall_proved


def test_the_11_unseen_are_listed_by_the_age_of_their_last_sign() -> None:
    result = reconcile(morning(SIX), L1)
    ages = [u.age / timedelta(hours=1) for u in result.unseen if u.age is not None]
    assert ages == sorted(SILENT_H, reverse=True)


def test_nobody_is_called_all_morning() -> None:
    """Of 500, 11 quiet tags are work for whoever mends tags, who finds them on the page: no bank officer is told."""
    desk = Desk(BranchId("b1"))
    for hour in range(7):
        now = SIX + timedelta(hours=hour)
        found = findings(morning(now))
        desk.look(found, now)
        assert [f.rule for f in found if f.audience is Audience.BANK] == []
        # The ticket for the quiet tags (domain 2.2) goes to the farm, blue, and is sent to nobody at once.
        assert [(f.rule, f.severity) for f in found] == [("tag_silence", Severity.BLUE)]
    assert [case.rule for case in desk.standing.values() if case.audience is Audience.BANK] == []


def test_the_same_morning_with_60_more_gone_from_tags_and_camera_is_red() -> None:
    """What keeps the quiet morning quiet does not keep a loss quiet."""
    picture = morning(SIX)
    gone = {t.animal_id for t in picture.tracks[11:71]}
    tracks = tuple(
        replace(t, last_seen_at=SIX - timedelta(hours=26)) if t.animal_id in gone else t for t in picture.tracks
    )
    short = replace(picture, tracks=tracks, cameras=(counted(410, 412, 414, ending=SIX, half=35),))
    gap = [f for f in findings(short) if f.rule == "count_gap"]
    assert [f.severity for f in gap] == [Severity.RED]
