"""Kraken's names against its own recorded list of pairs, and ids that lead back to what they stand for."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.exchange import Refusal, Trading, Why
from quorate.exchange.kraken import KrakenExchange, KrakenPair, errors, ids, names, public, telling
from quorate.exchange.kraken.pairs import PairTable
from tests.exchange.kraken.krakens import PAIRS


def recorded_pairs() -> dict[str, dict[str, object]]:
    named = os.environ.get("QUORATE_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    path = folder / "exchange-fixtures" / "kraken" / "cryptofeed" / "KRAKEN.0"
    if not path.is_file():
        pytest.skip("no recording of Kraken: set QUORATE_TEST_DATA to the folder of recorded data")
    return json.loads(path.read_text(encoding="utf-8").partition(": ")[2].splitlines()[0])["result"]


@pytest.mark.real_data
def test_every_recorded_pair_is_called_as_kraken_calls_it():
    wrong = {}
    pairs = {key: told for key, told in recorded_pairs().items() if not key.endswith(".d")}
    for key, told in pairs.items():
        base, quote = names.asset_of(str(told["base"])), names.asset_of(str(told["quote"]))
        pair = KrakenPair(base=base, quote=quote, price_decimals=int(str(told["pair_decimals"])))
        ours = (pair.id, pair.altname, pair.wsname, names.asset_id(base), names.asset_id(quote))
        if ours != (key, told["altname"], told["wsname"], told["base"], told["quote"]):
            wrong[key] = ours
    assert wrong == {}
    assert len(pairs) > 280


def test_a_pair_is_found_by_each_of_its_names():
    table = PairTable(PAIRS)
    for name in ("XXBTZUSD", "XBTUSD", "XBT/USD", "BTC/USD", "BTCUSD"):
        assert table.named(name).symbol == "BTC/USD"
    assert table.streamed("XBT/USD") is None  # WebSocket v2 knows only the plain name


@given(st.integers(1, 2**40))
def test_ids_lead_back_to_what_they_stand_for(number: int):
    text = ids.order_text(number)
    assert ids.order_number(text) == number
    assert ids.trade_number(text) is None
    assert ids.trade_number(ids.trade_text(7, number)) == (7, number)
    assert ids.SHAPE.match(text)


def test_neighbouring_orders_do_not_look_alike():
    assert len({ids.order_text(number)[:4] for number in range(1, 200)}) > 150


@pytest.mark.parametrize("text", ["", "O", "OABCDE-FGHIJ", "OABCDE-FGHIJ-KLMNO1", "oabcde-fghij-klmnop", "7"])
def test_what_is_no_id_stands_for_nothing(text: str):
    assert ids.order_number(text) is None


def test_a_market_of_the_engine_counts_in_the_units_that_checksums_are_made_of():
    spec = KrakenPair(base="BTC", quote="USD", price_decimals=1, tick_size=Decimal("0.5")).spec()
    assert (spec.ticks(Decimal("45283.5")), spec.lots(Decimal("0.001"))) == (452_835, 100_000)
    assert (spec.filters.price_step, spec.filters.lots_min, spec.filters.notional_min) == (5, 10_000, 50_000)


def test_quantities_are_never_finer_than_what_is_traded():
    pair = KrakenPair(base="EUR", quote="USD", price_decimals=5)
    assert (pair.id, pair.lot_decimals) == ("ZEURZUSD", 5)
    exchange = KrakenExchange([pair], [], clock=lambda: 0)
    assert exchange.engine.listing("EUR/USD").spec.lot == Decimal("0.00001")


def test_kraken_has_words_for_whatever_the_engine_says():
    assert set(Refusal) - set(errors.WORDS) == {Refusal.MARKET_CLOSED}  # whose words depend on the market's state
    assert set(Why) == set(telling.REASONS)
    assert set(Trading) == set(public.PAIR_STATES)
