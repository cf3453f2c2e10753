"""What the owner of the desk has decided: portfolios, limits, costs. Plain values; `settings.py` reads them from files.

Every number of the specification that a user may change lives here with its default. Ratios are Decimal shares (0.05
is 5 %) unless the name says bps or ppm.
"""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.market import MarketKind
from quorate.domain.signals import COUNCIL, Tier

STRATEGIES = "strategies"
"""Source name in a portfolio's policy that stands for every enabled strategy's own signals."""

D = Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioPolicy:
    """One portfolio: what it trades, how much it risks, when it stops."""

    __pydantic_config__ = {"extra": "forbid"}

    name: str
    sources: tuple[str, ...] = (COUNCIL,)
    tiers: tuple[Tier, ...] = (Tier.GOLD, Tier.SILVER)
    market: MarketKind = MarketKind.PERP
    start_equity: Decimal = D(10_000)
    base_share: Decimal = D("0.10")
    """Base of the sizing chain: share of equity taken as notional (council)."""
    risk_per_trade: Decimal | None = None
    """Base of the sizing chain for strategies: share of equity lost at the stop. None: sized by `base_share`."""
    position_cap: Decimal = D("0.40")
    """Share of equity one position's notional may reach under `risk_per_trade` sizing."""
    final_risk_cap: Decimal = D("0.40")
    """Hard cap of final_risk_pct."""
    gross_exposure_cap: Decimal = D("3.0")
    net_exposure_cap: Decimal | None = None
    """Long less short, as a multiple of equity. None: the gross cap."""
    coin_exposure_cap: Decimal | None = None
    """Share of equity in one coin over all its pairs. None: `final_risk_cap`."""
    leverage: Decimal = D(3)
    daily_loss_limit: Decimal = D("0.05")
    weekly_loss_limit: Decimal = D("0.10")
    drawdown_limit: Decimal = D("0.20")


DEFAULT_PORTFOLIOS = (
    PortfolioPolicy(name="aggressive"),
    PortfolioPolicy(
        name="conservative",
        tiers=(Tier.GOLD,),
        base_share=D("0.04"),
        gross_exposure_cap=D("1.0"),
        leverage=D(1),
        daily_loss_limit=D("0.03"),
        weekly_loss_limit=D("0.06"),
        drawdown_limit=D("0.12"),
    ),
    PortfolioPolicy(
        name="strategies",
        sources=(STRATEGIES,),
        tiers=(Tier.SINGLE,),
        risk_per_trade=D("0.006"),
        position_cap=D("0.10"),
        gross_exposure_cap=D("1.0"),
        leverage=D(1),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How often a strategy may open on one pair: the strategy says how much, the desk counts, on feed time."""

    __pydantic_config__ = {"extra": "forbid"}

    cooldown_bars: int = 1
    """Bars of the strategy's timeframe that must close after a trade ends before it may open again."""
    losses_pause: int | None = None
    """Losses in a row that start a pause; None: never."""
    pause_ms: int = 0
    """Length of that pause."""
    per_hour_max: int | None = None
    """Entries in any 60 minutes; None: no limit."""
    per_day_max: int | None = None
    """Entries in one UTC day; None: no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What trading costs where no venue gives its own numbers. Parts per million of the notional or the price."""

    __pydantic_config__ = {"extra": "forbid"}

    maker_fee_ppm: int = 200
    taker_fee_ppm: int = 500
    spread_major_ppm: int = 200
    """Modelled full spread of the ten largest symbols."""
    spread_minor_ppm: int = 800
    slippage_ppm: int = 100
    """What an order that takes loses beyond half the spread."""
    liquidation_fee_ppm: int = 500
    """Fee on a position that the venue closes by force, on top of its margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerpPolicy:
    """Terms of perpetual contracts where no venue gives its own. Parts per million."""

    __pydantic_config__ = {"extra": "forbid"}

    maintenance_margin_ppm: int = 10_000
    """Share of a position's value below which its margin may not fall. Large coins get by with 4,000 at most venues."""
    liquidation_reserve_ppm: int = 5_000
    """Share of the entry price that must lie between a stop and the liquidation price behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of the pre-trade controls (C1 to C16), the same for every order whoever asks."""

    __pydantic_config__ = {"extra": "forbid"}

    order_quantity_max: Decimal | None = None
    order_notional_max: Decimal = D(50_000)
    symbol_notional_max: Decimal = D(100_000)
    collar_bps: int = 200
    period_collar_bps: int = 1_000
    period_collar_ms: int = 300_000
    reference_age_ms_max: int = 5_000
    """For a feed of ticks; a candle feed's limit is its next close plus 2 s."""
    bad_tick_bps: int = 5_000
    open_orders_max: int = 200
    throttle_orders_max: int = 60
    throttle_window_ms: int = 60_000
    repeats_max: int = 20
    """Entries on one pair within `repeats_window_ms` before a person has to re-enable it."""
    repeats_window_ms: int = 3_600_000
    allowed_pairs: tuple[str, ...] = ()
    """Empty: every pair of the universe."""
    restricted_pairs: tuple[str, ...] = ()
    slippage_bps_max: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPolicy:
    """How orders are looked after at a real venue; on paper the bars decide."""

    __pydantic_config__ = {"extra": "forbid"}

    maker_patience_ms: int = 10_000
    """A resting entry that is untouched for so long is cancelled."""
    protect_ms: int = 5_000
    """A position without a live stop at the venue for so long is an alarm."""
    retry_ms: int = 5_000
    """Pause after a stop was refused, or a cancel went unanswered, before it is asked for again."""
    reconcile_ms: int = 60_000
    """How often orders, executions and balances are compared with the venue's, besides when something is in doubt."""
    doubt_ms: int = 2_000
    """How often while an outcome is unknown."""
    away_ms: int = 10_000
    """How often while the venue's private stream is away: as often as rate limits bear for long."""
    dead_man_s: int = 60
    """Seconds after which the venue cancels everything unless it hears from us, where it can; 0: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilPolicy:
    """Who sits on the panel and what counts as agreement."""

    __pydantic_config__ = {"extra": "forbid"}

    panel: tuple[str, ...] = ("trend", "breakout", "momentum")
    veto_opposite: bool = False
    reward_risk_min: Decimal = D("1.2")
    entry_drift_max: Decimal = D("0.02")
    cooldown_ms: int = 86_400_000
    cooldown_after_loss_ms: int = 172_800_000
    stance_bars_max: int = 24
    evaluator: str | None = None
    """Who looks after open trades: a model of the panel by its name, or `rules`. None: the first model, else rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingPolicy:
    """Bounds of the sizing chain (RULES section 5)."""

    __pydantic_config__ = {"extra": "forbid"}

    kelly_fraction: Decimal = D("0.5")
    kelly_trades: int = 200
    anti_martingale_win_step: Decimal = D("0.10")
    anti_martingale_win_cap: Decimal = D("1.5")
    anti_martingale_loss_step: Decimal = D("0.20")
    anti_martingale_loss_floor: Decimal = D("0.4")
    risk_on: Decimal = D("1.1")
    risk_off: Decimal = D("0.6")
    volatile: Decimal = D("0.7")


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """Thresholds of the breakers that are not a portfolio's own (RULES section 7)."""

    __pydantic_config__ = {"extra": "forbid"}

    funding_rate_max: Decimal = D("0.001")
    dominance_rise_max: Decimal = D("1.0")
    losses_in_a_row_max: int = 5
    rearm: str = "never"
    """How a latched kill switch re-arms without a person: never, or weekly (replay only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerPolicy:
    """How fast and how far the optimizer moves weights, base risk and blocked regimes (RULES section 9)."""

    __pydantic_config__ = {"extra": "forbid"}

    window_days: int = 30
    """Age of the oldest closed trades that count."""
    half_life_days: Decimal = D(10)
    """Age at which a closed trade counts half as much as one of now."""
    shrinkage_trades: int = 30
    """An expectancy from so many trades is believed half."""
    expectancy_gain: Decimal = D("0.5")
    """A value moves by this times tanh(expectancy in R)."""
    step_max: Decimal = D("0.20")
    """Share by which one cycle may move a value; 0: weights and base risk stay as they are."""
    weight_min: Decimal = D("0.25")
    weight_max: Decimal = D(4)
    """Bounds of an analyst's weight."""
    base_factor_min: Decimal = D("0.5")
    base_factor_max: Decimal = D("1.5")
    """Bounds of the factor on a portfolio's base."""
    regime_confidence: Decimal = D("0.90")
    """One-sided confidence with which a regime must lose to be blocked, or earn to be opened again."""
    regime_trades_min: int = 30
    """Closed trades in a regime without which nothing is said of it."""
    regime_days_min: int = 7
    """Days on which they must have closed: trades of one day share its market."""
    regime_changes_max: int = 1
    """Regimes that one cycle may block or open; 0: they stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPolicy:
    """Everything the desk's decisions depend on besides the market: its digest is part of a replay's identity."""

    __pydantic_config__ = {"extra": "forbid"}

    portfolios: tuple[PortfolioPolicy, ...] = DEFAULT_PORTFOLIOS
    costs: Costs = Costs()
    perps: PerpPolicy = PerpPolicy()
    limits: Limits = Limits()
    execution: ExecutionPolicy = ExecutionPolicy()
    council: CouncilPolicy = CouncilPolicy()
    sizing: SizingPolicy = SizingPolicy()
    breakers: BreakerPolicy = BreakerPolicy()
    optimizer: OptimizerPolicy = OptimizerPolicy()
    strategies: tuple[str, ...] = ("bar_reaction", "breakout", "mean_reversion", "momentum", "rsi_reversal", "trend")
    """Strategies that publish signals of their own."""
