"""The desk's state: everything it knows, as `evolve` folds it out of the account's journal, and nothing else."""

from dataclasses import dataclass, field
from decimal import Decimal

from quorate.domain.events import BreakerChanged
from quorate.domain.lessons import Lesson
from quorate.domain.market import Market
from quorate.domain.money import ZERO
from quorate.domain.optimization import NOT_OPTIMIZED, Optimization
from quorate.domain.orders import ExternalOrder, Order
from quorate.domain.portfolio import Position
from quorate.domain.promotion import Promotion
from quorate.domain.shadows import ShadowTrade
from quorate.domain.votes import MarketRegime, Regime

OPTIMIZER = "optimizer"
"""The job whose run ends the pause after losses in a row."""
DAY_MS = 86_400_000
_MONDAY_OFFSET_MS = 4 * DAY_MS
"""The epoch began on a Thursday: weeks are counted from the Monday after it."""
RESULTS_KEPT_MIN, RESULTS_KEPT_MAX = 200, 2_000
"""Closed trades kept for each analyst and portfolio: the most the sizing chain looks back on, and as many more as are
younger than RESULTS_KEPT_MS, for the optimizer."""
RESULTS_KEPT_MS = 30 * DAY_MS
LESSONS_KEPT = 40
"""Lessons of the council's trades that are remembered, and as many of the strategies'."""
OPTIMIZATIONS_KEPT = 50
"""Versions of the optimizer's configuration that somebody can go back to."""
RECENT_ORDERS_MS = 86_400_000
"""How long sent orders are remembered for throttles and duplicate checks."""
TRAIL_MARKS = 8
"""Earlier marks kept for each pair, for the collar over a period."""


def day_of(at_ms: int) -> int:
    """Number of the UTC day."""
    return at_ms // DAY_MS


def week_of(at_ms: int) -> int:
    """Number of the week, Monday 00:00 UTC to Monday 00:00 UTC."""
    return (at_ms - _MONDAY_OFFSET_MS) // (7 * DAY_MS)


@dataclass(frozen=True, slots=True)
class Result:
    """One closed trade, of a portfolio or a shadow, as sizing, records and the optimizer read it."""

    closed_ms: int
    r: Decimal
    confidence: Decimal = ZERO
    """What the analyst had said, 0 to 1; 0 for a portfolio's trade."""
    regime: Regime = Regime.NEUTRAL
    """Regime of the pair when it was opened."""


@dataclass(slots=True)
class PortfolioState:
    """What one portfolio is worth, and what its breakers measure against."""

    cash: Decimal
    equity: Decimal
    unrealized: Decimal
    peak: Decimal
    day_start: Decimal
    week_start: Decimal
    streak: int = 0
    """Trades won (positive) or lost (negative) in a row."""
    losses_for_pause: int = 0
    """Losses in a row since the optimizer last ran."""
    marked_ms: int = -1
    """Hour of the last published equity point, and what it said."""
    marked_equity: Decimal = ZERO
    trades: list[Result] = field(default_factory=list[Result])
    """Its newest closed trades, oldest first."""


@dataclass(slots=True)
class Activity:
    """What a strategy has done on one pair lately: its pacing looks at this."""

    signals_ms: list[int] = field(default_factory=list[int])
    losses: int = 0
    paused_until_ms: int = 0
    closed_ms: int = 0


@dataclass(slots=True)
class SentOrder:
    """An order that was sent lately, kept for throttles."""

    at_ms: int
    pair: str
    entry: bool


@dataclass(slots=True)
class DeskState:
    """Everything the desk knows. Dictionaries are keyed by text, so that a checkpoint is plain JSON."""

    account: str
    at_ms: int | None = None
    """Instant of the last closed step: where a restarted feed goes on."""
    fresh_ms: int | None = None
    """Instant of the last step on which anything new was decided."""
    valued_ms: int = 0
    markets: dict[str, Market] = field(default_factory=dict[str, Market])
    marks: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    marks_ms: dict[str, int] = field(default_factory=dict[str, int])
    trails: dict[str, list[tuple[int, Decimal]]] = field(default_factory=dict[str, list[tuple[int, Decimal]]])
    """pair -> (instant, mark) of the marks before the present one, oldest first."""
    portfolios: dict[str, PortfolioState] = field(default_factory=dict[str, PortfolioState])
    positions: dict[str, dict[str, Position]] = field(default_factory=dict[str, dict[str, Position]])
    """pair -> portfolio -> position."""
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    """client id -> order, open ones only."""
    sent: list[SentOrder] = field(default_factory=list[SentOrder])
    sent_ids: dict[str, int] = field(default_factory=dict[str, int])
    """Ids of intents and orders sent lately -> when."""
    shadows: dict[str, dict[str, ShadowTrade]] = field(default_factory=dict[str, dict[str, ShadowTrade]])
    """pair -> key -> open shadow trade."""
    results: dict[str, list[Result]] = field(default_factory=dict[str, list[Result]])
    """analyst -> its newest closed shadow trades that count, oldest first; of its present record only."""
    records: dict[str, str] = field(default_factory=dict[str, str])
    """analyst -> key of its present record."""
    cooldowns: dict[str, int] = field(default_factory=dict[str, int])
    """pair -> feed time until which the council publishes nothing on it."""
    activity: dict[str, Activity] = field(default_factory=dict[str, Activity])
    """"strategy|pair" -> its recent activity."""
    breakers: dict[str, BreakerChanged] = field(default_factory=dict[str, BreakerChanged])
    """"portfolio|name|scope" -> latest change; a cleared breaker is kept, so that it can say when."""
    trading: dict[str, str] = field(default_factory=dict[str, str])
    """scope ("" for the account, or a pair) -> ACTIVE, REDUCING or HALTED."""
    enabled_ms: dict[str, int] = field(default_factory=dict[str, int])
    """pair -> when it was last opened to entries again."""
    regimes: dict[str, Regime] = field(default_factory=dict[str, Regime])
    market_regime: MarketRegime = MarketRegime.NEUTRAL
    slots: dict[str, int] = field(default_factory=dict[str, int])
    """job -> instant of the newest slot that was run."""
    optimized_ms: int | None = None
    """Feed time at which the optimizer last ran, by its schedule or by hand."""
    stances: str = ""
    """Fingerprint of the last ballot that was written down."""
    weights: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """analyst -> weight in the council; 1 where absent."""
    optimization: Optimization = NOT_OPTIMIZED
    optimizations: list[Optimization] = field(default_factory=list[Optimization])
    """Earlier and present versions, oldest first."""
    lessons: list[Lesson] = field(default_factory=list[Lesson])
    """Newest lessons, oldest first."""
    promotions: dict[str, Promotion] = field(default_factory=dict[str, Promotion])
    """source -> its newest step on the promotion ladder."""
    live_results: dict[str, list[Result]] = field(default_factory=dict[str, list[Result]])
    """source that trades real money -> its closed trades since its last step, oldest first."""
    steps: int = 0
    candles: int = 0
    venue: str = ""
    """The real venue this account trades at; empty on paper, and before it was first reckoned with."""
    venue_ms: int = 0
    """When its balances were taken for the beginning."""
    ended: dict[str, Order] = field(default_factory=dict[str, Order])
    """client id -> order that ended at a real venue lately: executions may still be told late."""
    executions: dict[str, int] = field(default_factory=dict[str, int])
    """"pair|trade id|action" of every execution, and "pair|id|kind" of every payment, that was booked lately -> when:
    the same one is never booked twice."""
    paid_ms: int = 0
    """The venue's time of the newest payment that was booked."""
    baseline: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """asset -> what the venue's account had of it before everything in `flows`."""
    flows: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """asset -> sum of everything that executions and payments have added (positive) or taken, fees included."""
    roundings: dict[str, int] = field(default_factory=dict[str, int])
    """asset -> how many entries of `flows` the venue may have rounded since that was last reckoned with."""
    external: dict[str, ExternalOrder] = field(default_factory=dict[str, ExternalOrder])
    """"pair|venue id" -> open order on the account that is not ours."""
    dust: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """asset -> what was too small to be sold."""
    unprotected: dict[str, int] = field(default_factory=dict[str, int])
    """"portfolio|pair" of positions without a stop at the venue -> since when that is an alarm."""
    books_blocked: dict[str, str] = field(default_factory=dict[str, str])
    """pair -> what is wrong with the venue's order book: nothing is opened on it meanwhile."""
    intents: int = 0
    """How many intents there ever were: tells two of one purpose at one instant apart."""

    def position(self, portfolio: str, pair: str) -> Position | None:
        """The portfolio's open position on the pair, if any."""
        return self.positions.get(pair, {}).get(portfolio)

    def positions_of(self, portfolio: str) -> list[Position]:
        """Every open position of a portfolio, by pair."""
        return [held[portfolio] for _, held in sorted(self.positions.items()) if portfolio in held]


def unrealized_of(state: DeskState) -> dict[str, Decimal]:
    """portfolio -> profit of its open positions at the latest marks; portfolios that hold nothing are left out."""
    gains: dict[str, Decimal] = {}
    for pair, held in state.positions.items():
        mark = state.marks.get(pair)
        for name, position in held.items():
            gain = position.unrealized(position.entry if mark is None else mark)
            gains[name] = gains.get(name, ZERO) + gain
    return gains


def remember(results: list[Result], newest: Result) -> None:
    """Add a result; those nobody looks back on any more are forgotten."""
    results.append(newest)
    horizon_ms = newest.closed_ms - RESULTS_KEPT_MS
    while len(results) > RESULTS_KEPT_MIN and (results[0].closed_ms < horizon_ms or len(results) > RESULTS_KEPT_MAX):
        del results[0]
