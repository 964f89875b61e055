"""What happened to devices: joins, batteries, what recorders saw, and what hints at an attack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString

import psycopg
from psycopg.types.json import Jsonb


class EventSeverity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEventRow:
    """One row of `device_event`; with the same device, kind, source and key it is the same event."""

    device_id: str
    kind: str
    at: datetime
    received_at: datetime
    source: str
    event_key: str
    severity: EventSeverity = EventSeverity.INFO
    particulars: Mapping[str, Any] = field(default_factory=dict)


# Sorted, so that two ingesters never wait for one another in a circle.
_ADD: LiteralString = """
INSERT INTO device_event (device_id, kind, at, received_at, severity, source, event_key, particulars)
SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
                     %s::jsonb[])
ON CONFLICT DO NOTHING
"""


def add_events(connection: psycopg.Connection, rows: Sequence[DeviceEventRow]) -> int:
    """Store what happened; how many were new."""
    ordered = sorted(rows, key=lambda row: (row.device_id, row.kind, row.source, row.event_key))
    columns = (
        [row.device_id for row in ordered],
        [row.kind for row in ordered],
        [row.at for row in ordered],
        [row.received_at for row in ordered],
        [row.severity.value for row in ordered],
        [row.source for row in ordered],
        [row.event_key for row in ordered],
        [Jsonb(dict(row.particulars)) for row in ordered],
    )
    return max(0, connection.execute(_ADD, columns).rowcount)
