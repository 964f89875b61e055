"""Comparing pledges between banks without showing them: keyed hashes of ear tags, RFIDs and farms (story A7). Pure.

Partner banks share a key per round (say, a quarter). Each lists HMAC-SHA256(key, round, scheme, number) of what it
holds; equal numbers give equal digests, and only those who hold the number too can tell which. A bare hash would not
do: there are some 10^12 well-formed ear tags, and a graphics card tries them all in minutes.

What it does not hide: whoever has the key can try numbers, so a partner that wants to can test whether a given animal
is on a list, or all of a county's serials. The length of a list tells how many animals a bank holds, and two lists of
one round tell what came and went between them. So a key is for one round, it is kept off disks where lists lie, and
lists carry no names, dates or values of animals. `docs/reference/pledge-check.md`.
"""

from __future__ import annotations

import csv
import hmac
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from collateral.contract import spreadsheet
from collateral.contract.spreadsheet import RowFault, TableRefused
from collateral.model.herd import IdentityScheme, Species
from collateral.model.pledge_match import FARM_SCHEME
from collateral.model.saying import Saying, say

KEY_CHECK = "key-check"
COLUMNS = ("scheme", "digest", "species", "pledged_from", "pledged_until")
LEAST_KEY_BYTES = 32
MOST_ROWS = 2_000_000
_PURPOSE = "herdlien/pledge/1"
_ANIMAL_SCHEMES = frozenset({IdentityScheme.CN_TAG.value, IdentityScheme.ISO_11784.value})
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RoundKey:
    """The key that the partner banks share in one round."""

    round: str
    secret: bytes

    def digest(self, scheme: str, number: str) -> bytes:
        """What stands on lists for a number."""
        return hmac.digest(self.secret, f"{_PURPOSE}\0{self.round}\0{scheme}\0{number}".encode(), "sha256")

    @property
    def check(self) -> bytes:
        """Tells a list made with another key, which would match nothing and look like good news."""
        return self.digest(KEY_CHECK, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPledge:
    """One pledged animal of ours: its numbers by scheme, and its farm's registration number, if it has one."""

    loan_id: str
    animal_id: str
    species: Species
    farm_id: str
    farm_no: str | None
    since: date
    until: date
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list. Species and days are told of farms only."""

    scheme: str
    digest: bytes
    species: str = ""
    pledged_from: date | None = None
    pledged_until: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A number, or a farm, that both hold."""

    loan_id: str
    scheme: str
    subject: str
    row: Listed


def own_list(pledges: Iterable[OwnPledge], key: RoundKey) -> bytes:
    """Our list for a round, as CSV. Sorted by digest, so that the order tells nothing."""
    animals: set[tuple[str, bytes]] = set()
    farms: dict[tuple[bytes, str], tuple[date, date]] = {}
    for pledge in pledges:
        animals |= {(scheme, key.digest(scheme, number)) for scheme, number in pledge.numbers}
        if pledge.farm_no:
            which = (key.digest(FARM_SCHEME, pledge.farm_no), pledge.species.value)
            begins, ends = farms.get(which, (pledge.since, pledge.until))
            farms[which] = (min(begins, pledge.since), max(ends, pledge.until))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow((KEY_CHECK, key.check.hex(), "", "", ""))
    writer.writerows((scheme, digest.hex(), "", "", "") for scheme, digest in sorted(animals, key=lambda a: a[1]))
    writer.writerows((FARM_SCHEME, d.hex(), s, begins, ends) for (d, s), (begins, ends) in sorted(farms.items()))
    return out.getvalue().encode()


def read_list(data: bytes, key: RoundKey) -> tuple[list[Listed], list[RowFault]]:
    """A partner's list: its good rows, each once, and what is wrong with the others. Raises TableRefused, also when it
    was made with another key."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fix = say("ask the partner for its list as it was made")
        raise _refused(1, "", "encoding", say("is not UTF-8"), fix) from error
    records = spreadsheet.records(text, ",")
    _, header = next(records, (1, []))
    if tuple(header) != COLUMNS:
        fix = say("ask for a list without any other column: names of customers are not wanted here")
        why = say("has not the columns {columns}", columns=COLUMNS)
        raise _refused(1, ",".join(header)[:80], "columns", why, fix)
    rows: dict[Listed, None] = {}
    faults: list[RowFault] = []
    proved = False
    for line, cells in records:
        row = _row(line, cells)
        if isinstance(row, RowFault):
            faults.append(row)
        elif row.scheme == KEY_CHECK:
            proved = hmac.compare_digest(row.digest, key.check)
        else:
            rows[row] = None
        if len(rows) > MOST_ROWS:
            raise _refused(line, "", "too_long", say("has more than {rows} rows", rows=MOST_ROWS),
                           say("ask for it in parts"))  # fmt: skip
    if not proved:
        fix = say("agree on the round with the partner; a list of another key would match nothing")
        raise _refused(1, "", KEY_CHECK, say("was not made with the key of round {round}", round=key.round), fix)
    return list(rows), faults


def wanted(pledges: Sequence[OwnPledge], key: RoundKey) -> dict[tuple[str, bytes], list[tuple[OwnPledge, str]]]:
    """What to look for on lists: (scheme, digest) -> our pledges, with the subject of a match."""
    found: dict[tuple[str, bytes], list[tuple[OwnPledge, str]]] = {}
    for pledge in pledges:
        for scheme, number in pledge.numbers:
            found.setdefault((scheme, key.digest(scheme, number)), []).append((pledge, pledge.animal_id))
        if pledge.farm_no:
            which = (FARM_SCHEME, key.digest(FARM_SCHEME, pledge.farm_no))
            found.setdefault(which, []).append((pledge, pledge.farm_id))
    return found


def hits(looked_for: dict[tuple[str, bytes], list[tuple[OwnPledge, str]]], rows: Iterable[Listed]) -> list[Hit]:
    """Which of our pledges stand on a list: numbers exactly; farms where species and time agree too."""
    found: dict[Hit, None] = {}
    for row in rows:
        for pledge, subject in looked_for.get((row.scheme, row.digest), ()):
            if row.scheme != FARM_SCHEME or (row.species == pledge.species.value and _overlap(row, pledge)):
                found[Hit(pledge.loan_id, row.scheme, subject, row)] = None
    return list(found)


def _overlap(row: Listed, pledge: OwnPledge) -> bool:
    """A day that is not told is no limit."""
    begins, ends = row.pledged_from or date.min, row.pledged_until or date.max
    return begins <= pledge.until and pledge.since <= ends


def _row(line: int, cells: list[str]) -> Listed | RowFault:
    if len(cells) != len(COLUMNS):
        return RowFault(
            line, "", ",".join(cells)[:80], "cells",
            say("has {cells} cells, not {columns}", cells=len(cells), columns=len(COLUMNS)), say("correct it"),
        )  # fmt: skip
    scheme, digest, species, begins, ends = cells
    if scheme not in {*_ANIMAL_SCHEMES, FARM_SCHEME, KEY_CHECK}:
        return RowFault(
            line, "scheme", scheme[:20], "scheme", say("is no scheme that is compared"),
            say("write cn-tag, iso-11784 or farm"),
        )  # fmt: skip
    if not _DIGEST.fullmatch(digest):
        # The value is not repeated: where a digest should be, a bank may have written the number itself.
        return RowFault(
            line, "digest", "", "digest", say("is no HMAC-SHA256 in hex"),
            say("have the partner hash it; delete this file"),
        )  # fmt: skip
    if scheme == FARM_SCHEME and species not in set(Species):
        return RowFault(
            line, "species", species[:20], "species", say("is no species that is known"),
            say("write cattle, sheep or pig"),
        )  # fmt: skip
    try:
        days = [date.fromisoformat(day) if day else None for day in (begins, ends)]
    except ValueError:
        days_told = f"{begins} {ends}"[:40]
        return RowFault(line, "pledged_from", days_told, "date", say("is no day"), say("write it as 2026-03-31"))
    return Listed(scheme, bytes.fromhex(digest), species if scheme == FARM_SCHEME else "", *days)


def _refused(line: int, value: str, code: str, why: Saying, fix: Saying) -> TableRefused:
    return TableRefused([RowFault(line, "", value, code, why, fix)])
