"""A folder of evidence at the edge or on a desk: each record and picture under the hash of its bytes.

`<root>/<first two digits>/<sha256>.json` and `.jpg`. Where there is a database, it keeps both; this is for places that
have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collateral.contract.evidence import EvidenceRecord, fingerprint, read_record
from collateral.evidence.chain import Fault, Kept, Link, Verified, verify
from vision.durable import sync_names, write_whole
from vision.errors import VisionError
from vision.evidence.making import Evidence

RECORD, PICTURE = ".json", ".jpg"


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many records went, with their pictures, and how many bytes."""

    records: int
    freed: int


@dataclass(frozen=True, slots=True)
class Checked:
    """`whole`: the chains and faults; `pictures_gone`: records whose picture is not here."""

    whole: Verified
    pictures_gone: int


class EvidenceFolder:
    """Records and pictures below `root`. One program writes, any may read."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, evidence: Evidence) -> Path:
        """Write both durably, the picture first; where its record lies. Writing the same again changes nothing."""
        self._write(fingerprint(evidence.jpeg), PICTURE, evidence.jpeg)
        return self._write(evidence.name, RECORD, evidence.record)

    def links(self) -> dict[str, Link]:
        """Per camera, where the next record of its newest chain hangs. Raises VisionError when that one was changed."""
        newest = {record.camera: kept for record, kept in self._in_order()}
        return {camera: self._after(kept) for camera, kept in newest.items()}

    def check(self, newest: dict[str, str] | None = None) -> Checked:
        """Every chain followed, and every picture held against its name."""
        kept = [one for _, one in self._in_order()]
        unreadable = [self._kept(path) for path in self._paths(RECORD) if self._record(path) is None]
        found = verify([*kept, *unreadable], newest)
        changed = [
            Fault("", None, f"picture {path.stem[:12]} was changed")
            for path in self._paths(PICTURE)
            if fingerprint(path.read_bytes()) != path.stem
        ]
        gone = sum(not self.path(record.picture_sha256, PICTURE).is_file() for record, _ in self._in_order())
        return Checked(Verified(found.records, found.chains, (*found.faults, *changed)), gone)

    def prune(
        self, *, before: datetime | None = None, most_bytes: int | None = None, hold_since: datetime | None = None
    ) -> Pruned:
        """Remove the oldest: those captured before `before`, then what exceeds `most_bytes`.

        hold_since: what an open case holds. Nothing captured from then on goes, whatever the other two say.
        """
        rows = sorted(self._in_order(), key=lambda row: row[0].captured_at)
        total, records, freed = self.size(), 0, 0
        for record, kept in rows:
            old = before is not None and record.captured_at < before
            large = most_bytes is not None and total - freed > most_bytes
            if (hold_since is not None and record.captured_at >= hold_since) or not (old or large):
                break
            freed += self._remove(record.picture_sha256, PICTURE) + self._remove(kept.name, RECORD)
            records += 1
        return Pruned(records, freed)

    def size(self) -> int:
        """Bytes of all records and pictures."""
        return sum(path.stat().st_size for ending in (RECORD, PICTURE) for path in self._paths(ending))

    def path(self, sha256: str, ending: str) -> Path:
        """Where the bytes with this hash lie, or would."""
        return self._root / sha256[:2] / f"{sha256}{ending}"

    def _paths(self, ending: str) -> Iterator[Path]:
        yield from sorted(self._root.glob(f"??/*{ending}"))

    def _in_order(self) -> list[tuple[EvidenceRecord, Kept]]:
        read = [(self._record(path), path) for path in self._paths(RECORD)]
        known = [(record, self._kept(path)) for record, path in read if record is not None]
        return sorted(known, key=lambda row: (row[0].camera, row[0].chain_since, row[0].number))

    @staticmethod
    def _kept(path: Path) -> Kept:
        return Kept(path.stem, path.read_bytes())

    @staticmethod
    def _record(path: Path) -> EvidenceRecord | None:
        try:
            return read_record(path.read_bytes())
        except ValueError:
            return None

    @staticmethod
    def _after(kept: Kept) -> Link:
        if fingerprint(kept.content) != kept.name:
            raise VisionError(f"evidence {kept.name[:12]} was changed: run `python -m vision evidence verify` first")
        return Link.after(kept.content)

    def _write(self, sha256: str, ending: str, content: bytes) -> Path:
        target = self.path(sha256, ending)
        if target.is_file():
            return target
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Another that was faster wrote the same bytes: the name says so.
            write_whole(target, content, replace=False)
            sync_names(target.parent)
        except OSError as error:
            raise VisionError(f"evidence cannot be kept in {self._root} ({error.strerror}): make room there") from error
        return target

    def _remove(self, sha256: str, ending: str) -> int:
        path = self.path(sha256, ending)
        if not path.is_file():
            return 0
        size = path.stat().st_size
        path.unlink()
        return size
