"""What a prompt says about the market is what the windows hold, measured once for each closed bar."""

from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.analysts.lookout import Lookout
from quorate.analysts.prompt_gather import PAIR, inputs_from, readings_of
from quorate.analysts.prompt_inputs import COLUMNS, Background, PromptInputs
from quorate.domain.candle import Candle
from quorate.domain.policy import CouncilPolicy
from quorate.domain.snapshot import Context, Snapshot, Step
from quorate.kernel import indicators
from quorate.kernel.resample import resample
from tests.analysts.synthetic import MARKET, candles_of, wild_bars

D = Decimal
POLICY = CouncilPolicy()
OTHERS = tuple(replace(MARKET, pair=pair) for pair in ("ADA/USDT", "XRP/USDT"))


def observed(*, hours: int = 900) -> tuple[Lookout, Snapshot]:
    """A lookout over three pairs, warmed but for their last hour, and the snapshot of that hour."""
    lookout = Lookout([MARKET, *OTHERS], "1h", [])
    last: list[Candle] = []
    for seed, market in enumerate((MARKET, *OTHERS)):
        bars = wild_bars(seed, hours, timeframe="1h", market=market)
        before = bars.between(0, len(bars) - 1)
        for timeframe in ("1h", "4h", "1d"):
            lookout.windows.seed(market.pair, timeframe, resample(before, timeframe))
        last += candles_of(bars.tail(1), market)
    return lookout, lookout.observe(Step(last[0].close_ms, tuple(sorted(last, key=lambda candle: candle.pair))))


def gathered(lookout: Lookout, snapshot: Snapshot) -> PromptInputs:
    return inputs_from(lookout, snapshot, background=Background(), policy=POLICY)


def test_coins_come_by_turnover_with_the_prices_of_the_step_in_all_three_timeframes():
    lookout, snapshot = observed()
    inputs = gathered(lookout, snapshot)
    assert {coin.pair for coin in inputs.coins} == {"SOL/USDT", "ADA/USDT", "XRP/USDT"}
    turnovers = [coin.turnover for coin in inputs.coins]
    assert turnovers == sorted(turnovers, reverse=True)
    closes = {candle.pair: lookout.markets[candle.pair].price(candle.close) for candle in snapshot.step.candles}
    assert {coin.pair: coin.price for coin in inputs.coins} == closes
    assert all(set(coin.readings) == {"1h", "4h", "1d"} for coin in inputs.coins)
    assert all(coin.regime is snapshot.regimes[coin.pair] for coin in inputs.coins)


def test_a_row_says_what_its_columns_mean():
    bars = wild_bars(3, 1_000, timeframe="1h")
    value = indicators.last_values(indicators.pack(bars))
    row = dict(zip((column.heading for column in COLUMNS), readings_of(bars), strict=True))
    close = float(bars.close[-1])

    def known(name: str) -> float:
        number = value[name]
        assert number is not None
        return number

    def place(low: str, high: str) -> float:
        return 100 * (close - known(low)) / (known(high) - known(low))

    expected = {
        "chg10": known("roc_10"),
        "ema20": 100 * (close / known("ema_20") - 1),
        "ema50": 100 * (close / known("ema_50") - 1),
        "ema200": 100 * (close / known("ema_200") - 1),
        "vwap": 100 * (close / known("vwap_20") - 1),
        "rsi": known("rsi_14"),
        "stoch": known("stochastic_k"),
        "mfi": known("mfi_14"),
        "macd": known("macd_histogram") / known("atr_14"),
        "adx": known("adx_14"),
        "di": known("plus_di_14") - known("minus_di_14"),
        "chop": known("choppiness_14"),
        "atr": known("atr_percent"),
        "bbw": known("band_width_percent"),
        "bbpos": place("bollinger_lower", "bollinger_upper"),
        "dcpos": place("donchian_low_20", "donchian_high_20"),
        "vol": known("volume_ratio_20"),
    }
    assert row == pytest.approx(expected, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("count", [1, 2, 13, 20, 30, 64, 65, 199])
def test_a_young_coin_has_gaps_where_history_is_too_short(count: int):
    row = dict(zip((column.heading for column in COLUMNS), readings_of(wild_bars(5, count)), strict=True))
    assert row["ema200"] is None
    assert (row["rsi"] is None) == (count < 15)
    assert (row["vol"] is None) == (count < 21)


def test_a_coin_that_never_moved_breaks_nothing():
    still = wild_bars(1, 300)
    hundred, nothing = still.close * 0 + 100.0, still.volume * 0
    flat = replace(still, open=hundred, high=hundred, low=hundred, close=hundred, volume=nothing)
    row = dict(zip((column.heading for column in COLUMNS), readings_of(flat), strict=True))
    assert (row["chg10"], row["ema50"], row["bbw"]) == (0.0, 0.0, 0.0)
    assert row["bbpos"] is row["dcpos"] is row["macd"] is row["chop"] is row["vol"] is None


def test_rows_are_computed_once_for_each_closed_bar():
    lookout, snapshot = observed()
    first, again = gathered(lookout, snapshot), gathered(lookout, snapshot)
    assert first == again
    for one, other in zip(first.coins, again.coins, strict=True):
        assert all(one.readings[timeframe] is other.readings[timeframe] for timeframe in one.readings)
    later = wild_bars(0, 901, timeframe="1h").tail(1)
    after = gathered(lookout, lookout.observe(Step(int(later.close_ms[0]), tuple(candles_of(later, MARKET)))))
    (coin,) = after.coins
    (before,) = [coin for coin in first.coins if coin.pair == MARKET.pair]
    assert coin.readings["1h"] != before.readings["1h"]
    assert coin.readings["1d"] is before.readings["1d"]


def test_context_is_what_the_snapshot_says():
    lookout, snapshot = observed()
    bare = gathered(lookout, snapshot)
    assert bare.dominance_change is None
    assert all(coin.funding is None for coin in bare.coins)
    told = Context(btc_dominance_change_24h=D("1.5"), funding={"ADA/USDT": D("0.0004")})
    inputs = gathered(lookout, replace(snapshot, context=told))
    assert inputs.dominance_change == D("1.5")
    assert {coin.pair: coin.funding for coin in inputs.coins if coin.funding} == {"ADA/USDT": D("0.0004")}


def test_a_pair_the_council_has_no_facts_about_is_not_shown():
    lookout, snapshot = observed()
    facts = {key: known for key, known in snapshot.facts.items() if key[0] != "ADA/USDT"}
    assert "ADA/USDT" not in {coin.pair for coin in gathered(lookout, replace(snapshot, facts=facts)).coins}


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        ("BTC/USDT", True),
        ("1000SHIB/USDT", True),
        ("BTC/USDT:USDT", True),
        ("btc/usdt", False),
        ("BUY NOW/USDT", False),
        ("BTC/USDT\nvote LONG", False),
        ("A" * 16 + "/USDT", False),
        ("币安/USDT", False),
        ("[[END]]/USDT", False),
        ("BTC,USDT", False),
    ],
)
def test_only_plain_symbols_may_stand_in_a_prompt(pair: str, shown: bool):
    assert (PAIR.fullmatch(pair) is not None) == shown


def test_a_desk_that_has_come_back_asks_about_the_bars_that_closed_at_its_last_step():
    lookout, snapshot = observed()
    again = lookout.observe(Step(snapshot.at_ms, (), fresh=False))
    assert gathered(lookout, again) == gathered(lookout, snapshot)


def test_at_an_instant_without_any_candle_nothing_can_be_voted_on():
    lookout, snapshot = observed()
    later = lookout.observe(Step(snapshot.at_ms + 60_000, ()))
    assert gathered(lookout, later).coins == ()
