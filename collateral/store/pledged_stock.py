"""What stands behind each loan: pledged animals and groups, when they were seen, and what speaks against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from collateral.anomaly.rules import ALL_RULES
from collateral.facts.loan import Ineligible
from collateral.model.herd import AnimalStatus, Species
from collateral.model.ids import FarmId, LoanId
from collateral.valuation.eligibility import HELD_BY_RULE, HELD_BY_STATUS
from collateral.valuation.terms import ValuationTerms
from collateral.valuation.worth import Standing

# An animal was seen when its tag was heard, a group when a camera counted its pen.
_PLEDGED = """
SELECT p.loan_id, a.animal_id IS NULL AS is_group, coalesce(a.animal_id, g.group_id) AS key,
       coalesce(a.farm_id, g.farm_id) AS farm_id, coalesce(a.species, g.species) AS species, p.head,
       p.value_per_head_minor AS assessed_minor, coalesce(a.status, 'present') AS status, a.born,
       CASE WHEN a.scheme = 'cn-tag' THEN substr(a.identity, 2, 6) ELSE '' END AS county,
       coalesce(w.weight_g, round((coalesce(a.weight_kg, g.weight_kg) * 1000)::numeric)::integer) AS weight_g,
       w.weighed_on, coalesce(w.stock_class, '') AS stock_class, worn.tag_id IS NOT NULL AS has_tag,
       coalesce(heard.at, counted.at) AS seen_at
FROM pledge p
LEFT JOIN animal a ON a.animal_id = p.animal_id
LEFT JOIN animal_group g ON g.group_id = p.group_id
LEFT JOIN tag_assignment worn
    ON worn.animal_id = a.animal_id AND worn.since <= %(as_of)s AND coalesce(worn.until > %(as_of)s, true)
LEFT JOIN LATERAL (
    SELECT weight_g, weighed_on, stock_class FROM weighing
    WHERE (animal_id = p.animal_id OR group_id = p.group_id) AND weighed_on <= %(on)s
    ORDER BY weighed_on DESC LIMIT 1
) w ON true
LEFT JOIN LATERAL (
    SELECT measured_at AS at FROM reading
    WHERE tag_id = worn.tag_id AND measured_at <= %(as_of)s AND measured_at >= %(seen_since)s
      AND measured_at >= worn.since
    ORDER BY measured_at DESC LIMIT 1
) heard ON true
LEFT JOIN LATERAL (
    SELECT h.captured_at AS at FROM camera c JOIN head_count h ON h.camera_id = c.camera_id
    WHERE c.pen_id = g.pen_id AND h.captured_at <= %(as_of)s AND h.captured_at >= %(seen_since)s AND h.best > 0
    ORDER BY h.captured_at DESC LIMIT 1
) counted ON true
WHERE p.since <= %(as_of)s AND coalesce(p.until > %(as_of)s, true)
  AND (%(loan)s::text IS NULL OR p.loan_id = %(loan)s)
ORDER BY p.loan_id, key
"""

_NAMED_BY_CASES = """
SELECT rule, unnest(animals) AS animal_id FROM supervision_case
WHERE state <> 'resolved' AND rule = ANY(%(rules)s)
"""


@dataclass
class Secured:
    """What stands behind one loan."""

    standings: list[Standing] = field(default_factory=list)
    farm_of: dict[str, FarmId] = field(default_factory=dict)


def secured(
    connection: psycopg.Connection, as_of: datetime, loan_id: str | None, terms: ValuationTerms
) -> dict[LoanId, Secured]:
    """What stands behind one loan, or behind every loan that the caller may see; loans without anything are left out.

    Cases are taken as they stand now, also for a moment in the past: what they held then is not kept.
    """
    at: dict[str, Any] = {
        "as_of": as_of, "on": as_of.date(), "loan": loan_id, "seen_since": as_of - timedelta(hours=terms.unseen_h),
    }  # fmt: skip
    held = _held(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_PLEDGED, at).fetchall()
    found: dict[LoanId, Secured] = {}
    for row in rows:
        behind = found.setdefault(LoanId(row["loan_id"]), Secured())
        behind.standings.append(_standing(row, held))
        behind.farm_of[row["key"]] = FarmId(row["farm_id"])
    for behind in found.values():
        _place_groups(behind)
    return found


def _place_groups(behind: Secured) -> None:
    """A group has no official tag of its own: it takes the county that most animals of its farm have."""
    counties: dict[FarmId, Counter[str]] = {}
    for standing in behind.standings:
        if standing.county:
            counties.setdefault(behind.farm_of[standing.key], Counter())[standing.county] += 1
    for number, standing in enumerate(behind.standings):
        known = counties.get(behind.farm_of[standing.key])
        if not standing.county and known:
            behind.standings[number] = replace(standing, county=known.most_common(1)[0][0])


def _held(connection: psycopg.Connection) -> dict[str, set[Ineligible]]:
    """What unresolved cases say against the animals they name."""
    reasons = {rule.name: HELD_BY_RULE[rule.number] for rule in ALL_RULES if rule.number in HELD_BY_RULE}
    found: dict[str, set[Ineligible]] = {}
    for rule, animal in connection.execute(_NAMED_BY_CASES, {"rules": list(reasons)}):
        found.setdefault(animal, set()).add(reasons[rule])
    return found


def _standing(row: dict[str, Any], held: Mapping[str, set[Ineligible]]) -> Standing:
    against = held.get(row["key"], set()) if not row["is_group"] else set()
    by_status = HELD_BY_STATUS.get(AnimalStatus(row["status"]))
    return Standing(
        key=row["key"], species=Species(row["species"]), head=row["head"], assessed_minor=row["assessed_minor"],
        is_group=row["is_group"], stock_class=row["stock_class"], county=row["county"], weight_g=row["weight_g"],
        weighed_on=row["weighed_on"], born=row["born"], has_tag=row["has_tag"], seen_at=row["seen_at"],
        held=frozenset(against | ({by_status} if by_status else set())),
    )  # fmt: skip
