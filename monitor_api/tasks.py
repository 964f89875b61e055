"""Today's work of one person, most urgent first. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from collateral.contract.http import (
    CameraRecord,
    CaseSummary,
    GatewayRecord,
    LoanSummary,
    SeverityTally,
    Task,
    Today,
)
from collateral.model.finding import Severity

LOW_COVERAGE = 0.95
VERY_LOW_COVERAGE = 0.90
NEAR_CEILING = 0.05  # share of value: five points
HOME_CURRENCY = "CNY"
_LATER = datetime.max.replace(tzinfo=UTC)
_ORDER = ("acknowledge_case", "verify_case", "ltv_near_ceiling", "low_coverage", "gateway_offline", "camera_unknown")


def today(
    as_of: datetime,
    loans: list[LoanSummary],
    cases: list[CaseSummary],
    cameras: list[CameraRecord],
    gateways: list[GatewayRecord],
) -> Today:
    """The figures of all one's loans, and what to do. `cases`: those not resolved."""
    book = sum(loan.book for loan in loans)
    return Today(
        as_of=as_of, loans=len(loans), pledged_head=book,
        coverage=sum(loan.coverage * loan.book for loan in loans) / book if book else 0.0,
        balance_minor=sum(loan.balance_minor for loan in loans), value_minor=sum(loan.value_minor for loan in loans),
        currency=loans[0].currency if loans else HOME_CURRENCY, open_cases=_tally(cases),
        tasks=tasks(loans, cases, cameras, gateways),
    )  # fmt: skip


def tasks(
    loans: list[LoanSummary], cases: list[CaseSummary], cameras: list[CameraRecord], gateways: list[GatewayRecord]
) -> list[Task]:
    """Everything that wants somebody, by severity, then by kind, then by deadline."""
    found = [
        *(_of_case(case) for case in cases if case.state != "resolved"),
        *(_near_ceiling(loan) for loan in loans if loan.ltv > loan.ltv_ceiling - NEAR_CEILING),
        *(_low_coverage(loan) for loan in loans if loan.coverage < LOW_COVERAGE),
        *(_gateway_away(gateway) for gateway in gateways if gateway.state != "online"),
        *(_camera_blind(camera) for camera in cameras if camera.last_count.best is None),
    ]
    return sorted(found, key=_urgency)


def _urgency(task: Task) -> tuple[int, int, datetime, str]:
    return -Severity.from_word(task.severity), _ORDER.index(task.kind), task.due_at or _LATER, task.subject


def _tally(cases: list[CaseSummary]) -> SeverityTally:
    severities = [case.severity for case in cases if case.state != "resolved"]
    return SeverityTally(
        red=severities.count("red"), orange=severities.count("orange"), yellow=severities.count("yellow"),
        blue=severities.count("blue"),
    )  # fmt: skip


def _of_case(case: CaseSummary) -> Task:
    return Task(
        kind="acknowledge_case" if case.state == "open" else "verify_case", severity=case.severity,
        loan_id=case.loan_id, case_id=case.case_id, farm=case.farm, subject=case.rule, due_at=case.due_at,
        figures={
            "animals": case.animals, "value_affected_minor": case.value_affected_minor, "contract_no": case.contract_no,
            "borrower_zh": case.borrower_zh, "borrower_en": case.borrower_en, "next_step": case.next_step,
            "overdue": case.overdue,
        },
    )  # fmt: skip


def _near_ceiling(loan: LoanSummary) -> Task:
    return Task(
        kind="ltv_near_ceiling", severity="orange" if loan.ltv >= loan.ltv_ceiling else "yellow",
        loan_id=loan.loan_id, subject=loan.contract_no,
        figures={"ltv": loan.ltv, "ltv_ceiling": loan.ltv_ceiling, **_borrower(loan)},
    )  # fmt: skip


def _low_coverage(loan: LoanSummary) -> Task:
    return Task(
        kind="low_coverage", severity="orange" if loan.coverage < VERY_LOW_COVERAGE else "yellow",
        loan_id=loan.loan_id, subject=loan.contract_no,
        figures={"coverage": loan.coverage, "book": loan.book, "tags_seen": loan.tags_seen, **_borrower(loan)},
    )  # fmt: skip


def _borrower(loan: LoanSummary) -> dict[str, str]:
    return {"borrower_zh": loan.borrower_zh, "borrower_en": loan.borrower_en}


def _gateway_away(gateway: GatewayRecord) -> Task:
    heard = gateway.last_heard_at.isoformat() if gateway.last_heard_at else None
    return Task(
        kind="gateway_offline", severity="yellow", farm=gateway.farm, subject=gateway.gateway_id,
        figures={"state": gateway.state, "last_heard_at": heard, "unsent": gateway.unsent},
    )  # fmt: skip


def _camera_blind(camera: CameraRecord) -> Task:
    counted = camera.last_count.as_of.isoformat() if camera.last_count.as_of else None
    return Task(
        kind="camera_unknown", severity="blue", farm=camera.farm, subject=camera.camera_id,
        figures={
            "pen_name": camera.pen_name, "unknown_because": camera.last_count.unknown_because, "last_count_at": counted,
        },
    )  # fmt: skip
