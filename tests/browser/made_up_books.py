"""The made-up desk's books: equity, positions, statistics, breakers, jobs, health. See made_up.py."""

from __future__ import annotations

import numpy as np

from quorate.api.schemas.common import Direction, Tier
from quorate.api.schemas.jobs import Job, JobRun, Jobs
from quorate.api.schemas.results import EquityCurve, EquityPoint, Interval, Performance, PerformanceReport
from quorate.api.schemas.risk import Breaker, PortfolioLimits, PortfolioRisk, Risk, RiskLimits
from quorate.api.schemas.signals import Signal, SignalDetail
from quorate.api.schemas.status import Health, Part
from quorate.api.schemas.trading import Lesson, Order, PlannedTarget, Portfolio, Portfolios, Position, Shadow, Trade
from tests.browser.made_up import ANALYSTS, BOOKS, PAIRS, MadeUpMarket, generator, instant
from tests.browser.made_up_agents import budget, providers, sources
from tests.browser.made_up_council import decided_in

DAY_MS = 86_400_000
POINTS = 480
SOURCES = {"aggressive": ["council"], "conservative": ["council"], "strategies": ["strategies"]}
TIERS: dict[str, list[Tier]] = {"aggressive": ["gold", "silver"], "conservative": ["gold"], "strategies": ["single"]}
LIMITS = {"aggressive": (0.05, 0.10, 0.20, 3), "conservative": (0.03, 0.06, 0.12, 1), "strategies": (0.05, 0.1, 0.2, 1)}


def equity_path(book: str) -> np.ndarray:
    """POINTS values of equity, from 10,000."""
    rng = generator("equity", book)
    drift, wide = {"aggressive": (0.00013, 0.0024), "conservative": (0.00007, 0.0008)}.get(book, (-0.00004, 0.0011))
    return 10_000 * np.exp(np.cumsum(rng.normal(drift, wide, POINTS)))


def equity_curve(now_ms: int) -> EquityCurve:
    points: list[EquityPoint] = []
    for index in range(POINTS):
        at = now_ms - (POINTS - index) * 30 * 60_000
        for place, book in enumerate(BOOKS):
            points.append(equity_point(book, index=index, at_ms=at, seq=1000 + index * 3 + place))
    return EquityCurve(points=points)


def equity_point(book: str, *, index: int, at_ms: int, seq: int, jitter: float = 1.0) -> EquityPoint:
    path = equity_path(book)
    value = float(path[min(index, POINTS - 1)]) * jitter
    peak = float(path[: index + 1].max())
    open_part = value * 0.004
    return EquityPoint(
        id=f"1-{seq}",
        timestamp=instant(at_ms),
        portfolio=book,
        equity=f"{value:.2f}",
        cash=f"{value - open_part:.2f}",
        unrealized=f"{open_part:.2f}",
        drawdown_pct=round(max(0, 1 - value / peak) * 100, 3),
    )


def performance(now_ms: int) -> PerformanceReport:
    rows: list[Performance] = []
    for book, trades, wins in zip(BOOKS, (41, 23, 97), (0.561, 0.609, 0.443), strict=True):
        path = equity_path(book)
        drop = float((1 - path / np.maximum.accumulate(path)).max())
        rows.append(
            Performance(
                portfolio=book,
                equity=f"{path[-1]:.2f}",
                return_pct=round(float(path[-1] / 100 - 100), 3),
                trades=trades,
                win_rate=wins,
                profit_factor=round(0.6 + wins * 1.4, 2),
                expectancy_r=round(wins - 0.47, 3),
                average_r=round(wins - 0.44, 3),
                sharpe=round((wins - 0.45) * 14, 2),
                sortino=round((wins - 0.45) * 19, 2),
                max_drawdown_pct=round(drop * 100, 3),
                fees=f"{trades * 1.37:.2f}",
                since=instant(now_ms - 10 * DAY_MS),
            )
        )
    note = "The interval holds zero: ten days cannot tell the two postures apart."
    return PerformanceReport(portfolios=rows, sharpe_difference=Interval(estimate=-0.67, low=-3.9, high=2.5, note=note))


def position(market: MadeUpMarket, signal: Signal, book: str, now_ms: int) -> Position:
    sign = 1 if signal.side == "LONG" else -1
    mark, entry = market.last(signal.pair), signal.entry_price
    risk = abs(entry - signal.stop_loss)
    quantity = round(900 / entry, 6)
    hit = 1 if sign * (mark - entry) > risk else 0
    return Position(
        pair=signal.pair,
        side=signal.side,
        quantity=f"{quantity:.6f}",
        entry=market.text(signal.pair, entry),
        mark=market.text(signal.pair, mark),
        stop=market.text(signal.pair, entry if hit else signal.stop_loss),
        initial_stop=market.text(signal.pair, signal.stop_loss),
        targets=[
            PlannedTarget(price=t.price, fraction=t.fraction, hit=place < hit) for place, t in enumerate(signal.targets)
        ],
        leverage="3" if book == "aggressive" else "1",
        liquidation=market.text(signal.pair, entry * (1 - sign * 0.32)) if book == "aggressive" else None,
        funding="-0.12" if book == "aggressive" and hit else "0",
        realized=f"{-0.45 + hit * 2.1:.2f}",
        unrealized=f"{sign * (mark - entry) * quantity:.2f}",
        r_now=round(sign * (mark - entry) / risk, 2),
        opened_at=signal.timestamp,
        signal_id=signal.id,
        source=signal.source,
    )


def portfolios(market: MadeUpMarket, signals: list[Signal], now_ms: int, *, holding: bool) -> Portfolios:
    books: list[Portfolio] = []
    for book in BOOKS:
        taken = [s for s in signals if any(stake.name == book and stake.blocked_by is None for stake in s.portfolios)]
        held: dict[str, Position] = {}
        for signal in taken if holding else []:
            found = position(market, signal, book, now_ms)
            if len(held) < 4 and -0.9 < (found.r_now or 0) < 2.4:
                held.setdefault(signal.pair, found)
        equity = float(equity_path(book)[-1]) if holding else 10_000.0
        open_part = sum(float(p.unrealized or 0) for p in held.values())
        books.append(
            Portfolio(
                name=book,
                sources=SOURCES[book],
                tiers=TIERS[book],
                market="perp",
                start_equity="10000",
                equity=f"{equity + open_part:.2f}",
                cash=f"{equity:.2f}",
                unrealized=f"{open_part:.2f}",
                gross_exposure=round(len(held) * 0.09, 3),
                positions=sorted(held.values(), key=lambda p: p.pair),
                open_orders=[],
                blocked=book == "strategies" and holding,
                as_of=instant(now_ms),
            )
        )
    return Portfolios(account="simulated-7", portfolios=books)


def breakers(now_ms: int) -> list[Breaker]:
    rows: list[Breaker] = []
    for book in BOOKS:
        daily, weekly, drop, exposure = LIMITS[book]
        used = {"aggressive": 0.21, "conservative": 0.09, "strategies": 0.44}[book]
        for name, value, limit in (
            ("daily_loss", f"{daily * used * 100:.4f} %", f"{daily * 100:g} %"),
            ("weekly_loss", f"{weekly * used * 70:.2f} %", f"{weekly * 100:g} %"),
            ("drawdown", f"{drop * used * 60:.2f} %", f"{drop * 100:g} %"),
            ("exposure", f"{exposure * used:.4f} ×", f"{exposure:g} ×"),
            ("funding", "unknown", "0.1 % per 8 h"),
            ("dominance", "unknown", "1 points in 24 h"),
            ("optimizer_pause", "5" if book == "strategies" else "1", "5"),
        ):
            tripped = name == "optimizer_pause" and book == "strategies"
            unknown = value == "unknown"
            reason = "5 losses in a row since the optimizer last ran" if tripped else ""
            rows.append(
                Breaker(
                    portfolio=book,
                    name=name,
                    scope="",
                    tripped=tripped,
                    known=not unknown,
                    reason="No funding rates from this feed." if unknown else reason,
                    value=value,
                    limit=limit,
                    since=instant(now_ms - 5_400_000) if tripped else None,
                    until=instant(now_ms + 7_200_000) if tripped else None,
                )
            )
    return rows


def risk(now_ms: int, *, halted: bool = False) -> Risk:
    limits = RiskLimits(
        order_quantity_max=None,
        order_notional_max="50000",
        symbol_notional_max="100000",
        collar_bps=200,
        open_orders_max=200,
        throttle_orders_max=60,
        throttle_window_ms=60_000,
        slippage_bps_max=50,
    )
    rows = [
        PortfolioRisk(
            name=book,
            exposure=0.27,
            drawdown_pct=2.1,
            daily_pnl_pct=0.41,
            weekly_pnl_pct=-0.8,
            limits=PortfolioLimits(
                portfolio=book,
                final_risk_cap="0.4",
                gross_exposure_cap=str(LIMITS[book][3]),
                leverage="1",
                daily_loss_limit=str(LIMITS[book][0]),
                weekly_loss_limit=str(LIMITS[book][1]),
                drawdown_limit=str(LIMITS[book][2]),
            ),
        )
        for book in BOOKS
    ]
    return Risk(
        trading_state="HALTED" if halted else "ACTIVE",
        trading_reason="Halted by hand." if halted else "",
        pairs=[],
        breakers=breakers(now_ms),
        limits=limits,
        portfolios=rows,
    )


def health(market: MadeUpMarket, now_ms: int, *, panel: bool) -> Health:
    """With a `panel` of models there are context sources, providers and a budget."""
    parts = [
        Part(name="feed", state="up", detail=market.label, age_ms=market.age_ms, since=instant(now_ms - DAY_MS)),
        Part(name="worker", state="up", detail="lease held, token 3", age_ms=900, since=instant(now_ms - DAY_MS)),
        Part(name="api", state="up", detail="2 subscribers", age_ms=0, since=instant(now_ms - DAY_MS)),
        Part(name="postgres", state="up", detail="embedded, 18.4", age_ms=400, since=instant(now_ms - DAY_MS)),
        Part(name="redis", state="off", detail="not configured", age_ms=None, since=None),
    ]
    return Health(
        status="ok",
        live=True,
        ready=True,
        mode="paper",
        feed=market.feed(now_ms),
        account="simulated-7",
        version="0.1.0",
        parts=parts,
        context=sources() if panel else [],
        providers=providers() if panel else [],
        budget=budget() if panel else None,
    )


def jobs(now_ms: int) -> Jobs:
    def one(name: str, every_ms: int, schedule: str) -> Job:
        last = now_ms // every_ms * every_ms
        report: dict[str, object] = {"success": True, "scannedPairs": len(PAIRS), "signals": 2}
        run = JobRun(slot=f"{name}-{last}", at=instant(last), status="completed", report=report, error=None)
        return Job(
            job=name,
            path=f"/api/{name}",
            schedule=schedule,
            next_slot=instant(last + every_ms),
            last_slot=instant(last),
            last_report=report,
            last_error=None,
            history=[run],
        )

    return Jobs(jobs=[one("scan", 600_000, "*/10 * * * *"), one("monitor-positions", 120_000, "*/2 * * * *")])


def detail(market: MadeUpMarket, signal: Signal, now_ms: int) -> SignalDetail:
    """Everything that came of a signal."""
    orders: list[Order] = []
    trades: list[Trade] = []
    for stake in signal.portfolios:
        if stake.blocked_by is not None:
            continue
        orders.append(
            Order(
                client_id="q" + signal.id.replace("-", "")[:26].upper(),
                signal_id=signal.id,
                portfolio=stake.name,
                pair=signal.pair,
                action=signal.action,
                kind="market",
                purpose="entry",
                price=market.text(signal.pair, signal.entry_price),
                quantity=stake.quantity,
                filled=stake.quantity,
                state="FILLED",
                reason=None,
                at=signal.timestamp,
                changed_at=signal.timestamp,
                venue_id=None,
                sent_at=signal.timestamp,
                cancel_requested_at=None,
            )
        )
        if stake.name == "conservative":
            trades.append(
                Trade(
                    id=f"t-{signal.id}",
                    portfolio=stake.name,
                    signal_id=signal.id,
                    source=signal.source,
                    pair=signal.pair,
                    side=signal.side,
                    quantity=stake.quantity,
                    entry=market.text(signal.pair, signal.entry_price),
                    exit=signal.targets[0].price,
                    opened_at=signal.timestamp,
                    closed_at=instant(now_ms - 60_000),
                    fees="0.52",
                    funding="-0.03",
                    leverage="3",
                    pnl="8.41",
                    r="0.94",
                    reason="target",
                )
            )
    return SignalDetail(
        signal=signal,
        decided_in=decided_in(signal, now_ms),
        orders=orders,
        trades=trades,
        shadows=_shadows(signal, now_ms),
        lessons=[_lesson(signal, trade) for trade in trades],
    )


def _shadows(signal: Signal, now_ms: int) -> list[Shadow]:
    """Every vote with a side on paper, the first one ended, and the council's own."""
    sides: list[tuple[str, Direction, float]] = [
        (vote.analyst, vote.side, vote.confidence) for vote in signal.votes if vote.side != "FLAT"
    ]
    if signal.source == "council":
        sides.append(("council", signal.side, signal.confidence))
    return [
        Shadow(
            id=f"{signal.id}-{analyst}",
            analyst=analyst,
            pair=signal.pair,
            side=side,
            confidence=str(confidence),
            state="closed" if analyst == ANALYSTS[0] else "open",
            opened_at=signal.timestamp,
            closed_at=instant(now_ms - 60_000) if analyst == ANALYSTS[0] else None,
            r="0.9412" if analyst == ANALYSTS[0] else None,
            reason="target" if analyst == ANALYSTS[0] else None,
            record=f"rules {analyst}-9f86d081",
            contaminated=False,
            hold_r="0.3111" if analyst == ANALYSTS[0] else None,
        )
        for analyst, side, confidence in sides
    ]


def _lesson(signal: Signal, trade: Trade) -> Lesson:
    return Lesson(
        trade=trade.id,
        portfolio=trade.portfolio,
        pair=trade.pair,
        side=trade.side,
        source=trade.source,
        r=trade.r,
        expected=f"{signal.tier}, {signal.confidence:.2f} sure, in {signal.regime}.",
        happened="Its first target was reached.",
        lesson=f"A {trade.side} taken in {signal.regime} reached its first target: the plan was followed.",
        by="rules",
        at=trade.closed_at,
    )
