"""What the programs' own logs say befell them: a run in which nobody noticed anything proves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.havoc.yard import Yard


def read(yard: Yard) -> dict[str, int]:
    """How often each trace stands in the logs."""
    gateways = [gateway.program.log for gateway in yard.gateways]
    ingesters = [unit.log for unit in yard.ingesters]
    return {
        "gateway_starts": sum(gateway.program.starts for gateway in yard.gateways),
        "ingest_starts": sum(unit.starts for unit in yard.ingesters),
        "broker_starts": yard.broker.starts,
        "database_starts": yard.database.starts,
        "database_recoveries": _count([yard.database.server.log], "automatic recovery in progress"),
        "workers_replaced": _count(ingesters, '"event": "worker_ended"'),
        "orphans_left": sum(unit.orphans for unit in yard.ingesters),
        "broker_away": _count([*gateways, *ingesters], '"event": "broker_away"'),
        "database_away": _count(ingesters, '"event": "database_away"'),
        "queue_overflows": _count([yard.broker.server.log], "being dropped"),
        "spool_full": _count(gateways, '"event": "spool_full"'),
        "quarantined": _count(ingesters, '"event": "quarantined"'),
        "tracebacks": _count([*gateways, *ingesters], "Traceback (most recent call last)"),
    }


def _count(logs: Iterable[Path], words: str) -> int:
    return sum(log.read_text(encoding="utf-8", errors="replace").count(words) for log in logs)
