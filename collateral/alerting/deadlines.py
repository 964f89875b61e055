"""How soon a case must be acknowledged, by severity: 红 30 min, 橙 4 h, 黄 1 working day, 蓝 10 working days."""

from __future__ import annotations

from datetime import datetime, timedelta

from collateral.model.finding import Severity

ACKNOWLEDGE_WITHIN: dict[Severity, timedelta] = {
    Severity.RED: timedelta(minutes=30),
    Severity.ORANGE: timedelta(hours=4),
    Severity.YELLOW: timedelta(days=1),
    Severity.BLUE: timedelta(days=14),
}

NEXT_STEP: dict[Severity, str] = {
    Severity.RED: "verify_on_site_24h",
    Severity.ORANGE: "verify_48h",
    Severity.YELLOW: "verify_5_working_days",
    Severity.BLUE: "device_ticket",
}


def due(severity: Severity, opened_at: datetime) -> datetime:
    """When a case of this severity must have been acknowledged. Working days are counted as calendar days,
    two weeks for ten of them."""
    return opened_at + ACKNOWLEDGE_WITHIN[severity]
