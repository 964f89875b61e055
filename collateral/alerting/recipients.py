"""Who hears of a case: people of its branch, level by level; never those of another branch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collateral.model.ids import PersonId
from collateral.model.person import Level, Person, Role

LADDER: tuple[Level, ...] = tuple(Level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One who is told. `person_id` None: nobody in particular, the address that is set for a level."""

    address: str
    person_id: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everybody who is told, each once. `vacant`: levels where no person can be reached, that others stand in for."""

    recipients: tuple[Recipient, ...]
    vacant: tuple[Level, ...] = ()


def of_the_bank(
    staff: Iterable[Person],
    reached: Level,
    branch: str,
    officer_of_loan: str | None,
    set_for: Mapping[Level, list[str]],
) -> Told:
    """Those of the level a case has reached and of all levels below it.

    `staff`: people who have not left. The officer whom the loan names comes before the other officers of the branch,
    who hear of it where that one cannot be reached. Where nobody of a level has an address, the addresses in `set_for`
    are told; where nobody at all is left, the next level above that can be reached.
    """
    reachable = [person for person in staff if person.email]
    found: list[Recipient] = []
    vacant: list[Level] = []
    for level in LADDER:
        if LADDER.index(level) > LADDER.index(reached) and found:
            break
        people = _of_level(reachable, level, branch, officer_of_loan)
        if not people:
            vacant.append(level)
        found += _persons(people) or _nobodies(set_for.get(level, []))
    return Told(recipients=_once(found), vacant=tuple(vacant))


def of_the_farm(staff: Iterable[Person], farm: str, set_for: list[str]) -> Told:
    """The farm's own people, or the address that is set for farms."""
    people = [p for p in staff if p.email and p.role is Role.FARM and p.farm_id == farm]
    return Told(recipients=_once(_persons(people) or _nobodies(set_for)))


def _of_level(staff: list[Person], level: Level, branch: str, officer_of_loan: str | None) -> list[Person]:
    there = [p for p in staff if p.level is level and p.branch_id == (None if level is Level.HEAD_OFFICE else branch)]
    named = [p for p in there if p.person_id == officer_of_loan]
    return named if level is Level.OFFICER and named else there


def _persons(people: list[Person]) -> list[Recipient]:
    return [Recipient(address=p.email, person_id=p.person_id) for p in people if p.email]


def _nobodies(addresses: list[str]) -> list[Recipient]:
    return [Recipient(address=address) for address in addresses]


def _once(found: list[Recipient]) -> tuple[Recipient, ...]:
    """Each mailbox once; its first holder stands for it. Mail servers tell no capitals apart in practice."""
    first: dict[str, Recipient] = {}
    for recipient in found:
        first.setdefault(recipient.address.casefold(), recipient)
    return tuple(first.values())
