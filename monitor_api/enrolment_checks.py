"""What can be wrong with an enrolment, found all at once: list index, field, reason. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from collateral.contract.enrolment import (
    AnimalEnrolled,
    Enrolment,
    LoanEnrolled,
    PenEnrolled,
    PersonEnrolled,
    PledgeEnrolled,
)
from collateral.model.person import Role, address_fault, level_fault
from collateral.store.enrolments import Existing
from monitor_api.field_checks import (
    Complaint,
    above_zero,
    identity,
    on_earth,
    refers,
    same_farm,
    species,
)
from monitor_api.group_pledge_checks import over_pledged

VERSION = 1
LANGUAGES = ("zh", "en")
LEAST_PASSWORD = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where."""

    where: str  # such as tags[3].animal_id
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


@dataclass(frozen=True)
class Known:
    """What records may refer to: those of the file and those of the database."""

    branches: set[str]
    farms: dict[str, str]
    pens: dict[str, str]
    animals: dict[str, str]
    groups: dict[str, tuple[str, int]]
    gateways: dict[str, str]
    loans: dict[str, str]
    officers: dict[str, str]

    @classmethod
    def of(cls, e: Enrolment, there: Existing) -> Known:
        """Both together; where both know something, the file is newer."""
        return cls(
            branches=there.branches | {b.branch_id for b in e.branches},
            farms=there.farms | {f.farm_id: f.branch_id for f in e.farms},
            pens=there.pens | {p.pen_id: p.farm_id for p in e.pens},
            animals=there.animals | {a.animal_id: a.farm_id for a in e.animals},
            groups=there.groups | {g.group_id: (g.farm_id, g.head) for g in e.groups},
            gateways=there.gateways | {g.gateway_id: g.farm_id for g in e.gateways},
            loans=there.loans | {x.loan_id: x.branch_id for x in e.loans},
            officers=there.officers
            | {p.login: p.branch_id for p in e.people if p.role == Role.OFFICER and p.branch_id},
        )


def faults(enrolment: Enrolment, there: Existing) -> list[Fault]:
    """Everything that is wrong, in the order of the file. Empty: it can be written."""
    if enrolment.v != VERSION:
        return [Fault("v", f"this is version {enrolment.v}; only version {VERSION} can be read")]
    known = Known.of(enrolment, there)
    return [
        *_repeated(enrolment),
        *_each("people", enrolment.people, lambda p: _person(p, known, there)),
        *_each("farms", enrolment.farms, lambda f: _farm(f, known)),
        *_each("pens", enrolment.pens, lambda p: _pen(p, known)),
        *_each("animals", enrolment.animals, lambda a: _animal(a, known, there)),
        *_each("groups", enrolment.groups, lambda g: (*_in_pen(g, known), *above_zero(g, "head"))),
        *_each("gateways", enrolment.gateways, lambda g: _gateway(g, known)),
        *_each("cameras", enrolment.cameras, lambda c: _camera(c, known)),
        *_each("tags", enrolment.tags, lambda t: _tag(t, known, there)),
        *_each("loans", enrolment.loans, lambda x: _loan(x, known, there)),
        *_each("pledges", enrolment.pledges, lambda p: _pledge(p, known, there)),
        *_pledged_twice(enrolment),
        *(Fault(where, why) for where, why in over_pledged(enrolment, there)),
    ]


def _each(name: str, records: Iterable[Any], check: Callable[[Any], Iterable[Complaint]]) -> Iterator[Fault]:
    for index, record in enumerate(records):
        for field, why in check(record):
            yield Fault(f"{name}[{index}].{field}", why)


def _repeated(e: Enrolment) -> Iterator[Fault]:
    """What must be unique within the file."""
    yield from _twice("branches", "branch_id", [b.branch_id for b in e.branches])
    yield from _twice("people", "login", [p.login for p in e.people])
    yield from _twice("farms", "farm_id", [f.farm_id for f in e.farms])
    yield from _twice("pens", "pen_id", [p.pen_id for p in e.pens])
    yield from _twice("animals", "animal_id", [a.animal_id for a in e.animals])
    yield from _twice("animals", "identity", [f"{a.scheme} {a.identity}" for a in e.animals])
    yield from _twice("groups", "group_id", [g.group_id for g in e.groups])
    yield from _twice("gateways", "gateway_id", [g.gateway_id for g in e.gateways])
    yield from _twice("cameras", "camera_id", [c.camera_id for c in e.cameras])
    yield from _twice("tags", "tag_id", [t.tag_id for t in e.tags])
    yield from _twice("tags", "animal_id", [t.animal_id for t in e.tags])
    yield from _twice("loans", "loan_id", [x.loan_id for x in e.loans])
    yield from _twice("loans", "contract_no", [x.contract_no for x in e.loans])


def _twice(name: str, field: str, values: list[str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value in first:
            yield Fault(f"{name}[{index}].{field}", f"{value} is already at {name}[{first[value]}]")
        first.setdefault(value, index)


def _person(p: PersonEnrolled, known: Known, there: Existing) -> Iterator[Complaint]:
    if p.role not in set(Role):
        yield "role", f"{p.role} is none of {', '.join(Role)}"
    if p.language not in LANGUAGES:
        yield "language", f"{p.language} is none of {', '.join(LANGUAGES)}"
    if len(p.password) < LEAST_PASSWORD:
        yield "password", f"needs at least {LEAST_PASSWORD} characters"
    if p.branch_id is None and p.role in (Role.OFFICER, Role.FARM):
        yield "branch_id", f"role {p.role} needs a branch"
    if p.farm_id is None and p.role == Role.FARM:
        yield "farm_id", "role farm needs a farm"
    if p.branch_id is not None:
        yield from refers("branch_id", p.branch_id, known.branches)
    if p.farm_id is not None:
        yield from refers("farm_id", p.farm_id, known.farms)
        if p.branch_id and known.farms.get(p.farm_id, p.branch_id) != p.branch_id:
            yield "farm_id", f"{p.farm_id} belongs to branch {known.farms[p.farm_id]}, not {p.branch_id}"
    yield from _told(p, there)


def _told(p: PersonEnrolled, there: Existing) -> Iterator[Complaint]:
    if p.email is not None and (why := address_fault(p.email)):
        yield "email", why
    told_as = p.told_as or there.told_as.get(p.login)
    if told_as is not None and (why := level_fault(told_as, p.role, p.branch_id)):
        yield "told_as", why


def _farm(f: Any, known: Known) -> Iterator[Complaint]:
    yield from refers("branch_id", f.branch_id, known.branches)
    yield from on_earth(f.lat, f.lon)
    if f.timezone not in available_timezones():
        yield "timezone", f"{f.timezone} is no IANA time zone; write for instance Asia/Shanghai"


def _pen(p: PenEnrolled, known: Known) -> Iterator[Complaint]:
    yield from refers("farm_id", p.farm_id, known.farms)
    yield from species(p.species)
    if len(set(p.fence)) < 3:
        yield "fence", "needs at least three different corners"
    for lon, lat in p.fence:
        yield from (("fence", why) for _, why in on_earth(lat, lon))


def _animal(a: AnimalEnrolled, known: Known, there: Existing) -> Iterator[Complaint]:
    yield from _in_pen(a, known)
    yield from identity(a)
    if a.weight_kg is not None:
        yield from above_zero(a, "weight_kg")
    holder = there.identities.get((a.scheme, a.identity), a.animal_id)
    if holder != a.animal_id:
        yield "identity", f"{a.identity} is already that of {holder}"


def _in_pen(x: Any, known: Known) -> Iterator[Complaint]:
    yield from refers("farm_id", x.farm_id, known.farms)
    yield from refers("pen_id", x.pen_id, known.pens)
    yield from same_farm("pen_id", x.pen_id, known.pens, x.farm_id)
    yield from species(x.species)


def _gateway(g: Any, known: Known) -> Iterator[Complaint]:
    yield from refers("farm_id", g.farm_id, known.farms)
    yield from on_earth(g.lat, g.lon)
    yield from above_zero(g, "heartbeat_s")


def _camera(c: Any, known: Known) -> Iterator[Complaint]:
    yield from refers("farm_id", c.farm_id, known.farms)
    yield from refers("pen_id", c.pen_id, known.pens)
    yield from same_farm("pen_id", c.pen_id, known.pens, c.farm_id)
    yield from refers("gateway_id", c.gateway_id, known.gateways)
    yield from above_zero(c, "interval_s")


def _tag(t: Any, known: Known, there: Existing) -> Iterator[Complaint]:
    yield from refers("farm_id", t.farm_id, known.farms)
    yield from refers("animal_id", t.animal_id, known.animals)
    yield from above_zero(t, "interval_s")
    wearer = there.worn.get(t.tag_id, t.animal_id)
    if wearer != t.animal_id:
        yield "animal_id", f"tag {t.tag_id} is worn by {wearer}; end that first"
    other = there.tags_on.get(t.animal_id, t.tag_id)
    if other != t.tag_id:
        yield "animal_id", f"{t.animal_id} wears tag {other}; end that first"


def _loan(x: LoanEnrolled, known: Known, there: Existing) -> Iterator[Complaint]:
    yield from refers("branch_id", x.branch_id, known.branches)
    yield from above_zero(x, "principal_minor")
    if x.balance_minor < 0:
        yield "balance_minor", "must not be below 0"
    if not 0 < x.ltv_ceiling <= 1:
        yield "ltv_ceiling", f"{x.ltv_ceiling} is not a share above 0 and up to 1"
    if x.matures_on <= x.drawn_on:
        yield "matures_on", "must be after drawn_on"
    holder = there.contracts.get(x.contract_no, x.loan_id)
    if holder != x.loan_id:
        yield "contract_no", f"{x.contract_no} is already that of {holder}"
    if x.officer is not None and known.officers.get(x.officer) != x.branch_id:
        yield "officer", f"{x.officer} is no officer of branch {x.branch_id}"


def _pledge(p: PledgeEnrolled, known: Known, there: Existing) -> Iterator[Complaint]:
    yield from refers("loan_id", p.loan_id, known.loans)
    yield from above_zero(p, "head")
    if p.value_per_head_minor < 0:
        yield "value_per_head_minor", "must not be below 0"
    if (p.animal_id is None) == (p.group_id is None):
        yield "animal_id", "name one animal or one group"
        return
    if p.animal_id is not None:
        yield from _pledged_animal(p, p.animal_id, known, there)
    if p.group_id is not None:
        yield from _pledged_group(p, p.group_id, known)


def _pledged_animal(p: PledgeEnrolled, animal: str, known: Known, there: Existing) -> Iterator[Complaint]:
    yield from refers("animal_id", animal, known.animals)
    if p.head != 1:
        yield "head", "one animal is one head"
    holder = there.pledged.get(animal, p.loan_id)
    if holder != p.loan_id:
        yield "animal_id", f"{animal} is already pledged to {holder}"
    yield from _same_branch("animal_id", known.animals.get(animal), p.loan_id, known)


def _pledged_group(p: PledgeEnrolled, group: str, known: Known) -> Iterator[Complaint]:
    yield from refers("group_id", group, known.groups)
    farm, head = known.groups.get(group, (None, p.head))
    if p.head > head:
        yield "head", f"{p.head} head are pledged of the {head} in {group}"
    yield from _same_branch("group_id", farm, p.loan_id, known)


def _same_branch(field: str, farm: str | None, loan: str, known: Known) -> Iterator[Complaint]:
    """Who may see a loan must be able to see what secures it."""
    farms, loans = known.farms.get(farm or ""), known.loans.get(loan)
    if farms and loans and farms != loans:
        yield field, f"stands on a farm of branch {farms}, but {loan} is a loan of branch {loans}"


def _pledged_twice(e: Enrolment) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, pledge in enumerate(e.pledges):
        name, field = pledge.animal_id, "animal_id"
        if name is None:
            # A group may secure several loans, each loan once.
            name, field = f"{pledge.group_id} for {pledge.loan_id}", "group_id"
        if name in first:
            holder = e.pledges[first[name]].loan_id
            yield Fault(f"pledges[{index}].{field}", f"{name} is already pledged to {holder} at pledges[{first[name]}]")
        first.setdefault(name, index)
