"""What closed trades say: expectancies by age, how far they are believed, and how sure one can be of their sign.

Decimal throughout, with a context of its own: exp, ln and sqrt of the standard library's Decimal are correctly rounded
everywhere, those of floats are not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache, partial
from typing import Protocol

from quorate.domain.money import ARITHMETIC, ZERO
from quorate.domain.policy import OptimizerPolicy
from quorate.domain.votes import Regime

NORMAL = Decimal(1)
VALUE_STEP = Decimal("0.000001")
"""Places to which values are kept."""
DAY_MS = 86_400_000
ROOT_OF_TWO_PI = Decimal("2.506628274631000502415765285")
TANH_FLAT = Decimal(40)
"""From here on tanh is 1 in every place that is kept."""
QUANTILE_STEP = Decimal("1e-20")
ERROR_STEP = Decimal("1e-12")
HALF_LIVES_KEPT, DECAYS_KEPT = 16, 16_384


class Closed(Protocol):
    """A closed trade, of a portfolio or a shadow."""

    @property
    def closed_ms(self) -> int:
        """Feed time at which it closed."""
        ...

    @property
    def r(self) -> Decimal:
        """What it earned, in R, net of costs."""
        ...

    @property
    def regime(self) -> Regime:
        """Regime of its pair when it was opened."""
        ...


Weighed = tuple[Closed, Decimal, Decimal]
"""A closed trade, its weight by age, and its R times that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the closed trades of the window come to. `expectancy_r` is weighted by age and shrunk, `average_r` plain."""

    count: int
    wins: int
    days: int
    """UTC days on which they closed."""
    total_r: Decimal
    newest_ms: int | None
    expectancy_r: Decimal | None
    average_r: Decimal | None
    win_rate: Decimal | None


NOTHING = Measure(
    count=0, wins=0, days=0, total_r=ZERO, newest_ms=None, expectancy_r=None, average_r=None, win_rate=None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One-sided confidence bounds of a shrunk expectancy, in R."""

    low: Decimal
    high: Decimal
    sureness: Decimal
    """Standard errors by which the nearer bound clears 0; negative where it does not."""


def weigh(trades: Iterable[Closed], *, at_ms: int, policy: OptimizerPolicy) -> list[Weighed]:
    """The trades of the window that ends at `at_ms`, in their order, each with its weight; nothing of the future."""
    since_ms = at_ms - policy.window_days * DAY_MS
    window = [trade for trade in trades if since_ms < trade.closed_ms <= at_ms]
    decayed = decay_of(policy.half_life_days)
    with localcontext(ARITHMETIC):
        weights = [decayed(at_ms - trade.closed_ms) for trade in window]
        return [(trade, weight, weight * trade.r) for trade, weight in zip(window, weights, strict=True)]


def measure(window: Sequence[Weighed], policy: OptimizerPolicy) -> Measure:
    """What the trades of a window come to: the mean of R by age, times n / (n + shrinkage)."""
    if not window:
        return NOTHING
    results = [trade.r for trade, _, _ in window]
    closed_ms = [trade.closed_ms for trade, _, _ in window]
    count, wins = len(window), sum([r > 0 for r in results])
    with localcontext(ARITHMETIC):
        mean = sum([product for _, _, product in window], ZERO) / sum([weight for _, weight, _ in window], ZERO)
        total = sum(results, ZERO)
        return Measure(
            count=count,
            wins=wins,
            days=len({at_ms // DAY_MS for at_ms in closed_ms}),
            total_r=total,
            newest_ms=max(closed_ms),
            expectancy_r=mean * belief(count, policy),
            average_r=total / count,
            win_rate=Decimal(wins) / count,
        )


def belief(count: int, policy: OptimizerPolicy) -> Decimal:
    """How far an expectancy from so many trades is believed: n / (n + shrinkage)."""
    return Decimal(count) / (count + policy.shrinkage_trades)


def expectancy_span(window: Sequence[Weighed], policy: OptimizerPolicy) -> Span | None:
    """Confidence bounds of the shrunk expectancy; None with fewer trades or days than anything is said of.

    Trades of one UTC day share its market, and analysts of one panel vote on the same pairs: they are no independent
    draws, so a day is one. The standard error of the mean m, weighted by age, is the jackknife's over G days, with m
    without day g in turn: the root of (G - 1) / G · sum of (m without g - m)². One day that outweighs all others is
    told by it, however many trades it holds. Bounds are at Student's t of G - 1 degrees of freedom. J. G. MacKinnon,
    M. Ø. Nielsen, M. D. Webb, Cluster-robust inference: a guide to empirical practice, 2023. Shrinking scales mean and
    bounds alike and leaves their sign.
    """
    days: dict[int, tuple[Decimal, Decimal]] = {}
    nothing = (ZERO, ZERO)
    with localcontext(ARITHMETIC):
        for trade, weight, product in window:
            day = trade.closed_ms // DAY_MS
            total, weighted = days.get(day, nothing)
            days[day] = total + weight, weighted + product
        count = len(days)
        if len(window) < policy.regime_trades_min or count < policy.regime_days_min:
            return None
        mean, error = _jackknife(list(days.values()))
        quantile = student_t(policy.regime_confidence, count - 1)
        shrunk = belief(len(window), policy)
        return Span(
            low=(mean - quantile * error) * shrunk,
            high=(mean + quantile * error) * shrunk,
            sureness=abs(mean) / error - quantile if error else Decimal("Infinity"),
        )


def _jackknife(groups: Sequence[tuple[Decimal, Decimal]]) -> tuple[Decimal, Decimal]:
    """Mean over (weight, weighted sum) of at least two groups, and its standard error with one group left out in turn.

    The error is told to twelve places: what is beyond them is rounding and not spread.
    """
    total = sum((weight for weight, _ in groups), ZERO)
    weighted = sum((part for _, part in groups), ZERO)
    mean = weighted / total
    off = [(weighted - part) / (total - weight) - mean for weight, part in groups]
    squares = sum((each * each for each in off), ZERO)
    return mean, (squares * (len(groups) - 1) / len(groups)).sqrt().quantize(ERROR_STEP)


@lru_cache(maxsize=HALF_LIVES_KEPT)
def decay_of(half_life_days: Decimal) -> Callable[[int], Decimal]:
    """`decay` by age alone, each weight computed once: ages come again and again, as candles lie on a grid."""
    return lru_cache(maxsize=DECAYS_KEPT)(partial(decay, half_life_days=half_life_days))


def decay(age_ms: int, half_life_days: Decimal) -> Decimal:
    """2 to the power of minus age over half-life: 1 for now, a half after one half-life."""
    with localcontext(ARITHMETIC):
        return (-Decimal(2).ln() * age_ms / (half_life_days * DAY_MS)).exp()


def tanh(x: Decimal) -> Decimal:
    """Hyperbolic tangent, by way of the exponential function: 1 - 2 / (e^2x + 1)."""
    with localcontext(ARITHMETIC):
        size = min(abs(x), TANH_FLAT)
        value = NORMAL - 2 / ((2 * size).exp() + 1)
        return value.copy_sign(x)


@lru_cache(maxsize=1_024)
def student_t(level: Decimal, freedom: int) -> Decimal:
    """Quantile of Student's t distribution for `level` from 0.5 to below 1, by its expansion around the normal one.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5. Against tables it is off by less than 0.001 from
    four degrees of freedom on.
    """
    assert freedom >= 1, "a quantile needs a degree of freedom"
    with localcontext(ARITHMETIC):
        z = normal_quantile(level)
        q, divisor, found = z * z, NORMAL, z
        # Horner's scheme: a power of a Decimal is not rounded alike by every implementation, a product is.
        for term in (
            (q + 1) / 4,
            ((5 * q + 16) * q + 3) / 96,
            (((3 * q + 19) * q + 17) * q - 15) / 384,
            ((((79 * q + 776) * q + 1_482) * q - 1_920) * q - 945) / 92_160,
        ):
            divisor *= freedom
            found += z * term / divisor
        return found


@lru_cache(maxsize=64)
def normal_quantile(level: Decimal) -> Decimal:
    """Quantile of the standard normal distribution for `level` from 0.5 to below 1, by Newton's method from 0.

    The distribution function is concave there, so that every step comes nearer from below. Its series is Abramowitz and
    Stegun 26.2.11.
    """
    assert Decimal("0.5") <= level < NORMAL, "the upper half of the distribution is all that is asked for"
    with localcontext(ARITHMETIC):
        x, step = ZERO, NORMAL
        while step > QUANTILE_STEP:
            density = (-x * x / 2).exp() / ROOT_OF_TWO_PI
            step = (level - Decimal("0.5") - density * _odd_series(x)) / density
            x += step
        return x


def _odd_series(x: Decimal) -> Decimal:
    """x + x³/3 + x⁵/(3·5) + …"""
    total = term = x
    divisor = 1
    while term > QUANTILE_STEP * QUANTILE_STEP:
        divisor += 2
        term *= x * x / divisor
        total += term
    return total
