"""Everything that can happen, in the past tense: the kinds of journal entries.

State is a fold over these. An event carries the absolute result (the position as it is now, not its change) wherever
that makes the fold trivial. Times are feed time in UTC milliseconds; no event holds a wall-clock time, a host or a
process id that the desk's decisions could depend on.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from quorate.domain.candle import Candle
from quorate.domain.evaluation import Evaluated
from quorate.domain.lessons import Lesson
from quorate.domain.market import Market
from quorate.domain.minds import ModelAsked
from quorate.domain.optimization import Optimization
from quorate.domain.order_events import (
    BalancesRounded,
    BookStatusChanged,
    BreakFound,
    CancelRequested,
    DepthMeasured,
    DustLeft,
    ExternalFilled,
    ExternalOrderChanged,
    OrderAccepted,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderSubmitted,
    OrderUnknown,
    OrderVoided,
    ProtectionChanged,
    VenueAccountOpened,
    VenuePaid,
)
from quorate.domain.portfolio import EquityPoint, Position, Trade
from quorate.domain.promotion import Promotion
from quorate.domain.shadows import ShadowClosed, ShadowTrade
from quorate.domain.signals import Signal, VerdictOutcome
from quorate.domain.votes import MarketRegime, Regime, Side, Vote


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """A new account began: its mode, its feed, its portfolios with their start equity."""

    mode: str
    feed: str
    settings_digest: str
    portfolios: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class WriterChanged:
    """A desk took over the account's single-writer lease with a higher fencing token."""

    token: int


@dataclass(frozen=True, slots=True)
class JournalRestored:
    """The journal came out of a backup, and goes on in a new epoch: what was written after `last` is lost.

    `last` is a journal id, `epoch-seq`; `by` is a person, and `reason` theirs.
    """

    epoch: int
    last: str
    by: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class MarketListed:
    """A market became known, or its steps or minimum changed."""

    market: Market


@dataclass(frozen=True, slots=True)
class CandleQuarantined:
    """A candle from the feed could not be real, or came out of order, and was put aside undecided."""

    candle: Candle
    reason: str


@dataclass(frozen=True, slots=True)
class StepClosed:
    """Every candle that closes at `at_ms` has been worked through; `marks` are the closes that changed.

    It follows the fills and exits inside the bars; the batch that holds it is where a restarted feed goes on.
    """

    at_ms: int
    marks: tuple[tuple[str, Decimal], ...]
    fresh: bool


@dataclass(frozen=True, slots=True)
class QuotesMarked:
    """The monitor valued the account at fresh quotes between two steps."""

    at_ms: int
    marks: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """The exact inputs of a decision, in canonical JSON, under their SHA-256."""

    digest: str
    at_ms: int
    body: str


@dataclass(frozen=True, slots=True)
class EquityMarked:
    """A portfolio's equity at the close of a step. Published; state recomputes it from the marks."""

    point: EquityPoint


@dataclass(frozen=True, slots=True)
class RegimeChanged:
    """The regime of a pair changed."""

    pair: str
    regime: Regime
    at_ms: int


@dataclass(frozen=True, slots=True)
class MarketRegimeChanged:
    """The regime of the whole market changed; `why` holds the breadth and BTC's state."""

    regime: MarketRegime
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class VotesCast:
    """The council was asked at a slot. `votes` holds every vote that is not FLAT, and every abstention."""

    slot: str
    at_ms: int
    panel: tuple[str, ...]
    votes: tuple[Vote, ...]
    outcomes: tuple[VerdictOutcome, ...] = ()
    """What became of every pair on which a quorum agreed, by pair."""


@dataclass(frozen=True, slots=True)
class PositionsEvaluated:
    """The position manager has looked at every open trade, and what of its advice was carried out."""

    slot: str
    at_ms: int
    by: str
    trades: tuple[Evaluated, ...]
    asked: ModelAsked | None = None
    fault: str = ""
    """Why a model was not heard and the rules spoke instead."""


@dataclass(frozen=True, slots=True)
class LessonLearned:
    """A trade has closed and something is to be remembered of it; a later one of the same trade replaces it."""

    lesson: Lesson


@dataclass(frozen=True, slots=True)
class OptimizationChanged:
    """The optimizer set a new version of weights, base risk and blocked regimes, or somebody went back to one."""

    config: Optimization


@dataclass(frozen=True, slots=True)
class FundingPaid:
    """A perpetual position paid (negative) or received funding at a settlement."""

    portfolio: str
    pair: str
    side: Side
    rate: Decimal
    """Ratio of the notional; positive: longs pay shorts."""
    notional: Decimal
    amount: Decimal
    """Change of cash in quote units."""
    cash: Decimal
    """The portfolio's cash after it."""
    at_ms: int


@dataclass(frozen=True, slots=True)
class CouncilAsked:
    """Models of the panel were asked at a slot: who answered, at what cost, under which hashes; their votes apart."""

    slot: str
    at_ms: int
    asked: tuple[ModelAsked, ...]
    """By analyst."""


@dataclass(frozen=True, slots=True)
class SignalPublished:
    """A signal was published."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class CooldownSet:
    """The council stays silent on a pair until the given feed time: after a signal, longer after a loss."""

    pair: str
    until_ms: int
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class StrategyPaused:
    """A strategy stays silent on a pair until the given feed time, after losses in a row."""

    strategy: str
    pair: str
    until_ms: int
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A position as it stands now: opened, partly closed, or with its stop moved. `why` names the act."""

    position: Position
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class TradeClosed:
    """A position came back to flat and became a trade; the position is gone."""

    trade: Trade


@dataclass(frozen=True, slots=True)
class ShadowChanged:
    """A shadow trade opened, filled, took a target or moved its stop."""

    shadow: ShadowTrade


@dataclass(frozen=True, slots=True)
class RecordBegun:
    """An analyst's record begins, or begins anew because its key changed: what it did before counts no longer."""

    analyst: str
    key: str
    knowledge_cutoff: str | None
    """ISO date for a model; None for a rule, or where it is not known."""
    at_ms: int


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """A circuit breaker tripped or cleared. `scope` is empty, or what it is limited to (LONG, SHORT, a pair)."""

    portfolio: str
    name: str
    scope: str
    tripped: bool
    reason: str
    value: str
    limit: str
    at_ms: int
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class KillSwitchRearmed:
    """The drawdown kill switch was re-armed, by a person or by a replay's rule; the peak starts anew."""

    portfolio: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class PromotionChanged:
    """A source passed a gate of the promotion ladder, or came down it."""

    promotion: Promotion


@dataclass(frozen=True, slots=True)
class TradingStateChanged:
    """The desk's trading state changed: ACTIVE, REDUCING or HALTED, for the whole account or one pair."""

    scope: str
    state: str
    by: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class JobCompleted:
    """A job's slot was run to its end; `report` is the reply in canonical JSON text."""

    job: str
    slot: str
    at_ms: int
    report: str


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job's slot ended in an error that was told to whoever asked."""

    job: str
    slot: str
    at_ms: int
    error: str


Event = (
    AccountOpened
    | WriterChanged
    | JournalRestored
    | MarketListed
    | CandleQuarantined
    | StepClosed
    | QuotesMarked
    | SnapshotTaken
    | EquityMarked
    | RegimeChanged
    | MarketRegimeChanged
    | VotesCast
    | CouncilAsked
    | PositionsEvaluated
    | LessonLearned
    | OptimizationChanged
    | FundingPaid
    | SignalPublished
    | CooldownSet
    | StrategyPaused
    | OrderIntended
    | OrderDenied
    | OrderSubmitted
    | OrderAccepted
    | OrderFilled
    | OrderCancelled
    | OrderRejected
    | OrderUnknown
    | OrderVoided
    | CancelRequested
    | DustLeft
    | ProtectionChanged
    | BookStatusChanged
    | DepthMeasured
    | BalancesRounded
    | VenueAccountOpened
    | VenuePaid
    | ExternalOrderChanged
    | ExternalFilled
    | BreakFound
    | PositionChanged
    | TradeClosed
    | ShadowChanged
    | ShadowClosed
    | RecordBegun
    | BreakerChanged
    | KillSwitchRearmed
    | PromotionChanged
    | TradingStateChanged
    | JobCompleted
    | JobFailed
)
EVENT_KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
"""Name of an entry's kind in the journal -> its class."""
