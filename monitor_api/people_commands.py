"""The verbs about who is told of cases: people, person, loan-officer."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import Any

from collateral.alerting.recipients import LADDER
from collateral.model.person import Level, Role, address_fault, level_fault
from collateral.ops import clock
from collateral.settings.fragments import DatabaseSettings
from collateral.store import enrolment_files, people, pool, sight
from collateral.store.people import Enrolled


def add(verbs: Any) -> None:
    """Add the verbs to a parser's sub-parsers."""
    verbs.add_parser(
        "people", help="list people, their addresses, and the levels where nobody can be told"
    ).set_defaults(run=_people)
    one = verbs.add_parser("person", help="set where and as what somebody is told of cases, or that they have left")
    one.add_argument("login")
    where = one.add_mutually_exclusive_group()
    where.add_argument("--email", help="the address where they are told of cases")
    where.add_argument("--no-email", action="store_true", help="they are told nothing by e-mail")
    level = one.add_mutually_exclusive_group()
    level.add_argument("--told-as", choices=[str(level) for level in Level], help="the level at which they are told")
    level.add_argument("--told-by-role", action="store_true", help="the level that follows from role and branch")
    gone = one.add_mutually_exclusive_group()
    gone.add_argument("--left", action="store_true", help="they have left: no login, no notices")
    gone.add_argument("--back", action="store_true", help="they have come back")
    one.set_defaults(run=_person)
    loan = verbs.add_parser("loan-officer", help="say which officer hears of a loan's cases first")
    loan.add_argument("loan")
    who = loan.add_mutually_exclusive_group(required=True)
    who.add_argument("login", nargs="?", help="an officer of the loan's branch")
    who.add_argument("--nobody", action="store_true", help="all officers of the branch")
    loan.set_defaults(run=_loan_officer)


def _connect() -> pool.Connection:
    return pool.connect(sight.readable(DatabaseSettings().database_url.get_secret_value()))


def _people(_: argparse.Namespace) -> int:
    with _connect() as connection:
        found, levels = people.everybody(connection), people.reachable(connection)
    for each in found:
        print(_line(each))
    for empty in sorted((n for n in levels if not n.people), key=lambda n: (n.branch, LADDER.index(Level(n.level)))):
        print(f"{empty.branch}: no {empty.level} can be told by e-mail; the address set for the level stands in")
    return 0


def _line(each: Enrolled) -> str:
    person = each.person
    where = person.branch_id or "head office"
    told = (
        f"told as {person.level}" if person.level else ("told for the farm" if person.role is Role.FARM else "not told")
    )
    gone = f", left {each.left_at:%Y-%m-%d}" if each.left_at else ""
    return f"{person.login}: {person.role} of {where}, {told}, {person.email or 'no address'}{gone}"


def _person(chosen: argparse.Namespace) -> int:
    with _connect() as connection, connection.transaction():
        known = {each.person.login: each for each in people.everybody(connection)}
        if chosen.login not in known:
            return _refused(f"there is nobody with the login {chosen.login}; see: python -m monitor_api people")
        before = known[chosen.login]
        after = _changed(before, chosen)
        if why := _fault(after):
            return _refused(f"{chosen.login}: {why}")
        people.change(connection, after)
    print(_line(after) if after != before else f"nothing had changed: {_line(before)}")
    return 0


def _changed(before: Enrolled, chosen: argparse.Namespace) -> Enrolled:
    person, left_at = before.person, before.left_at
    if chosen.email is not None or chosen.no_email:
        person = replace(person, email=chosen.email)
    if chosen.told_as or chosen.told_by_role:
        person = replace(person, told_as=Level(chosen.told_as) if chosen.told_as else None)
    if chosen.left:
        left_at = left_at or clock.now()
    return Enrolled(person=person, left_at=None if chosen.back else left_at)


def _fault(after: Enrolled) -> str | None:
    person = after.person
    if person.email is not None and (why := address_fault(person.email)):
        return why
    return level_fault(person.told_as, person.role, person.branch_id) if person.told_as else None


def _loan_officer(chosen: argparse.Namespace) -> int:
    with _connect() as connection, connection.transaction():
        branch = enrolment_files.branch_of_loan(connection, chosen.loan)
        if branch is None:
            return _refused(f"there is no loan {chosen.loan}")
        if chosen.nobody:
            people.name_officer(connection, chosen.loan, None)
            print(f"{chosen.loan}: all officers of {branch}")
            return 0
        found = people.by_login(connection, chosen.login)
        if found is None or found.person.role is not Role.OFFICER or found.person.branch_id != branch:
            return _refused(f"{chosen.login} is no officer of branch {branch}, which has lent {chosen.loan}")
        people.name_officer(connection, chosen.loan, found.person.person_id)
    print(f"{chosen.loan}: {found.person.name} ({chosen.login})")
    return 0


def _refused(why: str) -> int:
    print(f"monitor_api: {why}", file=sys.stderr)
    return 1
