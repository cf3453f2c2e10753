"""The seven circuit breakers (RULES section 7): when each trips, and until when. They stop openings, never closings.

Everything is measured per portfolio on equity marked to market. A limit that is reached is a limit that trips: loss,
drawdown and exposure trip at their limit exactly, and losses in a row at their count; only funding and dominance, whose
rules say "more than", let their limit itself pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.events import BreakerChanged
from quorate.domain.market import MarketKind
from quorate.domain.policy import BreakerPolicy, PortfolioPolicy
from quorate.domain.snapshot import Context
from quorate.domain.votes import Side

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
FIRST_MONDAY_MS = 4 * DAY_MS
"""1970-01-05 00:00 UTC: the epoch began on a Thursday."""

DAILY_LOSS = "daily_loss"
WEEKLY_LOSS = "weekly_loss"
DRAWDOWN = "drawdown"
EXPOSURE = "exposure"
FUNDING = "funding"
DOMINANCE = "dominance"
OPTIMIZER_PAUSE = "optimizer_pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioMarks:
    """What a portfolio's breakers measure. Money in quote units, marked to market.

    `losses_in_a_row` counts since the optimizer's last run. `optimizer_ran_ms` is when that was (None: never), and
    `optimizer_next_ms` when its next run is due (None: nobody knows).
    """

    equity: Decimal
    peak: Decimal
    day_start_equity: Decimal
    week_start_equity: Decimal
    gross_notional: Decimal
    losses_in_a_row: int
    optimizer_ran_ms: int | None = None
    optimizer_next_ms: int | None = None


def key_of(portfolio: str, name: str, scope: str) -> str:
    """Under what the latest change of a breaker is kept."""
    return f"{portfolio}|{name}|{scope}"


def day_start_ms(at_ms: int) -> int:
    """Start of the UTC day of an instant."""
    return at_ms - at_ms % DAY_MS


def week_start_ms(at_ms: int) -> int:
    """Start of the week of an instant: Monday 00:00 UTC."""
    return at_ms - (at_ms - FIRST_MONDAY_MS) % WEEK_MS


def tripped_now(
    policy: PortfolioPolicy,
    breakers: BreakerPolicy,
    marks: PortfolioMarks,
    context: Context,
    *,
    now_ms: int,
    latched: Mapping[str, BreakerChanged],
) -> tuple[tuple[str, str], ...]:
    """(name, scope) of every breaker of one portfolio that is tripped: the rule itself, cheap enough for every step.

    `latched` holds the latest change of each breaker by `key_of`. Daily and weekly loss stay tripped until their
    boundary, the optimizer pause until the optimizer has run, the drawdown switch until it is re-armed (its change to
    "not tripped" is in `latched`, and the peak starts anew).
    """
    held = held_of(policy.name, latched, now_ms)
    equity, found = marks.equity, list[tuple[str, str]]()
    if equity <= marks.day_start_equity * (1 - policy.daily_loss_limit) or (DAILY_LOSS, "") in held:
        found.append((DAILY_LOSS, ""))
    if equity <= marks.week_start_equity * (1 - policy.weekly_loss_limit) or (WEEKLY_LOSS, "") in held:
        found.append((WEEKLY_LOSS, ""))
    if equity <= marks.peak * (1 - policy.drawdown_limit) or (DRAWDOWN, "") in held:
        found.append((DRAWDOWN, ""))
    if marks.gross_notional >= policy.gross_exposure_cap * equity:
        found.append((EXPOSURE, ""))
    if context.funding is not None and policy.market is not MarketKind.SPOT:
        for pair, rate in sorted(context.funding.items()):
            if abs(rate) > breakers.funding_rate_max:
                found.append((FUNDING, f"{pair} {Side.LONG if rate > 0 else Side.SHORT}"))
    rise = context.btc_dominance_change_24h
    if rise is not None and rise > breakers.dominance_rise_max:
        found.append((DOMINANCE, Side.LONG.value))
    pause, ran_ms = held.get((OPTIMIZER_PAUSE, "")), marks.optimizer_ran_ms
    waits = pause is not None and (ran_ms is None or ran_ms < pause.at_ms)
    if waits or marks.losses_in_a_row >= breakers.losses_in_a_row_max:
        found.append((OPTIMIZER_PAUSE, ""))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Room:
    """How far a portfolio may go from where it stands until a breaker trips, while nothing but prices changes."""

    least_equity: Decimal
    """At or under this much a loss limit is reached."""
    drawdown_kept: Decimal
    """At or under this share of the peak the kill switch is."""
    gross_cap: Decimal

    def holds(self, *, equity: Decimal, peak: Decimal, gross_notional: Decimal) -> bool:
        """Whether no breaker trips at these marks."""
        return (
            equity > self.least_equity
            and equity > peak * self.drawdown_kept
            and gross_notional < self.gross_cap * equity
        )


def room_of(policy: PortfolioPolicy, marks: PortfolioMarks) -> Room:
    """The room of a portfolio of which nothing is tripped, within a day and without context (see `tripped_now`)."""
    daily = marks.day_start_equity * (1 - policy.daily_loss_limit)
    weekly = marks.week_start_equity * (1 - policy.weekly_loss_limit)
    return Room(max(daily, weekly), 1 - policy.drawdown_limit, policy.gross_exposure_cap)


def stirs(
    policy: PortfolioPolicy,
    breakers: BreakerPolicy,
    marks: PortfolioMarks,
    context: Context,
    *,
    now_ms: int,
    latched: Mapping[str, BreakerChanged],
) -> bool:
    """Whether `changes(evaluate(...))` would tell anything: what to ask at every step before evaluating in full."""
    now = tripped_now(policy, breakers, marks, context, now_ms=now_ms, latched=latched)
    before = [change for change in latched.values() if change.tripped and change.portfolio == policy.name]
    if not now and not before:
        return False
    if set(now) != {(change.name, change.scope) for change in before}:
        return True
    return any(expired(change, now_ms) for change in before)


def rearm_due(switch: BreakerChanged | None, breakers: BreakerPolicy, *, now_ms: int) -> bool:
    """Whether a replay's rule re-arms a tripped kill switch now: in a later week than it tripped in."""
    if switch is None or not switch.tripped or breakers.rearm != "weekly":
        return False
    return week_start_ms(now_ms) > week_start_ms(switch.at_ms)


def rearmed(switch: BreakerChanged, *, by: str, now_ms: int) -> BreakerChanged:
    """The kill switch after a person or a rule re-armed it; the peak has to start anew with it."""
    return BreakerChanged(
        switch.portfolio,
        switch.name,
        switch.scope,
        False,
        f"re-armed by {by}",
        switch.value,
        switch.limit,
        now_ms,
        None,
    )


def held_of(
    portfolio: str, latched: Mapping[str, BreakerChanged], now_ms: int
) -> dict[tuple[str, str], BreakerChanged]:
    """The changes that tripped a breaker of the portfolio, where they still hold."""
    return {
        (change.name, change.scope): change
        for change in latched.values()
        if change.tripped and change.portfolio == portfolio and not expired(change, now_ms)
    }


def expired(change: BreakerChanged, now_ms: int) -> bool:
    """Whether a loss breaker's day or week is over; every other breaker ends by what it measures."""
    return change.name in {DAILY_LOSS, WEEKLY_LOSS} and change.until_ms is not None and now_ms >= change.until_ms
