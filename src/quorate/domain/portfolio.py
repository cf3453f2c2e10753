"""What a portfolio holds: positions, the trades they became, and the equity they add up to."""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.money import ZERO
from quorate.domain.orders import Purpose
from quorate.domain.votes import ExitPlan, Regime, Side

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Position:
    """One open position: at most one for each portfolio and pair.

    `entry` is the average fill price, `realized` what has been earned on closed parts less every fee so far, both in
    quote units. R is the distance from `entry` to `initial_stop`.
    """

    portfolio: str
    pair: str
    side: Side
    signal_id: str
    source: str
    quantity: Decimal
    opened_quantity: Decimal
    entry: Decimal
    initial_stop: Decimal
    stop: Decimal
    plan: ExitPlan
    targets_hit: int
    trailing: bool
    """Whether the stop follows the close from now on."""
    realized: Decimal
    fees: Decimal
    opened_ms: int
    exit_value: Decimal = ZERO
    """Sum of price times quantity over the closed parts, for the average exit price."""
    leverage: Decimal = ONE
    liquidation: Decimal | None = None
    """Price at which the venue closes it by force; None where it never does."""
    funding: Decimal = ZERO
    """Funding received (positive) or paid so far, in quote units; part of `realized`."""
    regime: Regime = Regime.NEUTRAL
    """Regime of the pair when it was opened."""
    thesis: str = ""
    """What was expected of it when it was opened, in one sentence."""
    entry_value: Decimal = ZERO
    """Exact sum of price times quantity over the entry's fills at a real venue; 0 on paper, where there is one fill."""
    leaving: Purpose | None = None
    """Why it is to be closed at a real venue, where that takes more than one order; None while it is held."""

    @property
    def risk(self) -> Decimal:
        """One R as a price distance; positive."""
        return abs(self.entry - self.initial_stop)

    def unrealized(self, mark: Decimal) -> Decimal:
        """Profit of the open quantity at `mark`, before the costs of closing."""
        return (mark - self.entry) * self.quantity * self.side.sign

    def notional(self, mark: Decimal) -> Decimal:
        """Value of the open quantity at `mark`."""
        return mark * self.quantity


@dataclass(frozen=True, slots=True)
class Trade:
    """A position that came back to flat. `pnl` is net of every fee; `r` is `pnl` in units of the initial risk."""

    id: str
    portfolio: str
    signal_id: str
    source: str
    pair: str
    side: Side
    quantity: Decimal
    entry: Decimal
    exit: Decimal
    opened_ms: int
    closed_ms: int
    fees: Decimal
    pnl: Decimal
    r: Decimal
    reason: str
    funding: Decimal = ZERO
    """Funding received (positive) or paid, in quote units; part of `pnl`."""
    leverage: Decimal = ONE


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """A portfolio's worth at one instant, marked to market. `drawdown` is the share below the peak, 0 to 1."""

    portfolio: str
    at_ms: int
    equity: Decimal
    cash: Decimal
    unrealized: Decimal
    drawdown: Decimal
