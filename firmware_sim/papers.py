"""The papers of the pilot, as sheets that `monitor_api feed` takes in: two years of market prices, insurance, registry
filings, core banking. All are in order, so that nothing happens but what a scenario says. Pure, given seed and time.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from collateral.contract.enrolment import Enrolment
from firmware_sim.chance import stream
from firmware_sim.pilot import Pilot

WEEKS = 104
WEEKLY_DEVIATION = 0.008  # of the logarithm [I]: the falls of domain 0.9 are rarer than any week of these
SEASON = 0.03  # dearer before the new year, cheaper in summer [I]
INSURED_FOR = timedelta(days=365)
FILED_BEYOND = timedelta(days=90)  # a filing outlasts its loan, or it would lapse while money is still owed
SOURCE = "simulated weekly market"
INSURER = "模拟农业保险"
SUPERVISORS = ("模拟监管一部", "模拟监管二部")

Line = tuple[object, ...]


def papers(pilot: Pilot, enrolment: Enrolment, seed: int, now: datetime) -> dict[str, str]:
    """The sheets by their kind; each ends where the pilot's own prices are."""
    today = now.date()
    return {
        "prices": _sheet(("species", "source", "priced_on", "yuan_per_kg"), _prices(pilot, seed, today)),
        "policies": _sheet(
            ("policy_no", "loan_id", "insurer", "species", "insured_head", "begins_on", "ends_on",
             "bank_is_first_beneficiary"), _policies(enrolment),
        ),
        "filings": _sheet(
            ("registration_no", "loan_id", "filed_on", "ends_on"),
            [(f"ZD-{loan.contract_no}", loan.loan_id, loan.drawn_on, loan.matures_on + FILED_BEYOND)
             for loan in enrolment.loans],
        ),
        "core-banking": _sheet(
            ("loan_id", "status_on", "overdue_days", "five_class", "drawdown_as_agreed", "supervisor"),
            [(loan.loan_id, today - timedelta(days=1), 0, "normal", "yes", SUPERVISORS[n % len(SUPERVISORS)])
             for n, loan in enumerate(enrolment.loans)],
        ),
    }  # fmt: skip


def _prices(pilot: Pilot, seed: int, today: date) -> Iterable[Line]:
    """Week by week back from the pilot's price: a random walk around a mild season."""
    for species, kind in sorted(pilot.species.items()):
        rng = stream(seed, "prices", species)
        walk, now_season = 0.0, _season(today)
        for back in range(WEEKS):
            on = today - timedelta(weeks=back)
            price = kind.price_yuan_per_kg * math.exp(walk + _season(on) - now_season)
            yield species, SOURCE, on, f"{price:.3f}"
            walk += float(rng.normal(0.0, WEEKLY_DEVIATION))


def _season(on: date) -> float:
    return SEASON * math.cos(2 * math.pi * (on.timetuple().tm_yday - 15) / 365.25)


def _policies(enrolment: Enrolment) -> Iterable[Line]:
    """One policy per loan and species, for every pledged head, paid to the bank first."""
    species = {a.animal_id: a.species for a in enrolment.animals} | {g.group_id: g.species for g in enrolment.groups}
    head: Counter[tuple[str, str]] = Counter()
    for pledge in enrolment.pledges:
        head[pledge.loan_id, species[pledge.animal_id or pledge.group_id or ""]] += pledge.head
    drawn = {loan.loan_id: loan.drawn_on for loan in enrolment.loans}
    for (loan, kind), insured in sorted(head.items()):
        begins = drawn[loan]
        yield f"YZ-{loan}-{kind}", loan, INSURER, kind, insured, begins, begins + INSURED_FOR, "yes"


def _sheet(columns: Line, lines: Iterable[Line]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    table.writerows(lines)
    return out.getvalue()
