"""Who is said to have left, alone or in a group, and on whose word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collateral.anomaly.devices.hush import SilenceLimits
from collateral.anomaly.devices.silence import gateway_silence, tag_silence
from collateral.anomaly.removal.gone import beyond_chance
from collateral.anomaly.removal.group_removal import group_removal
from collateral.anomaly.removal.left_fence import left_fence
from collateral.facts.events import TagSighting
from collateral.facts.herd import Track
from collateral.model.finding import Severity, Witness
from collateral.model.ids import AnimalId, FarmId, GatewayId, LoanId, PenId
from collateral.model.inspection import InspectionResult
from collateral.model.loan import Movement, MovementKind
from tests.herds import FARM, NOW, at, counted, driven_off, facts, fixes, gateway, pen, track

NO_REPORT_IS_LOST = SilenceLimits(report_loss=1e-9)
HOUR = timedelta(hours=1)
HERD = [track(n) for n in range(500)]


def strayed(number: int, outside: int, *, every: timedelta = HOUR, metres: float = 200) -> Track:
    """An animal whose newest `outside` fixes lie beyond the fence."""
    return track(number, walked=fixes((30, 30), *((60 + metres + n, 30) for n in range(outside)), every=every))


def sale(*numbers: int, start: timedelta = -HOUR, end: timedelta = 3 * HOUR) -> Movement:
    return Movement(
        movement_id="m1", loan_id=LoanId("L1"), kind=MovementKind.SALE,
        animal_ids=frozenset(AnimalId(f"a{n:04}") for n in numbers), start=NOW + start, end=NOW + end,
    )  # fmt: skip


def hushed(*numbers: int, at_once: timedelta = -4 * HOUR) -> list[Track]:
    """Tags that fell silent together, inside their pen."""
    return [track(n, seen=NOW + at_once + timedelta(minutes=13 * n % 50)) for n in numbers]


def session(absent: int) -> InspectionResult:
    return InspectionResult(
        session_id="s1", loan_id=LoanId("L1"), farm_id=FARM.farm_id, opened_at=NOW - timedelta(minutes=30),
        closed_at=NOW, gross=500 - absent, unique_tags=500 - absent, duplicates=0, foreign=(), untagged=0,
        absent=tuple(AnimalId(f"a{n:04}") for n in range(absent)), pens=(PenId("p1"),), passed=True,
    )  # fmt: skip


# One by one


def test_a_lone_animal_needs_three_hourly_fixes_and_two_when_its_tag_notices_that_it_is_driven() -> None:
    assert left_fence(facts([strayed(0, 2), *HERD[1:]])) == []
    (slow,) = left_fence(facts([strayed(0, 3), *HERD[1:]]))
    (driven,) = left_fence(facts([strayed(0, 2, every=timedelta(minutes=5)), *HERD[1:]]))
    assert (slow.severity, driven.severity) == (Severity.YELLOW, Severity.YELLOW)


def test_three_of_five_hundred_are_found_at_their_second_fix_and_are_orange() -> None:
    (finding,) = left_fence(facts([*(strayed(n, 2) for n in range(3)), *HERD[3:]]))
    assert (finding.severity, len(finding.animals)) == (Severity.ORANGE, 3)


def test_three_that_stray_in_different_pens_with_two_fixes_each_are_noise() -> None:
    pens = [pen(name) for name in ("p1", "p2", "p3")]
    out = [replace(strayed(n, 2), pen=pens[n]) for n in range(3)]
    assert left_fence(facts([*out, *HERD[3:]])) == []


def test_a_receiver_that_jumps_to_and_fro_does_not_drive_a_lorry() -> None:
    jumps = track(0, walked=fixes((30, 30), (9_000, 30), (200, 30), every=HOUR / 4))
    assert left_fence(facts([replace(jumps, interval_s=900), *HERD[1:]])) == []


def test_those_who_go_along_with_a_planned_sale_without_being_on_its_list_are_orange() -> None:
    out = [driven_off(n) for n in range(26)]
    (finding,) = left_fence(facts([*out, *HERD[26:]], movements=[sale(*range(24))]))
    assert (finding.severity, finding.animals) == (Severity.ORANGE, ("a0024", "a0025"))
    assert {t.witness for t in finding.testimonies} == {Witness.TAG, Witness.DOCUMENT}


def test_leave_does_not_end_with_its_window_for_those_who_used_it() -> None:
    picture = facts([*(driven_off(n) for n in range(24)), *HERD[24:]], movements=[sale(*range(24), end=timedelta())])
    later = replace(picture, as_of=NOW + 2 * HOUR)
    assert left_fence(later) == [] == group_removal(later)


def test_tags_that_fell_silent_in_the_window_of_their_sale_are_not_missed() -> None:
    sold = sale(0, 1, start=-6 * HOUR, end=-2 * HOUR)
    (finding,) = tag_silence(facts([*hushed(0, 1, 2), *HERD[3:100]], movements=[sold]), NO_REPORT_IS_LOST)
    assert finding.animals == ("a0002",)


# As a group


def test_tags_cut_off_in_the_pen_are_a_removal_when_the_camera_sees_fewer() -> None:
    herd = [*hushed(*range(16)), *HERD[16:100]]
    before, after = [100] * 10, [84] * 36
    (finding,) = group_removal(facts(herd, cameras=[counted(*before, *after)]))
    assert finding.severity is Severity.RED
    assert {t.witness for t in finding.testimonies} == {Witness.TAG, Witness.CAMERA}
    assert (finding.figures["silent"], finding.figures["camera_drop"]) == (16, 16)


def test_as_many_silent_at_once_as_broken_tags_do_not_explain_are_orange_on_their_own() -> None:
    (finding,) = group_removal(facts([*hushed(*range(16)), *HERD[16:100]]))
    assert (finding.severity, len(finding.animals)) == (Severity.ORANGE, 16)


def test_as_many_as_broken_tags_explain_are_left_to_the_silence_of_tags() -> None:
    picture = facts([*hushed(0, 1, 2), *HERD[3:100]])
    assert group_removal(picture) == []
    assert tag_silence(picture, NO_REPORT_IS_LOST)[0].animals == ("a0000", "a0001", "a0002")


def test_a_low_camera_makes_no_theft_of_a_few_broken_tags() -> None:
    picture = facts([*hushed(0, 1, 2, 3), *HERD[4:100]], cameras=[counted(*([100] * 10), *([96] * 36))])
    assert group_removal(picture) == []


def test_in_a_herd_whose_tags_are_failing_more_must_fall_silent_at_once() -> None:
    failing = [track(n, seen=NOW - (6 + n / 4) * HOUR) for n in range(50, 90)]
    at_once = hushed(*range(6))
    assert len(group_removal(facts([*at_once, *HERD[6:100]]))) == 1
    assert group_removal(facts([*at_once, *HERD[6:50], *failing, *HERD[90:200]])) == []


@pytest.mark.parametrize("state", [gateway(heard=NOW - 3 * HOUR), gateway(backlog=NOW - 3.5 * HOUR)])
def test_silence_under_a_gateway_that_is_quiet_or_behind_is_no_removal(state: object) -> None:
    assert group_removal(facts([*hushed(*range(16)), *HERD[16:100]], gateways=[state])) == []  # type: ignore[list-item]


def test_a_gateway_that_has_lost_most_of_its_tags_is_itself_in_doubt() -> None:
    picture = facts([*hushed(*range(60)), *HERD[60:100]])
    assert group_removal(picture) == []
    assert len(gateway_silence(picture)) == 1


def test_silence_spread_over_the_day_is_no_group() -> None:
    spread = [track(n, seen=NOW - (4 + 1.5 * n) * HOUR) for n in range(12)]
    assert group_removal(facts([*spread, *HERD[12:100]])) == []


def test_some_driven_out_and_some_cut_off_are_one_group() -> None:
    left = [driven_off(n, last=NOW - 3.1 * HOUR) for n in range(8)]
    (finding,) = group_removal(facts([*left, *hushed(*range(8, 16)), *HERD[16:100]]))
    assert (len(finding.animals), finding.figures["silent"]) == (16, 8)


def test_a_count_session_that_did_not_find_them_makes_it_red() -> None:
    herd = [*(driven_off(n, last=NOW - HOUR) for n in range(20)), *HERD[20:100]]
    found = replace(facts(herd), inspections=(session(absent=18),))
    assert {t.witness for t in group_removal(found)[0].testimonies} == {Witness.TAG, Witness.PHYSICAL}
    assert group_removal(replace(found, inspections=(session(absent=3),)))[0].severity is Severity.ORANGE


def test_a_gateway_of_another_farm_that_hears_the_tags_makes_it_red() -> None:
    herd = [*(driven_off(n, last=NOW - HOUR) for n in range(20)), *HERD[20:100]]
    heard = TagSighting(
        tag_id=herd[3].tag_id, farm_id=FarmId("elsewhere"), gateway_id=GatewayId("g9"), position=at(40_000, 0),  # type: ignore[arg-type]
        heard_at=NOW - timedelta(minutes=10),
    )  # fmt: skip
    (finding,) = group_removal(replace(facts(herd), sightings=(heard,)))
    assert (finding.severity, finding.testimonies[1].witness) == (Severity.RED, Witness.GATEWAY)
    at_home = replace(heard, farm_id=FARM.farm_id)
    assert group_removal(replace(facts(herd), sightings=(at_home,)))[0].severity is Severity.ORANGE


def test_animals_long_outside_did_not_leave_together() -> None:
    """Their ten newest fixes are all outside: that these begin at one hour says nothing."""
    strays = [track(n, walked=fixes(*((300, 30 + n),) * 10, every=HOUR)) for n in range(4)]
    picture = facts([*strays, *HERD[4:100]])
    assert group_removal(picture) == []
    assert len(left_fence(picture)[0].animals) == 4


def test_the_night_is_told() -> None:
    by_day = NOW + 8 * HOUR
    day = facts(
        [*(driven_off(n, last=by_day) for n in range(9)), *(track(n, seen=by_day) for n in range(9, 50))], as_of=by_day
    )
    night = facts([*(driven_off(n) for n in range(9)), *HERD[9:50]])
    assert [group_removal(p)[0].figures["night"] for p in (night, day)] == [True, False]


@pytest.mark.parametrize(("head", "needed"), [(20, 4), (72, 5), (500, 10), (2_000, 20)])
def test_more_tags_break_in_a_larger_herd(head: int, needed: int) -> None:
    assert beyond_chance(head, HOUR) == needed
