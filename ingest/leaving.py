"""When the number of workers changes, the names that are no longer wanted are given up, and lose nothing by it.

The broker deals messages out to a worker's name also while that worker is away, for as long as its session lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from collateral.ops.logs import logger
from collateral.ops.mqtt import BrokerUnavailable, Connection
from collateral.store.pool import DatabaseUnavailable
from ingest.service import Service
from ingest.settings import IngestSettings
from ingest.workers import MOST_WORKERS, name_of


def in_background(settings: IngestSettings, client_id: str, workers: int) -> None:
    """Give the others up beside the work: only once somebody else is subscribed may they leave."""

    def leave() -> None:
        try:
            give_up_others(settings.model_copy(update={"ingest_client_id": client_id}), workers)
        except (BrokerUnavailable, DatabaseUnavailable) as error:
            logger().warning("workers_not_left", reason=str(error), fix="start ingest again")

    threading.Thread(target=leave, name="leaving", daemon=True).start()


def give_up_others(settings: IngestSettings, workers: int) -> list[str]:
    """Commit what waits under names of an earlier composition and give them up; which ones there were."""
    left = []
    for name in _not_wanted(settings.ingest_client_id, workers):
        if not _is_known(name, settings):
            if name != settings.ingest_client_id:
                break  # workers are numbered without a gap
            continue
        Service(settings.model_copy(update={"ingest_client_id": name}), threading.Event(), leaving=True).leave()
        logger().info("worker_left", worker=name)
        left.append(name)
    return left


def _not_wanted(client_id: str, workers: int) -> Iterator[str]:
    if workers > 1:
        yield client_id  # a single one has no number
    for number in range(workers + 1 if workers > 1 else 1, MOST_WORKERS + 1):
        yield name_of(number, client_id)


def _is_known(name: str, settings: IngestSettings) -> bool:
    probe = Connection(name, settings, durable=True)
    probe.open()
    known = probe.has_session and probe.protocol == 5
    probe.close(forget_session=not known)
    return known
