"""The breakers of funding and dominance on what sources said: recorded rates, recorded answers, a made series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from quorate.domain.policy import DEFAULT_PORTFOLIOS, BreakerPolicy
from quorate.domain.snapshot import Context
from quorate.domain.votes import Side
from quorate.feeds.context.board import ContextBoard
from quorate.feeds.context.coingecko import World, parse_coins, parse_world
from quorate.feeds.context.dominance import DAY_MS, DominanceSeries
from quorate.feeds.context.opening import open_context
from quorate.feeds.context.settings import ContextSettings, DerivativesSettings
from quorate.risk import breakers as br
from quorate.risk.breaker_board import blocking, evaluate
from quorate.risk.breakers import PortfolioMarks
from tests.feeds.context.conftest import NOW_MS, FakeTime
from tests.feeds.context.test_coingecko import answer

D = Decimal
HOUR_MS = 3_600_000
EIGHT_MS = 8 * HOUR_MS
BOOK = DEFAULT_PORTFOLIOS[0]
CALM = PortfolioMarks(
    equity=D(10_000),
    peak=D(10_000),
    day_start_equity=D(10_000),
    week_start_equity=D(10_000),
    gross_notional=D(0),
    losses_in_a_row=0,
)


def tripped(context: Context, *, limits: BreakerPolicy | None = None) -> list[str]:
    """Scopes of the tripped breakers."""
    given = (BOOK, limits or BreakerPolicy(), CALM, context)
    states = evaluate(*given, now_ms=NOW_MS, latched={})
    assert [state.scope for state in states if state.tripped] == [
        scope for _, scope in br.tripped_now(*given, now_ms=NOW_MS, latched={})
    ]
    return [state.scope for state in states if state.tripped]


def blocked(context: Context, pair: str, side: Side) -> str | None:
    states = evaluate(BOOK, BreakerPolicy(), CALM, context, now_ms=NOW_MS, latched={})
    return blocking(states, BOOK.name, pair, side)


def replaying(folder: Path) -> ContextBoard:
    """The board of a replay that knows recorded funding only."""
    settings = ContextSettings().without_network()
    settings = replace(settings, derivatives=DerivativesSettings(kind="recorded", folder=folder))
    return open_context(settings, pairs=tuple, clock=FakeTime(), chance=lambda: 1.0, data_dir=None)


@pytest.mark.real_data
@pytest.mark.parametrize(("limit", "least"), [("0.001", 0), ("0.0003", 8), ("0.0001", 130)])
def test_c22_funding_trips_exactly_where_nine_months_of_real_rates_are_beyond_the_limit(
    recorded: Path, limit: str, least: int
) -> None:
    folder, limits = recorded / "funding", BreakerPolicy(funding_rate_max=D(limit))
    board = replaying(folder)
    series = {path.name.split("_")[1]: pl.read_parquet(path) for path in sorted(folder.glob("*_funding.parquet"))}
    pairs = [f"{symbol.removesuffix('USDT')}/USDT" for symbol in series]
    stamps: Sequence[int] = series["BTCUSDT"]["ts"].to_list()
    expected = {at_ms: list[str]() for at_ms in stamps}
    for pair, frame in zip(pairs, series.values(), strict=True):
        for at_ms, rate in frame.iter_rows():
            if abs(rate) > float(limit):
                expected[at_ms].append(f"{pair} {'LONG' if rate > 0 else 'SHORT'}")
    found = {at_ms: tripped(board.context(at_ms, pairs), limits=limits) for at_ms in stamps}
    assert found == expected
    assert sum(map(len, found.values())) >= least, "the limit has to be worth testing"


@pytest.mark.real_data
def test_c22_the_rate_of_a_real_squeeze_stops_shorts_until_the_next_settlement(recorded: Path, tmp_path: Path) -> None:
    source = recorded / "originals" / "freqtrade-testdata" / "futures" / "XRP_USDT_USDT-8h-funding_rate.feather"
    frame = pl.read_ipc(source)
    frame.write_parquet(tmp_path / "binanceusdm_XRPUSDT_funding.parquet")
    board, pairs = replaying(tmp_path), ("BTC/USDT", "XRP/USDT")
    extreme = frame.filter(pl.col("open").abs() > 0.001).select(pl.col("date").dt.epoch("ms"), "open").rows()
    ((squeeze_ms, rate),) = extreme
    assert rate == pytest.approx(-0.00219334)
    context = board.context(squeeze_ms, pairs)
    assert "SHORT pays 0.2193 %" in (blocked(context, "XRP/USDT", Side.SHORT) or "")
    assert blocked(context, "XRP/USDT", Side.LONG) is None
    assert blocked(context, "BTC/USDT", Side.SHORT) is None
    for moment in (squeeze_ms - 1, squeeze_ms + EIGHT_MS + HOUR_MS):
        assert tripped(board.context(moment, pairs)) == []


@pytest.mark.real_data
def test_c22_a_rise_of_dominance_told_by_real_answers_blocks_longs_other_than_bitcoin(recorded: Path) -> None:
    """The two answers are of different days, so the change is one that never was; each is read as it was told."""
    shares = DominanceSeries(None)
    shares.take_world(parse_world(answer(recorded, "GetGlobalData")), NOW_MS)
    assert shares.at(NOW_MS, age_ms_max=HOUR_MS).change_24h is None  # pyright: ignore[reportOptionalMemberAccess]
    shares.take_coins(parse_coins(answer(recorded, "GetMarkets")), NOW_MS)
    told = shares.at(NOW_MS, age_ms_max=HOUR_MS)
    assert told is not None
    assert told.basis == "derived"
    assert told.change_24h == pytest.approx(D("7.82"), abs=D("0.01")), "60.71 of now less 52.89 of a day before"
    context = Context(told.change_24h)
    assert tripped(context) == ["LONG"]
    assert blocked(context, "ETH/USDT", Side.LONG) is not None
    assert blocked(context, "BTC/USDT", Side.LONG) is None
    assert blocked(context, "ETH/USDT", Side.SHORT) is None


def test_c22_dominance_trips_while_a_day_has_brought_more_than_a_point_and_clears_after() -> None:
    """A share that rests at 50, rises by 1.2 points within six hours, and rests again."""
    shares = DominanceSeries(None)
    start = NOW_MS - NOW_MS % HOUR_MS
    for hour in range(24 * 4):
        risen = min(max(hour - 48, 0), 6) * D("0.2")
        share = World(btc_percent=50 + risen, cap_usd=None, cap_change_24h_percent=None, stamp_ms=None)
        shares.take_world(share, start + hour * HOUR_MS)
    found = [
        hour
        for hour in range(24, 24 * 4)
        if tripped(Context(shares.at(start + hour * HOUR_MS, age_ms_max=HOUR_MS).change_24h))  # pyright: ignore[reportOptionalMemberAccess]
    ]
    assert found == list(range(54, 73)), "from the hour that passes one point until a day after it began to rise"
    first = shares.at(start + 12 * HOUR_MS, age_ms_max=HOUR_MS)
    assert first is not None
    assert first.change_24h is None, "not a day old yet"
    assert tripped(Context(first.change_24h)) == []
    assert DAY_MS == 24 * HOUR_MS
