"""What a file's name, and the folders it lies in, say about the candles inside."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from quorate.domain.errors import BadInput
from quorate.feeds.candles.series import COIN, SeriesKind, contract_of
from quorate.feeds.candles.timeframes import MINUTE_MS, name_of, spelled


class Layout(StrEnum):
    """How a file lays out what it holds: what `--format` names."""

    AUTO = "auto"
    FREQTRADE = "freqtrade"
    FREQTRADE_TRADES = "freqtrade-trades"
    BINANCE = "binance"
    BINANCE_FUNDING = "binance-funding"
    KRAKEN = "kraken"
    KRAKEN_TRADES = "kraken-trades"
    LEAN = "lean"
    OCTOBOT = "octobot"
    QUORATE = "quorate"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a series before its rows are; None for what is not."""

    layout: Layout = Layout.AUTO
    exchange: str | None = None
    kind: SeriesKind | None = None
    pair: str | None = None
    timeframe: str | None = None
    day: str | None = None
    """The day, 20161007, from whose midnight the times in the file count."""

    def under(self, choice: Told) -> Told:
        """The same with what was chosen in its place."""
        return Told(
            layout=self.layout if choice.layout is Layout.AUTO else choice.layout,
            exchange=choice.exchange or self.exchange,
            kind=choice.kind or self.kind,
            pair=choice.pair or self.pair,
            timeframe=choice.timeframe or self.timeframe,
            day=self.day,
        )


CONTRACTS_ONLY = frozenset({"binanceusdm", "binancecoinm", "krakenfutures", "bitmex", "dydx"})
"""Exchanges that trade nothing but contracts."""
EXCHANGES = frozenset(
    {
        *CONTRACTS_ONLY,
        *("binance", "binanceus", "bitfinex", "bitget", "bitmart", "bitstamp", "bitvavo", "bybit", "coinbase"),
        *("coinex", "cryptocom", "gate", "gateio", "gemini", "htx", "huobi", "hyperliquid", "kraken", "kucoin"),
        *("mexc", "okx", "poloniex", "upbit"),
    }
)
"""Names that say whose candles a folder holds, as freqtrade sorts them. Any other exchange is named with an option."""
CONTRACTS_MARK = "perp"
"""What we write behind the name of an exchange in the name of a file, where it trades coins and contracts."""
OTHER_NAMES = {"gdax": "coinbase"}
COINS_OF_KRAKEN = {"XBT": "BTC", "XDG": "DOGE"}
QUOTES = (
    *("USDT", "USDC", "USD1", "USDE", "PYUSD", "RLUSD", "DAI", "USD", "EUR", "GBP", "TRY", "JPY", "AUD", "CAD"),
    *("CHF", "BRL", "KRW", "BTC", "XBT", "ETH", "BNB", "PERP"),
)
"""Quote currencies that a symbol without a separator may end in, tried in this order."""
QUOTES_OF_BINANCE = ("FDUSD", "TUSD", "BUSD", *(quote for quote in QUOTES if quote != "USD"))
"""Binance has had dollars of its own and no others; elsewhere ARBUSD is not AR/BUSD."""

_TIMEFRAME = r"\d{1,4}(?:m|h|d|w|mo|M)"
_FREQTRADE = re.compile(
    rf"(?P<base>{COIN})_(?P<quote>{COIN}?)(?:_(?P<settle>{COIN}?))?-(?P<what>trades|{_TIMEFRAME})"
    r"(?:-(?P<candle>spot|futures|mark|funding_rate))?"
)
_BINANCE = re.compile(rf"(?P<symbol>[A-Z0-9]+(?:_PERP)?)-(?P<what>fundingRate|{_TIMEFRAME})-\d{{4}}-\d{{2}}(-\d{{2}})?")
_QUORATE = re.compile(
    rf"(?P<exchange>[A-Za-z0-9]+)_(?P<symbol>[A-Z0-9]+)_(?P<mark>mark-)?(?P<what>funding|{_TIMEFRAME})"
)
_KRAKEN = re.compile(r"(?P<symbol>[A-Z0-9]{5,20})_(?P<minutes>1|5|15|30|60|240|720|1440)")
_LEAN_DAY = re.compile(r"(?P<day>\d{8})_(?P<symbol>[a-z0-9]+)_(?P<resolution>minute|second|tick)_(?P<what>trade|quote)")
_LEAN = re.compile(r"(?P<symbol>[a-z0-9]+)_(?P<what>trade|quote)")
LEAN_FOLDERS = 3
"""Class, exchange and resolution: what a LEAN file's folders have to say."""
_LEAN_KINDS = {"crypto": SeriesKind.SPOT, "cryptofuture": SeriesKind.PERP}
_LEAN_LENGTHS = {"minute": "1m", "hour": "1h", "daily": "1d"}
_SYMBOL = re.compile(r"[A-Z0-9]{5,20}")
_CANDLES = {"futures": SeriesKind.PERP, "mark": SeriesKind.MARK, "funding_rate": SeriesKind.FUNDING}
_SUFFIXES = re.compile(r"\.(csv|json|feather|parquet|zip|gz|data)$")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file was found: the path on disk, its own name without endings, the folders above in small letters."""

    path: Path
    stem: str
    above: tuple[str, ...]

    @property
    def exchange(self) -> str | None:
        """The exchange that a folder is named after, the nearest one."""
        return next((part for part in reversed(self.above) if part in EXCHANGES), None)


def told_by_name(path: Path, name: str) -> Told:
    """What the name of a file, and of the folders above `path`, say. Errors: BadInput for what is never candles."""
    stem = name
    while (shorter := _SUFFIXES.sub("", stem)) != stem:
        stem = shorter
    place = _Place(path, stem, tuple(part.lower() for part in path.absolute().parts[:-1]))
    for reader in (_lean, _quorate, _freqtrade, _binance, _kraken):
        told = reader(place)
        if told is not None:
            return told
    pair = pair_of_symbol(stem, exchange=place.exchange) if _SYMBOL.fullmatch(stem) else None
    return Told(exchange=place.exchange, pair=pair)


def pair_of_symbol(symbol: str, kind: SeriesKind | None = None, *, exchange: str | None = None) -> str | None:
    """The pair a bare symbol means, as far as its quote currency is known; of a contract where `kind` says so.

    Coins bear the names that everybody but Kraken gives them.
    """
    upper = symbol.upper()
    if upper.endswith("USD_PERP"):  # Binance's contracts that are settled in the coin
        base = upper.removesuffix("USD_PERP")
        return f"{base}/USD:{base}"
    quotes = QUOTES_OF_BINANCE if (exchange or "").startswith("binance") and exchange != "binanceus" else QUOTES
    quote = next((quote for quote in quotes if upper.endswith(quote) and len(upper) > len(quote)), None)
    if quote is None:
        return None
    base = upper.removesuffix(quote)
    pair = f"{COINS_OF_KRAKEN.get(base, base)}/{COINS_OF_KRAKEN.get(quote, quote)}"
    return pair if kind in (None, SeriesKind.SPOT) else contract_of(pair)


def _freqtrade(place: _Place) -> Told | None:
    match = _FREQTRADE.fullmatch(place.stem)
    if match is None:
        return None
    settle = match["settle"]
    pair = f"{match['base']}/{match['quote']}" + (f":{settle}" if settle else "")
    kind = _CANDLES.get(match["candle"] or "", SeriesKind.PERP if settle else SeriesKind.SPOT)
    told = Told(Layout.FREQTRADE, place.exchange, kind, pair if kind is SeriesKind.SPOT else contract_of(pair))
    if match["what"] == "trades":
        return replace(told, layout=Layout.FREQTRADE_TRADES)
    return told if kind is SeriesKind.FUNDING else replace(told, timeframe=_length(match["what"], place))


def _binance(place: _Place) -> Told | None:
    match = _BINANCE.fullmatch(place.stem)
    if match is None:
        return None
    exchange = place.exchange or "binance"
    if match["what"] == "fundingRate":
        pair = pair_of_symbol(match["symbol"], SeriesKind.FUNDING, exchange=exchange)
        return Told(Layout.BINANCE_FUNDING, exchange, SeriesKind.FUNDING, pair)
    if any(part in ("indexpriceklines", "premiumindexklines") for part in place.above):
        raise BadInput(f"{place.path.name} holds an index, which nobody can trade.", hint="Leave it out.")
    contract = "futures" in place.above or "_PERP" in match["symbol"] or exchange in CONTRACTS_ONLY
    kind = SeriesKind.PERP if contract else SeriesKind.SPOT
    if "markpriceklines" in place.above:
        kind = SeriesKind.MARK
    pair = pair_of_symbol(match["symbol"], kind, exchange=exchange)
    return Told(Layout.BINANCE, exchange, kind, pair, _length(match["what"], place))


def _quorate(place: _Place) -> Told | None:
    match = _QUORATE.fullmatch(place.stem)
    if match is None:
        return None
    exchange = match["exchange"].removesuffix(CONTRACTS_MARK) or match["exchange"]
    contract = exchange != match["exchange"] or exchange in CONTRACTS_ONLY
    kind = SeriesKind.PERP if contract else SeriesKind.SPOT
    if match["what"] == "funding" or match["mark"]:
        kind = SeriesKind.MARK if match["mark"] else SeriesKind.FUNDING
    pair = pair_of_symbol(match["symbol"], kind, exchange=exchange)
    timeframe = None if kind is SeriesKind.FUNDING else _length(match["what"], place)
    return Told(Layout.QUORATE, exchange, kind, pair, timeframe)


def _kraken(place: _Place) -> Told | None:
    match = _KRAKEN.fullmatch(place.stem)
    if match is None:
        return None
    length_ms = int(match["minutes"]) * MINUTE_MS
    exchange = place.exchange or "kraken"
    pair = pair_of_symbol(match["symbol"], exchange=exchange)
    return Told(Layout.KRAKEN, exchange, SeriesKind.SPOT, pair, name_of(length_ms))


def _lean(place: _Place) -> Told | None:
    """`crypto/coinbase/minute/btcusd/20161007_trade.zip`, or `crypto/bitfinex/hour/btcusd_trade.zip`."""
    found = _below(place.above)
    day = _LEAN_DAY.fullmatch(place.stem)
    match = day or _LEAN.fullmatch(place.path.stem)
    if match is None or len(found) < LEAN_FOLDERS or place.path.suffix.lower() != ".zip":
        return None
    name, resolution = place.path.name, day["resolution"] if day else found[2]
    if match["what"] == "quote":
        raise BadInput(f"{name} holds bids and asks, not trades.", hint="Import the file of trades beside it.")
    timeframe = _LEAN_LENGTHS.get(resolution)
    if timeframe is None:
        raise BadInput(f"{name} holds {resolution} data; the shortest candles kept are 1m.", hint="Leave it out.")
    kind = _LEAN_KINDS[found[0]]
    exchange = OTHER_NAMES.get(found[1], found[1])
    pair = pair_of_symbol(match["symbol"], kind, exchange=exchange)
    return Told(Layout.LEAN, exchange, kind, pair, timeframe, day["day"] if day else None)


def _below(above: tuple[str, ...]) -> tuple[str, ...]:
    """The folders from the one that names the class of LEAN's data on."""
    starts = [at for at, part in enumerate(above) if part in _LEAN_KINDS]
    return above[starts[-1] :] if starts else ()


def _length(timeframe: str, place: _Place) -> str:
    try:
        return spelled(timeframe)
    except BadInput as error:
        raise BadInput(f"{place.path.name}: {error.message}", hint=error.hint) from error
