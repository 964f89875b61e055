"""Loading an enrolment file: all of it or nothing, and nothing changes when it is loaded again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from collateral.contract import enrolment as contract
from collateral.contract.enrolment import Enrolment
from collateral.store import enrolments, pool
from collateral.store.enrolments import Written
from monitor_api import passwords
from monitor_api.enrolment_checks import Fault, faults


class EnrolmentRefused(ValueError):
    """The file was not loaded; `faults` says which record, which field and why."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__(f"nothing was loaded: {len(found)} fault{'s' if len(found) > 1 else ''}")
        self.faults = found


def read(path: Path) -> Enrolment:
    """The enrolment in a file. Raises EnrolmentRefused."""
    try:
        return contract.read(path.read_bytes())
    except OSError as error:
        raise EnrolmentRefused([Fault(str(path), f"cannot be read: {error.strerror}")]) from error
    except msgspec.DecodeError as error:  # ValidationError too
        why, _, where = str(error).partition(" - at `$.")
        raise EnrolmentRefused([Fault(where.rstrip("`") or path.name, why)]) from error


def load(dsn: str, enrolment: Enrolment, *, hash_password: Callable[[str], str] = passwords.hashed) -> Written:
    """Write an enrolment; returns what it changed, and what it left as it is. Raises EnrolmentRefused."""
    with pool.connect(dsn) as connection, connection.transaction():
        enrolments.lock(connection)
        there = enrolments.existing(connection)
        found = faults(enrolment, there)
        if found:
            raise EnrolmentRefused(found)
        return enrolments.write(connection, enrolment, _hashes(enrolment, there.password_hashes, hash_password))


def _hashes(enrolment: Enrolment, there: dict[str, str], hash_password: Callable[[str], str]) -> dict[str, str]:
    """A hash per login. One that fits already is kept: every new hash of the same password looks different."""
    hashes = {}
    for person in enrolment.people:
        old = there.get(person.login)
        keep = old is not None and passwords.fits(person.password, old)
        hashes[person.login] = old if keep and old else hash_password(person.password)
    return hashes
