"""The exchange behind all of Binance's doors: its engine, keys, counters, history and the listen keys given out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from quorate.exchange.binance.history import History
from quorate.exchange.binance.keys import ApiKey, KeyRing
from quorate.exchange.binance.limits import RateLimits, Rates
from quorate.exchange.engine.engine import Engine
from quorate.exchange.engine.events import Event, MarketChanged, Traded
from quorate.exchange.engine.specs import MarketSpec, VenueRules

Clock = Callable[[], int]
Hearer = Callable[[Sequence[Event]], None]
LISTEN_KEY_MS = 60 * 60_000
RULES = VenueRules(default_decimals=8)


@dataclass(slots=True)
class ListenKey:
    """Lets whoever knows it hear what happens to an account, until it runs out."""

    account: str
    until_ms: int


class BinanceExchange:
    """One exchange of Binance's kind. `clock` gives UTC milliseconds; nothing else tells the time.

    Its markets are those of `engine`, which is made here from `markets` unless one is handed in.
    """

    def __init__(
        self,
        markets: Iterable[MarketSpec],
        keys: Iterable[ApiKey],
        *,
        clock: Clock,
        limits: RateLimits | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.clock = clock
        self.engine = engine or Engine(markets, rules=RULES, at_ms=clock())
        self.keys = KeyRing(keys)
        self.rates = Rates(limits or RateLimits())
        self.history = {symbol: History() for symbol in self.engine.listings}
        self.listen_keys: dict[str, ListenKey] = {}
        self.duties: list[Callable[[int], None]] = []
        """What else the exchange does when its time has come."""
        self._listen_keys_given = 0
        self._hearers: list[Hearer] = []
        self.engine.listen(self._hear)

    def listen(self, hearer: Hearer) -> Callable[[], None]:
        """Tell `hearer` what happens in the engine, after the history has it; the answer ends that."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def now_ms(self) -> int:
        """The time, with everything done that was due by it."""
        at_ms = self.clock()
        self.engine.advance(at_ms)
        for duty in self.duties:
            duty(at_ms)
        return at_ms

    def give_listen_key(self, account: str, at_ms: int) -> str:
        """The listen key of an account: the one it has, good for another hour, or a new one."""
        for name, known in self.listen_keys.items():
            if known.account == account and known.until_ms > at_ms:
                known.until_ms = at_ms + LISTEN_KEY_MS
                return name
        self._listen_keys_given += 1
        name = f"{account}listen{self._listen_keys_given:04d}".ljust(60, "0")
        self.listen_keys[name] = ListenKey(account, at_ms + LISTEN_KEY_MS)
        return name

    def account_of_listen_key(self, name: str, at_ms: int) -> str | None:
        """Whose listen key this is; None where it is not known or has run out."""
        known = self.listen_keys.get(name)
        return known.account if known and known.until_ms > at_ms else None

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Traded):
                self.history[event.trade.symbol].traded(event.trade)
            elif isinstance(event, MarketChanged) and event.symbol not in self.history:
                self.history[event.symbol] = History()
        for hearer in tuple(self._hearers):
            hearer(events)
