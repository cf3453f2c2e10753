"""What touches nothing may be passed over: journal and end are those of a desk that works every candle through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from quorate.analysts.base import Strategy
from quorate.analysts.registry import STRATEGIES, make_strategy
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.market import Market
from quorate.domain.policy import Costs, DeskPolicy
from quorate.domain.snapshot import Settlement
from quorate.domain.votes import Ballot
from quorate.research.columns import Columns
from quorate.research.council_votes import ballots_in
from quorate.research.desk_backtesting import settled_at
from quorate.research.event_runner import EventResult, EventRun, run_events
from quorate.research.materials import Materials
from tests.examples import tried
from tests.research import desk_story
from tests.research.beside_the_desk import charter_of
from tests.research.recorded import recorded, recorded_funding
from tests.research.test_differential import worlds
from tests.research.test_event_runner import BTC, SOL, bars, charter, strategies

DAY_MS = 86_400_000
YEAR_2025_MS = 1_735_689_600_000
NO_BALLOTS: Mapping[int, Ballot] = {}


def both_ways(
    told: Charter,
    members: Sequence[Strategy],
    materials: Materials,
    ballots: Mapping[int, Ballot] = NO_BALLOTS,
) -> tuple[EventResult, EventResult]:
    """The run that passes over what touches nothing, and the one that works every candle through."""
    run = EventRun(
        charter=told,
        strategies=members,
        columns=materials.columns,
        markets=materials.markets,
        start_ms=materials.start_ms,
        settlements=settled_at(materials),
        ballots=ballots,
        keep_events=True,
    )
    return run_events(run), run_events(replace(run, every_candle=True))


def assert_one(passing: EventResult, stepping: EventResult) -> None:
    """Everything is the same but how much was looked at."""
    for place, (one, other) in enumerate(zip(passing.events, stepping.events, strict=False)):
        assert one == other, f"event {place}"
        assert str(one) == str(other), f"event {place} is written otherwise"
    assert len(passing.events) == len(stepping.events)
    assert passing.state == stepping.state
    assert stepping.passed == 0
    assert passing.steps + passing.passed == stepping.steps
    assert replace(passing, steps=0, passed=0) == replace(stepping, steps=0, passed=0)


def easily_stopped(told: Charter, **limits: Decimal) -> Charter:
    """The same desk with limits that it reaches."""
    policy = told.policy
    portfolios = tuple(replace(portfolio, **limits) for portfolio in policy.portfolios)  # type: ignore[arg-type]
    breakers = replace(policy.breakers, losses_in_a_row_max=3, rearm="weekly")
    return replace(told, policy=replace(policy, portfolios=portfolios, breakers=breakers))


def of_kind(result: EventResult, *kinds: type) -> int:
    return sum(isinstance(each, kinds) for each in result.events)


def assert_told(result: EventResult, *kinds: type) -> None:
    """There was something of every kind to compare."""
    assert [kind.__name__ for kind in kinds if not of_kind(result, kind)] == []


shares = st.sampled_from([Decimal("0.0002"), Decimal("0.004"), Decimal(1)])


@tried(60)
@given(worlds(), shares, shares, st.sampled_from([Decimal("0.002"), Decimal(10) ** 9]), st.booleans())
def test_on_made_up_candles_nothing_is_lost_by_passing_over(world, daily, drawdown, exposure, jobs: bool):
    account, columns, markets, settlements, members = world
    known = {market.pair: market for market in markets}
    materials = materials_of(columns, known, settlements)
    told = charter_of(account, members, "5m")
    told = replace(told, jobs_enabled=jobs, evaluator_cron="*/10 * * * *", optimizer_cron="0 * * * *")
    limits = {"daily_loss_limit": daily, "drawdown_limit": drawdown, "gross_exposure_cap": exposure}
    passing, stepping = both_ways(easily_stopped(told, **limits), members, materials)
    assert_one(passing, stepping)
    event(f"passed over {passing.passed > 0}")
    event(f"breakers {of_kind(passing, ev.BreakerChanged) > 0}")
    event(f"trades {len(passing.trades) > 0}")


def materials_of(
    columns: Mapping[str, Columns], markets: Mapping[str, Market], settlements: Sequence[Settlement], start_ms: int = 0
) -> Materials:
    return Materials(
        columns=columns,
        markets=markets,
        start_ms=start_ms,
        end_ms=max(int(each.close_ms[-1]) for each in columns.values()),
        source="made up",
        settlements=tuple(settlements),
    )


def test_days_of_two_coins_with_a_council_funding_and_tripped_breakers_are_the_same():
    columns = {pair: Columns.of(bars, desk_story.MARKETS[pair]) for pair, bars in desk_story.made_columns().items()}
    hours = range(desk_story.START_MS, desk_story.START_MS + 30 * DAY_MS, 8 * 3_600_000)
    due = [Settlement(pair, at_ms, Decimal("0.0003")) for pair in columns for at_ms in hours]
    materials = materials_of(columns, desk_story.MARKETS, due, desk_story.START_MS)
    ballots = {ballot.at_ms: ballot for ballot in ballots_in([kept.event for kept in desk_story.story()])}
    limits = {"daily_loss_limit": Decimal("0.004"), "weekly_loss_limit": Decimal("0.01")}
    told = easily_stopped(desk_story.charter_of(), **limits, drawdown_limit=Decimal("0.015"))
    passing, stepping = both_ways(told, desk_story.members(), materials, ballots)
    assert_one(passing, stepping)
    assert passing.passed > 100
    assert {trade.source for trade in passing.trades} > {"council"}
    assert_told(passing, ev.BreakerChanged, ev.FundingPaid, ev.RegimeChanged, ev.JobCompleted, ev.VotesCast)


def test_a_fortnight_of_four_strategies_over_a_weeks_end_is_the_same():
    markets = {market.pair: market for market in (BTC, SOL)}
    columns = {pair: Columns.of(each, markets[pair]) for pair, each in bars().items()}
    materials = materials_of(columns, markets, [], 4 * DAY_MS)
    told = easily_stopped(charter(strategies()), drawdown_limit=Decimal("0.002"))
    passing, stepping = both_ways(told, strategies(), materials)
    assert_one(passing, stepping)
    assert_told(passing, ev.KillSwitchRearmed, ev.OptimizationChanged, ev.MarketRegimeChanged)


@pytest.mark.real_data
def test_a_recorded_fortnight_of_three_coins_is_the_same_with_every_strategy_and_funding():
    found = [recorded(coin, until_ms=YEAR_2025_MS + 14 * DAY_MS) for coin in ("BTC", "DOGE", "SOL")]
    columns = {market.pair: column for column, market in found}
    markets = {market.pair: market for _, market in found}
    settlements = recorded_funding(["BTC", "DOGE", "SOL"])
    materials = materials_of(columns, markets, settlements, YEAR_2025_MS + 4 * DAY_MS)
    members = [make_strategy(name, costs=Costs()) for name in sorted(STRATEGIES)]
    policy = DeskPolicy(strategies=tuple(sorted(STRATEGIES)))
    told = replace(charter(members), policy=replace(policy, breakers=replace(policy.breakers, rearm="weekly")))
    passing, stepping = both_ways(told, members, materials)
    assert_one(passing, stepping)
    assert len(passing.trades) > 100
    assert passing.passed > 500
    assert_told(passing, ev.PositionsEvaluated, ev.FundingPaid, ev.OptimizationChanged)


def test_at_the_pace_of_a_clock_nothing_is_passed_over():
    columns = {pair: Columns.of(bars, desk_story.MARKETS[pair]) for pair, bars in desk_story.made_columns().items()}
    materials = materials_of(columns, desk_story.MARKETS, [], desk_story.START_MS)
    passing, stepping = both_ways(desk_story.charter_of(paced=True), desk_story.members(), materials)
    assert_one(passing, stepping)
    assert passing.passed == 0
    assert passing.trades
