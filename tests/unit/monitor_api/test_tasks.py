"""What to do today, most urgent first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from collateral.contract.http import (
    CameraRecord,
    CaseSummary,
    Count,
    GatewayRecord,
    LoanSummary,
    Named,
    SeverityTally,
)
from monitor_api import tasks

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
FARM = Named(id="sunny", name_zh="阳光", name_en="Sunny")
KNOWN = Count(low=5, best=5, high=5, as_of=NOW)
UNKNOWN = Count(low=None, best=None, high=None, as_of=None, unknown_because="covered")


def loan(**changed: Any) -> LoanSummary:
    return LoanSummary(
        loan_id="n-loan", contract_no="HT-1", borrower_zh="张", borrower_en="Zhang", branch=FARM, farms=[FARM],
        principal_minor=100, balance_minor=50, currency="CNY", value_minor=100, ltv=0.5, ltv_ceiling=0.7,
        matures_on=date(2027, 1, 1), book=10, tags_seen=10, camera=KNOWN, estimate=KNOWN, coverage=1.0, as_of=NOW,
        open_cases=SeverityTally(),
    ).model_copy(update=changed)  # fmt: skip


def case(**changed: Any) -> CaseSummary:
    return CaseSummary(
        case_id=1, rule="tag_silence", severity="yellow", state="open", farm=FARM, loan_id="n-loan", contract_no="HT-1",
        borrower_zh="张", borrower_en="Zhang", opened_at=NOW, event_at=NOW, last_seen_at=NOW, due_at=NOW, overdue=False,
        occurrences=1, animals=1, value_affected_minor=0, currency="CNY", coverage_before=1.0, coverage_after=1.0,
        next_step="verify_5_working_days",
    ).model_copy(update=changed)  # fmt: skip


def gateway(state: Any) -> GatewayRecord:
    return GatewayRecord(
        gateway_id=f"gw-{state}", farm=FARM, state=state, last_heard_at=NOW, unsent=0, oldest_unsent_at=None,
        latitude=43.0, longitude=122.0,
    )  # fmt: skip


def camera(count: Count) -> CameraRecord:
    return CameraRecord(
        camera_id="cam", farm=FARM, pen_id="pen", pen_name="Pen", gateway_id="gw", last_count=count,
        last_frame_sha256=None, freshness="fresh",
    )  # fmt: skip


def kinds(*given: Any) -> list[str]:
    return [task.kind for task in tasks.tasks(*given)]


def test_a_quiet_day_has_nothing_to_do() -> None:
    assert kinds([loan()], [case(state="resolved")], [camera(KNOWN)], [gateway("online")]) == []


def test_a_case_is_first_taken_on_and_then_verified() -> None:
    assert kinds([], [case()], [], []) == ["acknowledge_case"]
    assert kinds([], [case(state="acknowledged")], [], []) == ["verify_case"]


def test_coverage_below_95_percent_is_work_and_below_90_is_urgent() -> None:
    found = [tasks.tasks([loan(coverage=share)], [], [], []) for share in (0.95, 0.94, 0.89)]
    assert [[task.severity for task in some] for some in found] == [[], ["yellow"], ["orange"]]


def test_a_ratio_within_five_points_of_its_ceiling_is_work_and_above_it_urgent() -> None:
    found = [tasks.tasks([loan(ltv=ltv)], [], [], []) for ltv in (0.64, 0.66, 0.71)]
    assert [[task.severity for task in some] for some in found] == [[], ["yellow"], ["orange"]]


def test_every_gateway_that_is_not_online_and_every_blind_camera_is_work() -> None:
    gateways = [gateway(state) for state in ("online", "offline", "silent", "never")]
    assert kinds([], [], [camera(UNKNOWN)], gateways) == ["gateway_offline"] * 3 + ["camera_unknown"]


def test_the_gravest_comes_first_and_among_equals_the_one_that_is_due() -> None:
    cases = [
        case(case_id=1, severity="yellow"), case(case_id=2, severity="red", due_at=NOW + timedelta(hours=1)),
        case(case_id=3, severity="red"),
    ]  # fmt: skip
    found = tasks.tasks([loan(coverage=0.5)], cases, [camera(UNKNOWN)], [])
    assert [task.case_id or task.kind for task in found] == [3, 2, "low_coverage", 1, "camera_unknown"]


def test_coverage_of_all_loans_is_weighted_by_head() -> None:
    day = tasks.today(NOW, [loan(book=90, coverage=1.0), loan(book=10, coverage=0.0)], [], [], [])
    assert (day.loans, day.pledged_head, day.coverage) == (2, 100, 0.9)
