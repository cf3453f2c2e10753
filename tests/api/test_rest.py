"""What the desk wrote into its journal is what the API tells, in the shapes that it documents."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from quorate.api.schemas.market import Candles, IndicatorColumns, Prices
from quorate.api.schemas.results import EquityCurve, PerformanceReport
from quorate.api.schemas.risk import Risk
from quorate.api.schemas.signals import SignalDetail, SignalPage
from quorate.api.schemas.status import Desk as DeskFacts
from quorate.api.schemas.status import Health
from quorate.api.schemas.trading import Portfolios
from quorate.domain import events as e
from quorate.domain.ids import opposite_id, shadow_id
from quorate.domain.signals import Mode
from tests.journal import samples

HOUR_MS = 3_600_000
DAY_MS = 86_400_000


async def test_a_signal_is_told_as_it_was_published(api, desk):
    await desk.write([samples.signal("s1")])
    page = SignalPage.model_validate((await api.get("/v1/signals")).json())
    (signal,) = page.signals
    assert (signal.id, signal.pair, signal.symbol, page.next) == ("s1", "BTC/USDT", "BTCUSDT", None)
    assert signal.portfolios[1].blocked_by == "tier"
    assert signal.plan.expires == "2025-01-02T00:00:00Z"


async def test_pages_follow_each_other_without_loss_while_new_signals_come(api, desk):
    await desk.write([samples.signal(f"s{n}", at_ms=samples.START_MS + n) for n in range(7)])
    seen, cursor = [], None
    for _ in range(10):
        page = (await api.get("/v1/signals", params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
        seen += [signal["id"] for signal in page["signals"]]
        cursor = page["next"]
        await desk.write([samples.signal(f"new{len(seen)}")])
        if cursor is None:
            break
    assert seen == [f"s{n}" for n in range(6, -1, -1)]


async def test_signals_are_filtered(api, desk):
    await desk.write(
        [
            samples.signal("a", pair="ETH/USDT"),
            samples.signal("b", mode=Mode.LIVE),
            samples.signal("c", at_ms=samples.START_MS + DAY_MS),
        ]
    )

    async def ids(**params):
        return [signal["id"] for signal in (await api.get("/v1/signals", params=params)).json()["signals"]]

    assert await ids() == ["c", "b", "a"]
    assert await ids(pair="ETH/USDT") == ["a"]
    assert await ids(mode="live") == ["b"]
    assert await ids(since="2025-01-02T00:00:00Z") == ["c"]
    assert await ids(tier="gold") == []
    assert await ids(strategy="council", limit=1) == ["c"]


async def test_a_signal_with_everything_that_came_of_it(api, desk):
    own, council, other = (
        shadow_id(analyst=name, pair="BTC/USDT", at_ms=samples.START_MS, side="LONG")
        for name in ("trend", "council", "breakout")
    )
    await desk.write(
        [
            samples.signal("s1"),
            samples.intended("q1"),
            e.OrderSubmitted("q1", samples.START_MS),
            samples.filled(),
            samples.position(),
            *(samples.shadow(id_) for id_ in (own, council, other, opposite_id(own))),
        ]
    )
    await desk.write([samples.trade(), samples.shadow_closed(own), samples.shadow_closed(opposite_id(own))])
    await desk.write([e.LessonLearned(samples.lesson())])
    detail = SignalDetail.model_validate((await api.get("/v1/signals/s1")).json())
    assert [(order.client_id, order.state, order.filled) for order in detail.orders] == [("q1", "FILLED", "10.005")]
    assert [(trade.id, trade.pnl) for trade in detail.trades] == [("tr1", "28.8")]
    assert {(shadow.id, shadow.state, shadow.r) for shadow in detail.shadows} == {
        (own, "closed", "-1.02"),
        (council, "open", None),
    }, "no mirror image, and nobody who did not vote for it"
    assert [(lesson.trade, lesson.lesson) for lesson in detail.lessons] == [("tr1", "Trends pay.")]


async def test_lessons_come_newest_first_in_pages(api, desk):
    await desk.write([e.LessonLearned(samples.lesson(f"tr{n}")) for n in range(3)])
    first = (await api.get("/v1/lessons", params={"limit": 2})).json()
    assert [lesson["trade"] for lesson in first["lessons"]] == ["tr2", "tr1"]
    rest = (await api.get("/v1/lessons", params={"limit": 2, "before": first["next"]})).json()
    assert ([lesson["trade"] for lesson in rest["lessons"]], rest["next"]) == (["tr0"], None)


async def test_an_unknown_signal_is_a_problem(api, desk):
    response = await api.get("/v1/signals/nothing")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_equity_is_thinned_evenly_and_keeps_the_last_point_of_every_book(api, desk):
    for number in range(100):
        await desk.write([samples.equity(number, book) for book in samples.BOOKS])
    everything = EquityCurve.model_validate((await api.get("/v1/pnl")).json()).points
    assert len(everything) == 300
    assert everything[0].drawdown_pct == 1.25
    thin = EquityCurve.model_validate((await api.get("/v1/pnl", params={"n": 30})).json()).points
    assert len(thin) == 30
    assert {point.portfolio for point in thin[-3:]} == set(samples.BOOKS)
    assert thin[-1] == everything[-1]
    own = [point for point in thin if point.portfolio == "aggressive"]
    gaps = {int(D(later.equity) * 100 - D(point.equity) * 100) for point, later in itertools.pairwise(own)}
    assert gaps == {10}
    one = EquityCurve.model_validate((await api.get("/v1/pnl", params={"portfolio": "aggressive", "n": 1})).json())
    assert [point.id for point in one.points] == [own[-1].id]


async def test_a_portfolio_that_is_not_there_is_named_as_such(api, desk):
    response = await api.get("/v1/pnl", params={"portfolio": "nosuch"})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert "aggressive, conservative, strategies" in response.json()["detail"]


async def test_performance_by_the_kernels_definitions(api, desk):
    for day in range(40):
        await desk.write([samples.equity(day * 288, book) for book in samples.BOOKS])
    await desk.write([samples.intended(), samples.filled(), samples.position(), samples.trade()])
    report = PerformanceReport.model_validate((await api.get("/v1/performance")).json())
    book = report.portfolios[0]
    assert (book.portfolio, book.trades, book.win_rate, book.average_r) == ("aggressive", 1, 1.0, 1.9)
    assert book.expectancy_r == pytest.approx(1.9 / 31)
    assert book.profit_factor is None, "without a loss there is no factor"
    assert book.sharpe is not None
    assert book.sharpe > 0
    assert book.return_pct == pytest.approx((10_000 + 39 * 288 / 100) / 100 - 100)
    assert report.sharpe_difference.estimate == 0
    assert "luck" in report.sharpe_difference.note


async def test_two_days_are_too_few_to_compare_postures(api, desk):
    await desk.write([samples.equity(0, book) for book in samples.BOOKS])
    report = (await api.get("/v1/performance")).json()
    assert report["sharpe_difference"]["estimate"] is None
    assert "too few" in report["sharpe_difference"]["note"]


async def test_books_are_marked_at_the_newest_price(api, desk):
    await desk.write([samples.intended(), samples.filled(), samples.position(), samples.equity(1)])
    await desk.quote("BTC/USDT", "103.02")
    found = Portfolios.model_validate((await api.get("/v1/portfolios")).json())
    book = found.portfolios[0]
    position = book.positions[0]
    assert (position.mark, position.unrealized) == ("103.02", "30.015")
    assert position.r_now == pytest.approx((30.015 - 0.5) / (1.52 * 10.005))
    assert [target.hit for target in position.targets] == [False, False, False]
    assert D(book.equity) == D(book.cash) + D("30.015")
    assert book.gross_exposure == pytest.approx(10.005 * 103.02 / float(book.equity))
    assert (book.tiers, book.market, book.blocked) == (["gold", "silver"], "perp", False)


async def test_candles_and_indicators_are_aligned(api, desk):
    await desk.candles("BTC/USDT", 300)
    params = {"pair": "BTC/USDT", "timeframe": "5m", "limit": 100}
    candles = Candles.model_validate((await api.get("/api/candles", params=params)).json())
    assert len(candles.candles) == 100
    assert candles.candles[-1] == (samples.START_MS + 299 * 300_000, "399", "400", "398", "399", 2.5)
    response = await api.get(
        "/api/candles/indicators", params={**params, "names": "ema_20,bollinger,rsi_14,macd,atr_14,adx_14,sma_50"}
    )
    columns = IndicatorColumns.model_validate(response.json())
    assert columns.open_ms == [candle[0] for candle in candles.candles]
    assert all(len(series.values) == 100 for series in columns.series)
    by_name = {series.name: series.values for series in columns.series}
    assert by_name["sma_50"][-1] == pytest.approx(374.5)
    assert {"bollinger_upper", "macd_histogram"} <= by_name.keys()


async def test_longer_candles_are_gathered_from_the_feeds_own(api, desk):
    await desk.candles("BTC/USDT", 31)
    hour = (await api.get("/api/candles", params={"pair": "BTC/USDT", "timeframe": "1h"})).json()["candles"]
    assert hour == [
        [samples.START_MS, "100", "112", "99", "111", 30.0],
        [samples.START_MS + HOUR_MS, "112", "124", "111", "123", 30.0],
    ], "the third hour has not closed"
    await desk.pool.execute(
        "insert into candles values ('replay-1-5m', 'BTC/USDT', '1h', $1, 1, 4, 1, 2, 9), "
        "('replay-1-5m', 'BTC/USDT', '1h', $2, 5, 8, 5, 6, 9)",
        samples.START_MS - HOUR_MS,
        samples.START_MS,
    )
    hour = (await api.get("/api/candles", params={"pair": "BTC/USDT", "timeframe": "1h"})).json()["candles"]
    assert [candle[4] for candle in hour] == ["2", "6", "123"], "what is stored counts, the rest is gathered"
    before = "2025-01-01T00:30:00Z"
    hour = (await api.get("/api/candles", params={"pair": "BTC/USDT", "timeframe": "1h", "before": before})).json()
    assert [candle[4] for candle in hour["candles"]] == ["2", "6"]


async def test_candles_before_an_instant(api, desk):
    await desk.candles("BTC/USDT", 10)
    at = datetime.fromtimestamp(samples.START_MS / 1000, UTC).isoformat()
    response = await api.get("/api/candles", params={"pair": "BTC/USDT", "before": at})
    assert response.json()["candles"] == []


async def test_a_market_that_is_not_there_is_a_problem(api, desk):
    response = await api.get("/api/candles", params={"pair": "DOGE/USDT"})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    response = await api.get("/api/candles/indicators", params={"pair": "BTC/USDT", "names": "ema_20,banana"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "names"
    response = await api.get("/api/candles/indicators", params={"pair": "BTC/USDT", "names": "ema_999"})
    assert response.status_code == 422


async def test_prices_with_the_change_over_a_day(api, desk):
    await desk.candles("BTC/USDT", 300)
    at_ms = samples.START_MS + 300 * 300_000
    await desk.quote("BTC/USDT", "400", at_ms=at_ms)
    await desk.beat("feed", kind="replay", label="replay of test", feed="replay-1-5m", at_ms=at_ms)
    found = Prices.model_validate((await api.get("/api/prices", params={"pairs": "BTC/USDT,ETH/USDT"})).json())
    (price,) = found.prices
    assert (price.last, price.bid, price.age_ms) == ("400", None, None)
    assert price.change_24h_pct == pytest.approx((400 / 111 - 1) * 100)
    assert price.volume_24h == pytest.approx(288 * 2.5)
    assert price.estimated == ["tick", "lot"]
    assert (found.feed.kind, found.feed.simulated, found.feed.state) == ("replay", False, "up")


async def test_the_breaker_board_shows_every_breaker_of_every_book(api, desk):
    await desk.write([samples.intended(), samples.filled(), samples.position(), samples.equity(300)])
    await desk.write(
        [
            e.BreakerChanged(
                "aggressive",
                "daily_loss",
                "",
                True,
                "5.2 % lost today",
                "5.2 %",
                "5 %",
                samples.START_MS + HOUR_MS,
                samples.START_MS + DAY_MS,
            ),
            e.BreakerChanged(
                "aggressive", "funding", "BTC/USDT LONG", True, "LONG pays", "0.2 %", "0.1 %", samples.START_MS, None
            ),
            e.TradingStateChanged("", "REDUCING", "somebody", "a drill", samples.START_MS),
            e.TradingStateChanged("BTC/USDT", "HALTED", "somebody", "delisted", samples.START_MS),
        ]
    )
    found = Risk.model_validate((await api.get("/api/risk")).json())
    assert (found.trading_state, found.trading_reason) == ("REDUCING", "a drill")
    assert [(pair.pair, pair.state) for pair in found.pairs] == [("BTC/USDT", "HALTED")]
    own = {(b.name, b.scope): b for b in found.breakers if b.portfolio == "aggressive"}
    names = {name for name, _ in own}
    assert names == {"daily_loss", "weekly_loss", "drawdown", "exposure", "funding", "dominance", "optimizer_pause"}
    tripped = own["daily_loss", ""]
    assert (tripped.tripped, tripped.reason, tripped.until) == (True, "5.2 % lost today", "2025-01-02T00:00:00Z")
    assert own["funding", "BTC/USDT LONG"].tripped
    assert own["dominance", "LONG"].known is False
    assert {risk.name for risk in found.portfolios} == set(samples.BOOKS)
    assert found.limits.order_notional_max == "50000"
    books = Portfolios.model_validate((await api.get("/v1/portfolios")).json())
    assert all(book.blocked for book in books.portfolios), "REDUCING stops openings everywhere"


async def test_health_names_every_part(api, desk, clock):
    response = await api.get("/v1/status/health")
    assert response.status_code == 503
    assert Health.model_validate(response.json()).status == "degraded"
    await desk.beat("worker", mode="paper", since_ms=1)
    await desk.beat("feed", kind="simulated", label="simulated market, seed 1", at_ms=samples.START_MS)
    clock.advance(1)
    response = await api.get("/v1/status/health")
    health = Health.model_validate(response.json())
    assert (response.status_code, health.status, health.ready) == (200, "ok", True)
    assert {part.name: part.state for part in health.parts} == {
        "feed": "up",
        "worker": "up",
        "api": "up",
        "postgres": "up",
        "redis": "off",
    }
    assert health.feed.simulated
    assert (await api.get("/v1/status/live")).json() == {"live": True, "version": "test"}


async def test_a_silent_worker_is_down(api, desk, pool):
    await desk.beat("worker")
    await desk.beat("feed", kind="replay", state="ended", label="over")
    await pool.execute("update roles set seen_at = seen_at - interval '1 hour' where role = 'worker'")
    parts = {part["name"]: part for part in (await api.get("/v1/status/health")).json()["parts"]}
    assert parts["worker"]["state"] == "down"
    assert parts["worker"]["age_ms"] >= 3_600_000


async def test_the_account_is_that_of_the_newest_worker(api, desk, pool, clock):
    assert (await api.get("/api/me")).json()["account"] == "paper"
    await pool.execute(
        "insert into roles (role, instance, state) values ('worker', '2', '{\"account\": \"replay-1\"}')"
    )
    clock.advance(1.05)
    assert (await api.get("/api/me")).json()["account"] == "replay-1"
    facts = DeskFacts.model_validate((await api.get("/api/me", params={"account": "paper"})).json())
    assert (facts.account, facts.pairs, facts.portfolios) == ("paper", ["BTC/USDT"], sorted(samples.BOOKS))
    assert facts.panel == ["trend", "breakout", "momentum"]
    assert (await api.get("/api/me", params={"account": "nobody"})).status_code == 404


async def test_jobs_with_their_history(api, desk):
    await desk.beat("feed", kind="replay", at_ms=samples.START_MS + 1)
    await desk.write(
        [
            e.JobCompleted("scanner", "1735689600000", samples.START_MS, '{"success":true,"signals":2}'),
            e.JobFailed("scanner", "1735690200000", samples.START_MS + 600_000, "the council was away"),
        ]
    )
    scanner, monitor, evaluator, optimizer = (await api.get("/api/jobs")).json()["jobs"]
    assert (evaluator["path"], evaluator["next_slot"]) == ("/api/evaluate-positions", "2025-01-01T00:30:00Z")
    assert (optimizer["path"], optimizer["next_slot"]) == ("/api/optimize", "2025-01-01T06:00:00Z")
    assert (scanner["job"], scanner["schedule"], scanner["next_slot"]) == (
        "scanner",
        "*/10 * * * *",
        "2025-01-01T00:10:00Z",
    )
    assert scanner["last_report"] == {"success": True, "signals": 2}
    assert scanner["last_error"] == "the council was away"
    assert [run["status"] for run in scanner["history"]] == ["failed", "completed"]
    assert monitor["history"] == []


async def test_metrics_are_prometheus_text(api, desk):
    await api.get("/v1/signals")
    await api.get("/v1/signals/banana")
    response = await api.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert 'quorate_http_requests_total{method="GET",route="/v1/signals/{signal_id}",status="404"} 1.0' in response.text
    assert 'quorate_part_state{part="postgres",state="up"} 1.0' in response.text
    assert "banana" not in response.text
