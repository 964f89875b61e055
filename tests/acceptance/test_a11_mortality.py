"""A11: deaths as they come, deaths that come too often, and a death that nobody reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.alerting.inhibition import inhibit
from collateral.anomaly.health.mortality import mortality
from collateral.anomaly.rules import findings
from collateral.book.reconcile import reconcile
from collateral.facts.events import Death
from collateral.facts.herd import HerdFacts
from collateral.facts.series import Channel, HerdSeries
from collateral.model.finding import Audience, Severity, Witness
from collateral.model.ids import AnimalId, BranchId, LoanId, PenId
from tests import herds
from tests.herd_series import HerdLife, lived

HEAD = 500
PERIOD_DAYS, PERIOD_SHARE = 167, 0.0183
ASKED_AT = 400  # hours into the herd's life
DIES_AT = 405
CASE = {Change.OPENED, Change.GRAVER}


def _death(number: int, died_at: datetime, *, confirmed_after_h: float | None = 12, papers: bool = True) -> Death:
    reported = died_at + timedelta(hours=6)
    return Death(
        animal_id=AnimalId(f"a{number:04}"), group_id=None, loan_id=LoanId("L1"), pen_id=PenId("p1"), died_at=died_at,
        reported_at=reported,
        confirmed_at=None if confirmed_after_h is None else died_at + timedelta(hours=confirmed_after_h),
        carcass_sha256=f"{number:064x}" if papers else None, disposal_ref=f"D-{number}" if papers else None,
    )  # fmt: skip


def test_in_thirty_feeding_periods_of_ordinary_deaths_yellow_comes_in_under_5_percent_of_weeks() -> None:
    rng = np.random.default_rng(1183)
    herd = [herds.track(n) for n in range(HEAD)]
    start, weeks, raised, graver, rolling = herds.NOW, 0, 0, 0, 0
    for _ in range(30):
        days = np.sort(rng.uniform(0, PERIOD_DAYS, rng.binomial(HEAD, PERIOD_SHARE)))
        deaths = [_death(n, start + timedelta(days=float(day)), confirmed_after_h=0) for n, day in enumerate(days)]
        for day in range(7, PERIOD_DAYS + 1):
            now = start + timedelta(days=day)
            dead = {d.animal_id for d in deaths if d.died_at <= now}
            alive = [t for t in herd if t.animal_id not in dead]
            known = tuple(d for d in deaths if now - timedelta(days=14) < d.died_at <= now)
            found = mortality(replace(herds.facts(alive, as_of=now), deaths=known))
            rolling += bool(found)
            if day % 7 == 0:
                weeks += 1
                raised += bool(found)
                graver += any(f.severity > Severity.YELLOW for f in found)
    assert weeks == 30 * 23
    assert raised / weeks < 0.05
    assert rolling / (30 * (PERIOD_DAYS - 6)) < 0.05
    assert graver <= 3  # four in a week: p = .0006


@pytest.fixture(scope="module")
def five() -> HerdLife:
    """Five of five hundred die within a week."""
    life = lived(HEAD, days=26, rng=np.random.default_rng(5))
    for n in range(5):
        life.die([n], at=_dies(n))
    return life


def _dies(n: int) -> int:
    return DIES_AT + 30 * n


def _week(life: HerdLife, hour: int) -> HerdFacts:
    """Each death is reported after 6 h and confirmed after 12; then the animal leaves the book. Its record keeps what
    its tag had shown."""
    now = life.moment(hour)
    deaths = [
        replace(_death(n, life.moment(_dies(n))), tag_still_at=life.moment(_dies(n)) if n else None) for n in range(5)
    ]
    known = tuple(d for d in deaths if d.reported_at <= now)
    gone = {d.animal_id for d in known if d.confirmed_at and d.confirmed_at <= now}
    rows = [n for n in range(HEAD) if f"a{n:04}" not in gone]
    series = life.series(hour)
    picture = life.facts(hour, [herds.track(n, seen=now) for n in rows], deaths=known)
    return replace(picture, series=_only(series, rows))


def _only(series: HerdSeries, rows: list[int]) -> HerdSeries:
    def cut(channel: Channel) -> Channel:
        return Channel(channel.values[rows], channel.usual[rows], channel.spread[rows])

    return replace(
        series, activity=cut(series.activity), steps=cut(series.steps), rumination_min=cut(series.rumination_min),
        temp_c=cut(series.temp_c), tamper=series.tamper[rows], battery_pct=series.battery_pct[rows],
        rssi_dbm=series.rssi_dbm[rows], rssi_before_dbm=series.rssi_before_dbm[rows],
    )  # fmt: skip


def test_the_fifth_confirmed_death_of_a_week_is_red_and_head_and_value_fall_with_each(five: HerdLife) -> None:
    desk = Desk(BranchId("b1"))
    steps = []
    for hour in range(ASKED_AT, _dies(4) + 13):
        found = findings(_week(five, hour))
        assert {f.rule for f in found if f.audience is Audience.BANK} <= {"mortality", "suspected_death"}
        steps += [
            (hour, c.case.severity, len(c.case.animals)) for c in desk.look(found, five.moment(hour))
            if c.case.rule == "mortality" and c.change in CASE
        ]  # fmt: skip
    assert steps == [
        (_dies(2) + 12, Severity.YELLOW, 3), (_dies(3) + 12, Severity.ORANGE, 4), (_dies(4) + 12, Severity.RED, 5),
    ]  # fmt: skip
    red = next(c for c in desk.standing.values() if c.rule == "mortality")
    assert {t["witness"] for t in red.testimonies} == {Witness.DOCUMENT, Witness.TAG}
    before, after = (reconcile(_week(five, hour), LoanId("L1")) for hour in (_dies(4) + 11, _dies(4) + 12))
    assert (before.book, after.book) == (496, 495)
    assert before.value_minor - after.value_minor == herds.HEAD_VALUE


def test_disposal_records_alone_do_not_make_it_red(five: HerdLife) -> None:
    facts = _week(five, _dies(4) + 12)
    silent = tuple(replace(d, tag_still_at=None) for d in facts.deaths)
    (finding,) = [f for f in findings(replace(facts, deaths=silent)) if f.rule == "mortality"]
    assert finding.severity is Severity.ORANGE


def test_a_death_that_nobody_reports_is_escalated_after_24_hours() -> None:
    life = lived(60, days=22, rng=np.random.default_rng(6), air_c=5)
    life.die([7], at=DIES_AT)
    desk = Desk(BranchId("b1"))
    steps = []
    for hour in range(ASKED_AT, DIES_AT + 60):
        found = [f for f in inhibit(findings(life.facts(hour))) if f.audience is Audience.BANK]
        assert {f.rule for f in found} <= {"suspected_death"}
        steps += [
            (hour - DIES_AT, c.case.severity, c.case.animals) for c in desk.look(found, life.moment(hour)) if c.change in CASE
        ]  # fmt: skip
    delays, levels, animals = zip(*steps, strict=True)
    assert levels == (Severity.BLUE, Severity.YELLOW, Severity.ORANGE)
    assert set(animals) == {("a0007",)}
    assert 4 <= delays[0] <= 8
    assert 24 < delays[1] <= 26  # hours since it last moved
    assert 48 < delays[2] <= 50


def test_a_report_with_its_papers_settles_it_and_one_without_them_does_not() -> None:
    life = lived(60, days=22, rng=np.random.default_rng(6), air_c=5)
    life.die([7], at=DIES_AT)
    hour, died = DIES_AT + 31, life.moment(DIES_AT)
    complete = _death(7, died, confirmed_after_h=None)
    assert not [f for f in findings(life.facts(hour, deaths=(complete,))) if f.rule == "suspected_death"]
    bare = _death(7, died, confirmed_after_h=None, papers=False)
    (finding,) = [f for f in findings(life.facts(hour, deaths=(bare,))) if f.rule == "suspected_death"]
    assert (finding.severity, finding.figures["papers_overdue"]) == (Severity.YELLOW, 1)


def test_the_photo_of_another_carcass_is_graver() -> None:
    life = lived(60, days=20, rng=np.random.default_rng(6), air_c=5)
    one = _death(7, life.moment(390))
    two = replace(_death(8, life.moment(395)), carcass_sha256=one.carcass_sha256)
    (finding,) = [f for f in findings(life.facts(415, deaths=(one, two))) if f.rule == "suspected_death"]
    assert (finding.severity, finding.animals) == (Severity.ORANGE, ("a0008",))


def test_tags_cut_off_are_no_deaths() -> None:
    life = lived(60, days=20, rng=np.random.default_rng(6), air_c=5)
    life.lose_tag([1, 2, 3], at=DIES_AT)
    life.tamper[:] = False  # not even their contact says so
    looks = [inhibit(findings(life.facts(hour))) for hour in range(DIES_AT + 4, DIES_AT + 41, 6)]
    assert not [f for found in looks for f in found if f.rule == "suspected_death"]
    assert [f.rule for f in looks[-1] if f.audience is Audience.BANK] == ["tag_removed"]
