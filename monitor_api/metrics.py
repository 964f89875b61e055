"""How many requests, how long, with what result, what of the devices' data is missing, and whom notices
cannot reach: Prometheus text."""

from __future__ import annotations

import time
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collateral.store.gaps import Standing
from collateral.store.outbox import Undelivered
from collateral.store.people import Reachable

BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0, 10.0)


class Metrics:
    """The counters of one app, in a registry of its own so that two apps in one process do not collide."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "herdlien_api_requests", "Requests answered", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "herdlien_api_request_seconds", "Time to answer", ["route"], buckets=BUCKETS_S, registry=self._registry
        )
        self.logins = Counter("herdlien_api_logins", "Logins tried", ["outcome"], registry=self._registry)
        self._gaps = self._gauge("herdlien_gaps_open", "Gaps in the numbers of devices", "kind")
        self._missing = self._gauge("herdlien_gaps_missing", "Readings of tags, messages of gateways, missing", "kind")
        self._waiting = self._gauge("herdlien_quarantine_waiting", "Messages put aside and not understood since")
        self._told = self._gauge("herdlien_notice_people", "People who can be told by e-mail", "branch", "level")
        self._given_up = self._gauge("herdlien_notices_given_up", "Notices that reached nobody or were given up")
        self._stand_ins = self._gauge("herdlien_notices_to_set_addresses", "Notices to where no person has an address")
        self._calendar = self._gauge("herdlien_working_days_known_to", "Unix time up to which days off are announced")

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request is done."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def lacking(self, gaps: list[Standing], waiting: float) -> None:
        """What is missing and what is in quarantine now; no gaps and NaN where that is not known."""
        self._gaps.clear()
        self._missing.clear()
        for each in gaps:
            self._gaps.labels(each.kind).set(each.gaps)
            self._missing.labels(each.kind).set(each.missing)
        self._waiting.set(waiting)

    def telling(self, reachable: list[Reachable], undelivered: Undelivered | None, known_to: float) -> None:
        """Whom notices reach, and up to when days off are known; None and NaN where that is not known itself."""
        self._told.clear()
        for each in reachable:
            self._told.labels(each.branch, each.level).set(each.people)
        self._given_up.set(undelivered.given_up if undelivered else nan)
        self._stand_ins.set(undelivered.to_addresses if undelivered else nan)
        self._calendar.set(known_to)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self._registry)

    def text(self) -> bytes:
        """What Prometheus reads."""
        return generate_latest(self._registry)


class Measured:
    """Middleware that reports every request under its route's path, so that ids do not become labels."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            self._metrics.answered(route, scope["method"], status, time.perf_counter() - begun)
