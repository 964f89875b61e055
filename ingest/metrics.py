"""What ingest counts, for Prometheus and for its health page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from collateral.store.telemetry import Committed

NAMESPACE = "herdlien_ingest"
BATCH_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
LAG_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 1800)


class Metrics:
    """One registry of our own, so that tests may have many."""

    def __init__(self, depth: Callable[[], float], commit_age_s: Callable[[], float]) -> None:
        self._registry = CollectorRegistry()
        self._received = self._counter("received", "Messages received.")
        self._stored = self._counter("stored", "Rows stored, by table.", ("table",))
        self._duplicates = self._counter("duplicates", "Rows that were known already.")
        self._quarantined = self._counter("quarantined", "Messages put aside.")
        self._receipts = self._counter("receipts", "Receipts published.")
        self._seconds = Histogram(
            "batch_seconds",
            "Time to commit one batch.",
            namespace=NAMESPACE,
            registry=self._registry,
            buckets=BATCH_SECONDS,
        )
        self._lag = Histogram(
            "lag_seconds",
            "Event time from the arrival of the oldest message of a batch to its commit.",
            namespace=NAMESPACE,
            registry=self._registry,
            buckets=LAG_SECONDS,
        )
        self._gauge("queue_depth", "Messages here and not yet committed.", depth)
        self._gauge("last_commit_age_seconds", "Wall seconds since the last commit.", commit_age_s)

    def received(self, messages: int) -> None:
        self._received.inc(messages)

    def committed(self, outcome: Committed, seconds: float, quarantined: int, lag: timedelta) -> None:
        for table, rows in outcome.stored.items():
            self._stored.labels(table).inc(rows)
        self._duplicates.inc(outcome.duplicates)
        self._quarantined.inc(quarantined)
        self._seconds.observe(seconds)
        self._lag.observe(max(0.0, lag.total_seconds()))

    def announced(self, receipts: int) -> None:
        self._receipts.inc(receipts)

    def exposition(self) -> bytes:
        """All of it in Prometheus' text form."""
        return generate_latest(self._registry)

    def figures(self) -> dict[str, float]:
        """The plain counters, for the health page."""
        wanted = ("received", "duplicates", "quarantined")
        values = {name: self._registry.get_sample_value(f"{NAMESPACE}_{name}_total") or 0 for name in wanted}
        rows = self._registry.get_sample_value(f"{NAMESPACE}_stored_total", {"table": "readings"})
        return {**values, "readings": rows or 0}

    def _counter(self, name: str, meaning: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(name, meaning, labels, namespace=NAMESPACE, registry=self._registry)

    def _gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        Gauge(name, meaning, namespace=NAMESPACE, registry=self._registry).set_function(value)
