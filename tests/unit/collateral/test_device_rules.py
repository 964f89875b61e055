"""Things gone quiet, blind or old: the larger silence explains the smaller ones, and a return asks for a recount."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from collateral.alerting.inhibition import inhibit
from collateral.anomaly.devices.camera_blinded import BLIND, camera_blinded
from collateral.anomaly.devices.camera_replayed import camera_replayed
from collateral.anomaly.devices.fleet_decay import fleet_decay
from collateral.anomaly.devices.hush import SilenceLimits
from collateral.anomaly.devices.recount import recount_after_blackout
from collateral.anomaly.devices.silence import farm_blackout, gateway_silence, tag_silence
from collateral.anomaly.rules import findings
from collateral.facts.events import Outage
from collateral.facts.herd import CameraState, HerdFacts, Track
from collateral.facts.series import silent_series
from collateral.model.finding import Severity, Witness
from collateral.model.ids import GatewayId, LoanId, PenId
from collateral.model.inspection import InspectionResult
from tests.herds import FARM, NOW, counted, driven_off, facts, gateway, group, pen, track
from vision.camera.finding import Trick

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOON = NOW + 10 * HOUR  # 12:30 in Shanghai
NO_REPORT_IS_LOST = SilenceLimits(report_loss=1e-9)
HERD = [track(n) for n in range(60)]


def unknown(camera: CameraState, because: str, *pictures: int) -> CameraState:
    """The camera with some of its pictures unknown, counted from the newest, 0."""
    counts = list(camera.counts)
    for picture in pictures:
        at = len(counts) - 1 - picture
        counts[at] = replace(counts[at], count=None, unknown_because=because)
    return replace(camera, counts=tuple(counts))


def watched(
    because: str, *pictures: int, at: datetime = NOON, every: timedelta = 30 * timedelta(seconds=1)
) -> CameraState:
    return unknown(counted(*[60] * 30, ending=at, every=every), because, *pictures)


def by_day(*cameras: CameraState, herd: list[Track] | None = None) -> HerdFacts:
    own = [track(n, seen=NOON) for n in range(60)] if herd is None else herd
    return facts(own, cameras=cameras, gateways=[gateway(heard=NOON)], as_of=NOON)


# Blackouts


def test_a_camera_that_still_sends_keeps_a_blackout_yellow() -> None:
    since = NOW - 2 * HOUR
    dark = facts(HERD, gateways=[gateway(heard=since)], cameras=[counted(60, ending=since)])
    seen = facts(HERD, gateways=[gateway(heard=since)], cameras=[counted(60, ending=NOW)])
    assert [farm_blackout(p)[0].severity for p in (dark, seen)] == [Severity.ORANGE, Severity.YELLOW]
    assert {t.witness for t in farm_blackout(dark)[0].testimonies} == {Witness.GATEWAY, Witness.CAMERA}


def test_a_camera_that_cannot_count_is_not_silent() -> None:
    since = NOW - 2 * HOUR
    covered = unknown(counted(*[60] * 5), "covered", *range(5))
    assert farm_blackout(facts(HERD, gateways=[gateway(heard=since)], cameras=[covered]))[0].severity is Severity.YELLOW


@pytest.mark.parametrize(("minutes", "severity"), [(15, Severity.YELLOW), (59, Severity.YELLOW), (60, Severity.ORANGE)])
def test_one_gateway_of_two_dark_with_its_cameras_is_orange_after_an_hour(minutes: int, severity: Severity) -> None:
    since = NOW - minutes * MINUTE
    herd = [track(n, seen=since, gateway="g1") for n in range(20)] + [track(n, gateway="g2") for n in range(20, 40)]
    picture = facts(herd, gateways=[gateway("g1", heard=since), gateway("g2")], cameras=[counted(20, ending=since)])
    assert [(f.rule, f.severity) for f in inhibit(findings(picture))] == [("gateway_silence", severity)]


def test_tags_are_given_their_time_after_their_gateway_came_back() -> None:
    back = Outage(gateway_id=GatewayId("g1"), began_at=NOW - 5 * HOUR, ended_at=NOW - HOUR)
    herd = [track(n, seen=NOW - 5.5 * HOUR) for n in range(5)] + HERD[5:]
    assert len(tag_silence(facts(herd), NO_REPORT_IS_LOST)) == 1
    assert tag_silence(replace(facts(herd), outages=(back,)), NO_REPORT_IS_LOST) == []
    long_back = replace(back, ended_at=NOW - 3.5 * HOUR)
    assert len(tag_silence(replace(facts(herd), outages=(long_back,)), NO_REPORT_IS_LOST)) == 1


# The recount


def returned(missing: int, *, ago: timedelta = 4 * HOUR, **more: object) -> HerdFacts:
    """A farm of 500 whose gateway was dark for four and a half hours, and how many have not been heard since."""
    outage = Outage(gateway_id=GatewayId("g1"), began_at=NOW - ago - 4.5 * HOUR, ended_at=NOW - ago)
    dark = outage.began_at - 20 * MINUTE
    herd = [track(n, seen=dark if n < missing else NOW - 10 * MINUTE) for n in range(500)]
    return replace(facts(herd), outages=(outage,), **more)  # type: ignore[arg-type]


def test_a_return_with_everybody_asks_for_a_recount_in_blue() -> None:
    (finding,) = recount_after_blackout(returned(0))
    assert (finding.severity, finding.animals) == (Severity.BLUE, ())
    assert finding.figures["recount_due_at"] == (NOW + 20 * HOUR).isoformat()


@pytest.mark.parametrize(
    ("missing", "severity"), [(1, Severity.BLUE), (10, Severity.YELLOW), (14, Severity.YELLOW), (18, Severity.ORANGE)]
)
def test_fewer_than_before_are_graver_and_named(missing: int, severity: Severity) -> None:
    (finding,) = recount_after_blackout(returned(missing))
    assert (finding.severity, len(finding.animals)) == (severity, missing)
    assert (finding.figures["before"], finding.figures["after"]) == (500, 500 - missing)
    assert "tag_silence" not in {f.rule for f in inhibit(findings(returned(missing)))}


def test_nobody_is_missing_before_they_could_have_reported() -> None:
    assert recount_after_blackout(returned(18, ago=1 * HOUR))[0].animals == ()
    backlog = replace(returned(18), gateways=(gateway(backlog=NOW - 3.9 * HOUR),))
    assert recount_after_blackout(backlog)[0].animals == ()


def test_a_return_is_settled_after_a_day_when_every_tag_was_heard_again() -> None:
    assert len(recount_after_blackout(returned(0, ago=23 * HOUR))) == 1
    assert recount_after_blackout(returned(0, ago=25 * HOUR)) == []


def test_a_recount_that_is_not_made_within_a_day_turns_yellow_and_one_that_is_made_ends_it() -> None:
    late = returned(1, ago=25 * HOUR)
    assert recount_after_blackout(late)[0].severity is Severity.YELLOW
    made = InspectionResult(
        session_id="s1", loan_id=LoanId("L1"), farm_id=FARM.farm_id, opened_at=NOW - 3 * HOUR, closed_at=NOW - 2 * HOUR,
        gross=500, unique_tags=500, duplicates=0, foreign=(), untagged=0, absent=(), pens=(PenId("p1"),), passed=True,
    )  # fmt: skip
    assert recount_after_blackout(replace(late, inspections=(made,))) == []
    refused = replace(made, passed=False, refused_because=("duplicates",))
    before = replace(made, opened_at=NOW - 30 * HOUR, closed_at=NOW - 29 * HOUR)
    assert len(recount_after_blackout(replace(late, inspections=(refused, before)))) == 1


def test_the_cameras_counts_before_and_after_are_told() -> None:
    picture = returned(18)
    before = counted(481, ending=NOW - 9 * HOUR).counts
    outage = replace(picture.outages[0], counts_before=before)
    seen = replace(picture, outages=(outage,), cameras=(counted(463, 462, 464),))
    camera = recount_after_blackout(seen)[0].testimonies[-1]
    assert (camera.witness, camera.particulars["before"], camera.particulars["after"]) == (Witness.CAMERA, 481, 463)


def test_a_short_outage_asks_for_nothing() -> None:
    short = returned(0)
    outage = replace(short.outages[0], began_at=short.outages[0].ended_at - 40 * MINUTE)
    assert recount_after_blackout(replace(short, outages=(outage,))) == []


# Cameras


def test_the_words_for_a_blinded_camera_are_those_of_the_camera_watch() -> None:
    watch = {trick.value for trick in Trick}
    assert BLIND - {"blocked"} < watch
    assert watch - BLIND == {"dark", "frozen", "replayed", "wrong_clock"}


@pytest.mark.parametrize("because", sorted(BLIND))
def test_a_camera_blind_for_a_minute_is_yellow(because: str) -> None:
    assert camera_blinded(by_day(watched(because, 0, 1))) == []
    (finding,) = camera_blinded(by_day(watched(because, 0, 1, 2)))
    assert (finding.severity, finding.loan_id, finding.figures["cameras"]) == (Severity.YELLOW, "L1", ["cam-p1"])


def test_a_camera_that_sees_again_is_no_longer_blind() -> None:
    assert camera_blinded(by_day(watched("covered", 1, 2, 3, 4))) == []


def test_a_blind_camera_is_graver_by_night_with_another_or_with_a_stray() -> None:
    blind = watched("covered", 0, 1, 2)
    night = facts(HERD, cameras=[watched("covered", 0, 1, 2, at=NOW)])
    other = replace(blind, camera_id="cam-2", pen_id=PenId("p1"))  # type: ignore[arg-type]
    two = by_day(blind, other)
    stray = by_day(blind, herd=[driven_off(0, last=NOON), *(track(n, seen=NOON) for n in range(1, 60))])
    assert [camera_blinded(p)[0].severity for p in (night, two, stray)] == [Severity.ORANGE] * 3


def test_dark_is_suspect_by_day_alone() -> None:
    assert camera_blinded(facts(HERD, cameras=[watched("dark", 0, 1, 2, at=NOW)])) == []
    assert len(camera_blinded(by_day(watched("dark", 0, 1, 2)))) == 1


def test_a_blind_camera_concerns_the_loans_of_its_pen_and_no_other() -> None:
    herd = [track(0), track(1, loan="L2", where=pen("p2"))]
    picture = facts(herd, cameras=[watched("covered", 0, 1, 2, at=NOW)], groups=[group(50, loan="L3", where="p1")])
    assert {f.loan_id for f in camera_blinded(picture)} == {"L1", "L3"}
    nobody = facts([track(1, where=pen("p2"))], cameras=[watched("covered", 0, 1, 2, at=NOW)])
    assert [f.loan_id for f in camera_blinded(nobody)] == [None]


@pytest.mark.parametrize("because", ["frozen", "replayed"])
def test_one_frozen_or_replayed_picture_is_orange_and_is_told_for_a_while(because: str) -> None:
    every = MINUTE
    (now,) = camera_replayed(by_day(watched(because, 0, every=every)))
    assert (now.severity, now.figures["because"]) == (Severity.ORANGE, [because])
    assert len(camera_replayed(by_day(watched(because, 14, every=every)))) == 1
    assert camera_replayed(by_day(watched(because, 20, every=every))) == []


def test_the_very_same_bytes_again_are_a_frozen_picture() -> None:
    camera = counted(*[60] * 30, ending=NOON, every=MINUTE)
    again = (*camera.counts[:-1], replace(camera.counts[-1], frame_sha256=camera.counts[3].frame_sha256))
    assert camera_replayed(by_day(replace(camera, counts=again)))[0].figures["because"] == ["frozen"]
    assert camera_replayed(by_day(camera)) == []


# A fleet that wears out


def fleet(*, flat: int = 0, faint: int = 0, unheard: int = 0) -> HerdFacts:
    herd = [*(track(n, seen=NOW - 30 * HOUR) for n in range(unheard)), *HERD[unheard:]]
    series = silent_series(60, NOW)
    battery, now, before = (
        np.full(60, 80.0, np.float32),
        np.full(60, -100.0, np.float32),
        np.full(60, -99.0, np.float32),
    )
    battery[:flat] = 15.0
    before[60 - faint :] = -92.0
    return replace(facts(herd), series=replace(series, battery_pct=battery, rssi_dbm=now, rssi_before_dbm=before))


@pytest.mark.parametrize(
    ("flat", "faint", "severity"),
    [(4, 0, Severity.BLUE), (0, 4, Severity.BLUE), (4, 4, Severity.YELLOW), (10, 4, Severity.ORANGE)],
)
def test_the_level_is_that_of_the_coverage_that_is_left(flat: int, faint: int, severity: Severity) -> None:
    (finding,) = fleet_decay(fleet(flat=flat, faint=faint))
    assert (finding.severity, len(finding.animals)) == (severity, flat + faint)


def test_a_few_weak_tags_and_tags_that_are_only_silent_are_no_decay() -> None:
    assert fleet_decay(fleet(flat=3)) == []
    assert fleet_decay(fleet(unheard=10)) == []
    assert fleet_decay(fleet(flat=1, unheard=7))[0].severity is Severity.YELLOW, "the weak one is among the unheard"


def test_gateways_that_are_behind_are_not_silent_tags() -> None:
    assert gateway_silence(facts(HERD, gateways=[gateway(backlog=NOW - HOUR)])) == []
