"""What a notification says: the case, the loan at risk, the animals, and one sentence in each language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from collateral.alerting.deadlines import NEXT_STEP
from collateral.alerting.routing import ESCALATIONS, level
from collateral.facts.herd import HerdFacts, Track
from collateral.model.case import Case
from collateral.model.finding import Audience, Severity
from collateral.model.person import Level
from monitor_api.notify.words import LADDER, LEVELS, REASONS, RULE_NAMES

_OF_THE_BANK = ("loan_id", "contract_no", "coverage_before", "coverage_after", "value_affected_minor")


def message(case: Case, reason: str, facts: HerdFacts, contract_no: str | None, now: datetime) -> dict[str, Any]:
    """The JSON body for `case`; named animals carry their official tag and last position. `level`: up to whom it goes.

    What is for the farm says nothing of the loan.
    """
    named: dict[str, Track] = {t.animal_id: t for t in facts.tracks}
    upto = level(case, now) if reason in ESCALATIONS else Level.OFFICER
    farms_own = case.audience is Audience.FARM
    zh, en = _sentences(case, facts, None if farms_own else contract_no, reason, upto)
    body = {
        "v": 1,
        "reason": reason,
        "sent_at": now.isoformat(),
        "case_id": case.case_id,
        "rule": case.rule,
        "severity": case.severity.word,
        "state": str(case.state),
        "stage": str(case.stage),
        "audience": str(case.audience),
        "level": str(upto),
        "branch_id": case.branch_id,
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
    return {name: value for name, value in body.items() if not (farms_own and name in _OF_THE_BANK)}


def together(payloads: list[dict[str, Any]]) -> dict[str, Any]:
    """Several messages of one farm as one: the gravest and newest speaks, the others stand in `also`."""
    first, *others = sorted(payloads, key=_weight, reverse=True)
    if not others:
        return first
    more = len(others)
    return {
        **first, "also": others,
        "text_zh": f"{first['text_zh']}（同场另有 {more} 条）",
        "text_en": f"{first['text_en']} (and {more} more at this farm)",
    }  # fmt: skip


def _weight(payload: dict[str, Any]) -> tuple[int, str]:
    return Severity.from_word(payload["severity"]), payload["sent_at"]


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


def _sentences(case: Case, facts: HerdFacts, contract_no: str | None, reason: str, upto: Level) -> tuple[str, str]:
    zh, en = RULE_NAMES.get(case.rule, (case.rule, case.rule))
    severity = case.severity.word
    loan_zh, loan_en = (f"，借款合同 {contract_no}", f", loan {contract_no}") if contract_no else ("", "")
    head, worth = len(case.animals), case.value_affected_minor / 100
    value_zh, value_en = (f"，押品价值 {worth:,.0f} 元", f", collateral value CNY {worth:,.0f}")
    if case.audience is Audience.FARM:
        value_zh = value_en = ""
    why_zh, why_en = REASONS.get(reason, ("", ""))
    if upto is not Level.OFFICER:
        why_zh, why_en = f"{why_zh}，已升级至{LADDER[upto][0]}", f"{why_en}; raised to the {LADDER[upto][1]}"
    tail_zh, tail_en = (f"（{why_zh}）", f" ({why_en})") if why_zh else ("", "")
    return (
        f"【{LEVELS[severity]}色预警】{facts.farm.name_zh}：{zh}，涉及 {head} 头{loan_zh}{value_zh}。{tail_zh}",
        f"[{severity.upper()}] {facts.farm.name_en}: {en}, {head} head{loan_en}{value_en}.{tail_en}",
    )
