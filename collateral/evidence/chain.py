"""The chain of a camera's evidence records: adding to it, and finding what was changed, removed or moved.

What it cannot find alone: that the newest records were cut off, or that all were written anew by somebody who had the
place to himself. For that, tell `verify` the newest name that was seen elsewhere: the bank's database has every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, structs

from collateral.contract.evidence import BEGIN, EvidenceRecord, canonical, fingerprint, read_record


@dataclass(frozen=True, slots=True)
class Link:
    """Where the next record of a chain hangs. `begins`: why the chain begins with it; None where nobody says."""

    chain_since: datetime
    number: int
    previous: str
    begins: str | None = None

    @classmethod
    def first(cls, now: datetime, begins: str | None = None) -> Link:
        """The place of a new chain's first record."""
        return cls(now, 1, BEGIN, begins)

    @classmethod
    def after(cls, content: bytes) -> Link:
        """The place after the record in these canonical bytes."""
        record = read_record(content)
        return cls(record.chain_since, record.number + 1, fingerprint(content))


def rehung(content: bytes, link: Link) -> bytes:
    """The record in these canonical bytes, at another place."""
    begins = UNSET if link.begins is None else link.begins
    place = {"chain_since": link.chain_since, "number": link.number, "previous": link.previous}
    return canonical(structs.replace(read_record(content), **place, chain_begins=begins))


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it lies there: the name it goes by, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written. `number` None where the record does not say."""

    camera: str
    number: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A run of records of one camera that belong together, numbered `first` to `last`; `newest` names the last.

    begins: why it begins, where its first record is there and says so.
    """

    camera: str
    since: datetime
    first: int
    last: int
    newest: str
    begins: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. Whole when there are no faults."""

    records: int
    chains: tuple[Chain, ...]
    faults: tuple[Fault, ...]


def verify(kept: Iterable[Kept], newest: Mapping[str, str] | None = None) -> Verified:
    """Follow the records in the order given, each camera on its own.

    newest: per camera, the name of a record that must be there, seen elsewhere; it finds a cut-off end.
    A chain may begin after number 1, because what is too old is removed from the front.
    """
    following, count = _Following(), 0
    for count, one in enumerate(kept, 1):  # noqa: B007
        following.take(one)
    chains = tuple(chain for chain in following.chains.values())
    return Verified(count, chains, (*following.faults, *_cut_off(following.names, newest or {})))


def _cut_off(names: set[str], newest: Mapping[str, str]) -> list[Fault]:
    gone = [(camera, name) for camera, name in sorted(newest.items()) if name not in names]
    return [Fault(camera, None, f"record {name[:12]}, which was seen elsewhere, is missing") for camera, name in gone]


class _Following:
    """How far each chain has been followed."""

    def __init__(self) -> None:
        self.chains: dict[tuple[str, datetime], Chain] = {}
        self.faults: list[Fault] = []
        self.names: set[str] = set()

    def take(self, one: Kept) -> None:
        """The next record."""
        name = fingerprint(one.content)
        try:
            record = read_record(one.content)
        except ValueError as error:
            self.faults.append(Fault("", None, f"{one.name[:12]} is no record: {error}"))
            return
        if name != one.name:
            self._fault(record, f"was changed: it goes by {one.name[:12]} and is {name[:12]}")
        self._hang(record, name)
        self.names.add(name)

    def _hang(self, record: EvidenceRecord, name: str) -> None:
        key = (record.camera, record.chain_since)
        last = self.chains.get(key)
        if last is None:
            if (record.number == 1) != (record.previous == BEGIN):
                self._fault(record, "is no beginning: its number and the name of the one before do not fit")
            first, begins = record.number, record.chain_begins or ""
        else:
            self._fit(record, last)
            first, begins = last.first, last.begins
        self.chains[key] = Chain(record.camera, record.chain_since, first, record.number, name, begins)

    def _fit(self, record: EvidenceRecord, last: Chain) -> None:
        if record.number > last.last + 1:
            self._fault(record, f"{record.number - last.last - 1} missing before it, from number {last.last + 1}")
        elif record.number <= last.last:
            self._fault(record, f"stands after number {last.last}: out of order, or written twice")
        elif record.previous != last.newest:
            self._fault(record, f"does not follow number {last.last}: one of the two was changed")

    def _fault(self, record: EvidenceRecord, says: str) -> None:
        self.faults.append(Fault(record.camera, record.number, says))
