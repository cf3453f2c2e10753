"""How much a client may ask: request weight by address, orders by account; and the ban for who does not stop."""

from __future__ import annotations

from dataclasses import dataclass

from quorate.exchange.binance.errors import TEAPOT, TOO_MANY, BinanceError

MINUTE_MS = 60_000
DAY_MS = 86_400_000
TEN_S_MS = 10_000
ADVICE = "Please use WebSocket Streams for live updates to avoid polling the API."


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """The limits, and after how many answers of 429 an address is banned for how long."""

    weight_per_minute: int = 6_000
    orders_per_10s: int = 100
    orders_per_day: int = 200_000
    longer: str = "1D"
    """The longer of the two windows in which orders are counted, a day; futures count in a minute, "1M"."""
    warnings_max: int = 10
    ban_ms: int = 2 * MINUTE_MS


class Counter:
    """Counts in windows that begin on the clock, as Binance's do."""

    def __init__(self, window_ms: int) -> None:
        self._window_ms = window_ms
        self._window = 0
        self._used: dict[str, int] = {}

    def add(self, who: str, count: int, at_ms: int) -> int:
        """Count, and give what is used in this window."""
        window = at_ms // self._window_ms
        if window != self._window:
            self._window = window
            self._used.clear()
        self._used[who] = used = self._used.get(who, 0) + count
        return used

    def used(self, who: str, at_ms: int) -> int:
        """What is used in this window."""
        return self.add(who, 0, at_ms)


class Rates:
    """The counters of the exchange."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._weight = Counter(MINUTE_MS)
        self._orders = Counter(TEN_S_MS)
        self._longer_ms = DAY_MS if limits.longer == "1D" else MINUTE_MS
        self._orders_of_day = Counter(self._longer_ms)
        self._longer_name = "DAY" if limits.longer == "1D" else "MINUTE"
        self._warnings: dict[str, int] = {}
        self._banned_until: dict[str, int] = {}

    def weigh(self, address: str, weight: int, at_ms: int) -> int:
        """Count a request; gives the weight used this minute. Errors: -1003 with 429, or with 418 while banned."""
        self._refuse_banned(address, at_ms)
        used = self._weight.add(address, weight, at_ms)
        if used <= self.limits.weight_per_minute:
            self._warnings.pop(address, None)
            return used
        warnings = self._warnings[address] = self._warnings.get(address, 0) + 1
        if warnings > self.limits.warnings_max:
            self.ban(address, at_ms + self.limits.ban_ms)
            self._refuse_banned(address, at_ms)
        limit = self.limits.weight_per_minute
        said = f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. {ADVICE}"
        raise _later(BinanceError(-1003, said, status=TOO_MANY), MINUTE_MS - at_ms % MINUTE_MS)

    def count_order(self, account: str, at_ms: int, count: int = 1) -> tuple[int, int]:
        """Count new orders; gives those of these 10 s and of the longer window. Errors: -1015 with 429."""
        in_10s = self._orders.add(account, count, at_ms)
        of_day = self._orders_of_day.add(account, count, at_ms)
        limits = self.limits
        if in_10s > limits.orders_per_10s:
            said = f"Too many new orders; current limit is {limits.orders_per_10s} orders per 10 SECOND."
            raise _later(BinanceError(-1015, said, status=TOO_MANY), TEN_S_MS - at_ms % TEN_S_MS)
        if of_day > limits.orders_per_day:
            said = f"Too many new orders; current limit is {limits.orders_per_day} orders per 1 {self._longer_name}."
            raise _later(BinanceError(-1015, said, status=TOO_MANY), self._longer_ms - at_ms % self._longer_ms)
        return in_10s, of_day

    def orders_used(self, account: str, at_ms: int) -> tuple[int, int]:
        """Orders counted in these 10 s and in the longer window."""
        return self._orders.used(account, at_ms), self._orders_of_day.used(account, at_ms)

    def weight_used(self, address: str, at_ms: int) -> int:
        """Weight used this minute."""
        return self._weight.used(address, at_ms)

    def ban(self, address: str, until_ms: int) -> None:
        """Answer an address with 418 until then."""
        self._banned_until[address] = until_ms

    def _refuse_banned(self, address: str, at_ms: int) -> None:
        until_ms = self._banned_until.get(address, 0)
        if until_ms > at_ms:
            said = f"Way too much request weight used; IP banned until {until_ms}. {ADVICE}"
            raise _later(BinanceError(-1003, said, status=TEAPOT), until_ms - at_ms)

    def told(self) -> list[dict[str, object]]:
        """The limits as exchangeInfo lists them."""
        limits = self.limits
        rows = (
            ("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute),
            ("ORDERS", "SECOND", 10, limits.orders_per_10s),
            ("ORDERS", self._longer_name, 1, limits.orders_per_day),
        )
        return [
            {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
            for kind, interval, number, limit in rows
        ]


def _later(error: BinanceError, wait_ms: int) -> BinanceError:
    error.retry_after_s = max(1, -(-wait_ms // 1_000))
    return error
