"""Rules: what each rests on, and the limits that the bank and its farms have set."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from collateral.anomaly import reference, rules
from collateral.anomaly.rule import HerdRule, LimitRefused, LoanRule, checked_limit
from collateral.contract.early_warning import LimitHeld, LimitRequest, LimitShape, RuleShape
from collateral.model.ids import FarmId
from collateral.model.person import Role
from collateral.model.saying import say
from collateral.store import facts, rule_limits
from collateral.store.rule_limits import LimitSet
from monitor_api.access import BankPerson, only
from monitor_api.desk import Caller
from monitor_api.errors import NotAllowed, NotFound, NotUnderstood, documented

router = APIRouter(tags=["rules"])
LimitSetter = Annotated[Caller, Depends(only(frozenset({Role.RISK, Role.ADMIN}), "set limits of rules"))]


@router.get("/rules", responses=documented(401, 403, 503))
def list_rules(caller: BankPerson) -> list[RuleShape]:
    """Every rule with its limits, in the order of the risk table."""
    with caller.sight() as connection:
        held = rule_limits.held(connection, caller.now())
    return [_shape(rule, held) for rule in reference.ordered(rules.ALL_RULES)]


@router.put("/rules/{name}/limits/{field}", responses=documented(401, 403, 404, 422, 503))
def set_limit(name: str, field: str, asked: LimitRequest, caller: LimitSetter) -> RuleShape:
    """Set a limit for the whole bank, or for one farm. It holds from the next look of the watchkeeper on."""
    rule = next((rule for rule in rules.ALL_RULES if rule.name == name), None)
    if rule is None:
        raise NotFound("rule")
    try:
        value = checked_limit(rule, field, asked.value)
    except LimitRefused as error:
        raise NotUnderstood(error.said) from error
    if asked.farm_id is None and caller.person.branch_id is not None:
        raise NotAllowed(say("a limit for the whole bank is set by the head office; name one of your farms as farm_id"))
    with caller.sight() as connection:
        if asked.farm_id is not None and FarmId(asked.farm_id) not in {f.farm_id for f in facts.farms(connection)}:
            raise NotFound("farm")
        made = LimitSet(
            farm_id=asked.farm_id, rule=name, field=field, value=value, set_by=caller.person.person_id,
            set_at=caller.now(), why=asked.why,
        )  # fmt: skip
        rule_limits.set_limit(connection, made)
        return _shape(rule, rule_limits.held(connection, caller.now()))


def _shape(rule: HerdRule | LoanRule, held: list[LimitSet]) -> RuleShape:
    said = reference.told(rule)
    return RuleShape(
        number=rule.number, name=rule.name, about="herd" if isinstance(rule, HerdRule) else "loan", says=said.what,
        parts=said.parts, limits=[_limit(rule, field.name, held) for field in fields(rule.limits)],
    )  # fmt: skip


def _limit(rule: HerdRule | LoanRule, field: str, held: list[LimitSet]) -> LimitShape:
    default: Any = getattr(rule.limits, field)
    own = [limit for limit in held if limit.rule == rule.name and limit.field == field and limit.value is not None]
    return LimitShape(
        field=field, default=default,
        held=[LimitHeld(farm_id=o.farm_id, value=o.value, set_by=o.set_by, set_at=o.set_at, why=o.why) for o in own],
    )  # fmt: skip
