"""Market prices, weighings and the papers of loans: read for valuing, and written from sheets. The same sheet again
changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.types.json import Jsonb

from collateral.facts.loan import PricePoint, PriceSeries
from collateral.model.herd import Species
from collateral.valuation.sheets import ReadSheet, Row, RowFault

PRICES_BACK = timedelta(days=3 * 366)  # the longest average that values an animal

_PRICES = """
SELECT species, stock_class, region, source, array_agg(priced_on ORDER BY priced_on), array_agg(li_per_kg ORDER BY priced_on)
FROM market_price WHERE priced_on <= %(on)s AND priced_on > %(since)s
GROUP BY species, stock_class, region, source ORDER BY species, stock_class, region, source
"""


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a kind of sheet is kept: its table, key and other columns."""

    name: LiteralString
    key: tuple[LiteralString, ...]
    others: tuple[LiteralString, ...]


_TABLES: dict[str, _Table] = {
    "prices": _Table("market_price", ("species", "stock_class", "region", "source", "priced_on"), ("li_per_kg",)),
    "weighings": _Table("weighing", ("animal_id", "group_id", "weighed_on"), ("weight_g", "stock_class", "source")),
    "policies": _Table("insurance_policy", ("policy_no",), (
        "loan_id", "insurer", "species", "insured_head", "begins_on", "ends_on", "bank_is_first_beneficiary")),
    "filings": _Table("registry_filing", ("registration_no",), ("loan_id", "filed_on", "ends_on")),
    "core-banking": _Table("core_banking_status", ("loan_id", "status_on"), (
        "overdue_days", "five_class", "drawdown_as_agreed", "supervisor")),
    "weather": _Table("weather", ("farm_id", "at"), ("temp_c", "humidity", "source")),
    "patrols": _Table("patrol", ("patrol_id",), (
        "farm_id", "loan_id", "supervisor", "due_at", "done_at", "latitude", "longitude", "counted", "book", "photos")),
    "identity-checks": _Table("identity_check", ("animal_id", "checked_at"), ("matched", "method", "checked_by")),
}  # fmt: skip

# What a row may refer to, by column, and the query for those that are there.
_REFERENCES: dict[str, LiteralString] = {
    "farm_id": "SELECT farm_id FROM farm WHERE farm_id = ANY(%s)",
    "loan_id": "SELECT loan_id FROM loan WHERE loan_id = ANY(%s)",
    "animal_id": "SELECT animal_id FROM animal WHERE animal_id = ANY(%s)",
    "group_id": "SELECT group_id FROM animal_group WHERE group_id = ANY(%s)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What became of a sheet's rows: how many were new, how many changed what was there, how many said the same; and
    what was wrong with the rest."""

    new: int
    changed: int
    same: int
    faults: tuple[RowFault, ...]


def prices(connection: psycopg.Connection, on: date) -> tuple[PriceSeries, ...]:
    """Every price series as it was known on a day, three years back."""
    rows = connection.execute(_PRICES, {"on": on, "since": on - PRICES_BACK})
    return tuple(
        PriceSeries(
            species=Species(species), stock_class=stock_class, region=region, source=source,
            points=tuple(PricePoint(day, li) for day, li in zip(days, costs, strict=True)),
        )
        for species, stock_class, region, source, days, costs in rows
    )  # fmt: skip


def feed(connection: psycopg.Connection, kind: str, sheet: ReadSheet, *, dry_run: bool = False) -> Fed:
    """Write the good rows of a sheet of this kind, all of them or none; with `dry_run` only say what would be done."""
    table = _TABLES[kind]
    with connection.transaction(force_rollback=dry_run):
        faults = _dangling(connection, sheet.rows)
        bad = {fault.line for fault in faults}
        good = [row for line, row in sheet.rows if line not in bad]
        touched = connection.execute(_upsert(table), (Jsonb([_plain(row) for row in good]),)).fetchall()
    new = sum(is_new for (is_new,) in touched)
    ordered = tuple(sorted((*sheet.faults, *faults), key=lambda fault: (fault.line, fault.column)))
    return Fed(new=new, changed=len(touched) - new, same=len(good) - len(touched), faults=ordered)


def _dangling(connection: psycopg.Connection, rows: Iterable[tuple[int, Row]]) -> list[RowFault]:
    """Rows that name a loan, an animal or a group that is not there."""
    found = []
    for column, query in _REFERENCES.items():
        named = {line: row[column] for line, row in rows if row.get(column) is not None}
        there = {name for (name,) in connection.execute(query, (sorted(set(named.values())),))} if named else set()
        what = column.removesuffix("_id")
        found += [
            RowFault(line, column, f"there is no {what} {name}; enrol it first, or correct the name")
            for line, name in named.items() if name not in there
        ]  # fmt: skip
    return found


def _upsert(table: _Table) -> LiteralString:
    """One statement for all rows; gives back, for each that was written, whether it is new."""
    columns = ", ".join((*table.key, *table.others))
    assigned = ", ".join(tuple(column + " = excluded." + column for column in table.others))
    old = ", ".join(tuple(table.name + "." + column for column in table.others))
    fresh = ", ".join(tuple("excluded." + column for column in table.others))
    return (
        "INSERT INTO " + table.name + " (" + columns + ") SELECT " + columns
        + " FROM jsonb_populate_recordset(NULL::" + table.name + ", %s) ON CONFLICT (" + ", ".join(table.key)
        + ") DO UPDATE SET " + assigned + " WHERE (" + old + ") IS DISTINCT FROM (" + fresh + ") RETURNING (xmax = 0)"
    )  # fmt: skip


def _plain(row: Row) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in row.items()}
