"""Made-up backtests of every state for the page: results have the real shape, runs come to their end by the clock."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from quorate.api.answers.backtests import report_headers
from quorate.api.schemas.backtests import (
    BacktestCurve,
    BacktestDetail,
    BacktestFacts,
    BacktestFault,
    BacktestHeadline,
    BacktestOffer,
    BacktestPage,
    BacktestPhase,
    BacktestPoint,
    BacktestProgress,
    BacktestRemoval,
    BacktestResult,
    BacktestState,
    BacktestTrade,
    BacktestTrades,
    BacktestWanted,
    OfferedCandles,
    OfferedCost,
    OfferedParameter,
    OfferedSeries,
    OfferedStrategy,
)
from quorate.api.schemas.queries import BacktestPnlQuery, BacktestTradesQuery
from quorate.research.findings import Study
from quorate.research.report import report_html
from quorate.wiring.backtests.telling import curves_json, headline_of, result_of, trade_lines
from tests.research.made_backtests import made_study

PHASES: tuple[BacktestPhase, ...] = ("starting", "reading", "running", "examining", "writing")
SLOW_MS = 3_600_000
QUICK_MS = 4_000
PIECES = 4
MINUTE_MS = 60_000
TRADES_TOLD = 100


class MadeUpBacktests:
    """Backtests as the API tells them."""

    def __init__(self, *, now_ms: int, empty: bool, candles: bool = True) -> None:
        self.candles = candles
        self.kept: dict[str, tuple[BacktestFacts, int, int]] = {}
        """id -> (as it was put down, when it began, how long it takes)."""
        if empty:
            return
        fault = BacktestFault(
            code="strategy_fault", message="breakout raised ZeroDivisionError on BTC/USDT at 2025-02-03 07:00 UTC."
        )
        gone = BacktestFault(code="interrupted", message="The process that ran it is gone. Start it again.")
        states: list[tuple[BacktestState, BacktestFault | None, list[str]]] = [
            ("done", None, ["BTC/USDT", "ETH/USDT"]),
            ("done", None, ["BTC/USDT"]),
            ("failed", fault, ["BTC/USDT"]),
            ("stopped", None, ["SOL/USDT"]),
            ("interrupted", gone, ["ETH/USDT"]),
        ]
        for number, (state, error, pairs) in enumerate(reversed(states)):
            wanted = _wanted(["breakout"], pairs, "5m")
            at_ms = now_ms - (len(states) - number) * 17 * MINUTE_MS
            facts = _facts(f"{number + 1:032x}", wanted, at_ms, state=state, error=error)
            self.kept[facts.id] = (facts, at_ms, 0)
        everything = _wanted(["breakout", "trend"], ["BTC/USDT", "ETH/USDT", "SOL/USDT"], "1h")
        self._begin("f" * 32, everything, now_ms - 40_000, SLOW_MS)

    def start(self, wanted: BacktestWanted, key: str, now_ms: int) -> BacktestFacts:
        """One more, done in a few seconds."""
        backtest = hashlib.sha256(key.encode()).hexdigest()[:32]
        if backtest not in self.kept:
            self._begin(backtest, wanted, now_ms, QUICK_MS)
        return self.told(backtest, now_ms)

    def end(self, backtest: str, act: str, now_ms: int) -> BacktestRemoval:
        """Stop or forget one."""
        facts = self.told(backtest, now_ms)
        if act == "remove":
            del self.kept[backtest]
            return BacktestRemoval(id=backtest, done="removed")
        if facts.state != "running":
            return BacktestRemoval(id=backtest, done="nothing")
        stopped = facts.model_copy(update={"state": "stopped", "progress": None, "ended_at": _instant(now_ms)})
        self.kept[backtest] = (stopped, now_ms, 0)
        return BacktestRemoval(id=backtest, done="stopped")

    def told(self, backtest: str, now_ms: int) -> BacktestFacts:
        """How one stands by now."""
        facts, began_ms, takes_ms = self.kept[backtest]
        if facts.state != "running":
            return facts
        share = (now_ms - began_ms) / takes_ms
        if share >= 1:
            return facts.model_copy(
                update={"state": "done", "progress": None, "headline": headline(), "ended_at": _instant(now_ms)}
            )
        phase = PHASES[min(int(share * len(PHASES)), len(PHASES) - 1)] if takes_ms == QUICK_MS else "running"
        counted = phase == "running"
        progress = BacktestProgress(
            phase=phase,
            about="breakout BTC/USDT" if counted else "",
            done=1 if counted else 0,
            total=PIECES if counted else 0,
        )
        return facts.model_copy(update={"progress": progress})

    def page(self, now_ms: int) -> BacktestPage:
        """All of them, newest first."""
        every = sorted((self.told(each, now_ms) for each in self.kept), key=lambda one: one.created_at, reverse=True)
        running = sum(one.state == "running" for one in every)
        return BacktestPage(backtests=every, next=None, running=running, running_max=2)

    def detail(self, backtest: str, now_ms: int) -> BacktestDetail:
        """One of them with its result."""
        facts = self.told(backtest, now_ms)
        return BacktestDetail(backtest=facts, result=result() if facts.state == "done" else None)

    async def events(self, backtest: str) -> AsyncIterator[bytes]:
        """Its stream until it has ended."""
        yield b'event: hello\ndata: {"epoch":1,"first":null,"last":null,"resumed":true}\n\n'
        state = "running"
        while state == "running" and backtest in self.kept:
            facts = self.told(backtest, _now_ms())
            state = facts.state
            yield f"event: backtest\ndata: {facts.model_dump_json()}\n\n".encode()
            await asyncio.sleep(0.2)
        yield b'retry: 60000\nevent: bye\ndata: {"reason":"ended","retry_ms":60000}\n\n'

    def offer(self) -> BacktestOffer:
        """What may be started."""
        series = [
            OfferedSeries(
                pair=pair,
                timeframe=timeframe,
                first="2025-01-01T00:00:00Z",
                last="2025-10-01T00:00:00Z",
                candles=78_624,
            )
            for pair in ("ADA/USDT", "BTC/USDT", "ETH/USDT", "SOL/USDT")
            for timeframe in ("5m", "1h")
        ]
        candles = [OfferedCandles(source="store", label="candle store", exchange="binance", series=series)]
        return BacktestOffer(
            strategies=[_strategy("breakout", "1h"), _strategy("bar_reaction", "5m"), _strategy("trend", "1h")],
            candles=candles if self.candles else [],
            costs=[OfferedCost(name="fees", about="maker and taker fees"), OfferedCost(name="spread", about="half")],
            maker_fee="0.0002",
            taker_fee="0.0005",
            start_equity="10000",
            running=0,
            running_max=2,
            limit_s=1_800,
            faults=["mine.py does not load: SyntaxError: invalid syntax. Mend the file or take it away."],
        )

    def _begin(self, backtest: str, wanted: BacktestWanted, at_ms: int, takes_ms: int) -> None:
        facts = _facts(backtest, wanted, at_ms, state="running")
        self.kept[backtest] = (facts, at_ms, takes_ms)


def _facts(
    backtest: str,
    wanted: BacktestWanted,
    at_ms: int,
    *,
    state: BacktestState,
    error: BacktestFault | None = None,
) -> BacktestFacts:
    starting = BacktestProgress(phase="starting", about="", done=0, total=0)
    return BacktestFacts(
        id=backtest,
        state=state,
        wanted=wanted.model_copy(update={"source": "store", "exchange": "binance"}),
        created_at=_instant(at_ms),
        ended_at=None if state == "running" else _instant(at_ms + MINUTE_MS),
        progress=starting if state == "running" else None,
        error=error,
        headline=headline() if state == "done" else None,
    )


def _wanted(strategies: list[str], pairs: list[str], timeframe: str) -> BacktestWanted:
    named = [{"name": name} for name in strategies]
    return BacktestWanted.model_validate({"strategies": named, "pairs": pairs, "timeframe": timeframe})


def _strategy(name: str, timeframe: str) -> OfferedStrategy:
    return OfferedStrategy.model_validate(
        {
            "name": name,
            "about": f"LONG where {name} says so, SHORT where it says the opposite.",
            "timeframe": timeframe,
            "warm_up": 70,
            "publishes": True,
            "parameters": [
                OfferedParameter(name="channel", kind="whole", value=20),
                OfferedParameter(name="stop_atr", kind="number", value=2.0),
                OfferedParameter(name="targets_atr", kind="list", value=[2.0, 5.0]),
            ],
        }
    )


@cache
def study() -> Study:
    """One study stands for all."""
    return made_study(trades=260, days=120)


@cache
def result() -> BacktestResult:
    return result_of(study())


@cache
def headline() -> BacktestHeadline:
    found = headline_of(study())
    return found.model_copy(update={"net_return": -0.0123, "expectancy_r": -0.08})


def curve(query: BacktestPnlQuery, backtest: str) -> BacktestCurve:
    curves = json.loads(curves_json(study()))
    at_ms, equity = curves[query.curve]
    peak, points = 0.0, list[BacktestPoint]()
    for instant_ms, value in zip(at_ms, equity, strict=True):
        peak = max(peak, value)
        points.append(
            BacktestPoint(
                timestamp=_instant(instant_ms), equity=str(Decimal(str(value))), drawdown_pct=100 * (1 - value / peak)
            )
        )
    return BacktestCurve(id=backtest, curve=query.curve, points=points)


def trades(query: BacktestTradesQuery, backtest: str) -> BacktestTrades:
    every = [BacktestTrade.model_validate_json(line) for line in trade_lines(study().backtest.trades)]
    wanted = [trade for trade in every if query.pair in (None, trade.pair) and query.strategy in (None, trade.strategy)]
    start = int(query.before or 0)
    more = len(wanted) > start + TRADES_TOLD
    return BacktestTrades(
        id=backtest,
        trades=wanted[start : start + TRADES_TOLD],
        next=str(start + TRADES_TOLD) if more else None,
    )


def report() -> tuple[str, dict[str, str]]:
    """The real report, with the headers that keep it apart from the desk."""
    return report_html(study().backtest, study().findings), dict(report_headers("backtest.html", download=False))


def _instant(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)
