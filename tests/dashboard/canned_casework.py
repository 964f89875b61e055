"""What the canned pilot says about rules, their precision and limits, and about movement requests."""

from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI, Header, HTTPException

from collateral.contract import casework, ledger
from collateral.contract import early_warning as warnings

PRECISIONS = [("group_removal", 3, 0, 0), ("left_fence", 4, 9, 6), ("count_gap", 2, 1, 0), ("tag_silence", 21, 5, 2)]
NEEDS_PAPER = "a sale needs a quarantine_certificate; put it to the request first"


def precision(now: datetime) -> casework.PrecisionReport:
    lines = [
        casework.RulePrecisionLine(
            rule=rule,
            alerts=right + wrong + known + 2,
            confirmed=right,
            false_alarms=wrong,
            explained=known,
            precision=right / (right + wrong),
            low=max(0.0, right / (right + wrong) - 0.25),
            high=min(1.0, right / (right + wrong) + 0.2),
        )
        for rule, right, wrong, known in PRECISIONS
    ]
    unjudged = casework.RulePrecisionLine(
        rule="price_ltv", alerts=2, confirmed=0, false_alarms=0, explained=0, precision=None, low=0, high=1
    )
    return casework.PrecisionReport(since=now - timedelta(weeks=13), until=now, rules=[*lines, unjudged], weeks=[])


def sla(now: datetime) -> casework.SlaReport:
    def line(severity: Any, cases: int, late: int, median_s: float | None) -> casework.LevelTimesLine:
        return casework.LevelTimesLine(
            severity=severity,
            cases=cases,
            in_time=cases - late,
            late=late,
            acknowledge_median_s=median_s,
            acknowledge_worst_s=median_s,
            closed=cases,
            close_median_s=median_s and median_s * 40,
            close_worst_s=median_s,
        )

    levels = [
        line("red", 3, 1, 1260),
        line("orange", 9, 0, 7_000),
        line("yellow", 0, 0, None),
        line("blue", 40, 2, 90_000),
    ]
    return casework.SlaReport(since=now - timedelta(weeks=13), until=now, levels=levels)


def rules(now: datetime) -> list[warnings.RuleShape]:
    held = warnings.LimitHeld(farm_id="f1", value=45.0, set_by="risk", set_at=now, why="a road runs beside the fence")
    limits = [
        warnings.LimitShape(field="lorry_kmh", default=30.0, held=[held]),
        warnings.LimitShape(field="several", default=3, held=[]),
    ]
    parts = {"Cause": "open gate, broken fence, theft of a few.", "Source": "R1."}
    said = "Pledged animals with two consecutive fixes outside their fence."
    return [
        warnings.RuleShape(number="R1", name="left_fence", about="herd", says=said, parts=parts, limits=limits),
        warnings.RuleShape(number="R20", name="price_ltv", about="loan", says="The ratio.", parts={}, limits=[]),
    ]


def silence(number: int, now: datetime, who: str, **more: Any) -> casework.SilenceRecord:
    given: dict[str, Any] = {
        "work": "maintenance",
        "farm_id": "f1",
        "loan_id": None,
        "rules": [],
        "animals": [],
        "movement_id": None,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(hours=3),
    }
    return casework.SilenceRecord(
        silence_id=number,
        farm_zh="青山牧场",
        farm_en="Qingshan farm",
        set_by=who,
        set_at=now,
        ended_at=None,
        ended_by=None,
        in_force=True,
        cases=1,
        **(given | more),
    )


def request(number: int, now: datetime, **more: Any) -> ledger.MovementSummary:
    given: dict[str, Any] = {
        "request_id": number,
        "loan_id": "L1",
        "kind": "sale",
        "state": "requested",
        "leaving": 24,
        "entering": 0,
        "window_from": now + timedelta(hours=20),
        "window_to": now + timedelta(hours=24),
        "reason": "sold to Hengda slaughterhouse",
        "requested_by": "person-1",
        "requested_at": now - timedelta(hours=3),
        "decided_by": None,
        "decided_at": None,
        "executed_at": None,
        "closed_at": None,
        "proceeds_minor": None,
    }
    return ledger.MovementSummary(**(given | more))


def requests(now: datetime) -> dict[int, ledger.MovementSummary]:
    sold = request(8, now, state="executed", decided_by="person-2", decided_at=now, executed_at=now)
    born = request(7, now, kind="birth", state="closed", leaving=0, entering=2, loan_id="L2", reason="two calves")
    return {9: request(9, now), 8: sold, 7: born}


def houses() -> list[ledger.GroupLine]:
    """Two houses of pigs; the second is empty."""
    common = {"farm_id": "F2", "species": "pig", "value_minor": 200_000}
    return [
        ledger.GroupLine(group_id="pigs-1", pen_id="p1", pen_name="House 1", head=300, pledged=300, **common),
        ledger.GroupLine(group_id="pigs-2", pen_id="p2", pen_name="House 2", head=0, pledged=0, **common),
    ]


def add_routes(app: FastAPI, now: datetime) -> None:  # noqa: C901 - one function per address
    """Rules for risk staff, and the book's movement requests; what one test asks for, another does not see."""
    held = requests(now)
    papers: dict[int, list[ledger.DocumentShape]] = {}
    by_number: dict[int, dict[str, list[Any]]] = {}
    askers = dict.fromkeys(held, "officer")
    named: dict[int, list[str]] = {}
    limits = rules(now)
    silent = {3: silence(3, now, "officer", why="fences are mended")}

    def login(authorization: str) -> str:
        return authorization.removeprefix("Bearer token-")

    def detail(number: int, who: str) -> ledger.MovementDetail:
        if number not in held:
            raise HTTPException(404, "there is no such movement request, or it is not yours to see")
        one, own = held[number], askers[number] == who
        objections = [] if papers.get(number) or one.state != "requested" else [NEEDS_PAPER]
        event = ledger.MovementEventShape(
            at=one.requested_at, actor=askers[number], event="requested", note=one.reason, particulars={}
        )
        return ledger.MovementDetail(
            summary=one,
            leaving=named[number] if number in named else [f"a{i}" for i in range(one.leaving)],
            entering=[],
            **by_number.get(number, {}),
            to_pen_id=None,
            documents=papers.get(number, []),
            events=[event],
            objections=objections,
            may_approve=one.state == "requested" and not objections and not own,
        )

    @app.get("/v1/rules")
    def get_rules() -> list[warnings.RuleShape]:
        return limits

    @app.put("/v1/rules/{name}/limits/{field}")
    def put_limit(
        name: str, field: str, asked: warnings.LimitRequest, authorization: str = Header()
    ) -> warnings.RuleShape:
        rule = next(rule for rule in limits if rule.name == name)
        limit = next(limit for limit in rule.limits if limit.field == field)
        told = asked.model_dump() | {"set_by": login(authorization), "set_at": now}
        limit.held.append(warnings.LimitHeld.model_validate(told))
        return rule

    @app.get("/v1/rules/precision")
    def get_precision() -> casework.PrecisionReport:
        return precision(now)

    @app.get("/v1/sla")
    def get_sla() -> casework.SlaReport:
        return sla(now)

    @app.get("/v1/silences")
    def get_silences() -> list[casework.SilenceRecord]:
        return list(silent.values())

    @app.post("/v1/silences")
    def post_silence(asked: casework.SilenceRequest, authorization: str = Header()) -> casework.SilenceRecord:
        number = max(silent) + 1
        silent[number] = silence(number, now, login(authorization), **asked.model_dump())
        return silent[number]

    @app.delete("/v1/silences/{number}")
    def end_silence(number: int) -> casework.SilenceRecord:
        return silent.pop(number)

    @app.get("/v1/loans/{loan_id}/groups")
    def get_groups(loan_id: str) -> list[ledger.GroupLine]:
        return houses() if loan_id == "L2" else []

    @app.get("/v1/movements")
    def get_movements(loan_id: str | None = None) -> list[ledger.MovementSummary]:
        return [one for one in held.values() if loan_id in {None, one.loan_id}]

    @app.post("/v1/movements")
    def post_movement(asked: ledger.MovementAsked, authorization: str = Header()) -> ledger.MovementDetail:
        number = max(held) + 1
        out, into = (sum(g.head for g in side) for side in (asked.groups_leaving, asked.groups_entering))
        counted = {"leaving": len(asked.leaving) + out, "entering": len(asked.entering) + into}
        by_number[number] = {"groups_leaving": asked.groups_leaving, "groups_entering": asked.groups_entering}
        told = asked.model_dump(include={"loan_id", "kind", "window_from", "window_to", "reason"})
        held[number], askers[number] = request(number, now, **(told | counted)), login(authorization)
        papers[number], named[number] = asked.documents, asked.leaving
        return detail(number, login(authorization))

    @app.get("/v1/movements/{number}")
    def get_movement(number: int, authorization: str = Header()) -> ledger.MovementDetail:
        return detail(number, login(authorization))

    @app.post("/v1/movements/{number}/documents")
    def post_paper(number: int, paper: ledger.DocumentShape, authorization: str = Header()) -> ledger.MovementDetail:
        papers.setdefault(number, []).append(paper)
        return detail(number, login(authorization))

    @app.post("/v1/movements/{number}/execute")
    def post_execution(
        number: int, asked: ledger.ExecutionAsked, authorization: str = Header()
    ) -> ledger.MovementDetail:
        moved = {line.group_id: line.head for line in asked.groups or []}
        kept = {
            side: [g.model_copy(update={"head": moved[g.group_id]}) for g in lines]
            for side, lines in by_number[number].items()
        }
        by_number[number] = kept
        held[number] = held[number].model_copy(update={"state": "executed", "leaving": sum(moved.values())})
        return detail(number, login(authorization))

    @app.post("/v1/movements/{number}/proceeds")
    def post_proceeds(number: int, asked: ledger.ProceedsAsked, authorization: str = Header()) -> ledger.MovementDetail:
        held[number] = held[number].model_copy(update={"state": "closed", "proceeds_minor": asked.proceeds_minor})
        return detail(number, login(authorization))

    @app.post("/v1/movements/{number}/{step}")
    def post_step(number: int, step: ledger.StepWord, authorization: str = Header()) -> ledger.MovementDetail:
        who = login(authorization)
        if step == "approve" and not detail(number, who).may_approve:
            raise HTTPException(409, "who asked for a movement may not approve it; ask somebody else")
        state = {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"}[step]
        held[number] = held[number].model_copy(update={"state": state, "decided_by": who})
        return detail(number, who)
