"""Settlements of funding: told by their instants, once each, and never where nothing was said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.snapshot import Settlement
from quorate.feeds.context.ccxt_derivatives import CcxtDerivatives
from quorate.feeds.context.derivatives import Funding, FundingRates, OpenInterest, read_funding_folder
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.opening import open_context
from quorate.feeds.context.settings import ContextSettings, DerivativesSettings, Limits
from quorate.feeds.context.settlements import Settlements
from tests.feeds.context.conftest import FakeTime
from tests.feeds.context.stranger import Reply, Stranger
from tests.feeds.context.test_derivatives import contract

HOUR_MS = 3_600_000
EIGHT_MS = 8 * HOUR_MS
T0 = 1_760_025_600_000 - 1_760_025_600_000 % EIGHT_MS
BTC, ETH = "BTC/USDT", "ETH/USDT"
D = Decimal


def rates_of(settled: Sequence[Settlement]) -> list[tuple[str, int, Decimal]]:
    return [(one.pair, one.at_ms, one.rate) for one in settled]


def test_what_was_announced_last_is_settled_and_only_at_its_instant() -> None:
    known = Settlements()
    known.announce(BTC, T0, D("0.0001"), known_ms=T0 - HOUR_MS)
    known.announce(BTC, T0, D("0.0002"), known_ms=T0 - 1)
    known.announce(BTC, T0, D("0.0009"), known_ms=T0 + 1)
    assert rates_of(known.between(T0 - 1, T0, [BTC])) == [(BTC, T0, D("0.0002"))]
    assert known.between(T0, T0 + EIGHT_MS, [BTC]) == (), "nothing was said of the next one"
    assert known.between(T0 - HOUR_MS, T0 - 1, [BTC]) == ()
    assert known.between(T0 - HOUR_MS, T0, [ETH]) == ()


def test_what_was_settled_replaces_what_was_announced_and_stamps_are_read_as_minutes() -> None:
    known = Settlements()
    known.announce(BTC, T0, D("0.0001"), known_ms=T0 - 1)
    known.take(BTC, [(T0 + 17, D("0.00012345678"))])
    assert rates_of(known.between(T0 - 1, T0 + HOUR_MS, [BTC])) == [(BTC, T0, D("0.000123457"))]


def test_a_pair_takes_the_settlements_of_the_same_coin_in_another_dollar_but_its_own_first() -> None:
    known = Settlements()
    known.take(BTC, [(T0, D("0.0001"))])
    known.take("BTC/USDC", [(T0, D("0.0003"))])
    told = rates_of(known.between(T0 - 1, T0, ["BTC/USDC", "BTC/USD", "BTC/EUR", BTC]))
    assert told == [("BTC/USD", T0, D("0.0001")), ("BTC/USDC", T0, D("0.0003")), (BTC, T0, D("0.0001"))]


def test_instants_are_bounded_and_the_oldest_are_forgotten() -> None:
    known = Settlements(instants_max=3)
    for n in range(10):
        known.take(BTC, [(T0 + n * HOUR_MS, D(0))])
    assert [one.at_ms for one in known.between(0, T0 + EIGHT_MS * 9, [BTC])] == [T0 + n * HOUR_MS for n in (7, 8, 9)]


@given(st.lists(st.integers(1, 400), max_size=30), st.lists(st.integers(1, 90), min_size=1, max_size=60))
def test_however_time_is_cut_every_settlement_falls_due_exactly_once(hours: list[int], cuts: list[int]) -> None:
    known = Settlements()
    known.take(BTC, [(T0 + hour * HOUR_MS, D("0.0001")) for hour in hours])
    found: list[int] = []
    at_ms = T0
    for cut in [*cuts, 1_000]:
        found += [one.at_ms for one in known.between(at_ms, at_ms + cut * HOUR_MS // 3, [BTC])]
        at_ms += cut * HOUR_MS // 3
    due = sorted({T0 + hour * HOUR_MS for hour in hours})
    assert found == [instant for instant in due if instant <= at_ms]


def test_an_exchange_that_does_not_say_when_settles_nothing() -> None:
    rates = FundingRates()
    rates.take({BTC: Funding(rate=D("0.01"), hours=8)}, T0 - 1)
    rates.take({ETH: Funding(rate=D("0.01"), hours=4, due_ms=T0)}, T0 - 1)
    assert rates_of(rates.settlements.between(T0 - EIGHT_MS, T0 + EIGHT_MS, [BTC, ETH])) == [(ETH, T0, D("0.01"))]


# Through the real ccxt


def premium(symbol: str, rate: str) -> dict[str, object]:
    return {"symbol": symbol, "markPrice": "100", "lastFundingRate": rate, "nextFundingTime": T0, "time": T0 - HOUR_MS}


def history(symbol: str, *points: tuple[int, str]) -> str:
    return json.dumps([{"symbol": symbol, "fundingTime": at_ms, "fundingRate": rate} for at_ms, rate in points])


async def opened(stranger: Stranger) -> CcxtDerivatives:
    symbols = [contract("BTCUSDT", "BTC"), contract("1000PEPEUSDT", "1000PEPE")]
    stranger.answers("/fapi/v1/exchangeInfo", json.dumps({"symbols": symbols}))
    stranger.answers("/fapi/v1/fundingInfo", "[]")
    stranger.answers("/fapi/v1/premiumIndex", json.dumps([premium("BTCUSDT", "0.00010000")]))
    urls: Mapping[str, object] = {
        "api": {"fapiPublic": f"{stranger.url}/fapi/v1", "dapiPublic": f"{stranger.url}/dapi/v1"}
    }
    return CcxtDerivatives(DerivativesSettings(urls=urls))


async def test_the_exchange_says_when_a_rate_falls_due(stranger: Stranger) -> None:
    derivatives = await opened(stranger)
    assert (await derivatives.funding())[BTC].due_ms == T0
    await derivatives.close()


async def test_the_past_is_asked_for_the_pairs_that_have_a_contract(stranger: Stranger) -> None:
    derivatives = await opened(stranger)
    points = ((T0, "0.0001"), (T0 + EIGHT_MS + 3, "-0.0002"), (T0 + 2 * EIGHT_MS, "0.0003"))
    stranger.answers("/fapi/v1/fundingRate", history("BTCUSDT", *points), history("1000PEPEUSDT", points[1]))
    pairs = (BTC, "PEPE/USDT", "NONE/USDT")
    told = await derivatives.settled(pairs, after_ms=T0, until_ms=T0 + 2 * EIGHT_MS - 1)
    assert told == {BTC: [(T0 + EIGHT_MS + 3, D("-0.0002"))], "PEPE/USDT": [(T0 + EIGHT_MS + 3, D("-0.0002"))]}
    asked = [one.query for one in stranger.asked if one.path == "/fapi/v1/fundingRate"]
    assert [(query["symbol"], query["startTime"]) for query in asked] == [
        ("BTCUSDT", str(T0)),
        ("1000PEPEUSDT", str(T0)),
    ]
    await derivatives.close()


@pytest.mark.parametrize("rate", [None, "much", "9"])
async def test_a_settlement_without_a_sound_rate_is_a_fault_and_no_guess(stranger: Stranger, rate: str | None) -> None:
    derivatives = await opened(stranger)
    stranger.answers(
        "/fapi/v1/fundingRate", json.dumps([{"symbol": "BTCUSDT", "fundingTime": T0, "fundingRate": rate}])
    )
    with pytest.raises(SourceFault, match="settlement"):
        await derivatives.settled((BTC,), after_ms=T0 - 1, until_ms=T0)
    await derivatives.close()


# On the board


class Contracts:
    """An exchange that settles, in memory."""

    def __init__(self, settled: Mapping[str, Sequence[tuple[int, Decimal]]] | SourceFault) -> None:
        self._settled = settled
        self.asked: list[tuple[str, ...]] = []

    async def funding(self) -> Mapping[str, Funding]:
        return {BTC: Funding(rate=D("0.0004"), hours=4, due_ms=T0)}

    async def open_interest(self, pairs: Sequence[str]) -> Mapping[str, OpenInterest]:
        return {}

    async def settled(
        self, pairs: Sequence[str], *, after_ms: int, until_ms: int
    ) -> Mapping[str, Sequence[tuple[int, Decimal]]]:
        self.asked.append(tuple(pairs))
        if isinstance(self._settled, SourceFault):
            raise self._settled
        return self._settled

    async def close(self) -> None:
        pass


def board_of(contracts: Contracts, clock: FakeTime) -> Any:
    settings = ContextSettings().without_network()
    live = DerivativesSettings(limits=Limits(deadline_s=2.0, attempts_max=1, pause_s=0.0))
    return open_context(
        replace(settings, derivatives=live),
        pairs=lambda: (BTC, ETH),
        clock=clock,
        chance=lambda: 1.0,
        data_dir=None,
        derivatives=contracts,
    )


async def test_a_live_board_settles_at_the_rate_that_was_announced_not_at_that_of_eight_hours() -> None:
    clock = FakeTime(T0 - HOUR_MS)
    board = board_of(Contracts({}), clock)
    assert board.settlements(T0 - EIGHT_MS, T0 + EIGHT_MS, (BTC,)) == ()
    await board.refresh()
    assert rates_of(board.settlements(T0 - 1, T0, (BTC, ETH))) == [(BTC, T0, D("0.0004"))]
    assert board.context(T0 - HOUR_MS, (BTC,)).funding == {BTC: D("0.0008")}
    assert board.view(T0 - HOUR_MS, (BTC,)).context == board.context(T0 - HOUR_MS, (BTC,))
    await board.close()


async def test_what_was_settled_while_nobody_listened_is_learned_when_asked() -> None:
    clock = FakeTime(T0 + EIGHT_MS)
    board = board_of(Contracts({ETH: [(T0 - 5, D("0.001"))]}), clock)
    past = board.on_demand.past_funding
    assert await past.learn((ETH,), after_ms=T0 - 1, until_ms=T0 + HOUR_MS, deadline_s=5.0) == ""
    assert rates_of(board.settlements(T0 - 1, T0 + HOUR_MS, (BTC, ETH))) == [(ETH, T0, D("0.001"))]
    await board.close()


async def test_a_past_that_cannot_be_learned_is_a_reason_and_no_fault() -> None:
    board = board_of(Contracts(SourceFault("down", "It cannot be reached.")), FakeTime(T0))
    past = board.on_demand.past_funding
    assert "cannot be reached" in await past.learn((ETH,), after_ms=0, until_ms=T0, deadline_s=5.0)
    assert board.settlements(0, T0, (ETH,)) == ()
    await board.close()


async def test_an_exchange_that_hangs_holds_a_start_up_for_its_deadline_only(stranger: Stranger) -> None:
    stranger.answers("/fapi/v1/exchangeInfo", Reply(hang=True))
    urls: Mapping[str, object] = {"api": {"fapiPublic": f"{stranger.url}/fapi/v1"}}
    settings = replace(ContextSettings().without_network(), derivatives=DerivativesSettings(urls=urls))
    board = open_context(settings, pairs=lambda: (BTC,), clock=FakeTime(T0), chance=lambda: 1.0, data_dir=None)
    past = board.on_demand.past_funding
    assert past is not None
    assert await past.learn((BTC,), after_ms=0, until_ms=T0, deadline_s=0.5) == "No answer within 0.5 s."
    await board.close()


# Recorded


@pytest.mark.real_data
def test_every_recorded_rate_is_settled_once_at_its_own_time(recorded: Path) -> None:
    rates = read_funding_folder(recorded / "funding")
    for pair in rates.pairs:
        name = pair.replace("/", "")
        frame = pl.read_parquet(recorded / "funding" / f"binanceusdm_{name}_funding.parquet")
        stamps = frame["ts"].to_list()
        told = rates.settlements.between(stamps[0] - 1, stamps[-1], [pair])
        assert [one.at_ms for one in told] == stamps
        assert [float(one.rate) for one in told] == frame["funding_rate"].to_list()


@pytest.mark.real_data
def test_freqtrades_stamps_some_milliseconds_late_mean_the_hour(recorded: Path, tmp_path: Path) -> None:
    source = recorded / "originals" / "freqtrade-testdata" / "futures" / "XRP_USDT_USDT-8h-funding_rate.feather"
    pl.read_ipc(source).write_parquet(tmp_path / "binanceusdm_XRPUSDT_funding.parquet")
    told = read_funding_folder(tmp_path).settlements.between(0, T0, ["XRP/USDT"])
    assert len(told) == 91
    assert {one.at_ms % EIGHT_MS for one in told} == {0}
