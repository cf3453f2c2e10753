"""Backtests: what may be started, what is wanted, how far one is, and what came of it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from quorate.api.schemas.common import Direction, Exact, Instant, Pair, Shape, Timeframe
from quorate.api.schemas.queries import Name, PairText

BacktestId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["4f1d2c9a0f0b5d3e9a540a86f2f4c1d7"])]
CandleSource = Literal["store", "folder"]
BacktestEngine = Literal["compiled", "event"]
BacktestState = Literal["running", "done", "failed", "stopped", "interrupted"]
BacktestPhase = Literal["starting", "reading", "running", "examining", "writing"]
CostPart = Literal["fees", "spread", "slippage", "latency", "funding", "liquidation", "queue"]
Tone = Literal["promising", "unproven", "against"]
FigureUnit = Literal["share", "money", "ratio", "r", "count", "days"]
STRATEGIES_MAX = 20
PAIRS_MAX = 100
PARAMETERS_MAX = 100


class StrategyWanted(Shape):
    """A strategy, and parameters laid over those of the settings."""

    name: Name
    parameters: Annotated[
        dict[str, JsonValue],
        Field(
            default_factory=dict,
            max_length=PARAMETERS_MAX,
            description="Only what differs from the settings.",
            examples=[{"channel": 30}],
        ),
    ]


class BacktestWanted(Shape):
    """What to run. Everything but strategies, pairs and timeframe has the desk's own default."""

    strategies: Annotated[list[StrategyWanted], Field(min_length=1, max_length=STRATEGIES_MAX)]
    pairs: Annotated[list[PairText], Field(min_length=1, max_length=PAIRS_MAX)]
    timeframe: Annotated[Timeframe, Field(description="Of the candles; a strategy may read longer bars.")]
    source: Annotated[
        CandleSource | None,
        Field(description="`store`: the candle store. `folder`: the folder of the feed. Null: the first that has any."),
    ] = None
    exchange: Annotated[
        str | None,
        Field(pattern=r"^[A-Za-z0-9]{2,40}$", description="Whose candles; null: the first."),
    ] = None
    start: Annotated[
        date | None, Field(examples=["2025-01-01"], description="First day, UTC; null: the first there is.")
    ] = None
    end: Annotated[
        date | None, Field(examples=["2025-04-01"], description="Day after the last, UTC; null: all there is.")
    ] = None
    engine: Annotated[
        BacktestEngine,
        Field(
            description="`compiled`: each strategy and pair on its own equity, fast. `event`: the real desk with its "
            "portfolios, controls and breakers."
        ),
    ] = "compiled"
    entry: Annotated[
        Literal["next_open", "this_close"], Field(description="Where an order at market fills. Compiled engine only.")
    ] = "next_open"
    tie: Annotated[
        Literal["pessimistic", "optimistic"],
        Field(description="Which of stop and target comes first inside one candle. Compiled engine only."),
    ] = "pessimistic"
    without: Annotated[
        list[CostPart],
        Field(default_factory=list, max_length=7, description="Parts of the costs that are switched off."),
    ]
    fee: Annotated[
        Exact | None,
        Field(description="Share of the value, for makers and takers alike, 0.001 for 0.1 %; null: the settings'."),
    ] = None
    start_equity: Annotated[
        Exact | None, Field(description="Of each strategy and pair; null: the settings'. Compiled engine only.")
    ] = None
    baselines: Annotated[
        bool, Field(description="Whether luck, holding, intervals and other orders of the results are looked into.")
    ] = True


class OfferedParameter(Shape):
    """One parameter of a strategy, with the value of the settings."""

    name: str
    kind: Literal["whole", "number", "decimal", "text", "yes_no", "list"]
    value: JsonValue


class OfferedStrategy(Shape):
    """A strategy that can be run."""

    name: str
    about: Annotated[str, Field(description="Its first sentence.")]
    timeframe: Timeframe
    warm_up: Annotated[int, Field(description="Bars that it needs before its first setup.")]
    publishes: Annotated[bool, Field(description="Whether the desk runs it: the default choice.")]
    parameters: list[OfferedParameter]


class OfferedSeries(Shape):
    """Candles of one pair."""

    pair: Pair
    timeframe: Timeframe
    first: Instant
    last: Annotated[Instant, Field(description="Close of the last candle.")]
    candles: int


class OfferedCandles(Shape):
    """Candles of one exchange at one place."""

    source: CandleSource
    label: Annotated[str, Field(description="For people; never a path.")]
    exchange: str
    series: list[OfferedSeries]


class OfferedCost(Shape):
    """One part of the cost model."""

    name: CostPart
    about: str


class BacktestOffer(Shape):
    """What may be started here and now."""

    strategies: list[OfferedStrategy]
    candles: list[OfferedCandles]
    costs: list[OfferedCost]
    maker_fee: Annotated[Exact, Field(description="Share of the value, of the settings.")]
    taker_fee: Exact
    start_equity: Annotated[Exact | None, Field(description="Null where no portfolio sizes by risk.")]
    running: int
    running_max: int
    limit_s: Annotated[float, Field(description="Seconds after which a run is stopped.")]
    faults: Annotated[list[str], Field(description="Strategies and candles that cannot be used, and why.")]


class BacktestProgress(Shape):
    """How far a run is."""

    phase: BacktestPhase
    about: Annotated[str, Field(description="What is being done; may be empty.")]
    done: int
    total: Annotated[int, Field(description="Pieces of this phase; 0 where they are not counted.")]


class BacktestFault(Shape):
    """Why a run did not succeed."""

    code: Annotated[str, Field(examples=["bad_input"])]
    message: str


class BacktestHeadline(Shape):
    """The result in one line."""

    tone: Tone | None
    verdict: str | None
    net_return: Annotated[float | None, Field(description="End over start, less 1.")]
    max_drawdown: Annotated[float | None, Field(description="A share.")]
    sharpe: float | None
    expectancy_r: float | None
    trades: int


class BacktestFacts(Shape):
    """One backtest in short."""

    id: BacktestId
    state: Annotated[BacktestState, Field(description="`interrupted`: the process that ran it is gone.")]
    wanted: BacktestWanted
    created_at: Instant
    ended_at: Instant | None
    progress: Annotated[BacktestProgress | None, Field(description="Null once it has ended.")]
    error: BacktestFault | None
    headline: Annotated[BacktestHeadline | None, Field(description="Null until it is done.")]


class BacktestPage(Shape):
    """Backtests, newest first."""

    backtests: list[BacktestFacts]
    next: str | None
    running: int
    running_max: int


class BacktestRemoval(Shape):
    """What a DELETE did."""

    id: BacktestId
    done: Annotated[
        Literal["stopped", "removed", "nothing"], Field(description="`nothing`: there was nothing left to stop.")
    ]


class ResultFigure(Shape):
    """One figure with what it means."""

    name: Annotated[str, Field(examples=["sharpe"])]
    label: str
    group: Literal["Return", "Risk", "Trades", "Activity"]
    unit: FigureUnit
    value: Annotated[float | None, Field(description="Null where it cannot be told, or has no bound.")]
    unbounded: Annotated[bool, Field(description="True for a profit factor without a loss.")]
    low: Annotated[float | None, Field(description="Of its interval.")]
    high: float | None
    level: Annotated[float | None, Field(description="Of its interval; null where it has none.")]
    method: Annotated[str, Field(description="How the interval was drawn.")]
    definition: str
    basis: str


class ResultBaseline(Shape):
    """What something simpler, or nobody, would have made of the same candles and costs."""

    name: str
    label: str
    measure: str
    unit: FigureUnit
    value: Annotated[float | None, Field(description="The strategy's own.")]
    draws: int
    quantiles: Annotated[
        list[float], Field(description="Of the baseline at 5, 25, 50, 75 and 95 %; one value; or none.")
    ]
    percentile: Annotated[float | None, Field(description="Share of the draws that the strategy beat, in percent.")]
    sentence: str
    definition: str


class ResultMonth(Shape):
    """What a month made of the equity it began with."""

    year: int
    month: int
    change: float | None
    whole: Annotated[bool, Field(description="Whether the backtest covers all of it.")]


class ResultPart(Shape):
    """The trades that have something in common."""

    name: str
    trades: int
    win_rate: float
    pnl: Exact
    costs: Exact
    mean_r: float
    profit_factor: float | None


class ResultBreakdown(Shape):
    """All trades by one thing."""

    by: Annotated[str, Field(examples=["Symbol"])]
    parts: list[ResultPart]


class ResultMoney(Shape):
    """Where the money of the closed trades went. Costs are positive where they cost."""

    gross: Exact
    fees: Exact
    spread_and_slippage: Exact
    funding: Exact
    net: Exact
    still_open: Exact | None


class ResultOrders(Shape):
    """What the same trades might have come to in another order."""

    method: str
    sentence: str
    max_drawdown: Annotated[dict[str, float], Field(description="Percent as text -> deepest fall, a share.")]


class ResultCurve(Shape):
    """A curve that `/v1/backtest/pnl` can be asked for."""

    name: str
    label: str
    kind: Literal["total", "part", "baseline"]


class BacktestResult(Shape):
    """What a run came to."""

    title: str
    tone: Tone | None
    verdict: Annotated[str | None, Field(description="Null where luck was not looked into.")]
    reasons: list[str]
    look_ahead: Literal["clean", "found", "not_checked"]
    look_ahead_sentence: str
    figures: list[ResultFigure]
    baselines: list[ResultBaseline]
    months: list[ResultMonth]
    breakdowns: list[ResultBreakdown]
    money: ResultMoney
    other_orders: ResultOrders | None
    curves: list[ResultCurve]
    parameters: dict[str, dict[str, JsonValue]]
    costs: dict[str, str]
    conventions: dict[str, str]
    estimated: list[str]
    silent: Annotated[dict[str, int], Field(description="Setups that became no trade, by why.")]
    warnings: list[str]
    source: str
    start: Instant
    end: Instant
    bars: int
    start_equity: Exact
    trades: int
    open_trades: int
    variants_tried: int
    elapsed_s: float
    digest: str


class BacktestDetail(Shape):
    """One backtest, and its result once it is done."""

    backtest: BacktestFacts
    result: BacktestResult | None


class BacktestPoint(Shape):
    """Equity at an instant."""

    timestamp: Instant
    equity: Exact
    drawdown_pct: float


class BacktestCurve(Shape):
    """One curve of a backtest, oldest first."""

    id: BacktestId
    curve: str
    points: list[BacktestPoint]


class BacktestTrade(Shape):
    """One trade from entry to flat."""

    portfolio: str
    strategy: str
    pair: Pair
    side: Direction
    opened_at: Instant
    closed_at: Instant
    entry: Exact
    exit: Exact
    quantity: Exact
    pnl: Annotated[Exact, Field(description="Net of every cost.")]
    fees: Exact
    funding: Exact
    spread_and_slippage: Exact
    r: Exact
    reason: str
    bars: int
    regime: Annotated[str, Field(description="At the entry; empty where it was not measured.")]


class BacktestTrades(Shape):
    """Closed trades of a backtest, newest first."""

    id: BacktestId
    trades: list[BacktestTrade]
    next: str | None
