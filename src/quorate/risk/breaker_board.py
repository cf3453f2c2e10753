"""The board of breakers: each as it stands, in words, what of it is news to the journal, and what it refuses.

Whether a breaker is tripped is the rule's alone (`quorate.risk.breakers`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from quorate.domain.events import BreakerChanged
from quorate.domain.market import MarketKind
from quorate.domain.money import ZERO, plain
from quorate.domain.orders import Intent
from quorate.domain.policy import BreakerPolicy, PortfolioPolicy
from quorate.domain.snapshot import Context
from quorate.domain.votes import Action, Side
from quorate.risk.breakers import (
    DAILY_LOSS,
    DAY_MS,
    DOMINANCE,
    DRAWDOWN,
    EXPOSURE,
    FUNDING,
    OPTIMIZER_PAUSE,
    WEEK_MS,
    WEEKLY_LOSS,
    PortfolioMarks,
    day_start_ms,
    expired,
    held_of,
    key_of,
    tripped_now,
    week_start_ms,
)
from quorate.risk.verdict import PASS, Deny, Verdict

SHOWN_STEP = Decimal("0.0001")
BITCOIN = frozenset({"BTC", "XBT"})
CONTROL_OF = {FUNDING: "C22", DOMINANCE: "C22"}
"""Number of the control that a breaker stands for; C20 where absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerState:
    """One breaker of one portfolio as it stands now.

    `scope` is empty, or what the breaker is limited to: a side ("LONG"), or a pair and a side ("BTC/USDT LONG").
    `known` is False where what it measures is missing: it lets pass, and says that it does not know.
    """

    portfolio: str
    name: str
    scope: str
    tripped: bool
    known: bool
    reason: str
    value: str
    limit: str
    since_ms: int | None
    until_ms: int | None

    @property
    def key(self) -> str:
        """Under what its latest change is kept."""
        return key_of(self.portfolio, self.name, self.scope)


def evaluate(
    policy: PortfolioPolicy,
    breakers: BreakerPolicy,
    marks: PortfolioMarks,
    context: Context,
    *,
    now_ms: int,
    latched: Mapping[str, BreakerChanged],
) -> tuple[BreakerState, ...]:
    """Every breaker of one portfolio with its value, limit and reason; arguments as of `tripped_now`."""
    tripped = tripped_now(policy, breakers, marks, context, now_ms=now_ms, latched=latched)
    board = _Board(policy.name, now_ms, frozenset(tripped), held_of(policy.name, latched, now_ms))
    day_end, week_end = day_start_ms(now_ms) + DAY_MS, week_start_ms(now_ms) + WEEK_MS
    return (
        board.loss(
            DAILY_LOSS, "today", _share_lost(marks.equity, marks.day_start_equity), policy.daily_loss_limit, day_end
        ),
        board.loss(
            WEEKLY_LOSS,
            "this week",
            _share_lost(marks.equity, marks.week_start_equity),
            policy.weekly_loss_limit,
            week_end,
        ),
        board.drawdown(marks, policy.drawdown_limit, week_end if breakers.rearm == "weekly" else None),
        board.exposure(marks, policy.gross_exposure_cap),
        *board.funding(context.funding, policy.market, breakers.funding_rate_max),
        board.dominance(context.btc_dominance_change_24h, breakers.dominance_rise_max),
        board.optimizer_pause(marks, breakers.losses_in_a_row_max),
    )


def changes(
    states: Sequence[BreakerState], latched: Mapping[str, BreakerChanged], *, now_ms: int
) -> tuple[BreakerChanged, ...]:
    """The events that make `latched` agree with `states` of one portfolio: what tripped, and what cleared."""
    found = [_changed(state, now_ms) for state in states if _news(state, latched.get(state.key), now_ms)]
    if states:
        current, portfolio = {state.key for state in states}, states[0].portfolio
        found += [
            BreakerChanged(
                portfolio, gone.name, gone.scope, False, "back within its limit", "", gone.limit, now_ms, None
            )
            for key, gone in sorted(latched.items())
            if gone.portfolio == portfolio and gone.tripped and key not in current
        ]
    return tuple(found)


def blocking(states: Iterable[BreakerState | BreakerChanged], portfolio: str, pair: str, side: Side) -> str | None:
    """Why `portfolio` may not open `side` on `pair` just now, or None when no breaker speaks against it."""
    for state in states:
        if state.tripped and state.portfolio == portfolio and _covers(state, pair, side):
            return f"{state.name}: {state.reason}"
    return None


def admit(intent: Intent, states: Iterable[BreakerState | BreakerChanged]) -> Verdict:
    """C20 and C22: refuse an entry that a tripped breaker stands against. Exits always pass."""
    if intent.reduces:
        return PASS
    side = Side.LONG if intent.action is Action.BUY else Side.SHORT
    for state in states:
        if state.tripped and state.portfolio == intent.portfolio and _covers(state, intent.pair, side):
            return Deny(CONTROL_OF.get(state.name, "C20"), f"{state.name} {state.value}", state.limit)
    return PASS


@dataclass(frozen=True, slots=True)
class _Board:
    """What is tripped, put into words: one method for each breaker."""

    portfolio: str
    now_ms: int
    tripped: frozenset[tuple[str, str]]
    held: Mapping[tuple[str, str], BreakerChanged]

    def loss(self, name: str, when: str, lost: Decimal, limit: Decimal, until: int) -> BreakerState:
        reason = f"{_percent(lost)} lost {when}" if lost > 0 else f"nothing lost {when}"
        held = self.held.get((name, ""))
        if held is not None and lost < limit:
            reason = f"{held.reason}; now {_percent(lost)}"
        return self._state(name, reason, _percent(lost), _percent(limit), until=until)

    def drawdown(self, marks: PortfolioMarks, limit: Decimal, until: int | None) -> BreakerState:
        down = _share_lost(marks.equity, marks.peak)
        held = self.held.get((DRAWDOWN, ""))
        until = until if held is None else held.until_ms
        reason = f"{_percent(down)} below the peak of {_money(marks.peak)}"
        if (DRAWDOWN, "") in self.tripped:
            reason += "; stays until it is re-armed"
        return self._state(DRAWDOWN, reason, _percent(down), _percent(limit), until=until)

    def exposure(self, marks: PortfolioMarks, cap: Decimal) -> BreakerState:
        value = f"{_shown(marks.gross_notional / marks.equity)} ×" if marks.equity > 0 else "no equity"
        reason = f"{_money(marks.gross_notional)} held on {_money(marks.equity)} of equity"
        return self._state(EXPOSURE, reason, value, f"{plain(cap)} ×")

    def funding(
        self, rates: Mapping[str, Decimal] | None, market: MarketKind, limit: Decimal
    ) -> tuple[BreakerState, ...]:
        shown = f"{_percent(limit)} per 8 h"
        if market is MarketKind.SPOT:
            return (self._state(FUNDING, "spot pays no funding", "none", shown),)
        if rates is None:
            return (self._state(FUNDING, "no source of funding rates", "unknown", shown, known=False),)
        extreme = [
            self._state(
                FUNDING,
                f"{side} pays {_percent(abs(rate))} per 8 h on {pair}",
                _percent(rate),
                shown,
                scope=f"{pair} {side}",
            )
            for pair, rate in sorted(rates.items())
            for side in (Side.LONG, Side.SHORT)
            if (FUNDING, f"{pair} {side}") in self.tripped
        ]
        most = _percent(max((abs(rate) for rate in rates.values()), default=ZERO))
        return tuple(extreme) or (self._state(FUNDING, "no rate is extreme", most, shown),)

    def dominance(self, rise: Decimal | None, limit: Decimal) -> BreakerState:
        shown, scope = f"{plain(limit)} points in 24 h", Side.LONG.value
        if rise is None:
            return self._state(DOMINANCE, "no source of dominance", "unknown", shown, scope=scope, known=False)
        reason = f"BTC's share of the market changed by {plain(rise)} points in 24 h"
        return self._state(DOMINANCE, reason, f"{plain(rise)} points", shown, scope=scope)

    def optimizer_pause(self, marks: PortfolioMarks, limit: int) -> BreakerState:
        losses, held = marks.losses_in_a_row, self.held.get((OPTIMIZER_PAUSE, ""))
        reason = f"{losses} losses in a row since the optimizer last ran"
        if (OPTIMIZER_PAUSE, "") in self.tripped and held is not None and losses < limit:
            reason = f"{held.reason}; waits for the optimizer"
        return self._state(OPTIMIZER_PAUSE, reason, str(losses), str(limit), until=marks.optimizer_next_ms)

    def _state(
        self,
        name: str,
        reason: str,
        value: str,
        limit: str,
        *,
        scope: str = "",
        known: bool = True,
        until: int | None = None,
    ) -> BreakerState:
        tripped, held = (name, scope) in self.tripped, self.held.get((name, scope))
        since = self.now_ms if held is None else held.at_ms
        return BreakerState(
            portfolio=self.portfolio,
            name=name,
            scope=scope,
            tripped=tripped,
            known=known,
            reason=reason,
            value=value,
            limit=limit,
            since_ms=since if tripped else None,
            until_ms=until if tripped else None,
        )


def _covers(state: BreakerState | BreakerChanged, pair: str, side: Side) -> bool:
    if state.name == FUNDING:
        return state.scope == f"{pair} {side}"
    if state.name == DOMINANCE:
        return side is Side.LONG and pair.partition("/")[0] not in BITCOIN
    return True


def _news(state: BreakerState, before: BreakerChanged | None, now_ms: int) -> bool:
    """Whether a breaker tripped, cleared, or tripped anew in a new day or week."""
    was = before is not None and before.tripped
    return state.tripped is not was or (state.tripped and before is not None and expired(before, now_ms))


def _changed(state: BreakerState, now_ms: int) -> BreakerChanged:
    return BreakerChanged(
        state.portfolio,
        state.name,
        state.scope,
        state.tripped,
        state.reason,
        state.value,
        state.limit,
        now_ms,
        state.until_ms,
    )


def _share_lost(equity: Decimal, start: Decimal) -> Decimal:
    return 1 - equity / start if start > 0 else Decimal(1)


def _percent(share: Decimal) -> str:
    return f"{_shown(share * 100)} %"


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _shown(value: Decimal) -> str:
    return plain(value.quantize(SHOWN_STEP, ROUND_HALF_EVEN))
