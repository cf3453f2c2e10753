"""Orders through nautilus_trader; run by the Python of `.cache/peers`, never imported. See `tests.peers.asking`."""

# What it imports is not in this project's own environment.
# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportGeneralTypeIssues=false, reportCallIssue=false

import json
import sys
import time
from decimal import Decimal

import numpy as np
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

MINUTES_5_NS = 300_000_000_000
COIN = Currency("AAA", 8, 0, "AAA", 1)


def digits_of(held):
    """Decimals of the finest price."""
    return max(len(f"{price:.10f}".rstrip("0").partition(".")[2]) for price in held["close"][:2_000])


def instrument_of(digits):
    """A perpetual without fees on a grid of so many decimals."""
    tick = Price(10**-digits, digits)
    return CryptoPerpetual(
        instrument_id=InstrumentId(Symbol("AAAUSDT"), Venue("SIM")),
        raw_symbol=Symbol("AAAUSDT"),
        base_currency=COIN,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=digits,
        size_precision=0,
        price_increment=tick,
        size_increment=Quantity(1, 0),
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        ts_event=0,
        ts_init=0,
    )


class Settings(StrategyConfig, frozen=True):
    """Nothing to set."""


class Ordered(Strategy):
    """Does at each close what the orders say, unless it is in a trade."""

    def __init__(self, held, instrument, bar_type):
        super().__init__(Settings())
        self.held, self.instrument, self.bar_type = held, instrument, bar_type
        self.row = -1

    def on_start(self):
        """Listen to the bars."""
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar):
        """A bracket where an order says so."""
        self.row += 1
        side = int(self.held["side"][self.row])
        if (
            not side
            or self.portfolio.is_net_long(self.instrument.id)
            or self.portfolio.is_net_short(self.instrument.id)
        ):
            return
        if self.cache.orders_open(instrument_id=self.instrument.id):
            return
        bracket = self.order_factory.bracket(
            instrument_id=self.instrument.id,
            order_side=OrderSide.BUY if side > 0 else OrderSide.SELL,
            quantity=self.instrument.make_qty(1),
            sl_trigger_price=self.instrument.make_price(float(self.held["stop"][self.row])),
            tp_price=self.instrument.make_price(float(self.held["goal"][self.row])),
            tp_post_only=False,
        )
        self.submit_order_list(bracket)


def main() -> None:
    """Read the columns named, write trades as JSON."""
    held = dict(np.load(sys.argv[1]))
    instrument = instrument_of(digits_of(held))
    bar_type = BarType.from_str(f"{instrument.id}-5-MINUTE-LAST-EXTERNAL")
    frame = pd.DataFrame(
        {name: held[name] for name in ("open", "high", "low", "close")} | {"volume": np.full(len(held["close"]), 1e6)},
        index=pd.to_datetime(held["open_ms"] + 300_000, unit="ms", utc=True),
    )
    bars = BarDataWrangler(bar_type, instrument).process(frame)
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=Venue("SIM"),
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=USDT,
        starting_balances=[Money(1_000_000_000, USDT)],
        bar_execution=True,
    )
    engine.add_instrument(instrument)
    engine.add_data(bars)
    engine.add_strategy(Ordered(held, instrument, bar_type))
    begun = time.process_time()
    engine.run()
    seconds = time.process_time() - begun
    report = engine.trader.generate_order_fills_report()
    fills = report.sort_values("ts_last", kind="stable")
    first = int(held["open_ms"][0]) * 1_000_000
    rows, trades, opened = [], [], None
    for _, fill in fills.iterrows():
        at = (pd.Timestamp(fill["ts_last"]).value - first) // MINUTES_5_NS - 1
        rows.append((int(at), 1 if str(fill["side"]) == "BUY" else -1, float(fill["avg_px"])))
    for at, side, price in rows:
        if opened is None:
            opened = (at, side, price)
        else:
            trades.append([opened[0], at, opened[1], opened[2], price])
            opened = None
    json.dump({"trades": trades, "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
