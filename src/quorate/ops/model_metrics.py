"""Metrics of models and of what is known of the world: askings, tokens, money, breakers, ages.

Sums come from the journal, so that they are the same whichever process is scraped, and none is lost by a restart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from quorate.store.readers.health import HealthReport
    from quorate.store.readers.records import Asked

SOURCE_STATES = ("waiting", "ok", "stale", "down", "recorded")
BREAKER_STATES = ("closed", "open", "probing")


class ModelMetrics:
    """Registers with the registry of the process; told anew at every scrape."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._askings = _Askings()
        registry.register(self._askings)
        self._source_state = Gauge(
            "quorate_context_state",
            "1 for the state a source of context is in.",
            ["source", "state"],
            registry=registry,
        )
        self._source_age = Gauge(
            "quorate_context_age_seconds", "Age of a source's last good answer.", ["source"], registry=registry
        )
        self._breaker = Gauge(
            "quorate_provider_breaker",
            "1 for the state a provider's breaker is in.",
            ["provider", "state"],
            registry=registry,
        )
        self._latency = Gauge(
            "quorate_provider_latency_seconds", "Time of a provider's last reply.", ["provider"], registry=registry
        )
        self._budget = Gauge(
            "quorate_model_budget_usd", "Money for models on this UTC day.", ["kind"], registry=registry
        )
        self._tokens = Gauge(
            "quorate_model_budget_tokens", "Tokens for models on this UTC day.", ["kind"], registry=registry
        )

    def take_health(self, report: HealthReport) -> None:
        """Sources, providers and budget as the worker told them; what it no longer tells is gone."""
        for gauge in (self._source_state, self._source_age, self._breaker, self._latency, self._budget, self._tokens):
            gauge.clear()
        for source in report.context:
            for state in SOURCE_STATES:
                self._source_state.labels(source.name, state).set(1 if source.state == state else 0)
            if source.age_ms is not None:
                self._source_age.labels(source.name).set(source.age_ms / 1_000)
        for provider in report.providers:
            for state in BREAKER_STATES:
                self._breaker.labels(provider.name, state).set(1 if provider.breaker == state else 0)
            if provider.last_latency_ms is not None:
                self._latency.labels(provider.name).set(provider.last_latency_ms / 1_000)
        budget = report.budget
        if budget is not None:
            self._budget.labels("spent").set(float(budget.spent_usd))
            self._budget.labels("limit").set(float(budget.limit_usd))
            self._tokens.labels("spent").set(budget.spent_tokens)
            self._tokens.labels("limit").set(budget.limit_tokens)

    def take_askings(self, asked: Sequence[Asked]) -> None:
        """Askings of the council's models since the account began."""
        self._askings.asked = tuple(asked)


class _Askings(Collector):
    """Counters whose values are read, not counted here."""

    def __init__(self) -> None:
        self.asked: tuple[Asked, ...] = ()

    def collect(self) -> Iterator[Metric]:
        """The counters as they stand."""
        asks = CounterMetricFamily(
            "quorate_model_asks", "Models asked for votes, by how it ended.", labels=["analyst", "code"]
        )
        tokens = CounterMetricFamily(
            "quorate_model_tokens", "Tokens of models asked for votes.", labels=["analyst", "direction"]
        )
        cost = CounterMetricFamily("quorate_model_cost_usd", "Cost of models asked for votes.", labels=["analyst"])
        counts, read, written, usd = Counter[tuple[str, str]](), Counter[str](), Counter[str](), dict[str, float]()
        for each in self.asked:
            counts[each.analyst, each.code] += each.count
            read[each.analyst] += each.input_tokens
            written[each.analyst] += each.output_tokens
            usd[each.analyst] = usd.get(each.analyst, 0.0) + float(each.cost_usd)
        for (analyst, code), count in sorted(counts.items()):
            asks.add_metric([analyst, code], count)
        for analyst in sorted(usd):
            tokens.add_metric([analyst, "in"], read[analyst])
            tokens.add_metric([analyst, "out"], written[analyst])
            cost.add_metric([analyst], usd[analyst])
        yield from (asks, tokens, cost)
