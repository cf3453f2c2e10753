"""Prometheus metrics of one process, in a registry of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from quorate.ops.heartbeat import DATABASE_TROUBLE
from quorate.ops.model_metrics import ModelMetrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.store.readers.health import HealthReport
    from quorate.store.readers.records import Asked

LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 300.0)
"""Upper bounds of the latency histogram; the last is the longest a job may take."""
PART_STATES = ("up", "degraded", "down", "off", "unknown")
FEED_STATES = ("starting", "up", "stale", "down", "ended")
COLLECT_TIMEOUT_S = 3.0


class Metrics:
    """Everything this process counts. At every scrape `report` is asked for health, `asked` for askings of models."""

    def __init__(
        self,
        *,
        version: str,
        report: Callable[[], Awaitable[HealthReport]] | None = None,
        asked: Callable[[str], Awaitable[Sequence[Asked]]] | None = None,
    ) -> None:
        self.registry = CollectorRegistry()
        self._report = report
        self._asked = asked
        self._models = ModelMetrics(self.registry)
        Info("quorate_build", "Version of the program.", registry=self.registry).info({"version": version})
        self._requests = Counter(
            "quorate_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "quorate_http_request_seconds",
            "Time until a request was answered.",
            ["route"],
            buckets=LATENCY_S,
            registry=self.registry,
        )
        self._subscribers = Gauge("quorate_sse_subscribers", "Open live streams.", ["stream"], registry=self.registry)
        self._delivered = Counter(
            "quorate_sse_deliveries", "Events handed to subscribers.", ["stream"], registry=self.registry
        )
        self._closed = Counter(
            "quorate_sse_closed", "Streams ended by us.", ["stream", "reason"], registry=self.registry
        )
        self._lag = Gauge(
            "quorate_sse_lag_events", "Events the slowest subscriber is behind.", ["stream"], registry=self.registry
        )
        self._ready = Gauge("quorate_ready", "1 while the desk is ready.", registry=self.registry)
        self._part_up = Gauge(
            "quorate_part_state", "1 for the state a part is in.", ["part", "state"], registry=self.registry
        )
        self._part_age = Gauge(
            "quorate_part_age_seconds", "Age of a part's last sign of life.", ["part"], registry=self.registry
        )
        self._feed_up = Gauge(
            "quorate_feed_state", "1 for the state the feed is in.", ["state"], registry=self.registry
        )
        self._feed_age = Gauge("quorate_feed_age_seconds", "Age of the newest market data.", registry=self.registry)

    def request_answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered; `route` is the path's template, never the path itself."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def subscribers_changed(self, *, stream: str, count: int) -> None:
        """So many subscribers follow `stream` now."""
        self._subscribers.labels(stream).set(count)

    def events_delivered(self, *, stream: str, count: int) -> None:
        """So many more events were handed to subscribers."""
        self._delivered.labels(stream).inc(count)

    def subscriber_closed(self, *, stream: str, reason: str) -> None:
        """A subscriber was sent away."""
        self._closed.labels(stream, reason).inc()

    def lag_seen(self, *, stream: str, events: int) -> None:
        """How far the slowest subscriber is behind."""
        self._lag.labels(stream).set(events)

    async def exposition(self) -> tuple[bytes, str]:
        """Every metric as Prometheus text, and its content type."""
        await self._take_health()
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    async def _take_health(self) -> None:
        if self._report is None:
            return
        try:
            async with asyncio.timeout(COLLECT_TIMEOUT_S):
                report = await self._report()
        except TimeoutError:
            self._ready.set(0)
            return
        self._ready.set(1 if report.ready else 0)
        for part in report.parts:
            for state in PART_STATES:
                self._part_up.labels(part.name, state).set(1 if part.state == state else 0)
            if part.age_ms is not None:
                self._part_age.labels(part.name).set(part.age_ms / 1_000)
        for state in FEED_STATES:
            self._feed_up.labels(state).set(1 if report.feed.state == state else 0)
        if report.feed.age_ms is not None:
            self._feed_age.set(report.feed.age_ms / 1_000)
        self._models.take_health(report)
        if self._asked is not None:
            await self._take_askings(self._asked, report.account)

    async def _take_askings(self, asked: Callable[[str], Awaitable[Sequence[Asked]]], account: str) -> None:
        """Sums of the journal; while the database does not answer they stay as they were."""
        try:
            async with asyncio.timeout(COLLECT_TIMEOUT_S):
                self._models.take_askings(await asked(account))
        except DATABASE_TROUBLE:
            return
