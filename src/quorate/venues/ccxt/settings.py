"""What has to be known to trade at a venue: which one, with which key, and how patient to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSettings:
    """One account at one venue. The key and its secret are never shown."""

    exchange: str
    """binance, binanceusdm or kraken: as ccxt calls it."""
    key: str = field(repr=False)
    secret: str = field(repr=False)
    pairs: tuple[str, ...] = ()
    """What the desk trades there, in ccxt's names, such as BTC/USDT or BTC/USDT:USDT."""
    sandbox: bool = False
    """The venue's own test network, where it has one."""
    urls: Mapping[str, object] = field(default_factory=dict[str, object])
    """Laid over ccxt's own `urls`: to reach an exchange on this machine."""
    window_ms: int = 5_000
    """How late a signed request may still be taken: Binance's recvWindow, the deadline of Kraken's orders."""
    place_s: float = 8.0
    """Total deadline of placing an order, its turn under the rate limit included."""
    cancel_s: float = 8.0
    question_s: float = 15.0
    """Total deadline of one question."""
    skew_ms_max: int = 2_000
    """How far this machine's clock may be from the venue's before entries stop."""
    kraken_tier: str = "starter"
    """The account's verification, which sets Kraken's limits: starter, intermediate or pro."""
    stop_limit_ppm: int = 30_000
    """Where only a stop with a limit can rest, its limit is this far beyond the trigger."""

    def unsealed(self) -> tuple[str, str]:
        """The key and its secret."""
        return self.key, self.secret

    def address(self, *path: str) -> str:
        """What `urls` name at this path; nothing where they do not."""
        told: object = self.urls
        for name in path:
            told = told.get(name) if isinstance(told, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return told if isinstance(told, str) else ""

    def __post_init__(self) -> None:
        """Whoever makes these has checked what a user may choose."""
        assert self.window_ms >= 2_000, "Kraken takes no deadline under two seconds"
        assert self.skew_ms_max > 0, "some skew there always is"
