"""R5: a borrower who has sold 30 of 240 fills the pens with a neighbour's animals before the inspector comes.

The neighbour's animals wear tags of another farm, or none. As in the Shepperd case the heads add up to the ledger.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings
from collateral.book import inspection, sampling
from collateral.book.session import CountedBy, CountSession, Herd, SessionHeads, SessionPhoto, SessionPlan, SessionRead
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Severity, Witness
from collateral.model.ids import BranchId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from tests.herds import FARM, facts, fixes, gateway, pen, track

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
L1, P1 = LoanId("L1"), PenId("p1")
MINUTE = timedelta(minutes=1)
SOLD = 30
HEAD = 240


def farm(now: datetime, *results: InspectionResult) -> HerdFacts:
    """The book has 240. The tags of those sold were left on the farm, in a shed, and go on reporting."""
    herd = [track(n, seen=now, walked=fixes((30, 30), (31, 30), ending=now), where=pen(P1, 200)) for n in range(HEAD)]
    return replace(facts(herd, gateways=[gateway(heard=now)], as_of=now), inspections=results)


def inspected(*, neighbours: int, untagged: int) -> InspectionResult:
    """The session of a morning: those left are read, and the strangers among them."""
    own = [TagId(f"{n:016x}") for n in range(SOLD, HEAD)]
    strangers = [TagId(f"beef{n:012x}") for n in range(neighbours)]
    plan = SessionPlan(
        session_id="s1", loan_id=L1, farm_id=FARM.farm_id, pens=(P1,), opened_at=TEN, opened_by="inspector",
        freeze_from=TEN, freeze_until=TEN + 90 * MINUTE,
    )  # fmt: skip
    reads = tuple(
        SessionRead(pen_id=P1, tag_id=t, read_at=TEN + i * timedelta(seconds=10), reader="wand")
        for i, t in enumerate([*own, *strangers])
    )
    heads = SessionHeads(
        pen_id=P1, heads=len(reads) + untagged, counted_at=TEN + 50 * MINUTE, counted_by=CountedBy.EYE
    )  # fmt: skip
    session = CountSession(plan=plan, reads=reads, heads=(heads,))
    seed = sampling.seed("s1", inspection.reads_sha256(reads), b"secret")
    sample = sampling.drawn((r.tag_id for r in reads), seed)
    photos = tuple(
        SessionPhoto(tag_id=t, sha256=f"{i:064x}", taken_at=TEN + 70 * MINUTE, matches=True)
        for i, t in enumerate(sample)
    )
    known = {t.tag_id: t.animal_id for t in farm(TEN).tracks if t.tag_id}
    book = Herd(pledged=known, enrolled=frozenset(known))
    return inspection.close(replace(session, sample=sample, photos=photos), book, [], TEN + 80 * MINUTE)


@pytest.mark.parametrize(("neighbours", "untagged"), [(30, 0), (0, 30), (12, 18)])
def test_strangers_in_place_of_the_sold_are_one_red_case_with_two_witnesses(neighbours: int, untagged: int) -> None:
    result = inspected(neighbours=neighbours, untagged=untagged)
    assert (result.gross, len(result.absent), len(result.foreign), result.untagged) == (240, 30, neighbours, untagged)
    assert not result.passed
    desk = Desk(BranchId("b1"))
    now = TEN + 81 * MINUTE
    desk.look(findings(farm(now, result)), now)
    (case,) = desk.standing.values()
    assert (case.rule, case.severity) == ("foreign_cattle", Severity.RED)
    assert {t["witness"] for t in case.testimonies} == {Witness.TAG, Witness.PHYSICAL}
    assert (len(case.animals), case.figures["share"]) == (30, 0.125)


def test_before_the_inspection_the_shed_of_tags_deceives_and_after_it_red_does_not_close_itself() -> None:
    desk = Desk(BranchId("b1"))
    assert findings(farm(TEN)) == []
    found = TEN + 81 * MINUTE
    desk.look(findings(farm(found, inspected(neighbours=30, untagged=0))), found)
    for day in range(1, 12):
        now = found + timedelta(days=day)
        desk.look([], now)
    assert [c.severity for c in desk.standing.values()] == [Severity.RED]


def test_a_neighbours_two_strays_are_no_fraud() -> None:
    herd = inspected(neighbours=2, untagged=0)
    strays = replace(herd, absent=(), gross=242, unique_tags=242)
    assert findings(farm(TEN + 81 * MINUTE, strays)) == []
