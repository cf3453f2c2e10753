"""Events as a desk would write them, for tests and benchmarks of the journal."""

from decimal import Decimal as D

from quorate.domain import events as e
from quorate.domain.lessons import Lesson
from quorate.domain.market import Market
from quorate.domain.optimization import Adjustment, Optimization
from quorate.domain.orders import Fill, Intent, Liquidity, OrderKind, Purpose
from quorate.domain.portfolio import EquityPoint, Position, Trade
from quorate.domain.shadows import ShadowTrade
from quorate.domain.signals import COUNCIL, Factor, Mode, Signal, Stake, Tier
from quorate.domain.votes import Action, EntryKind, ExitPlan, Facts, Regime, Side, Target, Vote

START_MS = 1_735_689_600_000
STEP_MS = 300_000
PAIRS = ("ADA/USDT", "BNB/USDT", "BTC/USDT", "DOGE/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT")
BOOKS = ("aggressive", "conservative", "strategies")


def opened(*, feed: str = "replay") -> e.AccountOpened:
    return e.AccountOpened("paper", feed, "d" * 64, tuple((name, D(10_000)) for name in BOOKS))


def listed(pair: str = "BTC/USDT") -> e.MarketListed:
    return e.MarketListed(Market(pair, D("0.01"), D("0.0001"), D(5), 200, ("tick", "lot")))


def step(number: int) -> e.StepClosed:
    marks = tuple((pair, D(100) + D(number % 977) / 100) for pair in PAIRS)
    return e.StepClosed(START_MS + number * STEP_MS, marks, fresh=True)


def equity(number: int, book: str = "aggressive") -> e.EquityMarked:
    worth = D(10_000) + D(number) / 100
    return e.EquityMarked(
        EquityPoint(book, START_MS + number * STEP_MS, worth, D("9000.5"), worth - D("9000.5"), D("0.0125"))
    )


def idle_batch(number: int) -> list[e.Event]:
    """What a step writes when nothing happens: the step, and the three books' equity."""
    return [step(number), *(equity(number, book) for book in BOOKS)]


PLAN = ExitPlan(
    stop=D("98.5"),
    targets=(Target(D("101.5"), D("0.33")), Target(D(103), D("0.5")), Target(D("104.5"), D(1))),
    break_even_target=1,
    trail_target=2,
    trail_distance=D("0.75"),
    expires_ms=START_MS + 86_400_000,
)


def signal(
    id_: str = "s1", *, mode: Mode = Mode.PAPER, at_ms: int = START_MS, pair: str = "BTC/USDT"
) -> e.SignalPublished:
    vote = Vote("trend", pair, Side.LONG, D("0.8"), D(100), D("98.5"), D("104.5"), "EMA 20 over 50")
    factor = Factor("kelly", D("1.02"), "17 closed trades, half Kelly")
    return e.SignalPublished(
        Signal(
            id=id_,
            mode=mode,
            source=COUNCIL,
            tier=Tier.SILVER,
            pair=pair,
            side=Side.LONG,
            action=Action.BUY,
            strategy=COUNCIL,
            regime=Regime.TRENDING_UP,
            confidence=D("0.75"),
            entry=D(100),
            entry_kind=EntryKind.MARKET,
            plan=PLAN,
            risk_reward_ratio=D(3),
            stakes=(
                Stake("aggressive", D("1000.5"), D("10.005"), D("0.10005"), (factor,), None),
                Stake("conservative", D(0), D(0), D(0), (factor,), "tier"),
            ),
            facts=Facts(pair, Regime.TRENDING_UP, D(100), 61.5, 0.25, 1.5, None),
            votes=(vote, Vote("momentum", pair, Side.FLAT, D(0), None, None, None, "no setup")),
            at_ms=at_ms,
            snapshot="a" * 64,
            model_version="rules-1",
            estimated=("spread",),
        )
    )


def intended(client_id: str = "q1", *, at_ms: int = START_MS) -> e.OrderIntended:
    return e.OrderIntended(
        Intent(
            id=f"i-{client_id}",
            client_id=client_id,
            signal_id="s1",
            portfolio="aggressive",
            pair="BTC/USDT",
            action=Action.BUY,
            kind=OrderKind.MARKET,
            purpose=Purpose.ENTRY,
            price=D(100),
            quantity=D("10.005"),
            at_ms=at_ms,
            source=COUNCIL,
            plan=PLAN,
        )
    )


def filled(
    trade_id: str = "t1",
    *,
    client_id: str = "q1",
    quantity: str = "10.005",
    complete: bool = True,
    at_ms: int = START_MS,
) -> e.OrderFilled:
    fill = Fill(trade_id, client_id, "BTC/USDT", Action.BUY, D("100.02"), D(quantity), D("0.5"), Liquidity.TAKER, at_ms)
    return e.OrderFilled(fill, "aggressive", complete, D("-0.5"), D("9999.5"))


def position(*, stop: str = "98.5", quantity: str = "10.005") -> e.PositionChanged:
    return e.PositionChanged(
        Position(
            portfolio="aggressive",
            pair="BTC/USDT",
            side=Side.LONG,
            signal_id="s1",
            source=COUNCIL,
            quantity=D(quantity),
            opened_quantity=D("10.005"),
            entry=D("100.02"),
            initial_stop=D("98.5"),
            stop=D(stop),
            plan=PLAN,
            targets_hit=0,
            trailing=False,
            realized=D("-0.5"),
            fees=D("0.5"),
            opened_ms=START_MS,
        ),
        "opened",
        START_MS,
    )


def trade(id_: str = "tr1", *, closed_ms: int = START_MS + STEP_MS) -> e.TradeClosed:
    return e.TradeClosed(
        Trade(
            id=id_,
            portfolio="aggressive",
            signal_id="s1",
            source=COUNCIL,
            pair="BTC/USDT",
            side=Side.LONG,
            quantity=D("10.005"),
            entry=D("100.02"),
            exit=D(103),
            opened_ms=START_MS,
            closed_ms=closed_ms,
            fees=D("1.01"),
            pnl=D("28.8"),
            r=D("1.9"),
            reason="target",
        )
    )


def shadow(id_: str = "sh1") -> e.ShadowChanged:
    return e.ShadowChanged(
        ShadowTrade(
            id=id_,
            analyst="trend",
            pair="BTC/USDT",
            side=Side.LONG,
            confidence=D("0.8"),
            entry_kind=EntryKind.MARKET,
            entry=D(100),
            plan=PLAN,
            opened_ms=START_MS,
            filled=None,
            stop=D("98.5"),
            targets_hit=0,
            trailing=False,
            left_ppm=1_000_000,
            earned_r=D(0),
        )
    )


def shadow_closed(id_: str = "sh1") -> e.ShadowClosed:
    return e.ShadowClosed(
        id_, "trend", "BTC/USDT", Side.LONG, D("0.8"), START_MS, START_MS + STEP_MS, D("-1.02"), "stop"
    )


def optimized(version: int = 1, *, at_ms: int = START_MS) -> e.OptimizationChanged:
    """A version that raised one weight and one base."""
    looked_at = Adjustment("weight trend", 24, D("0.12"), D("0.5"), D("0.2"), D(1), D("1.06"), "24 trades: × 1.06")
    return e.OptimizationChanged(
        Optimization(
            version,
            at_ms,
            "optimizer",
            (("trend", D("1.060000")),),
            (("aggressive", D("1.100000")),),
            (Regime.RANGING,),
            (looked_at,),
            bases=(("aggressive", D("0.110000")), ("conservative", D("0.04"))),
        )
    )


def lesson(trade: str = "tr1", *, at_ms: int = START_MS + STEP_MS) -> Lesson:
    return Lesson(
        trade=trade,
        portfolio="aggressive",
        pair="BTC/USDT",
        side=Side.LONG,
        source=COUNCIL,
        r=D("1.9"),
        expected="consensus expected LONG.",
        happened="It ended at its target.",
        lesson="Trends pay.",
        by="rules",
        at_ms=at_ms,
    )


def busy_batch(number: int) -> list[e.Event]:
    """What a step writes when a council trade is opened and run to its end within it, ten events in all."""
    at_ms = START_MS + number * STEP_MS
    return [
        step(number),
        signal(f"s{number}", at_ms=at_ms),
        intended(f"q{number}", at_ms=at_ms),
        e.OrderSubmitted(f"q{number}", at_ms),
        e.OrderAccepted(f"q{number}", at_ms),
        filled(f"t{number}", client_id=f"q{number}", at_ms=at_ms),
        position(),
        shadow(f"sh{number}"),
        trade(f"tr{number}", closed_ms=at_ms),
        equity(number),
    ]
