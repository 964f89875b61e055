"""Our pledges for comparison, partners' lists, and what both hold. Lists are for programs alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from collateral.book.pledge_match import Hit, Listed, OwnPledge
from collateral.model.herd import IdentityScheme, Species
from collateral.model.ids import LoanId
from collateral.model.pledge_match import PledgeMatch

BATCH = 20_000  # digests looked up at once

# Numbers borne now; a pledge runs until the loan matures.
_OWN = """
SELECT p.loan_id, a.animal_id, a.species, a.farm_id, f.registration_no, p.since::date, l.matures_on,
       array_remove(array_agg(DISTINCT n.scheme || ' ' || n.number), NULL) AS numbers
FROM pledge p
JOIN loan l ON l.loan_id = p.loan_id
JOIN animal a ON a.animal_id = p.animal_id
JOIN farm f ON f.farm_id = a.farm_id
LEFT JOIN LATERAL (
    SELECT a.scheme, a.identity AS number
    UNION ALL
    SELECT i.scheme, i.number FROM animal_identity i WHERE i.animal_id = a.animal_id AND i.until IS NULL
) n ON n.scheme = ANY(%(schemes)s)
WHERE p.until IS NULL AND (%(loan)s::text IS NULL OR p.loan_id = %(loan)s)
GROUP BY p.pledge_id, a.animal_id, f.farm_id, l.loan_id
ORDER BY a.animal_id
"""
# Groups have no numbers of their own, but stand on a farm.
_OWN_GROUPS = """
SELECT p.loan_id, g.group_id, g.species, g.farm_id, f.registration_no, p.since::date, l.matures_on, '{}'::text[]
FROM pledge p
JOIN loan l ON l.loan_id = p.loan_id
JOIN animal_group g ON g.group_id = p.group_id
JOIN farm f ON f.farm_id = g.farm_id
WHERE p.until IS NULL AND (%(loan)s::text IS NULL OR p.loan_id = %(loan)s)
ORDER BY g.group_id
"""
_ADD_LIST = """
INSERT INTO partner_list (partner, round, as_of, file_sha256, pledges, imported_by, imported_at)
VALUES (%(partner)s, %(round)s, %(as_of)s, %(sha256)s, %(pledges)s, %(by)s, %(at)s)
ON CONFLICT (partner, round, file_sha256) DO NOTHING
RETURNING list_id
"""
_COPY = "COPY partner_pledge (list_id, scheme, digest, species, pledged_from, pledged_until) FROM STDIN"
# A partner's newest list is what it says now.
_NEWEST = """
SELECT DISTINCT ON (partner) list_id, partner, round, as_of, pledges, imported_by, imported_at FROM partner_list
WHERE imported_at <= %(as_of)s ORDER BY partner, as_of DESC, list_id DESC
"""
_LOOK_UP = """
SELECT list_id, scheme, digest, species, pledged_from, pledged_until FROM partner_pledge
WHERE list_id = %(list)s AND scheme = %(scheme)s AND digest = ANY(%(digests)s)
"""
_KEEP = """
INSERT INTO pledge_match (loan_id, list_id, scheme, subject, found_at)
VALUES (%(loan)s, %(list)s, %(scheme)s, %(subject)s, %(at)s)
ON CONFLICT (loan_id, list_id, scheme, subject) DO NOTHING
"""
# A match counts while its list is its partner's newest and the animal still secures the loan.
_CURRENT = """
SELECT m.pledge_match_id AS match_id, m.loan_id, m.scheme, m.subject, newest.partner, newest.as_of AS listed_on, m.found_at,
       heard.at AS heard_at,
       EXISTS (SELECT FROM drawdown_block b
               WHERE b.loan_id = m.loan_id AND b.state = 'overridden' AND m.pledge_match_id = ANY(b.matches)) AS is_overridden
FROM pledge_match m
JOIN (
    SELECT DISTINCT ON (partner) list_id, partner, as_of FROM partner_list
    WHERE imported_at <= %(as_of)s ORDER BY partner, as_of DESC, list_id DESC
) newest ON newest.list_id = m.list_id
LEFT JOIN LATERAL (
    SELECT max(r.measured_at) AS at
    FROM tag_assignment w JOIN reading r ON r.tag_id = w.tag_id AND r.measured_at >= w.since
    WHERE w.animal_id = m.subject AND w.since <= %(as_of)s AND coalesce(w.until > %(as_of)s, true)
      AND r.measured_at <= %(as_of)s AND r.measured_at > %(as_of)s::timestamptz - interval '14 days'
) heard ON true
WHERE (%(loan)s::text IS NULL OR m.loan_id = %(loan)s) AND m.found_at <= %(as_of)s
  AND (m.scheme = 'farm' OR EXISTS (
      SELECT FROM pledge p WHERE p.loan_id = m.loan_id AND p.animal_id = m.subject
        AND p.since <= %(as_of)s AND coalesce(p.until > %(as_of)s, true)))
ORDER BY m.loan_id, m.scheme, m.subject, m.pledge_match_id
"""


@dataclass(frozen=True, slots=True)
class PartnerList:
    """A list as it was imported. `rows`: animals and farms on it."""

    list_id: int
    partner: str
    round: str
    as_of: date
    rows: int
    imported_by: str
    imported_at: datetime


def own(connection: psycopg.Connection, loan_id: str | None = None) -> list[OwnPledge]:
    """What is pledged now, of one loan or of all that the caller may see."""
    said = {"loan": loan_id, "schemes": [IdentityScheme.CN_TAG, IdentityScheme.ISO_11784]}
    rows = [*connection.execute(_OWN, said), *connection.execute(_OWN_GROUPS, said)]
    return [
        OwnPledge(
            loan_id=loan, animal_id=animal, species=Species(species), farm_id=farm, farm_no=farm_no, since=since,
            until=until, numbers=tuple(_number(text) for text in numbers),
        )
        for loan, animal, species, farm, farm_no, since, until, numbers in rows
    ]  # fmt: skip


def add_list(  # what a list is, told once
    connection: psycopg.Connection, *, partner: str, round_name: str, as_of: date, sha256: str, rows: Sequence[Listed],
    by: str, now: datetime,
) -> int | None:  # fmt: skip
    """Store a partner's list; None when the same file is there already."""
    row = connection.execute(_ADD_LIST, {
        "partner": partner, "round": round_name, "as_of": as_of, "sha256": sha256, "pledges": len(rows), "by": by,
        "at": now,
    }).fetchone()  # fmt: skip
    if row is None:
        return None
    number: int = row[0]
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for listed in rows:
            copy.write_row(
                (number, listed.scheme, listed.digest, listed.species, listed.pledged_from, listed.pledged_until)
            )
    return number


def newest_lists(connection: psycopg.Connection, as_of: datetime) -> list[PartnerList]:
    """The newest list of each partner."""
    return [PartnerList(*row) for row in connection.execute(_NEWEST, {"as_of": as_of})]


def look_up(connection: psycopg.Connection, list_id: int, wanted: Iterable[tuple[str, bytes]]) -> list[Listed]:
    """The rows of a list that carry one of these digests."""
    by_scheme: dict[str, list[bytes]] = {}
    for scheme, digest in wanted:
        by_scheme.setdefault(scheme, []).append(digest)
    found = []
    for scheme, digests in by_scheme.items():
        for first in range(0, len(digests), BATCH):
            said = {"list": list_id, "scheme": scheme, "digests": digests[first : first + BATCH]}
            found += [Listed(s, bytes(d), kind, *days) for _, s, d, kind, *days in connection.execute(_LOOK_UP, said)]
    return found


def keep(connection: psycopg.Connection, list_id: int, hits: Iterable[Hit], now: datetime) -> None:
    """Keep what both hold; what is kept already stays as it was found."""
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [
            {"loan": hit.loan_id, "list": list_id, "scheme": hit.scheme, "subject": hit.subject, "at": now}
            for hit in hits
        ])  # fmt: skip


def current(
    connection: psycopg.Connection, as_of: datetime, loan_id: str | None = None
) -> dict[LoanId, tuple[PledgeMatch, ...]]:
    """What counts now, by loan; loans without any are left out."""
    found: dict[LoanId, list[PledgeMatch]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_CURRENT, {"as_of": as_of, "loan": loan_id}):
            found.setdefault(LoanId(row.pop("loan_id")), []).append(_match(row))
    return {loan: tuple(matches) for loan, matches in found.items()}


def _match(row: dict[str, Any]) -> PledgeMatch:
    return PledgeMatch(**row)


def _number(text: str) -> tuple[str, str]:
    scheme, _, number = text.partition(" ")
    return scheme, number
