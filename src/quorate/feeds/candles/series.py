"""What a series of the candle store is, and the folder it lives in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from quorate.domain.errors import BadInput
from quorate.feeds.candles.timeframes import length_of

EXCHANGE = re.compile(r"[A-Za-z0-9]{2,40}")
COIN = r"[^\W_](?:[^\W_]|[.$@!+-]){0,31}"
"""A currency as exchanges spell it: letters and digits of any script, never a separator of ours."""
PAIR = re.compile(rf"(?P<base>{COIN})/(?P<quote>{COIN})(?::(?P<settle>{COIN}))?")
FOLDER = re.compile(rf"(?P<base>{COIN})_(?P<quote>{COIN})(?:_(?P<settle>{COIN}))?")


class SeriesKind(StrEnum):
    """What the numbers of a series are."""

    SPOT = "spot"
    """Candles of a spot market."""
    PERP = "perp"
    """Candles of a perpetual contract."""
    MARK = "mark"
    """Candles of a contract's mark price; they have no volume."""
    FUNDING = "funding"
    """Rates that a contract's longs paid its shorts, as a share of the position, at the instant they were paid."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of a part beside `ts`."""
        return ("funding_rate",) if self is SeriesKind.FUNDING else ("open", "high", "low", "close", "volume")


KINDS = tuple(kind.value for kind in SeriesKind)


@dataclass(frozen=True, slots=True)
class Series:
    """One series: of one exchange, kind and pair, in one timeframe ("" for funding, which comes when it is paid).

    A spot pair is "BTC/USDT"; every other kind is about a contract and names what it is settled in: "BTC/USDT:USDT".
    """

    exchange: str
    kind: SeriesKind
    pair: str
    timeframe: str

    def __post_init__(self) -> None:
        """BadInput for a name that could not be a folder, or parts that do not fit one another."""
        if not EXCHANGE.fullmatch(self.exchange):
            raise BadInput(f"{self.exchange!r} is no name of an exchange.", hint="Write it like binance or kraken.")
        match = PAIR.fullmatch(self.pair)
        if match is None:
            raise BadInput(f"{self.pair!r} is not a pair.", hint="Write it like BTC/USDT, a contract BTC/USDT:USDT.")
        if (match["settle"] is None) is not (self.kind is SeriesKind.SPOT):
            raise BadInput(
                f"{self.pair} cannot be {self.kind}: only the pairs of contracts name what they are settled in.",
                hint="A spot pair is BTC/USDT, a contract BTC/USDT:USDT.",
            )
        if self.kind is not SeriesKind.FUNDING:
            length_of(self.timeframe)

    @property
    def length_ms(self) -> int:
        """Length of a candle; of funding, a millisecond: nothing can be said to be missing."""
        return length_of(self.timeframe) if self.timeframe else 1

    @property
    def label(self) -> str:
        """What to call it in front of people: "binance BTC/USDT 5m"."""
        said = {SeriesKind.MARK: f" {self.timeframe} mark price", SeriesKind.FUNDING: " funding"}
        return f"{self.exchange} {self.pair}{said.get(self.kind, f' {self.timeframe}')}"

    @property
    def rank(self) -> tuple[str, str, str, int]:
        """Order of listings."""
        return self.exchange, self.kind, self.pair, self.length_ms

    def folder(self, root: Path) -> Path:
        """Where its parts are under the store's root: exchange / kind / BTC_USDT / timeframe."""
        name = self.pair.replace("/", "_").replace(":", "_")
        folder = root / self.exchange / self.kind / name
        return folder / self.timeframe if self.timeframe else folder


def series_at(root: Path, folder: Path) -> Series | None:
    """The series whose parts are in `folder`; None for a folder that is none of ours."""
    exchange, kind, name, *rest = folder.relative_to(root).parts
    match = FOLDER.fullmatch(name)
    if match is None or kind not in KINDS:
        return None
    settle = f":{match['settle']}" if match["settle"] else ""
    try:
        return Series(exchange, SeriesKind(kind), f"{match['base']}/{match['quote']}{settle}", "".join(rest))
    except BadInput:
        return None


def contract_of(pair: str) -> str:
    """The pair of the contract on a spot pair that is settled in its quote currency; a contract's pair as it is."""
    return pair if ":" in pair else f"{pair}:{pair.partition('/')[2]}"
