"""A loopback exchange: a real matching engine that speaks real protocols, for tests, demonstrations and drills.

The engine (`quorate.exchange.engine`) is a plain object without I/O or a clock; this module is its public face. It is
used alike by protocol servers and, in process, by a simulator that drives it with a virtual clock:

    engine = Engine([MarketSpec(symbol="BTCUSDT", base="BTC", quote="USDT")], at_ms=now_ms)
    engine.listen(lambda events: ...)                      # facts of each operation, in order, at its end
    engine.open_account("demo", {"USDT": Decimal(100_000)})
    spec = engine.listing("BTCUSDT").spec                  # spec.ticks(price), spec.lots(quantity): Decimal to integers
    engine.quote("BTCUSDT", bids, asks, at_ms=now_ms)      # the outside market: [(ticks, lots), ...], best first
    engine.print_trade("BTCUSDT", Side.SELL, ticks, lots, at_ms=now_ms)
    order = engine.submit(NewOrder(account="demo", symbol="BTCUSDT", side=Side.BUY, kind=Kind.LIMIT,
                                   ticks=ticks, lots=lots, client_id="q1"), at_ms=now_ms)
    engine.cancel(order, at_ms=now_ms)

Operations: `submit`, `submit_pair` (OCO), `check` (what `submit` would refuse, money apart), `cancel`, `cancel_all`,
`amend`, `advance` (lets time pass: expiries), `move` (deposit, withdrawal), `open_account`, `list_market`; for the
outside market `quote` and `print_trade`; against clients `set_trading`, `change_filters`, `bust`; where contracts are
traded (`VenueRules.margin`) `mark`, `fund`, `set_leverage`, and `engine.margin` answers about positions. Each raises
`OrderRefused` with a `Refusal` when it is not carried out, and then nothing has changed.

Questions: `listing(symbol)` (`bids`/`asks`.`depth(n)`, `last_ticks`, `tape`, `sequence`, `trading`, `spec`),
`order(account, id)`, `order_by_client_id(account, symbol, client_id)`, `open_orders(account, symbol)`,
`accounts[name]` (`balances`, `orders`, `open`, `trades`), `atoms(asset, amount)`, `amount(asset, atoms)`, `totals()`.

Integers throughout: prices in grid ticks, quantities in grid lots (`MarketSpec.tick`, `.lot`, by default 1e-8), money
in atoms, the smallest unit of its asset (`VenueRules.decimals`, by default 8).
"""

from quorate.exchange.engine.accounts import Account, Balance
from quorate.exchange.engine.engine import Engine
from quorate.exchange.engine.events import (
    BalanceMoved,
    BalancesChanged,
    Cleared,
    Event,
    FundingPaid,
    LevelChanged,
    Marked,
    MarketChanged,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderFilled,
    OrderTriggered,
    PairAccepted,
    PairEnded,
    PositionChanged,
    TradeBusted,
    Traded,
)
from quorate.exchange.engine.floor import Listener
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.orders import Order, OrderPair, Trade
from quorate.exchange.engine.positions import Position
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.specs import (
    PPM,
    Bracket,
    Fees,
    Filters,
    MarginRules,
    MarketSpec,
    NewOrder,
    NewPair,
    VenueRules,
)
from quorate.exchange.engine.words import (
    FeeIn,
    Kind,
    Refusal,
    SelfTrade,
    Side,
    Status,
    TimeInForce,
    Trading,
    Why,
)

__all__ = [
    "PPM",
    "Account",
    "Balance",
    "BalanceMoved",
    "BalancesChanged",
    "Bracket",
    "Cleared",
    "Engine",
    "Event",
    "FeeIn",
    "Fees",
    "Filters",
    "FundingPaid",
    "Kind",
    "LevelChanged",
    "Listener",
    "Listing",
    "MarginRules",
    "Marked",
    "MarketChanged",
    "MarketSpec",
    "NewOrder",
    "NewPair",
    "Order",
    "OrderAccepted",
    "OrderAmended",
    "OrderEnded",
    "OrderFilled",
    "OrderPair",
    "OrderRefused",
    "OrderTriggered",
    "PairAccepted",
    "PairEnded",
    "Position",
    "PositionChanged",
    "Refusal",
    "SelfTrade",
    "Side",
    "Status",
    "TimeInForce",
    "Trade",
    "TradeBusted",
    "Traded",
    "Trading",
    "VenueRules",
    "Why",
]
