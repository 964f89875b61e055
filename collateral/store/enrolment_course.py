"""What has become of single animals since they were enrolled, so that an older file undoes none of it.

What the file says beside that is written. Who wrote the file is told what was left as it is, and why: `Older.kept`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.rows import class_row

# Only of animals that something has become of. Pledges and tags that ended are few, and are gathered first.
_BECAME = """
WITH released AS (
    SELECT animal_id, array_agg(loan_id) AS loans, max(until) AS at FROM pledge
    WHERE until IS NOT NULL AND animal_id IS NOT NULL GROUP BY animal_id
), untagged AS (
    SELECT animal_id, jsonb_object_agg(tag_id, at) AS tags FROM (
        SELECT animal_id, tag_id, extract(epoch FROM max(until)) AS at FROM tag_assignment
        WHERE until IS NOT NULL GROUP BY animal_id, tag_id
    ) ended GROUP BY animal_id
), became AS (
    SELECT a.animal_id, a.farm_id, a.pen_id, a.scheme, a.identity, a.status <> 'present' AS is_gone,
           EXISTS (SELECT FROM pledge p WHERE p.animal_id = a.animal_id AND p.until IS NULL) AS is_pledged,
           EXISTS (SELECT FROM animal_was w WHERE w.animal_id = a.animal_id) AS has_moved,
           ARRAY(SELECT i.number FROM animal_identity i
                 WHERE i.animal_id = a.animal_id AND i.scheme = a.scheme AND i.until IS NOT NULL) AS former_numbers,
           coalesce(released.loans, '{}') AS released_from, released.at AS released_at, untagged.tags AS tags_off
    FROM animal a LEFT JOIN released USING (animal_id) LEFT JOIN untagged USING (animal_id)
    WHERE a.animal_id = ANY(%(animals)s)
)
SELECT * FROM became
WHERE is_gone OR has_moved OR former_numbers <> '{}' OR released_from <> '{}' OR tags_off IS NOT NULL
"""


class Kept(StrEnum):
    """What an older file does not undo, and how it is said."""

    GONE = "gone by the book: neither pledged nor tagged again"
    RELEASED = "released: not pledged again"
    PEN = "moved: in the pen that the book has"
    NUMBER = "renumbered: with the newer number"
    TAG = "without its former tag: not tagged with it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """One animal as the book has it. `released_at`: when its last pledge ended. `tags_off`: when each former tag was
    taken off, in seconds since 1970."""

    animal_id: str
    farm_id: str
    pen_id: str
    scheme: str
    identity: str
    is_pledged: bool
    is_gone: bool
    has_moved: bool
    former_numbers: list[str]
    released_from: list[str]
    released_at: datetime | None
    tags_off: dict[str, float] | None

    @property
    def has_left(self) -> bool:
        """Not there any more, and it secures nothing."""
        return self.is_gone and not self.is_pledged

    def was_released(self, loan_id: str, since: datetime) -> bool:
        """Whether a pledge to this loan from `since` on is one that ended, or would have stood beside one that did."""
        ended = loan_id in self.released_from or (self.released_at is not None and since < self.released_at)
        return ended and not self.is_pledged

    def took_off(self, tag_id: str, since: datetime) -> bool:
        """Whether wearing this tag from `since` on is what ended later."""
        return since.timestamp() < (self.tags_off or {}).get(tag_id, float("-inf"))


@dataclass
class Older:
    """A file, against what has become of its animals. Each call gives the rows that may be written."""

    became: Mapping[str, Became]
    _kept: dict[Kept, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def kept(self) -> dict[Kept, int]:
        """How many animals were left as they are, and why."""
        return {why: len(self._kept[why]) for why in Kept if why in self._kept}

    def animals(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without those that have left; the others with the place and number that they have by now."""
        return [self._placed(row) for row in rows if not self._has_left(row["animal_id"])]

    def pledges(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without those that have ended."""
        return [row for row in rows if not self._has_left(row["animal_id"]) and not self._was_released(row)]

    def tags(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without those that were taken off."""
        return [row for row in rows if not self._has_left(row["animal_id"]) and not self._took_off(row)]

    def _placed(self, row: dict[str, Any]) -> dict[str, Any]:
        became = self.became.get(row["animal_id"])
        if became is None:
            return row
        now: dict[str, Any] = {}
        if became.has_moved and (row["farm_id"], row["pen_id"]) != (became.farm_id, became.pen_id):
            now |= {"farm_id": became.farm_id, "pen_id": became.pen_id}
            self._kept[Kept.PEN].add(became.animal_id)
        if row["scheme"] == became.scheme and row["identity"] in became.former_numbers:
            now["identity"] = became.identity
            self._kept[Kept.NUMBER].add(became.animal_id)
        return row | now

    def _has_left(self, animal_id: str) -> bool:
        became = self.became.get(animal_id)
        return became is not None and became.has_left and self._keep(Kept.GONE, animal_id)

    def _was_released(self, row: dict[str, Any]) -> bool:
        became = self.became.get(row["animal_id"])
        released = became is not None and became.was_released(row["loan_id"], row["since"])
        return released and self._keep(Kept.RELEASED, row["animal_id"])

    def _took_off(self, row: dict[str, Any]) -> bool:
        became = self.became.get(row["animal_id"])
        taken = became is not None and became.took_off(row["tag_id"], row["since"])
        return taken and self._keep(Kept.TAG, row["animal_id"])

    def _keep(self, why: Kept, animal_id: str) -> bool:
        self._kept[why].add(animal_id)
        return True


def older(connection: psycopg.Connection, animals: Iterable[str]) -> Older:
    """What has become of these animals; programs only, for a pledge to a loan of another branch counts too."""
    with connection.cursor(row_factory=class_row(Became)) as cursor:
        found = cursor.execute(_BECAME, {"animals": list(animals)}).fetchall()
    return Older({became.animal_id: became for became in found})
