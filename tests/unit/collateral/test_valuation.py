"""What animals are worth, which of them count, and how much may be lent on them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collateral.facts.loan import Ineligible, InsurancePolicy
from collateral.model.herd import Species
from collateral.valuation.base import borrowing_base
from collateral.valuation.eligibility import exclusions, first_reason, sums
from collateral.valuation.forecast import ForecastTerms, forecast, walk
from collateral.valuation.growth import PRODUCTION, weight_g
from collateral.valuation.prices import average, change, chosen, last_known, quote
from collateral.valuation.ratio import allowed_minor, available_minor, cure_minor
from collateral.valuation.terms import TERMS, PriceRule, ValuationTerms
from collateral.valuation.worth import Standing, lines, market_minor, valued
from tests.loans import BEGIN, LI, facts, falling, herd, loan, moment, series

DAY = timedelta(days=1)
NOW = moment(BEGIN)
MONEY = st.integers(0, 10**13)
SHARE_BP = st.integers(1, 10_000)


def policy(head: int, *, species: Species | None = None, number: str = "P1", ends: date = BEGIN + 90 * DAY) -> InsurancePolicy:  # fmt: skip
    return InsurancePolicy(
        policy_no=number, insurer="insurer", species=species, insured_head=head, begins_on=BEGIN - 90 * DAY,
        ends_on=ends, bank_is_first_beneficiary=True,
    )  # fmt: skip


@st.composite
def standings(draw: st.DrawFn) -> list[Standing]:
    found = []
    for n in range(draw(st.integers(0, 12))):
        seen = draw(st.sampled_from([None, NOW, NOW - timedelta(hours=73)]))
        found.append(
            Standing(
                key=f"a{n}", species=draw(st.sampled_from(Species)), head=draw(st.integers(1, 60)),
                assessed_minor=draw(st.integers(0, 5_000_000)), is_group=draw(st.booleans()),
                weight_g=draw(st.none() | st.integers(1_000, 900_000)), has_tag=draw(st.booleans()), seen_at=seen,
                weighed_on=draw(st.none() | st.dates(BEGIN - 400 * DAY, BEGIN)),
                born=draw(st.none() | st.dates(BEGIN - 5000 * DAY, BEGIN)),
                held=draw(st.frozensets(st.sampled_from(Ineligible), max_size=3)),
            )
        )  # fmt: skip
    return found


PRICES = [series((BEGIN - DAY, LI)), series((BEGIN - DAY, 15_000), species=Species.PIG)]
POLICIES = st.lists(
    st.builds(policy, st.integers(1, 200), species=st.none() | st.sampled_from(Species), number=st.uuids().map(str)),
    max_size=3,
)  # fmt: skip


@given(standings(), POLICIES)
def test_what_does_not_count_parts_the_herd_and_every_sum_ties(found: list[Standing], policies: list[InsurancePolicy]) -> None:  # fmt: skip
    picture = facts(standings=found, prices=PRICES, policies=policies)
    worths = valued(found, PRICES, BEGIN)
    excluded = exclusions(worths, policies, NOW)
    by_key: dict[str, int] = {}
    for one in excluded:
        by_key[one.worth.standing.key] = by_key.get(one.worth.standing.key, 0) + one.head
    heads = {s.key: s.head for s in found}
    assert all(0 < head <= heads[key] for key, head in by_key.items())
    # Each single animal is out once, for one reason; only a group can be out in part.
    assert len({e.worth.standing.key for e in excluded}) == len(excluded)
    assert picture.value_minor == sum(w.value_minor for w in worths) == sum(line.value_minor for line in lines(worths))
    assert picture.head == sum(heads.values())
    assert sum(e.value_minor for e in excluded) == sum(s.value_minor for s in sums(excluded))
    base = borrowing_base(picture)
    assert base.eligible_minor + sum(s.value_minor for s in base.ineligible) == base.gross_minor
    assert base.eligible_head + sum(s.head for s in base.ineligible) == picture.head
    assert base.eligible_minor >= 0


@given(standings())
def test_an_animal_is_out_for_the_first_reason_in_their_order(found: list[Standing]) -> None:
    order = list(Ineligible)
    for standing in found:
        reason = first_reason(standing, NOW)
        held = sorted(standing.held, key=order.index)
        if held:
            assert reason is not None
            assert order.index(reason) <= order.index(held[0])
        assert (reason is None) == (
            not held and standing.seen_at == NOW and (standing.is_group or standing.has_tag)
            and (standing.born is None or (BEGIN - standing.born).days / 30.44 <= TERMS.most_months(standing.species))
        )  # fmt: skip


def test_each_reason_alone_puts_an_animal_out() -> None:
    (sound,) = herd(1)
    assert first_reason(sound, NOW) is None
    assert first_reason(replace(sound, has_tag=False), NOW) is Ineligible.UNTAGGED
    assert first_reason(replace(sound, seen_at=NOW - timedelta(hours=73)), NOW) is Ineligible.UNSEEN
    assert first_reason(replace(sound, seen_at=NOW - timedelta(hours=72)), NOW) is None
    assert first_reason(replace(sound, born=date(2010, 1, 1)), NOW) is Ineligible.OVER_AGE
    assert first_reason(replace(sound, has_tag=False, is_group=True), NOW) is None


def test_what_a_policy_does_not_reach_to_is_uninsured_and_of_a_group_it_may_be_a_part() -> None:
    (group,) = herd(1)
    worths = valued([replace(group, head=50, is_group=True)], PRICES, BEGIN)
    (bare,) = exclusions(worths, [policy(30)], NOW)
    assert (bare.reason, bare.head, bare.value_minor) == (Ineligible.UNINSURED, 20, 20 * 1_701_900)
    assert exclusions(worths, [], NOW) == []  # nothing was ever on record: nothing is known
    (lapsed,) = exclusions(worths, [policy(50, ends=BEGIN - DAY)], NOW)
    assert lapsed.head == 50
    assert [e.head for e in exclusions(worths, [policy(50, species=Species.PIG)], NOW)] == [50]


@given(MONEY, MONEY, SHARE_BP)
def test_a_cure_brings_the_ratio_exactly_to_the_ceiling(balance: int, value: int, ceiling: int) -> None:
    cure = cure_minor(balance, value, ceiling)
    assert cure >= 0
    if cure:
        assert balance - cure == allowed_minor(value, ceiling)
        # One fen less would leave it above.
        assert (balance - cure) * 10_000 <= value * ceiling < (balance - cure + 1) * 10_000
    else:
        assert balance * 10_000 <= value * ceiling


@given(MONEY, MONEY, SHARE_BP, MONEY)
def test_availability_is_bounded_by_the_limit_and_by_the_base(limit: int, base: int, advance: int, balance: int) -> None:  # fmt: skip
    free = available_minor(limit, base, advance, balance)
    assert free <= limit - balance
    assert free <= allowed_minor(base, advance) - balance
    assert free + balance in (limit, allowed_minor(base, advance))


@given(st.integers(1, 10**12), st.integers(1, 100_000), st.integers(1, 100_000))
def test_the_ratio_falls_when_the_value_rises(balance: int, price: int, more: int) -> None:
    low, high = (facts(prices=[series((BEGIN, p))], of=loan(balance)).ltv for p in (price, price + more))
    assert high < low


@given(st.integers(0, 2_000_000), st.integers(1, 200_000), st.integers(0, 10_000))
def test_a_value_is_whole_fen_and_never_above_the_market(grams: int, price: int, haircut: int) -> None:
    value = market_minor(grams, price, haircut)
    exact = grams * price * (10_000 - haircut) / 10_000 / 10_000
    assert exact - 1.0001 <= value <= exact + 1e-6


def test_the_last_known_price_carries_its_age_and_says_when_it_is_stale() -> None:
    known = series((BEGIN, LI), (BEGIN + 7 * DAY, 27_000))
    assert last_known(known, BEGIN - DAY) is None
    assert quote(known, BEGIN - DAY) is None
    found = quote(known, BEGIN + 10 * DAY)
    assert found is not None
    assert (found.li_per_kg, found.age_days, found.is_stale) == (27_000, 3, False)
    old = quote(known, BEGIN + 22 * DAY)
    assert old is not None
    assert old.is_stale
    assert change(known, BEGIN + 7 * DAY, 7) == 27_000 / LI - 1
    assert change(known, BEGIN + 7 * DAY, 30) is None


@given(st.lists(st.tuples(st.integers(-1200, 0), st.integers(1_000, 60_000)), min_size=1, unique_by=lambda p: p[0]))
def test_wenzhou_takes_the_lower_average_and_never_more_than_the_market(points: list[tuple[int, int]]) -> None:
    known = series(*sorted((BEGIN + d * DAY, li) for d, li in points))
    found = quote(known, BEGIN, ValuationTerms(price_rule=PriceRule.LOWER_AVERAGE))
    assert found is not None
    means = [average(known, BEGIN - timedelta(days=back), BEGIN) for back in (3 * 365, 91)]
    assert found.li_per_kg == min(found.market_li, *(m for m in means if m is not None))
    lowest, highest = min(li for _, li in points), max(li for _, li in points)
    assert all(m is not None and lowest <= m <= highest for m in means)


def test_an_average_weighs_each_price_by_the_days_it_stood() -> None:
    known = series((BEGIN - 100 * DAY, 10_000), (BEGIN - 9 * DAY, 20_000))
    assert average(known, BEGIN - 20 * DAY, BEGIN) == (10 * 10_000 + 10 * 20_000) // 20


def test_the_nearest_region_speaks_then_the_newest_price_then_the_lower() -> None:
    country, province = series((BEGIN, 27_000)), series((BEGIN - DAY, 28_000), region="13")
    south = series((BEGIN, 20_000), region="44")
    assert chosen([country, province, south], Species.CATTLE, "", "130826", BEGIN) is province
    assert chosen([country, south], Species.CATTLE, "", "130826", BEGIN) is country
    dearer = series((BEGIN, 27_500), source="other")
    assert chosen([dearer, country], Species.CATTLE, "", "", BEGIN) is country
    assert chosen([country], Species.SHEEP, "", "", BEGIN) is None


def test_growth_is_counted_from_a_weighing_until_the_animal_is_finished_and_for_a_bounded_time() -> None:
    cattle = PRODUCTION[Species.CATTLE]
    assert weight_g(400_000, None, BEGIN, cattle, 120) == 400_000
    assert weight_g(400_000, BEGIN - 10 * DAY, BEGIN, cattle, 120) == 415_500
    assert weight_g(400_000, BEGIN - 500 * DAY, BEGIN, cattle, 120) == 400_000 + 1550 * 120
    assert weight_g(610_000, BEGIN - 90 * DAY, BEGIN, cattle, 120) == 619_000
    assert weight_g(700_000, BEGIN - 90 * DAY, BEGIN, cattle, 120) == 700_000
    assert weight_g(400_000, BEGIN + DAY, BEGIN, cattle, 120) == 400_000


def test_without_a_price_or_a_weight_an_animal_stands_at_what_it_was_assessed_at() -> None:
    picture = facts(standings=herd(10), prices=[])
    assert (picture.value_minor, picture.lines[0].li_per_kg) == (17_019_000, None)
    assert facts(standings=herd(10, weight_g=None), prices=PRICES).value_minor == 17_019_000


@given(st.floats(0.05, 0.45), st.integers(0, 300), st.floats(0.0, 0.03), st.floats(0.1, 0.98))
def test_a_forecast_band_keeps_its_order_widens_and_names_weeks_in_order(
    fall: float, day: int, noise: float, level: float
) -> None:
    price = falling(fall, 182, flat_days=182, noise=noise)
    picture = facts(BEGIN + day * DAY, prices=[price])
    told = forecast(picture, ForecastTerms(level=level))
    assert all(p.low <= p.median <= p.high for p in told.points)
    widths = [p.high / p.low for p in told.points]
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(widths))
    weeks = [99 if w is None else w for w in (told.breach_earliest, told.breach_median, told.breach_latest)]
    assert weeks == sorted(weeks)
    wider = forecast(picture, ForecastTerms(level=0.99))
    assert all(w.low <= n.low and w.high >= n.high for w, n in zip(wider.points, told.points, strict=True))


def test_a_price_without_a_past_has_no_drift_and_a_wide_band() -> None:
    assert walk(None, BEGIN).sigma == ForecastTerms().unknown_sigma
    assert walk(series((BEGIN, LI)), BEGIN).drift == 0.0
    assert forecast(facts(prices=[])).points[0].median == forecast(facts(prices=PRICES)).points[0].median


def test_a_forecast_carries_growth_only_until_the_animals_are_finished() -> None:
    light = facts(standings=herd(10, weight_g=500_000), prices=PRICES, of=loan(5_000_000))
    medians = [p.median for p in forecast(light).points]
    assert medians[1] < medians[0]  # gaining 1.55 kg a day
    assert medians[26] > medians[15]  # finished: only deaths go on


def test_the_same_figures_have_the_same_hash_and_others_another() -> None:
    one, two = (borrowing_base(facts(prices=PRICES)) for _ in range(2))
    assert one.sha256 == two.sha256
    assert json.loads(one.canonical())["gross_minor"] == 680_760_000
    assert replace(one, outstanding_minor=1).sha256 != one.sha256
