"""Gateways, cameras and tags: when each was last heard."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from collateral.book.reconcile import COUNT_FRESH
from collateral.contract.http import CameraRecord, Count, Freshness, GatewayRecord, Named, TagTally

FRESH_INTERVALS = 3
SILENT_AFTER = timedelta(hours=24)
LOOK_BACK = timedelta(days=14)  # unheard for longer counts as never heard
LOW_BATTERY_PCT = 20.0
MISSING_WITHIN = timedelta(hours=24)

_GATEWAYS = """
SELECT g.gateway_id, g.heartbeat_s, g.latitude, g.longitude, f.farm_id, f.name_zh, f.name_en,
       s.state, s.received_at, s.unsent, s.oldest_unsent_at,
       coalesce(gap.missing, 0) AS missing, coalesce(mail.unreadable, 0) AS unreadable
FROM gateway g
JOIN farm f ON f.farm_id = g.farm_id
LEFT JOIN LATERAL (
    SELECT state, received_at, unsent, oldest_unsent_at FROM gateway_status
    WHERE gateway_id = g.gateway_id AND received_at <= %(now)s
    ORDER BY received_at DESC LIMIT 1
) s ON true
LEFT JOIN (
    SELECT device_id, sum(last_missing - first_missing + 1)::bigint AS missing FROM device_gap
    WHERE kind = 'gateway' AND closed_at IS NULL GROUP BY device_id
) gap ON gap.device_id = g.gateway_id
LEFT JOIN (
    SELECT device_id, count(*) AS unreadable FROM quarantine
    WHERE replayed_at IS NULL AND last_received_at > %(yesterday)s AND last_received_at <= %(now)s GROUP BY device_id
) mail ON mail.device_id = g.gateway_id
WHERE (%(farm)s::text IS NULL OR g.farm_id = %(farm)s)
ORDER BY g.gateway_id
"""

_CAMERAS = """
SELECT c.camera_id, c.pen_id, pen.name AS pen_name, c.gateway_id, c.interval_s, f.farm_id, f.name_zh, f.name_en,
       h.captured_at, h.low, h.best, h.high, h.unknown_because, h.frame_sha256
FROM camera c
JOIN farm f ON f.farm_id = c.farm_id
JOIN pen ON pen.pen_id = c.pen_id
LEFT JOIN LATERAL (
    SELECT captured_at, low, best, high, unknown_because, frame_sha256 FROM head_count
    WHERE camera_id = c.camera_id AND captured_at <= %(now)s
    ORDER BY captured_at DESC, sequence DESC LIMIT 1
) h ON true
ORDER BY c.camera_id
"""

# Only tags that somebody wears: a tag in a drawer is not silent.
_TAGS = """
SELECT f.farm_id, f.name_zh, f.name_en, count(*) AS total,
       count(*) FILTER (WHERE %(now)s - heard.measured_at <= t.interval_s * %(fresh)s * interval '1 second') AS fresh,
       count(*) FILTER (WHERE %(now)s - heard.measured_at > t.interval_s * %(fresh)s * interval '1 second'
                          AND %(now)s - heard.measured_at <= %(silent_after)s) AS stale,
       count(*) FILTER (WHERE %(now)s - heard.measured_at > t.interval_s * %(fresh)s * interval '1 second'
                          AND %(now)s - heard.measured_at > %(silent_after)s) AS silent,
       count(*) FILTER (WHERE heard.measured_at IS NULL) AS never,
       count(*) FILTER (WHERE heard.battery_pct < %(low)s) AS low_battery,
       count(gap.device_id) AS with_gaps, coalesce(sum(gap.missing), 0)::bigint AS missing_readings
FROM tag t
JOIN farm f ON f.farm_id = t.farm_id
LEFT JOIN LATERAL (
    SELECT measured_at, battery_pct FROM reading
    WHERE tag_id = t.tag_id AND measured_at > %(since)s AND measured_at <= %(now)s
    ORDER BY measured_at DESC, sequence DESC LIMIT 1
) heard ON true
LEFT JOIN (
    SELECT device_id, sum(last_missing - first_missing + 1) AS missing FROM device_gap
    WHERE kind = 'tag' AND closed_at IS NULL AND before_at > %(yesterday)s AND before_at <= %(now)s
    GROUP BY device_id
) gap ON gap.device_id = t.tag_id
WHERE EXISTS (SELECT FROM tag_assignment w
              WHERE w.tag_id = t.tag_id AND w.since <= %(now)s AND coalesce(w.until > %(now)s, true))
GROUP BY f.farm_id, f.name_zh, f.name_en
ORDER BY f.farm_id
"""


def gateways(connection: psycopg.Connection, now: datetime, farm_id: str | None = None) -> list[GatewayRecord]:
    """The gateways of one farm, or of every farm the caller may see."""
    bounds = {"now": now, "farm": farm_id, "yesterday": now - MISSING_WITHIN}
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_gateway(row, now) for row in cursor.execute(_GATEWAYS, bounds)]


def cameras(connection: psycopg.Connection, now: datetime) -> list[CameraRecord]:
    """Every camera the caller may see, with its newest count."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_camera(row, now) for row in cursor.execute(_CAMERAS, {"now": now})]


def tags(connection: psycopg.Connection, now: datetime) -> list[TagTally]:
    """Worn tags per farm, by how long ago they were heard."""
    bounds = {
        "now": now, "since": now - LOOK_BACK, "fresh": FRESH_INTERVALS, "silent_after": SILENT_AFTER,
        "low": LOW_BATTERY_PCT, "yesterday": now - MISSING_WITHIN,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        return [TagTally.model_validate({**row, "farm": _farm(row)}) for row in cursor.execute(_TAGS, bounds)]


def freshness(heard_at: datetime | None, interval_s: int, now: datetime) -> Freshness:
    """How a device that should speak every `interval_s` seconds stands."""
    if heard_at is None:
        return "never"
    age = now - heard_at
    if age <= timedelta(seconds=FRESH_INTERVALS * interval_s):
        return "fresh"
    return "stale" if age <= SILENT_AFTER else "silent"


def _gateway(row: dict[str, Any], now: datetime) -> GatewayRecord:
    return GatewayRecord(
        gateway_id=row["gateway_id"], farm=_farm(row), state=_state(row, now), last_heard_at=row["received_at"],
        unsent=row["unsent"] or 0, oldest_unsent_at=row["oldest_unsent_at"], latitude=row["latitude"],
        longitude=row["longitude"], missing_messages=row["missing"], unreadable_24h=row["unreadable"],
    )  # fmt: skip


def _state(row: dict[str, Any], now: datetime) -> Literal["online", "offline", "silent", "never"]:
    if row["received_at"] is None:
        return "never"
    if row["state"] == "offline":
        return "offline"
    return "silent" if now - row["received_at"] > timedelta(seconds=2 * row["heartbeat_s"]) else "online"


def _camera(row: dict[str, Any], now: datetime) -> CameraRecord:
    return CameraRecord(
        camera_id=row["camera_id"], farm=_farm(row), pen_id=row["pen_id"], pen_name=row["pen_name"],
        gateway_id=row["gateway_id"], last_count=_last_count(row, now), last_frame_sha256=row["frame_sha256"],
        freshness=freshness(row["captured_at"], row["interval_s"], now),
    )  # fmt: skip


def _last_count(row: dict[str, Any], now: datetime) -> Count:
    """An old count is not a count: it becomes unknown, with the time it was made."""
    if row["captured_at"] is None:
        return Count(low=None, best=None, high=None, as_of=None, unknown_because="never counted")
    if now - row["captured_at"] > COUNT_FRESH:
        return Count(low=None, best=None, high=None, as_of=row["captured_at"], unknown_because="stale")
    return Count(
        low=row["low"], best=row["best"], high=row["high"], as_of=row["captured_at"],
        unknown_because=row["unknown_because"],
    )  # fmt: skip


def _farm(row: dict[str, Any]) -> Named:
    return Named(id=row["farm_id"], name_zh=row["name_zh"], name_en=row["name_en"])
