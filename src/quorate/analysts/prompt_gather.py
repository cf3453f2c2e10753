"""Gathers what a prompt says about the market: from the windows of bars, as of one snapshot.

Here floats become the numbers of the tables. Every row is computed once for each closed bar and kept beside the bars.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import isfinite, nan
from typing import cast

import numpy as np

from quorate.analysts.lookout import COUNCIL_TIMEFRAME, Lookout
from quorate.analysts.prompt_inputs import COLUMNS, TIMEFRAMES, Background, Coin, PromptInputs, Readings
from quorate.domain.policy import CouncilPolicy
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Regime
from quorate.kernel import indicators, readings
from quorate.kernel.bars import Bars, to_ticks

PAIR = re.compile(r"[A-Z0-9]{1,15}/[A-Z0-9]{1,10}(?::[A-Z0-9]{1,10})?")
"""Pairs that may stand in a prompt. An exchange gave them their names: one that could be a sentence is left out."""
DAY_HOURS = 24
SHORT_BARS = 64
"""More bars than any of the indicators that look back a fixed way needs."""


def inputs_from(lookout: Lookout, snapshot: Snapshot, *, background: Background, policy: CouncilPolicy) -> PromptInputs:
    """The inputs of a prompt about every pair that can be voted on at this snapshot.

    These are the pairs of the lookout whose candle closed at this instant, for which the council's facts are known, and
    whose name is a plain symbol.
    """
    funding = snapshot.context.funding or {}
    coins: list[Coin] = []
    for pair, price in _closes(lookout, snapshot):
        if (pair, COUNCIL_TIMEFRAME) not in snapshot.facts or PAIR.fullmatch(pair) is None:
            continue
        rows = {timeframe: lookout.windows.bars(pair, timeframe) for timeframe in TIMEFRAMES}
        coins.append(
            Coin(
                pair=pair,
                price=price,
                regime=snapshot.regimes.get(pair, Regime.NEUTRAL),
                funding=funding.get(pair),
                turnover=_turnover(rows[COUNCIL_TIMEFRAME]),
                readings={timeframe: readings_of(bars) for timeframe, bars in rows.items() if len(bars)},
            )
        )
    coins.sort(key=lambda coin: (-coin.turnover, coin.pair))
    return PromptInputs(
        at_ms=snapshot.at_ms,
        market_regime=snapshot.market_regime,
        market_why=snapshot.market_why,
        dominance_change=snapshot.context.btc_dominance_change_24h,
        coins=tuple(coins),
        background=background,
        policy=policy,
    )


def _closes(lookout: Lookout, snapshot: Snapshot) -> Iterator[tuple[str, Decimal]]:
    """Each pair that closed at this instant, with its price.

    A desk that has come back measures its last step without a candle in its hands: the windows have them.
    """
    for candle in snapshot.step.candles:
        if (market := lookout.markets.get(candle.pair)) is not None:
            yield candle.pair, market.price(candle.close)
    if not snapshot.step.candles:
        for pair, market in lookout.markets.items():
            bars = lookout.newest(pair).tail(1)
            if len(bars) and int(bars.close_ms[-1]) == snapshot.at_ms:
                yield pair, market.price(int(to_ticks(bars.close, market.tick)[0]))


def readings_of(bars: Bars) -> Readings:
    """The newest row of the indicator table, a value for each of `COLUMNS`; computed once for the same bars."""
    known = bars.memo.get(("prompt",))
    if known is None:
        known = bars.memo["prompt",] = _readings(bars)
    return cast("Readings", known)


def _readings(bars: Bars) -> Readings:
    high, low, close, volume = (column[-SHORT_BARS:] for column in (bars.high, bars.low, bars.close, bars.volume))
    line, signal, _ = readings.macd(bars)
    plus, minus = readings.directional(bars)
    upper, _, lower = readings.bollinger(bars)
    highest, lowest = indicators.donchian(high, low)
    # What remembers for ever comes from the whole window, where other analysts have computed it already.
    columns = {
        "close": bars.close,
        "ema_20": readings.ema(bars, 20),
        "ema_50": readings.ema(bars, 50),
        "ema_200": readings.ema(bars, 200),
        "rsi": readings.rsi(bars),
        "macd": line,
        "signal": signal,
        "atr": readings.atr(bars),
        "adx": readings.adx(bars),
        "plus": plus,
        "minus": minus,
        "upper": upper,
        "lower": lower,
        "volume": readings.volume_ratio(bars),
        "roc": indicators.roc(close),
        "vwap": indicators.vwap(high, low, close, volume),
        "stochastic": indicators.stochastic(high, low, close)[0],
        "money_flow": indicators.mfi(high, low, close, volume),
        "chop": indicators.choppiness(high, low, close),
        "highest": highest,
        "lowest": lowest,
    }
    newest = indicators.round10(np.array([column[-1] for column in columns.values()]))
    return _row(dict(zip(columns, cast("list[float]", newest.tolist()), strict=True)))


def _row(value: Mapping[str, float]) -> Readings:
    """The columns in their order, from rounded values that may be NaN."""
    close, atr = value["close"], value["atr"]
    row = (
        value["roc"],
        *(_percent(close - value[level], value[level]) for level in ("ema_20", "ema_50", "ema_200", "vwap")),
        value["rsi"],
        value["stochastic"],
        value["money_flow"],
        _percent(value["macd"] - value["signal"], atr) / 100.0,
        value["adx"],
        value["plus"] - value["minus"],
        value["chop"],
        _percent(atr, close),
        _percent(value["upper"] - value["lower"], (value["upper"] + value["lower"]) / 2),
        _percent(close - value["lower"], value["upper"] - value["lower"]),
        _percent(close - value["lowest"], value["highest"] - value["lowest"]),
        value["volume"],
    )
    assert len(row) == len(COLUMNS), "a row has a value for each column"
    return tuple(number if isfinite(number) else None for number in row)


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else nan


def _turnover(hours: Bars) -> float:
    """Value traded over the last 24 bars, in quote units, to 10 digits."""
    day = hours.tail(DAY_HOURS)
    return indicators.round10_one(float((day.close * day.volume).sum())) if len(day) else 0.0
