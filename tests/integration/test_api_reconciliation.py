"""Kept reconciliations: pens and unseen of the newest snapshot of each hour, the physical count, the cameras' habits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from collateral.book.reconcile import Reconciled, merge, reconcile
from collateral.facts.herd import HerdFacts
from collateral.model.ids import AnimalId, FarmId, LoanId, PenId
from collateral.model.inspection import InspectionResult
from collateral.store import facts, pool, reconciliations
from tests.integration.api import NOW, Bank, open_bank
from tests.integration.enrolments import HEAD

N = LoanId("n-loan")


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def picture(connection: pool.Connection, at: datetime, farm: str = "sunny") -> HerdFacts:
    return next(facts.gather(connection, f, at) for f in facts.farms(connection) if f.farm_id == farm)


def keep(bank: Bank, *moments: datetime, inspection: InspectionResult | None = None) -> Reconciled:
    with pool.connect(bank.dsn) as connection:
        for moment in moments:
            seen = picture(connection, moment)
            result = reconcile(replace(seen, inspections=(inspection,) if inspection else ()), N)
            with connection.transaction():
                reconciliations.add(connection, result)
    return result


def test_the_newest_snapshot_comes_with_its_pens_and_the_unseen_by_age(bank: Bank) -> None:
    keep(bank, NOW)
    found = bank.get("/loans/n-loan/reconciliation", "n-officer").json()
    assert (found["book"], found["tags_seen"], found["excused"], found["physical"]) == (HEAD, HEAD - 1, 0, None)
    (pen,) = found["pens"]
    assert (pen["pen_name"], pen["farm_id"], pen["book"], pen["camera"]["best"]) == ("N-PEN", "sunny", HEAD, 5)
    assert pen["coverage"] == pytest.approx(found["coverage"])
    (unseen,) = found["unseen"]
    assert (unseen["animal_id"], unseen["last_seen_at"], unseen["age_h"], unseen["state"]) == (
        "n-animal-5",
        None,
        None,
        "long",
    )
    assert (found["unseen_total"], found["shortfall_proved"]) == (1, False)


def test_an_inspection_stands_in_the_snapshot(bank: Bank) -> None:
    found_five = InspectionResult(
        session_id="s1", loan_id=N, farm_id=FarmId("sunny"), opened_at=NOW - timedelta(days=1), closed_at=NOW - timedelta(days=1),
        gross=5, unique_tags=5, duplicates=0, foreign=(), untagged=0, absent=(AnimalId("n-animal-5"),), pens=(PenId("n-pen"),),
        passed=True,
    )  # fmt: skip
    keep(bank, NOW, inspection=found_five)
    found = bank.get("/loans/n-loan/reconciliation", "n-officer").json()
    assert found["physical"]["found"] == found["pens"][0]["physical"] == 5
    assert found["estimate"]["best"] == 5


def test_an_earlier_moment_shows_what_was_known_then(bank: Bank) -> None:
    keep(bank, NOW - timedelta(days=3), NOW)
    then = (NOW - timedelta(days=2)).isoformat()
    found = bank.get("/loans/n-loan/reconciliation", "n-officer", as_of=then).json()
    assert (found["tags_seen"], found["unseen_total"]) == (0, HEAD)
    before = (NOW - timedelta(days=9)).isoformat()
    assert bank.get("/loans/n-loan/reconciliation", "n-officer", as_of=before).status_code == 404


def test_of_each_hour_the_newest_pens_are_kept_in_whatever_order_they_come(bank: Bank) -> None:
    minutes = [NOW - timedelta(hours=3) + timedelta(minutes=m) for m in (0, 55, 20, 61)]
    keep(bank, *minutes)
    course = bank.get("/loans/n-loan/pens/n-pen/reconciliation", "n-officer", days=1).json()["points"]
    kept = [datetime.fromisoformat(point["as_of"]) for point in course]
    assert kept == [minutes[1], minutes[3]]
    assert len(bank.get("/loans/n-loan/coverage", "n-officer", days=1).json()["points"]) == 4


def test_a_snapshot_again_replaces_itself(bank: Bank) -> None:
    keep(bank, NOW, NOW)
    assert len(bank.get("/loans/n-loan/pens/n-pen/reconciliation", "n-officer").json()["points"]) == 1


def test_another_branch_sees_nothing_of_it(bank: Bank) -> None:
    keep(bank, NOW)
    assert bank.get("/loans/n-loan/reconciliation", "s-officer").status_code == 404
    assert bank.get("/loans/n-loan/pens/n-pen/reconciliation", "s-officer").status_code == 404
    assert bank.get("/loans/n-loan/reconciliation", "n-farm").status_code == 403


def test_a_camera_learns_what_it_usually_counts_from_two_weeks_but_not_from_today(bank: Bank) -> None:
    with pool.connect(bank.dsn) as connection:
        seen = picture(connection, NOW)
        result = merge([reconcile(seen, N)])

        def learn(hours: range, share: float) -> None:
            for hour in hours:
                pens = tuple(replace(p, camera_share=share) for p in result.pens)
                with connection.transaction():
                    reconciliations.add(connection, replace(result, as_of=NOW - timedelta(hours=hour), pens=pens))

        def usual() -> list[float | None]:
            cameras = reconciliations.with_usual_shares(connection, seen.cameras, FarmId("sunny"), NOW)
            return [camera.usual_share for camera in cameras]

        learn(range(24), 0.30)
        assert usual() == [None]
        learn(range(25, 60), 0.93)
        assert usual() == [pytest.approx(0.93)]
