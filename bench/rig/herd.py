"""A herd of 17,000 for benchmarks of the store: its book, and its readings by binary COPY, all tags in turn."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from collateral.store import pool, readings, touched_hours
from collateral.store.readings import ReadingRow

TAGS = 17_000
PER_PEN, PENS_A_FARM = 100, 10
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 20_000
PROGRESS_EVERY_S = 10.0

_BOOK = """
INSERT INTO branch VALUES ('b', '支行', 'branch');
INSERT INTO farm SELECT 'f' || n, 'b', '牧场', 'farm', 44, 116, 'Asia/Shanghai' FROM generate_series(0, {farms} - 1) n;
INSERT INTO pen SELECT 'p' || n, 'f' || n / {pens}, 'pen', 'cattle', '[]'
    FROM generate_series(0, {farms} * {pens} - 1) n;
INSERT INTO animal (animal_id, farm_id, pen_id, species, scheme, identity)
    SELECT 'a' || n, 'f' || n / {head} / {pens}, 'p' || n / {head}, 'cattle', 'cn-tag', n::text
    FROM generate_series(0, {tags} - 1) n;
INSERT INTO tag SELECT lpad(to_hex(n), 16, '0'), 'f' || n / {head} / {pens}, 'm', {interval_s}
    FROM generate_series(0, {tags} - 1) n;
INSERT INTO tag_assignment SELECT lpad(to_hex(n), 16, '0'), 'a' || n, '{since}'
    FROM generate_series(0, {tags} - 1) n;
DELETE FROM reassigned_tag;  -- there are no readings yet
ANALYZE;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """`rows` in `seconds`; every tag was heard up to `until`. `server_s`: processor time of the server's backends."""

    rows: int
    seconds: float
    server_s: float
    until: datetime


def enrol(dsn: str, interval: timedelta) -> None:
    """Farms, pens, animals and tags."""
    farms = -(-TAGS // (PER_PEN * PENS_A_FARM))
    book = _BOOK.format(
        farms=farms, pens=PENS_A_FARM, head=PER_PEN, tags=TAGS, since=SINCE.isoformat(),
        interval_s=int(interval.total_seconds()),
    )  # fmt: skip
    with pool.connect(dsn) as connection:
        connection.execute(book.encode())


def load(dsn: str, rows: int, interval: timedelta, *, connections: int = 2, most_s: float = 1e9) -> Loaded:
    """Store `rows` readings, or as many as fit into `most_s` seconds; the tags are shared out among the connections."""
    context = multiprocessing.get_context("spawn")
    done = [context.Value("q", 0) for _ in range(connections)]
    steps = [context.Value("q", 0) for _ in range(connections)]
    server_s = [context.Value("d", 0.0) for _ in range(connections)]
    shares = [range(n, TAGS, connections) for n in range(connections)]
    began = time.perf_counter()
    workers = [
        context.Process(target=_work, args=(dsn, share, -(-rows // TAGS), interval, most_s, *mine), daemon=True)
        for share, *mine in zip(shares, done, steps, server_s, strict=True)
    ]
    for worker in workers:
        worker.start()
    _show_progress(workers, done, rows, began)
    seconds = time.perf_counter() - began
    if any(worker.exitcode for worker in workers):
        raise SystemExit("loading failed; the reason stands above")
    return Loaded(
        rows=sum(each.value for each in done), seconds=seconds, server_s=sum(each.value for each in server_s),
        until=SINCE + interval * min(each.value for each in steps),
    )  # fmt: skip


def _show_progress(
    workers: list[multiprocessing.context.SpawnProcess], done: list[Synchronized[int]], rows: int, began: float
) -> None:
    shown = began
    for worker in workers:
        while worker.is_alive():
            worker.join(0.2)
            if time.perf_counter() - shown >= PROGRESS_EVERY_S:
                shown = time.perf_counter()
                so_far = sum(each.value for each in done)
                print(f"  {so_far:,} of {rows:,} rows, {so_far / (shown - began):,.0f} a second", file=sys.stderr)


def _work(
    dsn: str, tags: range, steps: int, interval: timedelta, most_s: float, done: Synchronized[int],
    reached: Synchronized[int], server_s: Synchronized[float],
) -> None:  # fmt: skip
    deadline = time.perf_counter() + most_s
    names = [f"{tag:016x}" for tag in tags]
    batch: list[ReadingRow] = []
    with pool.connect(dsn) as connection:
        for step, rows in enumerate(_in_turn(names, tags, steps, interval), start=1):
            batch += rows
            if len(batch) >= BATCH or step == steps:
                with connection.transaction():
                    readings.copy_straight(connection, batch)
                    touched_hours.note(connection, touched_hours.of_rows(batch))
                done.value += len(batch)
                reached.value = step
                server_s.value = _cpu_s(connection.info.backend_pid)
                batch = []
                if time.perf_counter() > deadline:
                    return


def _in_turn(names: list[str], tags: range, steps: int, interval: timedelta) -> Iterator[list[ReadingRow]]:
    """One list of rows for each step of time: every tag once, spread over the interval."""
    offsets = [interval * (tag / TAGS) for tag in tags]
    moving = list(zip(names, offsets, [44 + tag % 997 / 1e4 for tag in tags], tags, strict=True))
    for step in range(steps):
        at = SINCE + interval * step
        yield [
            (
                name, step, at + offset, at + offset, at + offset, "gateway-1", latitude, 116.1 + step % 89 / 1e4, 8.0,
                (step + tag) % 120, float((step + tag) % 100), 31.5 + step % 8 / 8, 80.0, -92.0, 7.5, None, True, None,
            )
            for name, offset, latitude, tag in moving
        ]  # fmt: skip


def _cpu_s(pid: int) -> float:
    """Processor time of a process, user and system (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
