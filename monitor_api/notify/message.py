"""What a notification says: the case, the loan at risk, the animals, and one sentence in each language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from collateral.alerting.deadlines import NEXT_STEP
from collateral.facts.herd import HerdFacts, Track
from collateral.model.case import Case

RULE_NAMES = {
    "tag_silence": ("耳标静默", "Ear tags silent"),
    "gateway_silence": ("网关失联", "Gateway silent"),
    "farm_blackout": ("全场断联", "Farm blackout"),
    "left_fence": ("越栏", "Animals left their fence"),
    "group_removal": ("成群转移", "Group removal"),
    "count_gap": ("盘点缺口", "Count gap"),
}
LEVELS = {"blue": "蓝", "yellow": "黄", "orange": "橙", "red": "红"}


def message(case: Case, reason: str, facts: HerdFacts, contract_no: str | None, now: datetime) -> dict[str, Any]:
    """The JSON body for `case`; named animals carry their official tag and last position."""
    named: dict[str, Track] = {t.animal_id: t for t in facts.tracks}
    zh, en = _sentences(case, facts, contract_no)
    return {
        "v": 1,
        "reason": reason,
        "sent_at": now.isoformat(),
        "case_id": case.case_id,
        "rule": case.rule,
        "severity": case.severity.word,
        "state": str(case.state),
        "farm_id": case.farm_id,
        "loan_id": case.loan_id,
        "contract_no": contract_no,
        "opened_at": case.opened_at.isoformat(),
        "event_at": case.event_at.isoformat(),
        "due_at": case.due_at.isoformat(),
        "coverage_before": case.coverage_before,
        "coverage_after": case.coverage_after,
        "value_affected_minor": case.value_affected_minor,
        "next_step": NEXT_STEP[case.severity],
        "animal_count": len(case.animals),
        "animals": [_animal(named[a]) for a in case.animals if a in named],
        "testimonies": case.testimonies,
        "text_zh": zh,
        "text_en": en,
    }


def _animal(track: Track) -> dict[str, Any]:
    last = track.fixes[-1].position if track.fixes else None
    return {
        "animal_id": track.animal_id,
        "identity": track.identity,
        "tag_id": track.tag_id,
        "last_seen_at": track.last_seen_at.isoformat() if track.last_seen_at else None,
        "latitude": last.latitude if last else None,
        "longitude": last.longitude if last else None,
    }


def _sentences(case: Case, facts: HerdFacts, contract_no: str | None) -> tuple[str, str]:
    zh, en = RULE_NAMES.get(case.rule, (case.rule, case.rule))
    level = case.severity.word
    loan_zh, loan_en = (f"，借款合同 {contract_no}", f", loan {contract_no}") if contract_no else ("", "")
    head, worth = len(case.animals), case.value_affected_minor / 100
    return (
        f"【{LEVELS[level]}色预警】{facts.farm.name_zh}：{zh}，涉及 {head} 头{loan_zh}，押品价值 {worth:,.0f} 元。",
        f"[{level.upper()}] {facts.farm.name_en}: {en}, {head} head{loan_en}, collateral value CNY {worth:,.0f}.",
    )
