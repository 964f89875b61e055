"""Head counts and the pictures that were counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg
from psycopg.types.json import Jsonb

Box = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCountRow:
    """One row of `head_count`; `low`, `best`, `high` None: the camera could not see."""

    camera_id: str
    sequence: int
    captured_at: datetime
    counted_at: datetime
    received_at: datetime
    gateway_id: str
    low: int | None
    best: int | None
    high: int | None
    unknown_because: str | None
    method: str
    model_version: str
    frame_sha256: str
    boxes: list[Box]
    took_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRow:
    """One frame that came, under the hash of its bytes; `jpeg` None: they are not kept."""

    sha256: str
    camera_id: str
    captured_at: datetime
    received_at: datetime
    jpeg: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """What a count rests on: its record in canonical JSON, and the picture of its frame without recognisable people."""

    record_sha256: str
    frame_sha256: str
    camera_id: str
    chain_since: datetime
    number: int
    captured_at: datetime
    received_at: datetime
    record: str
    picture_sha256: str
    picture: bytes


_COUNT: LiteralString = """
INSERT INTO head_count (camera_id, sequence, captured_at, counted_at, received_at, gateway_id, low, best, high,
                        unknown_because, method, model_version, frame_sha256, boxes, took_ms)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_FRAME: LiteralString = """
INSERT INTO evidence (sha256, kind, media_type, source, captured_at, received_at, content)
VALUES (%s, 'frame', 'image/jpeg', %s, %s, %s, %b)
ON CONFLICT DO NOTHING
"""

_RECORD: LiteralString = """
INSERT INTO evidence_record (record_sha256, frame_sha256, camera_id, chain_since, number, captured_at, received_at,
                             content)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
# The picture may come before its frame, and again when a frame is counted twice: the first one stays.
_SHOWN: LiteralString = """
INSERT INTO evidence (sha256, kind, media_type, source, captured_at, received_at, picture_sha256, picture)
VALUES (%s, 'frame', 'image/jpeg', %s, %s, %s, %s, %b)
ON CONFLICT (sha256) DO UPDATE SET picture_sha256 = EXCLUDED.picture_sha256, picture = EXCLUDED.picture
WHERE evidence.picture IS NULL AND evidence.source = EXCLUDED.source
"""


def add_counts(connection: psycopg.Connection, rows: Sequence[HeadCountRow]) -> int:
    """Store head counts; how many were new."""
    values = [
        (
            row.camera_id, row.sequence, row.captured_at, row.counted_at, row.received_at, row.gateway_id,
            row.low, row.best, row.high, row.unknown_because, row.method, row.model_version,
            row.frame_sha256, Jsonb(row.boxes), row.took_ms,
        )
        for row in rows
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, values)
        return max(0, cursor.rowcount)


def add_evidence(connection: psycopg.Connection, rows: Sequence[EvidenceRow]) -> int:
    """Keep records, and the pictures that they name where their frames have none yet; how many records were new."""
    records = [
        (
            row.record_sha256, row.frame_sha256, row.camera_id, row.chain_since, row.number, row.captured_at,
            row.received_at, row.record,
        )
        for row in rows
    ]  # fmt: skip
    shown = [
        (row.frame_sha256, row.camera_id, row.captured_at, row.received_at, row.picture_sha256, row.picture)
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SHOWN, shown)
        cursor.executemany(_RECORD, records)
        return max(0, cursor.rowcount)


def add_frames(connection: psycopg.Connection, rows: Sequence[FrameRow]) -> int:
    """Keep pictures as evidence; how many were new."""
    values = [(row.sha256, row.camera_id, row.captured_at, row.received_at, row.jpeg) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(_FRAME, values)
        return max(0, cursor.rowcount)
