"""A tag or ear tag replaced by another: the old one ends, the new one begins. In the caller's transaction."""

from __future__ import annotations

from datetime import datetime

import psycopg

from collateral.model.saying import Refusal, say

_END = "UPDATE tag_assignment SET until = %(at)s WHERE animal_id = %(animal)s AND until IS NULL AND since < %(at)s"
_TAG = """
INSERT INTO tag (tag_id, farm_id, model, interval_s)
SELECT %(tag)s, farm_id, 'unknown', 3600 FROM animal WHERE animal_id = %(animal)s
ON CONFLICT (tag_id) DO NOTHING
"""
_BEGIN = "INSERT INTO tag_assignment (tag_id, animal_id, since) VALUES (%(tag)s, %(animal)s, %(at)s)"
_OLD_NUMBER = """
INSERT INTO animal_identity (animal_id, scheme, number, since, until)
SELECT animal_id, scheme, identity, coalesce(
    (SELECT max(until) FROM animal_identity i WHERE i.animal_id = a.animal_id AND i.scheme = a.scheme), '1970-01-01Z'), %(at)s
FROM animal a WHERE animal_id = %(animal)s
"""
_NEW_NUMBER = "UPDATE animal SET identity = %(number)s WHERE animal_id = %(animal)s"


class NumberTaken(Refusal):
    """The new tag or number is borne by another animal; read it again."""


def retag(connection: psycopg.Connection, animal_id: str, tag_id: str, at: datetime) -> None:
    """From `at` on the animal wears `tag_id`. Raises NumberTaken, also when its present tag is newer than `at`."""
    said = {"animal": animal_id, "tag": tag_id, "at": at}
    try:
        with connection.transaction():
            connection.execute(_END, said)
            connection.execute(_TAG, said)
            connection.execute(_BEGIN, said)
    except (psycopg.errors.UniqueViolation, psycopg.errors.InsufficientPrivilege) as error:
        raise NumberTaken(
            say("{tag} is worn by another animal, or {animal} wears a newer tag; read it again",
                tag=tag_id, animal=animal_id)
        ) from error  # fmt: skip


def renumber(connection: psycopg.Connection, animal_id: str, number: str, at: datetime) -> None:
    """From `at` on the animal bears another official number; the old one stays on record. Raises NumberTaken."""
    said = {"animal": animal_id, "number": number, "at": at}
    try:
        with connection.transaction():
            connection.execute(_OLD_NUMBER, said)
            connection.execute(_NEW_NUMBER, said)
    except psycopg.errors.UniqueViolation as error:
        raise NumberTaken(say("{number} is or was borne by another animal; read it again", number=number)) from error
