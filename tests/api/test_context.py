"""What the worker tells of the world, of its sources and of its models, and what the API makes of it."""

from decimal import Decimal as D

import pytest

from quorate.api.schemas.context import News, WorldContext
from quorate.api.schemas.status import Health
from quorate.domain import events as e
from quorate.store.readers import roles
from quorate.store.readers.context import ContextSaid, FigureSaid, PartSaid, TextSaid
from quorate.store.readers.records import asked as askings
from quorate.store.readers.roles import BudgetState, ProviderState, SourceState
from tests.api.shadow_days import asked
from tests.journal import samples

MINUTE_MS = 60_000


def text(kind, minutes, title):
    at_ms = samples.START_MS - minutes * MINUTE_MS
    return TextSaid(
        kind=kind, source="A wire", title=title, text="", url="https://a.example/x", at_ms=at_ms, tone=D("0.5")
    )


SAID = ContextSaid(
    account="paper",
    available=True,
    at_ms=samples.START_MS,
    figures=(
        FigureSaid(part="dominance", name="BTC dominance", value=D("54.2"), unit="percent", age_ms=5, told=True),
        FigureSaid(
            part="funding",
            name="Funding rate",
            pair="BTC/USDT",
            value=D("0.0001"),
            unit="ratio per 8 h",
            age_ms=7,
            told=True,
        ),
    ),
    texts=(text("news", 30, "Old"), text("social", 5, "New"), text("news", 10, "Newer")),
    parts=(PartSaid(name="news", state="present", age_ms=9), PartSaid(name="coins", state="missing", why="down")),
)


async def tell(pool, said):
    await roles.beat(pool, role=roles.CONTEXT, instance="1", state=said)


async def test_the_newest_context_has_figures_texts_and_gaps_with_their_ages(api, desk, pool):
    await tell(pool, SAID)
    found = WorldContext.model_validate((await api.get("/api/context")).json())
    assert (found.available, found.at) == (True, "2025-01-01T00:00:00Z")
    assert found.told_age_ms is not None
    assert found.told_age_ms < MINUTE_MS
    assert [(each.name, each.pair, each.value, each.told) for each in found.figures] == [
        ("BTC dominance", None, "54.2", True),
        ("Funding rate", "BTC/USDT", "0.0001", True),
    ]
    assert next((each.title, each.age_ms, each.tone) for each in found.texts) == ("Old", 30 * MINUTE_MS, 0.5)
    assert [(part.name, part.state, part.why) for part in found.parts] == [
        ("news", "present", ""),
        ("coins", "missing", "down"),
    ]


async def test_news_come_newest_first_by_kind(api, desk, pool):
    await tell(pool, SAID)
    assert [item.title for item in News.model_validate((await api.get("/api/news")).json()).items] == [
        "New",
        "Newer",
        "Old",
    ]
    found = (await api.get("/api/news", params={"kind": "news", "limit": 1})).json()
    assert [item["title"] for item in found["items"]] == ["Newer"]


@pytest.mark.parametrize("path", ["/api/context", "/api/news"])
async def test_a_desk_without_context_says_why(api, desk, pool, path):
    found = (await api.get(path)).json()
    assert (found["available"], found["why"]) == (False, "No worker of account paper tells what it knows of the world.")
    await tell(pool, ContextSaid(account="paper", available=False, why="A replay feed knows no present of ours."))
    assert (await api.get(path)).json()["why"] == "A replay feed knows no present of ours."
    await tell(pool, SAID)
    await pool.execute("update roles set seen_at = seen_at - interval '2 minutes' where role = 'context'")
    found = (await api.get(path)).json()
    assert (found["available"], "not been heard of" in found["why"]) == (False, True)


async def test_the_context_is_no_role_of_the_desk(api, desk, pool, clock):
    await tell(pool, SAID)
    assert {row.role for row in await roles.newest(pool)} == set()
    await tell(pool, ContextSaid(account="replay-1", available=True))
    assert (await api.get("/api/me")).json()["account"] == "paper"


SOURCE = SourceState(
    name="coingecko", state="stale", breaker="open", fault="throttled", why="429", age_ms=5_000, failures=3
)
PROVIDER = ProviderState(name="gemini", breaker="open", failures=5, waits_s=1.5, last_latency_ms=850, last_fault="503")
BUDGET = BudgetState(spent_usd=D("1.25"), limit_usd=D(20), spent_tokens=1_000, limit_tokens=50_000)


async def test_health_tells_of_sources_and_models_and_stays_ready(api, desk, clock):
    await desk.beat("worker", mode="paper", context=(SOURCE,), providers=(PROVIDER,), budget=BUDGET)
    await desk.beat("feed", kind="replay", label="a replay", at_ms=samples.START_MS)
    response = await api.get("/v1/status/health")
    health = Health.model_validate(response.json())
    assert (response.status_code, health.status) == (200, "ok"), "the desk does without context and models"
    (source,), (provider,) = health.context, health.providers
    assert (source.name, source.state, source.breaker, source.fault) == ("coingecko", "stale", "open", "throttled")
    assert source.age_ms is not None
    assert source.age_ms >= 5_000
    assert health.budget is not None
    assert (provider.name, provider.breaker, provider.last_latency_ms, provider.waits_s) == ("gemini", "open", 850, 1.5)
    assert (health.budget.spent_usd, health.budget.left_usd, health.budget.left_tokens) == ("1.25", "18.75", 49_000)


async def test_what_a_lost_worker_said_is_no_longer_told(api, desk, pool):
    await desk.beat("worker", context=(SOURCE,), providers=(PROVIDER,), budget=BUDGET)
    await pool.execute("update roles set seen_at = seen_at - interval '1 hour'")
    found = (await api.get("/v1/status/health")).json()
    assert (found["context"], found["providers"], found["budget"]) == ([], [], None)


async def test_metrics_tell_of_models_money_and_ages(serve, resources, desk, pool):
    from dataclasses import replace
    from functools import partial

    from quorate.ops.metrics import Metrics

    await desk.beat("worker", context=(SOURCE,), providers=(PROVIDER,), budget=BUDGET)
    for n, code in enumerate(("voted", "voted", "timeout")):
        await desk.write([e.CouncilAsked(f"s{n}", samples.START_MS, (asked(code=code, cost="0.25"),))])
    metrics = Metrics(version="test", report=partial(resources.health.report, None), asked=partial(askings, pool))
    api = await serve(given=replace(resources, telemetry=metrics))
    told = (await api.get("/metrics")).text
    for line in (
        'quorate_model_asks_total{analyst="gemini",code="voted"} 2.0',
        'quorate_model_asks_total{analyst="gemini",code="timeout"} 1.0',
        'quorate_model_tokens_total{analyst="gemini",direction="in"} 3000.0',
        'quorate_model_cost_usd_total{analyst="gemini"} 0.75',
        'quorate_context_state{source="coingecko",state="stale"} 1.0',
        'quorate_provider_breaker{provider="gemini",state="open"} 1.0',
        'quorate_provider_latency_seconds{provider="gemini"} 0.85',
        'quorate_model_budget_usd{kind="spent"} 1.25',
        'quorate_model_budget_tokens{kind="limit"} 50000.0',
    ):
        assert line in told.splitlines()
    (age,) = (line for line in told.splitlines() if line.startswith("quorate_context_age_seconds"))
    assert float(age.split()[-1]) >= 5
