"""Limits of rules that the bank or a farm has set. Append-only: the newest row of a place, rule and field counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from collateral.model.ids import FarmId

# Oldest first: what a farm has set comes after what the bank has, and so goes over it.
_HELD: LiteralString = """
SELECT DISTINCT ON (farm_id IS NOT NULL, farm_id, rule, field) farm_id, rule, field, value, set_by, set_at, why
FROM rule_limit WHERE set_at <= %(as_of)s
ORDER BY farm_id IS NOT NULL, farm_id, rule, field, set_at DESC, rule_limit_id DESC
"""
_SET: LiteralString = """
INSERT INTO rule_limit (farm_id, rule, field, value, set_by, set_at, why)
VALUES (%(farm_id)s, %(rule)s, %(field)s, %(value)s, %(set_by)s, %(set_at)s, %(why)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSet:
    """One limit as it was set; `farm_id` None: for the whole bank. `value` None: back to what holds without it."""

    farm_id: str | None
    rule: str
    field: str
    value: Any
    set_by: str
    set_at: datetime
    why: str


def held(connection: psycopg.Connection, as_of: datetime) -> list[LimitSet]:
    """What was set and held at `as_of`: the bank's first, then the farms'."""
    with connection.cursor(row_factory=class_row(LimitSet)) as cursor:
        return cursor.execute(_HELD, {"as_of": as_of}).fetchall()


def overrides(limits: list[LimitSet], farm: FarmId | None) -> dict[str, dict[str, Any]]:
    """What rules about one farm go by (None: about a loan): the bank's limits, and over them the farm's own."""
    found: dict[str, dict[str, Any]] = {}
    for limit in limits:
        if limit.value is not None and limit.farm_id in (None, farm):
            found.setdefault(limit.rule, {})[limit.field] = limit.value
    return found


def set_limit(connection: psycopg.Connection, limit: LimitSet) -> None:
    """Let a limit hold from `set_at` on."""
    connection.execute(
        _SET,
        {
            "farm_id": limit.farm_id, "rule": limit.rule, "field": limit.field, "value": Jsonb(limit.value),
            "set_by": limit.set_by, "set_at": limit.set_at, "why": limit.why,
        },
    )  # fmt: skip
