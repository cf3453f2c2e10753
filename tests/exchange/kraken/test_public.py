"""Kraken's public REST, in the shapes of its recorded answers."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from quorate.clock import ManualClock
from quorate.exchange import Side
from quorate.exchange.kraken import KrakenExchange
from quorate.exchange.kraken.history import CANDLES_MAX, Candle, History
from tests.exchange.kraken.krakens import BTC, Client, quote

MINUTE_MS = 60_000


def recorded(name: str) -> Any:
    named = os.environ.get("QUORATE_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    path = folder / "exchange-fixtures" / "kraken" / "nautilus" / name
    if not path.is_file():
        pytest.skip(f"no answer of Kraken {name}: set QUORATE_TEST_DATA to the folder of recorded data")
    return json.loads(path.read_text(encoding="utf-8"))["result"]


def shape(value: Any) -> Any:
    """What an answer is made of, its figures left out."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], list | dict) else [type(item) for item in value]
    return type(value)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("method", "name"),
    [("Ticker", "http_ticker.json"), ("Depth", "http_order_book.json"), ("OHLC", "http_ohlc.json")],
)
def test_answers_have_the_shape_of_recorded_ones(client: Client, method: str, name: str):
    ours = client.public(method, pair="XBTUSD")["result"]["XXBTZUSD"]
    assert shape(ours) == shape(recorded(name)["XBTUSDT"])


@pytest.mark.real_data
def test_trades_status_and_time_have_the_shape_of_recorded_ones(client: Client):
    ours, theirs = client.public("Trades", pair="XBTUSD")["result"], recorded("http_trades.json")
    assert shape(ours["XXBTZUSD"]) == shape(theirs["XBTUSDT"])
    assert type(ours["last"]) is type(theirs["last"])
    assert shape(client.public("SystemStatus")["result"]) == shape(recorded("http_system_status.json"))
    assert shape(client.public("Time")["result"]) == shape(recorded("http_server_time.json"))


@pytest.mark.real_data
def test_a_pair_is_described_with_every_field_of_the_recorded_one(client: Client):
    theirs = recorded("http_asset_pairs.json")["XBTUSDT"]
    ours = client.public("AssetPairs", pair="XBTUSD")["result"]["XXBTZUSD"]
    assert theirs.keys() - ours.keys() <= {"long_position_limit", "short_position_limit", "execution_venue"}
    assert all(type(ours[name]) is type(theirs[name]) for name in ours.keys() & theirs.keys())


def test_time_is_told_in_both_ways(client: Client):
    assert client.public("Time")["result"] == {
        "unixtime": 1_700_000_000,
        "rfc1123": "Tue, 14 Nov 23 22:13:20 +0000",
    }


def test_a_pair_is_answered_under_its_id_or_under_a_name_with_a_slash(client: Client):
    assert list(client.public("Ticker", pair="XBTUSD")["result"]) == ["XXBTZUSD"]
    assert list(client.public("AssetPairs", pair="BTC/USD")["result"]) == ["BTC/USD"]
    assert client.public("Depth", pair="FOO") == {"error": ["EQuery:Unknown asset pair"]}
    assert client.public("Depth") == {"error": ["EGeneral:Invalid arguments"]}
    assert client.public("Assets", asset="FOO") == {"error": ["EQuery:Unknown asset"]}


def test_depth_is_told_best_first_and_no_deeper_than_asked(client: Client):
    book = client.public("Depth", pair="XBTUSD", count=2)["result"]["XXBTZUSD"]
    assert [level[0] for level in book["bids"]] == ["99.90000", "99.80000"]
    assert [level[0] for level in book["asks"]] == ["100.10000", "100.20000"]


@pytest.mark.parametrize("arguments", [{"count": 0}, {"count": "x"}, {"count": 501}])
def test_a_depth_out_of_range_is_refused(client: Client, arguments: dict[str, object]):
    assert client.public("Depth", pair="XBTUSD", **arguments) == {"error": ["EGeneral:Invalid arguments:count"]}


def test_candles_fill_gaps_with_flat_ones_and_count_what_was_traded(
    clock: ManualClock, exchange: KrakenExchange, client: Client
):
    clock.advance(180)
    exchange.engine.print_trade(BTC.symbol, Side.SELL, 990, 10**8, at_ms=clock.now_ms())
    rows = client.public("OHLC", pair="XBTUSD", interval=1)["result"]["XXBTZUSD"]
    assert [row[1:] for row in rows] == [
        ["100.0", "100.0", "100.0", "100.0", "100.0", "0.01000000", 1],
        ["100.0", "100.0", "100.0", "100.0", "0.0", "0.00000000", 0],
        ["100.0", "100.0", "100.0", "100.0", "0.0", "0.00000000", 0],
        ["99.9", "99.9", "99.9", "99.9", "99.9", "1.00000000", 1],
    ]
    assert client.public("OHLC", pair="XBTUSD")["result"]["last"] == rows[-2][0]
    later = client.public("OHLC", pair="XBTUSD", since=rows[1][0])["result"]["XXBTZUSD"]
    assert later == rows[2:]
    assert client.public("OHLC", pair="XBTUSD", interval=7) == {"error": ["EGeneral:Invalid arguments:interval"]}


def test_no_more_candles_are_kept_than_are_told_however_long_nothing_is_traded():
    history = History()
    history.seed(1, [Candle(0, 100, 100, 100, 100)])
    candles = history.candles(1, 10_000 * MINUTE_MS)
    assert len(candles) == CANDLES_MAX
    assert candles[-1].open_ms == 10_000 * MINUTE_MS


def test_the_last_day_is_told_from_candles_that_a_feed_knew_before_the_exchange_was_opened():
    history = History()
    history.seed(5, [Candle(at, 100, 120, 90, 110, 10, 1_000, 3) for at in range(0, 600 * MINUTE_MS, 5 * MINUTE_MS)])
    day = history.since(300 * MINUTE_MS)
    assert (day.high, day.low, day.lots, day.trades) == (120, 90, 600, 180)


def test_the_ticker_counts_today_and_the_last_day(clock: ManualClock, exchange: KrakenExchange, client: Client):
    clock.advance(3 * 3600)  # past midnight
    quote(exchange, middle="110")
    ticker = client.public("Ticker", pair="XBTUSD")["result"]["XXBTZUSD"]
    assert (ticker["o"], ticker["l"], ticker["h"]) == ("110.00000", ["110.00000", "100.00000"], ["110.00000"] * 2)
    assert ticker["t"] == [1, 2]


def test_trades_continue_where_the_last_answer_ended(clock: ManualClock, exchange: KrakenExchange, client: Client):
    first = client.public("Trades", pair="XBTUSD")["result"]
    clock.advance(1)
    exchange.engine.print_trade(BTC.symbol, Side.BUY, 1000, 10**7, at_ms=clock.now_ms())
    second = client.public("Trades", pair="XBTUSD", since=first["last"])["result"]
    assert [row[6] for row in second["XXBTZUSD"]] == [2]
    assert second["XXBTZUSD"][0][3:5] == ["b", "m"]


def test_the_spread_is_told_as_it_changed(clock: ManualClock, exchange: KrakenExchange, client: Client):
    clock.advance(1)
    quote(exchange, middle="101")
    rows = client.public("Spread", pair="XBTUSD")["result"]["XXBTZUSD"]
    assert rows[0][1:] == ["99.90000", "100.10000"]
    assert rows[-1][1:] == ["100.90000", "101.10000"]
