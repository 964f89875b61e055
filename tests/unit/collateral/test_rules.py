"""What the rules conclude, and what they keep quiet about."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collateral.alerting.inhibition import inhibit
from collateral.anomaly.counting.count_gap import count_gap
from collateral.anomaly.devices.hush import SilenceLimits
from collateral.anomaly.devices.silence import farm_blackout, gateway_silence, tag_silence
from collateral.anomaly.removal.group_removal import group_removal
from collateral.anomaly.removal.left_fence import left_fence
from collateral.anomaly.rules import findings
from collateral.facts.geometry import metres_outside
from collateral.model.finding import Audience, Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId, LoanId
from collateral.model.loan import Movement, MovementKind
from tests.herds import FARM, NOW, at, counted, driven_off, facts, fixes, gateway, pen, track

HERD = [track(n) for n in range(72)]
NO_REPORT_IS_LOST = SilenceLimits(report_loss=1e-9)


def approved(*numbers: int) -> Movement:
    return Movement(
        movement_id="m1", loan_id=LoanId("L1"), kind=MovementKind.SALE,
        animal_ids=frozenset(AnimalId(f"a{n:04}") for n in numbers), start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=3),
    )  # fmt: skip


def test_a_position_is_no_metres_outside_when_inside_and_the_distance_to_the_fence_when_not() -> None:
    assert metres_outside(pen().fence, at(30, 30)) == 0
    assert metres_outside(pen().fence, at(100, 30)) == pytest.approx(40, abs=0.5)


def test_a_quiet_night_says_nothing() -> None:
    assert findings(facts(HERD, cameras=[counted(70, 71, 70, 72, 70, 71)])) == []


def test_one_fix_outside_is_noise() -> None:
    stray = track(0, walked=fixes((30, 30), (200, 30)))
    assert left_fence(facts([stray, *HERD[1:]])) == []


def test_a_fix_is_allowed_the_buffer_and_its_own_error() -> None:
    near = track(0, walked=fixes((99, 30), (99, 30)))  # 39 m out: 30 m buffer and 10 m of error
    assert left_fence(facts([near, *HERD[1:]])) == []


def test_fixes_at_null_island_are_not_positions() -> None:
    from collateral.model.place import Position
    from collateral.model.reading import Fix

    nowhere = tuple(Fix(measured_at=NOW - timedelta(minutes=m), position=Position(0, 0), error_m=None) for m in (10, 5))
    assert left_fence(facts([track(0, walked=nowhere), *HERD[1:]])) == []


def test_two_consecutive_fixes_outside_name_the_animal_and_its_loan() -> None:
    (finding,) = left_fence(facts([track(0, walked=fixes((30, 30), (120, 30), (125, 30))), *HERD[1:]]))
    assert (finding.severity, finding.loan_id, finding.animals) == (Severity.YELLOW, "L1", ("a0000",))


def test_lorry_speed_makes_a_single_animal_orange() -> None:
    fast = fixes((120, 30), (8_000, 30), every=timedelta(minutes=5))
    (finding,) = left_fence(facts([track(0, walked=fast), *HERD[1:]]))
    assert finding.severity is Severity.ORANGE


def test_an_approved_movement_lets_animals_leave() -> None:
    out = [driven_off(n) for n in range(24)]
    picture = facts([*out, *HERD[24:]], cameras=[counted(70, 71, 70, 72, 48, 47)], movements=[approved(*range(24))])
    assert left_fence(picture) == []
    assert group_removal(picture) == []


def test_beyond_an_approved_movement_the_extra_animals_are_named() -> None:
    out = [driven_off(n) for n in range(26)]
    (finding,) = left_fence(facts([*out, *HERD[26:]], movements=[approved(*range(24))]))
    assert finding.animals == ("a0024", "a0025")


def test_a_group_leaving_is_orange_on_the_tags_word_alone() -> None:
    (finding,) = group_removal(facts([*(driven_off(n) for n in range(24)), *HERD[24:]]))
    assert (finding.severity, len(finding.animals)) == (Severity.ORANGE, 24)


def test_a_group_leaving_is_red_when_the_camera_saw_it_too() -> None:
    theft = facts([*(driven_off(n) for n in range(24)), *HERD[24:]], cameras=[counted(70, 71, 70, 72, 71, 60, 49, 48)])
    (finding,) = group_removal(theft)
    assert finding.severity is Severity.RED
    assert {t.witness for t in finding.testimonies} == {Witness.TAG, Witness.CAMERA}
    assert finding.figures["camera_drop"] == 23  # from the better half of the counts before, 71, to 48


def test_one_low_picture_is_not_a_witness() -> None:
    picture = facts([*(driven_off(n) for n in range(24)), *HERD[24:]], cameras=[counted(70, 71, 70, 72, 71, 70, 48)])
    assert group_removal(picture)[0].severity is Severity.ORANGE


def test_pictures_that_could_not_be_counted_are_not_a_witness() -> None:
    picture = facts(
        [*(driven_off(n) for n in range(24)), *HERD[24:]], cameras=[counted(70, 71, 70, 72, None, None, None)]
    )
    assert group_removal(picture)[0].severity is Severity.ORANGE


def test_a_camera_that_miscounts_by_chance_is_not_a_witness() -> None:
    noisy = counted(60, 75, 66, 78, 62, 64, 61)
    picture = facts([*(driven_off(n) for n in range(24)), *HERD[24:]], cameras=[noisy])
    assert group_removal(picture)[0].severity is Severity.ORANGE


def test_a_spell_of_missed_animals_before_does_not_blind_the_camera_to_a_removal() -> None:
    """Counts of a herd of 69 of which 24 were driven off, as a night camera gave them."""
    spell = counted(65, 65, 35, 26, 34, 30, 65, 66, 55, 51, 45, 45, ending=NOW + timedelta(minutes=5))
    picture = facts(
        [*(driven_off(n) for n in range(12)), *HERD[12:]], cameras=[spell], as_of=NOW + timedelta(minutes=5)
    )
    assert group_removal(picture)[0].severity is Severity.RED


def test_two_animals_are_not_a_group() -> None:
    assert group_removal(facts([driven_off(0), driven_off(1), *HERD[2:]])) == []


def test_animals_that_left_hours_apart_are_not_a_group() -> None:
    out = [driven_off(n, last=NOW - timedelta(hours=2 * n)) for n in range(3)]
    assert group_removal(facts([*out, *HERD[3:]])) == []


def test_a_group_removal_explains_the_fence_and_the_gap() -> None:
    theft = facts([*(driven_off(n) for n in range(24)), *HERD[24:]], cameras=[counted(70, 71, 70, 72, 71, 60, 49, 48)])
    assert {f.rule for f in findings(theft)} >= {"group_removal", "left_fence", "count_gap"}
    assert [f.rule for f in inhibit(findings(theft))] == ["group_removal"]


def test_a_camera_that_runs_ahead_of_the_tags_is_the_same_removal() -> None:
    early = facts([*(driven_off(n) for n in range(6)), *HERD[6:]], cameras=[counted(70, 71, 70, 72, 71, 62, 62, 62)])
    assert "count_gap" not in {f.rule for f in inhibit(findings(early))}


def test_a_group_removal_does_not_explain_a_stray_elsewhere() -> None:
    stray = track(
        70, walked=fixes((120, 30), (125, 30), ending=NOW - timedelta(hours=5)), seen=NOW - timedelta(minutes=50)
    )
    theft = facts([*(driven_off(n) for n in range(24)), *HERD[24:70], stray, HERD[71]])
    left = [f for f in inhibit(findings(theft)) if f.rule == "left_fence"]
    assert [f.animals for f in left] == [("a0070",)]


def test_red_without_two_witnesses_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="two independent witnesses"):
        Finding(
            rule="x", severity=Severity.RED, farm_id=FARM.farm_id, loan_id=None, subject="x", as_of=NOW, since=NOW,
            testimonies=(Testimony(witness=Witness.TAG, since=NOW), Testimony(witness=Witness.TAG, since=NOW)),
        )  # fmt: skip


def test_a_tag_is_silent_after_three_missed_reports_not_before() -> None:
    almost, silent = track(0, seen=NOW - timedelta(hours=2.9)), track(1, seen=NOW - timedelta(hours=3.1))
    (finding,) = tag_silence(facts([almost, silent, *HERD[2:]]), NO_REPORT_IS_LOST)
    assert (finding.severity, finding.animals) == (Severity.BLUE, ("a0001",))


def test_where_reports_get_lost_a_ticket_waits_for_what_chance_does_not_do() -> None:
    limits = SilenceLimits()
    assert [limits.ticket_after(tags, 3600) for tags in (72, 500, 17_000)] == [5, 6, 7]
    quiet = [track(n, seen=NOW - timedelta(hours=hours)) for n, hours in ((0, 4), (1, 6))]
    (finding,) = tag_silence(facts([*quiet, *HERD[2:]]))
    assert finding.animals == ("a0001",)
    assert finding.audience is Audience.FARM


def test_a_silent_gateway_speaks_for_its_tags() -> None:
    hours_ago = NOW - timedelta(hours=5)
    herd = [track(n, seen=hours_ago, gateway="g1") for n in range(20)] + [track(n, gateway="g2") for n in range(20, 40)]
    picture = facts(herd, gateways=[gateway("g1", heard=hours_ago), gateway("g2")])
    assert tag_silence(picture) == []
    assert [f.figures["gateways"] for f in gateway_silence(picture)] == [["g1"]]


def test_most_tags_of_a_gateway_silent_is_the_gateways_matter() -> None:
    hours_ago = NOW - timedelta(hours=5)
    herd = [track(n, seen=hours_ago if n < 8 else NOW) for n in range(20)]
    picture = facts(herd)
    assert tag_silence(picture) == []
    assert len(gateway_silence(picture)) == 1


def test_readings_still_waiting_on_the_gateway_are_not_silence() -> None:
    five_hours_ago = NOW - timedelta(hours=5)
    herd = [track(n, seen=five_hours_ago) for n in range(20)]
    assert tag_silence(facts(herd, gateways=[gateway(backlog=five_hours_ago)])) == []


def test_a_farm_gone_dark_is_one_matter_and_graver_after_an_hour() -> None:
    for minutes, severity in ((20, Severity.YELLOW), (61, Severity.ORANGE)):
        since = NOW - timedelta(minutes=minutes)
        picture = facts(
            [track(n, seen=since) for n in range(20)], gateways=[gateway("g1", heard=since), gateway("g2", heard=since)]
        )
        assert [(f.rule, f.severity) for f in inhibit(findings(picture))] == [("farm_blackout", severity)]
        assert farm_blackout(picture)[0].loan_id == "L1"


def test_a_few_lost_tags_prove_no_shortfall() -> None:
    unseen = [track(n, seen=NOW - timedelta(hours=30)) for n in range(2)]
    assert count_gap(facts([*unseen, *HERD[2:]], cameras=[counted(70, 71, 70)])) == []


def test_animals_gone_one_by_one_are_a_count_gap() -> None:
    gone = [
        track(
            n,
            walked=fixes((200, 30), (900, 30), ending=NOW - timedelta(hours=20 * n)),
            seen=NOW - timedelta(hours=20 * n),
        )
        for n in range(1, 5)
    ]
    (finding,) = count_gap(facts([track(0), *gone, *HERD[5:]], cameras=[counted(66, 67, 66)]))
    assert finding.severity is Severity.ORANGE
    assert finding.figures["short"] == 4


def test_an_animal_without_a_tag_is_not_a_silent_tag() -> None:
    untagged = replace(track(0, seen=None, walked=()), tag_id=None)
    assert tag_silence(facts([untagged, *HERD[1:]])) == []
