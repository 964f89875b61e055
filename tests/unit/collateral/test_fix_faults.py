"""Fixes no animal can have walked to, decided in memory (test_fix_faults_pure_and_stored compares with the database)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collateral.facts.fix_faults import faults, ground_m
from collateral.model.place import Position
from collateral.model.reading import Fix

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def trail(*minutes_and_metres: tuple[float, float]) -> list[Fix]:
    return [
        Fix(measured_at=NOON + timedelta(minutes=at), position=Position(44 + north / 111_195, 116.0), error_m=5.0)
        for at, north in minutes_and_metres
    ]


def test_there_and_back_is_a_jump_and_a_truck_is_none() -> None:
    assert faults(trail((0, 0), (15, 60), (30, 9_000), (45, 90))) == [None, None, "jump", None]
    assert faults(trail((0, 0), (15, 20), (30, 20_000), (45, 40_000), (60, 40_010))) == [None] * 5


def test_a_fix_at_the_null_island_is_nobodys_neighbour() -> None:
    fixes = trail((0, 0), (15, 60), (45, 90))
    fixes.insert(2, Fix(measured_at=NOON + timedelta(minutes=30), position=Position(0.0, 0.0)))
    assert faults(fixes) == [None, None, "zero", None]
    assert faults([]) == []


def test_faster_than_any_road_is_a_jump_even_without_a_way_back() -> None:
    assert faults(trail((0, 0), (15, 90_000))) == [None, "jump"]
    assert faults(trail((0, 0), (2_000, 90_000_0))) == [None, None]  # a day and more apart: nothing is known


def test_a_degree_of_latitude_is_111_km() -> None:
    assert 111_000 < ground_m(Position(44.0, 116.0), Position(45.0, 116.0)) < 111_300
