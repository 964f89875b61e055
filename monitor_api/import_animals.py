"""Importing a file of animals: check against the book, write the good rows, list the bad ones (story A1)."""

from __future__ import annotations

from collateral.book import enrolment_file
from collateral.book.enrolment_file import Checked, CountySource, Enrolled, Known, Row
from collateral.book.enrolment_table import read
from collateral.contract.enrolment import AnimalEnrolled, Enrolment, IdentityEnrolled, PledgeEnrolled, TagEnrolled
from collateral.model.herd import IdentityScheme
from collateral.store import enrolment_files, enrolments, pool
from collateral.store.enrolment_files import Held
from monitor_api.import_file import Wanted, fit, may_name, record

UNKNOWN_MODEL, HOURLY_S = "unknown", 3600  # what is said of a tag that only a file of animals has named


def run(connection: pool.Connection, data: bytes, wanted: Wanted) -> Checked:
    """Check `data` and, unless it is a dry run, write its good rows. All in one transaction, as the program itself.

    Raises ImportRefused, and TableRefused when the file is no table of animals.
    """
    lines, unread = read(data)
    named = enrolment_file.numbers(lines)
    with connection.transaction():
        enrolments.lock(connection)
        fit(connection, wanted)
        held = enrolment_files.held(connection, *named)
        checked = enrolment_file.check(lines, unread, _known(connection, held, wanted), wanted.now.date())
        if not wanted.dry_run:
            _write(connection, data, checked, held, wanted)
    return checked


def _known(connection: pool.Connection, held: Held, wanted: Wanted) -> Known:
    counties = wanted.counties or enrolment_files.counties(connection)
    source: CountySource = "configured" if wanted.counties else "enrolled" if counties else "provinces"
    return Known(
        farm_id=wanted.farm_id, loan_id=wanted.loan_id, pens=enrolment_files.pens(connection, wanted.farm_id),
        counties=counties, counties_from=source, animals=held.animals, rfids=held.rfids, euis=held.euis,
        may_name=may_name(connection, wanted),
    )  # fmt: skip


def _write(connection: pool.Connection, data: bytes, checked: Checked, held: Held, wanted: Wanted) -> None:
    if not checked.changed:
        return
    enrolments.write(connection, _enrolment(checked.changed, held, wanted), {})
    record(connection, data, checked, wanted, "animal_id", lambda row: row.animal.animal_id)


def _enrolment(rows: list[Row], held: Held, wanted: Wanted) -> Enrolment:
    """The rows as the records that an enrolment is made of."""
    animals = [row.animal for row in rows]
    return Enrolment(
        v=1, branches=[], people=[], farms=[], pens=[], groups=[], gateways=[], cameras=[], loans=[],
        animals=[_animal(a) for a in animals],
        tags=[_tag(a, a.dev_eui, held, wanted) for a in animals if a.dev_eui and a.dev_eui not in held.euis],
        identities=[_rfid(a, a.rfid, wanted) for a in animals if a.rfid and a.rfid not in held.rfids],
        pledges=[_pledge(a, wanted.loan_id, wanted) for a in animals if wanted.loan_id],
    )  # fmt: skip


def _animal(a: Enrolled) -> AnimalEnrolled:
    return AnimalEnrolled(
        animal_id=a.animal_id, farm_id=a.farm_id, pen_id=a.pen, species=a.species, scheme=IdentityScheme.CN_TAG,
        identity=a.ear_tag, born=a.born, weight_kg=a.weight_kg, breed=a.breed,
    )  # fmt: skip


def _tag(a: Enrolled, dev_eui: str, held: Held, wanted: Wanted) -> TagEnrolled:
    model, interval = held.tags.get(dev_eui, (UNKNOWN_MODEL, HOURLY_S))
    return TagEnrolled(
        tag_id=dev_eui, farm_id=a.farm_id, animal_id=a.animal_id, model=model, since=wanted.now, interval_s=interval
    )


def _rfid(a: Enrolled, number: str, wanted: Wanted) -> IdentityEnrolled:
    return IdentityEnrolled(animal_id=a.animal_id, scheme=IdentityScheme.ISO_11784, number=number, since=wanted.now)


def _pledge(a: Enrolled, loan_id: str, wanted: Wanted) -> PledgeEnrolled:
    return PledgeEnrolled(
        loan_id=loan_id, head=1, value_per_head_minor=a.value_minor or 0, since=wanted.now, animal_id=a.animal_id
    )
