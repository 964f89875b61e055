"""A6: pen A (120) is walked to pen B between 09:10 and 09:40 while an inspection runs.

The inspector reads A from 09:00 to 09:20 and B from 09:40 to 10:00. One animal stayed in B; one of A's kept behind.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings
from collateral.book import inspection, sampling
from collateral.book.session import CountedBy, CountSession, Herd, SessionHeads, SessionPhoto, SessionPlan, SessionRead
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Severity
from collateral.model.ids import BranchId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from tests.herds import FARM, facts, fixes, gateway, pen, track

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
L1, A, B = LoanId("L1"), PenId("A"), PenId("B")
MINUTE = timedelta(minutes=1)
SECRET = b"drawn when the session was opened"


def farm(now: datetime, *results: InspectionResult) -> HerdFacts:
    """240 pledged: 120 said to stand in A, 120 in B. All tags are heard; there is no camera."""
    herd = [
        track(n, seen=now, walked=fixes((30, 30), (31, 30), ending=now), where=pen(A if n < 120 else B))
        for n in range(240)
    ]
    return replace(facts(herd, gateways=[gateway(heard=now)], as_of=now), inspections=results)


def tag(n: int) -> TagId:
    return TagId(f"{n:016x}")


def read(pen_id: PenId, numbers: list[int], begins: datetime) -> tuple[SessionRead, ...]:
    return tuple(
        SessionRead(pen_id=pen_id, tag_id=tag(n), read_at=begins + i * timedelta(seconds=10), reader="wand")
        for i, n in enumerate(numbers)
    )


def held() -> CountSession:
    """The session as recorded: A's 120, then 119 of them again in B beside the one animal that lives there."""
    plan = SessionPlan(
        session_id="s1", loan_id=L1, farm_id=FARM.farm_id, pens=(A, B), opened_at=NINE, opened_by="inspector",
        freeze_from=NINE, freeze_until=NINE + 90 * MINUTE,
    )  # fmt: skip
    in_a = read(A, list(range(120)), NINE)
    in_b = read(B, [*range(1, 120), 120], NINE + 40 * MINUTE)
    heads = tuple(
        SessionHeads(pen_id=p, heads=120, counted_at=NINE + m * MINUTE, counted_by=CountedBy.EYE)
        for p, m in ((A, 20), (B, 60))
    )
    return CountSession(plan=plan, reads=in_a + in_b, heads=heads)


def book() -> Herd:
    known = {t.tag_id: t.animal_id for t in farm(NINE).tracks if t.tag_id}
    return Herd(pledged=known, enrolled=frozenset(known))


def sampled(session: CountSession) -> CountSession:
    seed = sampling.seed(session.plan.session_id, inspection.reads_sha256(session.reads), SECRET)
    return replace(session, sample=sampling.drawn((r.tag_id for r in session.reads), seed))


def photographed(session: CountSession) -> CountSession:
    photos = tuple(
        SessionPhoto(tag_id=t, sha256=f"{i:064x}", taken_at=NINE + 70 * MINUTE, matches=True)
        for i, t in enumerate(session.sample or ())
    )
    return replace(session, photos=photos)


CLOSED_AT = NINE + 80 * MINUTE


def closed() -> InspectionResult:
    return inspection.close(photographed(sampled(held())), book(), [], CLOSED_AT)


def test_the_report_shows_240_and_121_and_119_and_refuses_to_pass() -> None:
    result = closed()
    assert (result.gross, result.unique_tags, result.duplicates) == (240, 121, 119)
    assert not result.passed
    assert result.refused_because[0] == ("duplicates: 119 tags were read in two pens; freeze the pens and count again")
    assert len(result.absent) == 119


def test_the_sample_names_20_random_tags_to_photograph() -> None:
    session = sampled(held())
    assert session.sample is not None
    assert len(set(session.sample)) == 20
    assert set(session.sample) <= {r.tag_id for r in session.reads}
    another = sampling.drawn(
        (r.tag_id for r in session.reads), sampling.seed("s1", inspection.reads_sha256(session.reads), b"other")
    )
    assert another != session.sample
    assert sampling.most_ghosts(121, 20) == 15  # what 20 good photographs of 121 animals prove


def test_each_walked_animal_is_proved_by_its_two_reads() -> None:
    proofs = inspection.seen_twice(held())
    assert len(proofs) == 119
    assert {(p.first.pen_id, p.then.pen_id) for p in proofs} == {(A, B)}
    assert all(p.first.read_at <= NINE + 20 * MINUTE < NINE + 40 * MINUTE <= p.then.read_at for p in proofs)


def test_one_orange_case_is_opened_when_the_session_closes_and_nothing_else() -> None:
    desk = Desk(BranchId("b1"))
    for minute in range(0, 130, 10):
        now = NINE + minute * MINUTE
        results = (closed(),) if now >= CLOSED_AT else ()
        desk.look(findings(farm(now, *results)), now)
        expected = [("counted_twice", Severity.ORANGE)] if now >= CLOSED_AT else []
        assert [(c.rule, c.severity) for c in desk.standing.values()] == expected
    (case,) = desk.standing.values()
    assert (case.opened_at, case.figures["gross"], case.figures["unique_tags"]) == (CLOSED_AT, 240, 121)


def test_an_honest_repetition_closes_the_case() -> None:
    desk = Desk(BranchId("b1"))
    desk.look(findings(farm(CLOSED_AT, closed())), CLOSED_AT)
    again = replace(held(), reads=read(A, list(range(120)), NINE) + read(B, list(range(120, 240)), NINE + 30 * MINUTE))
    good = inspection.close(photographed(sampled(again)), book(), [], CLOSED_AT + 60 * MINUTE)
    assert (good.passed, good.gross, good.unique_tags) == (True, 240, 240)
    for minute in range(61, 200, 10):
        now = CLOSED_AT + minute * MINUTE
        desk.look(findings(farm(now, closed(), good)), now)
    assert list(desk.standing) == []
    assert [case.rule for case in desk.closed] == ["counted_twice"]
