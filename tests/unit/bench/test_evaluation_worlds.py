"""Simulated worlds show only what had arrived, and the same seed makes the same world."""

from datetime import UTC, datetime

import numpy as np
import pytest

from bench.evaluation import deeds
from bench.evaluation.columns import usual_and_spread
from bench.evaluation.delivery import Outage
from bench.evaluation.estate import estate
from bench.evaluation.gatherer import Gatherer
from bench.evaluation.nature import honest_month
from bench.evaluation.world import World, world
from collateral.facts.herd import HerdFacts
from collateral.facts.outside import newest_run
from collateral.facts.usual import usual_day
from firmware_sim.chance import stream

LIVE = datetime(2026, 3, 1, 16, tzinfo=UTC)
HOUR = 3_600.0


def made(seed: int = 1, *, days: float = 1.0, honest: bool = False, eventless: bool = True) -> World:
    it = world(seed, estate(seed, "farm", 140), LIVE, days, eventless=eventless)
    if honest:
        honest_month(it)
    return it


def seen(it: World, *hours: float) -> list[HerdFacts]:
    gatherer = Gatherer(it)
    return [gatherer.facts(it.live_s + HOUR * hour) for hour in hours]


def same(a: HerdFacts, b: HerdFacts) -> bool:
    plain = all(
        getattr(a, name) == getattr(b, name)
        for name in ("as_of", "tracks", "gateways", "cameras", "movements", "deaths", "outages", "lying", "checks")
    )
    assert a.series is not None
    assert b.series is not None
    channels = [(getattr(a.series, n), getattr(b.series, n)) for n in ("activity", "steps", "rumination_min", "temp_c")]
    columns = [(p.values, q.values) for p, q in channels] + [(p.usual, q.usual) for p, q in channels]
    columns += [(a.series.tamper, b.series.tamper), (a.series.battery_pct, b.series.battery_pct)]
    return plain and all(np.array_equal(p, q, equal_nan=p.dtype != bool) for p, q in columns)


def test_what_happens_later_changes_nothing_before() -> None:
    quiet, robbed = made(), made()
    rng = stream(1, "test")
    deeds.drive_off(robbed, [3, 4, 5, 6], [robbed.live_s + 6 * HOUR] * 4, rng)
    deeds.die(robbed, 20, robbed.live_s + 7 * HOUR, rng)
    deeds.fall_ill(robbed, 30, robbed.live_s + 7 * HOUR, robbed.ends_s, moves=0.5, ruminates=0.5, warmer_c=2)
    before, after = (0.5, 3.0, 5.9), (14.0,)
    pairs = list(zip(seen(quiet, *before, *after), seen(robbed, *before, *after), strict=True))
    assert [same(a, b) for a, b in pairs] == [True, True, True, False]


def test_facts_do_not_look_at_columns_that_lie_ahead() -> None:
    whole, scrambled = made(), made()
    ahead = scrambled.column(scrambled.live_s + 5 * HOUR) + 1
    for channel in (scrambled.body.activity, scrambled.body.steps, scrambled.body.rumination, scrambled.body.temp_c):
        channel[:, ahead:] = -1_000.0
    scrambled.tamper[:, ahead:] = True
    scrambled.fixes.x_m[:, ahead - scrambled.fixes.first :] += 5_000.0
    scrambled.eyes.share[:, scrambled.eyes.at_s > scrambled.live_s + 5 * HOUR] = 0.0
    (a,), (b,) = seen(whole, 5.0), seen(scrambled, 5.0)
    assert same(a, b)


def test_a_gateway_without_link_tells_late_and_then_everything() -> None:
    cut = made()
    reference = seen(made(), 3.9, 8.0)
    cut.cut(Outage(0, cut.live_s + 1 * HOUR, cut.live_s + 4 * HOUR, power=False))
    while_down, back = seen(cut, 3.9, 8.0)
    own = np.flatnonzero(cut.estate.herd.gateway == 0)
    assert while_down.series is not None
    assert np.isnan(while_down.series.activity.values[own, -2:]).all()
    assert all(while_down.tracks[row].last_seen_at.timestamp() <= cut.live_s + HOUR for row in own)
    assert back.series is not None
    assert reference[1].series is not None
    assert np.array_equal(back.series.activity.values, reference[1].series.activity.values, equal_nan=True)
    assert [o.gateway_id for o in back.outages] == ["g0"]


def test_a_gateway_without_power_has_heard_nothing() -> None:
    cut = made()
    cut.cut(Outage(0, cut.live_s + 1 * HOUR, cut.live_s + 4 * HOUR, power=True))
    (later,) = seen(cut, 8.0)
    own = np.flatnonzero(cut.estate.herd.gateway == 0)
    assert later.series is not None
    assert np.isnan(later.series.activity.values[own, -6:-4]).all()


def test_asking_at_more_moments_changes_no_answer() -> None:
    often = seen(made(honest=True, eventless=False), *np.arange(0.5, 20.1, 0.5))[-1]
    (once,) = seen(made(honest=True, eventless=False), 20.0)
    assert same(often, once)


@pytest.mark.parametrize("seed", [1, 7])
def test_the_same_seed_makes_the_same_world(seed: int) -> None:
    a, b = (seen(made(seed, honest=True), 2.0, 12.0) for _ in range(2))
    assert all(same(p, q) for p, q in zip(a, b, strict=True))
    (other,) = seen(made(seed + 1, honest=True), 2.0)
    assert not same(a[0], other)


def test_who_is_called_inside_without_geometry_is_inside_with_it() -> None:
    robbed = made()
    deeds.drive_off(robbed, [3, 4, 5], [robbed.live_s + HOUR] * 3, stream(1, "test"))
    for facts in seen(robbed, 0.5, 1.05, 1.5, 6.0):
        for track in facts.tracks:
            assert track.outside_run == newest_run(track.pen.fence, track.fixes)
    assert sum(track.is_outside for track in facts.tracks) == 3


def test_the_usual_day_is_the_one_of_the_store() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(20, 5, (40, 14 * 24)).astype(np.float32)
    values[rng.random(values.shape) < 0.4] = np.nan
    values[0] = np.nan
    usual, spread = usual_and_spread(values)
    expected, wide = usual_day(values, np.arange(values.shape[1]) % 24)
    np.testing.assert_array_equal(usual, expected)
    np.testing.assert_array_equal(spread, wide)


def test_sold_animals_leave_the_book_and_its_columns_together() -> None:
    it = made()
    it.struck_s[[2, 9]] = it.live_s + 2 * HOUR
    before, after = seen(it, 1.0, 3.0)
    assert after.series is not None
    assert (len(before.tracks), len(after.tracks), after.series.animals) == (140, 138, 138)
    assert {t.animal_id for t in before.tracks} - {t.animal_id for t in after.tracks} == {"a00002", "a00009"}
