"""The promotion ladder: what a strategy or the council has to show before it trades real money (C26).

Backtest, walk-forward and paper days are gates before the canary, which trades small; the canary's own trades are the
gate before full size. Every gate is a comparison of plain numbers made here, every step up or down an event in the
account's journal. A source comes down when its live trades leave the band that its backtest promised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any, cast

from quorate.domain.errors import BadInput
from quorate.domain.money import ZERO, plain

DAY_MS = 86_400_000
D = Decimal


class Rung(StrEnum):
    """How far a source has come. Live entries begin at the canary."""

    IDEA = "idea"
    BACKTESTED = "backtested"
    WALKED_FORWARD = "walked_forward"
    CANARY = "canary"
    FULL = "full"

    @property
    def height(self) -> int:
        """0 for an idea."""
        return tuple(Rung).index(self)

    @property
    def live(self) -> bool:
        """Whether it may open positions with real money."""
        return self.height >= Rung.CANARY.height


class Gate(StrEnum):
    """What stands between one rung and the next."""

    BACKTEST = "backtest"
    WALK_FORWARD = "walk-forward"
    PAPER = "paper"
    CANARY = "canary"

    @property
    def opens_from(self) -> Rung:
        """The rung before it."""
        return tuple(Rung)[tuple(Gate).index(self)]

    @property
    def leads_to(self) -> Rung:
        """The rung behind it."""
        return tuple(Rung)[tuple(Gate).index(self) + 1]


def next_gate(rung: Rung) -> Gate | None:
    """The gate before the next rung; None on the last."""
    return None if rung is Rung.FULL else tuple(Gate)[rung.height]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionPolicy:
    """What each gate asks for. Results of trades are told in R, net of every cost."""

    __pydantic_config__ = {"extra": "forbid"}

    backtest_trades_min: int = 100
    backtest_days_min: int = 90
    deflated_sharpe_min: Decimal = D("0.90")
    """Probability, after everything that was tried, that the backtest was not luck."""
    walk_percentile_min: Decimal = D(95)
    """Share in percent of those who choose their parameters at random that the choosing has to beat."""
    paper_days_min: int = 14
    paper_trades_min: int = 20
    canary_days_min: int = 14
    canary_trades_min: int = 20
    band_trades_min: int = 10
    """Live trades below which nothing is said about the band."""
    band_deviations: Decimal = D(3)
    """How many standard errors below the backtest's mean the mean of the live trades may lie. At 3 a source that keeps
    its promise is sent down by chance about once in 700 looks; looks follow each other, so count on more."""
    band_drawdown_factor: Decimal = D("1.5")
    """How many times the backtest's deepest fall, in R, the live trades may fall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Closed trades of one source, summed up. In R."""

    trades: int
    mean: Decimal
    deviation: Decimal
    """Standard deviation of one trade."""
    fall: Decimal
    """Deepest fall of the running sum from its peak, positive."""
    first_ms: int
    last_ms: int

    @property
    def days(self) -> Decimal:
        """From the first close to the last."""
        return D(self.last_ms - self.first_ms) / DAY_MS


NO_RESULTS = Results(trades=0, mean=ZERO, deviation=ZERO, fall=ZERO, first_ms=0, last_ms=0)
R_STEP = D("0.000001")


def results_of(closed: Sequence[tuple[int, Decimal]]) -> Results:
    """Sum up (closed at, R) of trades, oldest first."""
    if not closed:
        return NO_RESULTS
    values = [r for _, r in closed]
    mean = sum(values, ZERO) / len(values)
    spread = sum(((value - mean) ** 2 for value in values), ZERO) / max(len(values) - 1, 1)
    running = peak = fall = ZERO
    for value in values:
        running += value
        peak = max(peak, running)
        fall = max(fall, peak - running)
    return Results(
        trades=len(values),
        mean=mean.quantize(R_STEP, ROUND_HALF_EVEN),
        deviation=spread.sqrt().quantize(R_STEP, ROUND_HALF_EVEN),
        fall=fall.quantize(R_STEP, ROUND_HALF_EVEN),
        first_ms=closed[0][0],
        last_ms=closed[-1][0],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestShown:
    """What a backtest has shown."""

    results: Results
    days: Decimal
    """Length of the candles it ran on."""
    deflated_sharpe: Decimal | None
    """None where it could not be told."""
    look_ahead: str
    """The check's verdict: `clean`, `found`, or another word where it was not made to the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkShown:
    """What a walk-forward has shown where it counts."""

    trades: int
    net_return: Decimal
    percentile: Decimal
    """Share in percent of the random choosers that it beat."""
    look_ahead: str


@dataclass(frozen=True, slots=True)
class Band:
    """What a backtest has promised of every trade after it."""

    mean: Decimal
    deviation: Decimal
    fall: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """Where a source stands and how it came there: one step of the ladder, as the journal keeps it."""

    source: str
    key: str
    """Identity of what was shown to work, parameters and panel included; another one begins at the bottom."""
    before: Rung
    rung: Rung
    gate: str
    """The gate that was passed; `demotion` for a step down."""
    by: str
    reason: str
    evidence: str
    """What was shown, in canonical JSON."""
    band: Band | None
    at_ms: int


DEMOTION = "demotion"


def promotion_of(told: object) -> Promotion:
    """A step as somebody sent it: every field by its name, numbers as text. Errors: BadInput."""
    try:
        step = dict(cast("Mapping[str, Any]", told))
        band = step.pop("band")
        numbers = None if band is None else [Decimal(str(band[name])) for name in ("mean", "deviation", "fall")]
        if numbers is not None and not all(number.is_finite() for number in numbers):
            raise ValueError("a band without end")
        words = {name: str(step.pop(name)) for name in ("source", "key", "gate", "by", "reason", "evidence")}
        before, rung, at_ms = Rung(step.pop("before")), Rung(step.pop("rung")), int(step.pop("at_ms"))
        if step:
            raise ValueError(f"nobody knows {', '.join(step)}")
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise BadInput(f"This is no step of the promotion ladder: {error}.") from error
    return Promotion(**words, before=before, rung=rung, at_ms=at_ms, band=None if numbers is None else Band(*numbers))


def fault_in_backtest(shown: BacktestShown, policy: PromotionPolicy) -> str | None:
    """Why a backtest does not pass, in words with numbers; None where it does."""
    if shown.look_ahead == "found":
        return "it looks ahead"
    if shown.results.trades < policy.backtest_trades_min:
        return f"{shown.results.trades} trades, {policy.backtest_trades_min} are needed"
    if shown.days < policy.backtest_days_min:
        return f"{shown.days:.0f} days, {policy.backtest_days_min} are needed"
    if shown.results.mean <= 0:
        return f"a trade makes {_r(shown.results.mean)} on average"
    if shown.deflated_sharpe is None or shown.deflated_sharpe < policy.deflated_sharpe_min:
        had = "cannot be told" if shown.deflated_sharpe is None else f"is {shown.deflated_sharpe:.2f}"
        return f"the probability that it is not luck {had}, {plain(policy.deflated_sharpe_min)} is needed"
    return None


def fault_in_walk(shown: WalkShown, policy: PromotionPolicy) -> str | None:
    """Why a walk-forward does not pass; None where it does."""
    if shown.look_ahead == "found":
        return "it looks ahead"
    if shown.trades == 0:
        return "nothing was traded where it counts"
    if shown.net_return <= 0:
        return f"it makes {100 * shown.net_return:.2f} % where it counts"
    if shown.percentile < policy.walk_percentile_min:
        return f"it beats {shown.percentile:.0f} % of random choosers, {plain(policy.walk_percentile_min)} are needed"
    return None


def fault_in_paper(results: Results, band: Band, policy: PromotionPolicy) -> str | None:
    """Why the paper days do not suffice; None where they do."""
    return _fault_in_days(results, band, policy, trades_min=policy.paper_trades_min, days_min=policy.paper_days_min)


def fault_in_canary(results: Results, band: Band, policy: PromotionPolicy) -> str | None:
    """Why the canary's trades do not suffice for full size; None where they do."""
    return _fault_in_days(results, band, policy, trades_min=policy.canary_trades_min, days_min=policy.canary_days_min)


def _fault_in_days(
    results: Results, band: Band, policy: PromotionPolicy, *, trades_min: int, days_min: int
) -> str | None:
    if results.trades < trades_min:
        return f"{results.trades} closed trades, {trades_min} are needed"
    if results.days < days_min:
        return f"{results.days:.1f} days from the first trade to the last, {days_min} are needed"
    return leaves_band(results, band, policy)


def band_of(results: Results) -> Band:
    """What a backtest promises."""
    return Band(results.mean, results.deviation, results.fall)


def leaves_band(results: Results, band: Band, policy: PromotionPolicy) -> str | None:
    """Why trades are worse than their backtest promised, by more than chance explains; None where they are not.

    Better than promised is no reason to come down.
    """
    if results.trades < policy.band_trades_min:
        return None
    error = band.deviation / D(results.trades).sqrt()
    floor = band.mean - policy.band_deviations * error
    if results.mean < floor:
        return (
            f"{results.trades} trades make {_r(results.mean)} on average; its backtest promised {_r(band.mean)}, "
            f"and not less than {_r(floor)} over so many"
        )
    deepest = policy.band_drawdown_factor * band.fall
    if results.fall > deepest:
        return f"they fell by {_r(results.fall)}; {_r(deepest)} is what its backtest allows"
    return None


def rung_of(promotion: Promotion | None, key: str) -> Rung:
    """Where a source stands: at the bottom where it never rose, or where it is no longer what rose."""
    return promotion.rung if promotion is not None and promotion.key == key else Rung.IDEA


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Live trading of an account: whom it lets, as far as the ladder says. There is none on paper."""

    promotions: Mapping[str, Promotion]
    """source -> its newest step."""
    keys: Mapping[str, str]
    """source -> identity of what would trade now."""
    stake: Decimal
    """Notional that one canary may have in play, in quote units."""

    def rung(self, source: str) -> Rung:
        """How far a source has come; one that nobody knows is an idea."""
        return rung_of(self.promotions.get(source), self.keys.get(source, ""))


def canary_room(stake: Decimal, *, in_play: Decimal) -> Decimal:
    """Notional that a canary may still open: its budget less what it holds and has on the way, in quote units."""
    return max(stake - in_play, ZERO)


def _r(value: Decimal) -> str:
    return f"{value:+.3f} R"
