"""Everything about context that a user may change. Plain values; the house's settings read them.

Nothing that needs a key or tells a third party about this desk is on before it is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

ContextSourceKind = Literal["off", "live", "recorded"]
NewsShape = Literal["coindesk", "cryptocompare"]
FEEDS_MAX = 32
KEY_CHARS_MAX = 512


def check_url(url: str, name: str) -> None:
    """Refuse what is not an address of the web. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{name} is not an address such as https://example.org/rss")


def check_key(key: str | None, name: str) -> None:
    """Refuse a key that could not stand in a header, without repeating it. Raises ValueError."""
    if key is not None and not (
        0 < len(key) <= KEY_CHARS_MAX and key.isascii() and key.isprintable() and " " not in key
    ):
        raise ValueError(f"{name} must be 1 to {KEY_CHARS_MAX} visible characters without spaces")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How a service is asked: every number bounds something."""

    __pydantic_config__ = {"extra": "forbid"}

    deadline_s: float = 10.0
    """One question in all: waiting for its turn, every attempt, and the waits between them."""
    attempts_max: int = 3
    retry_first_s: float = 0.5
    retry_max_s: float = 8.0
    pause_s: float = 2.0
    """Least time between two requests to the service."""
    failures_max: int = 4
    """Failed questions in a row that open the breaker."""
    rest_s: float = 60.0
    """First rest of an open breaker at most; each further one may be twice as long. Jitter takes up to half away."""
    rest_max_s: float = 1_800.0
    body_bytes_max: int = 2_000_000

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could be asked. Raises ValueError."""
        if min(self.deadline_s, self.retry_first_s, self.rest_s) <= 0 or self.pause_s < 0:
            raise ValueError("durations of a source must be above 0")
        if min(self.attempts_max, self.failures_max, self.body_bytes_max) < 1:
            raise ValueError("counts of a source must be at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinGeckoSettings:
    """Prices, market caps and dominance."""

    __pydantic_config__ = {"extra": "forbid"}

    kind: Literal["off", "live"] = "live"
    url: str = "https://api.coingecko.com/api/v3"
    key: str | None = field(default=None, repr=False)
    """Optional. A demo key for the public address, a pro key for https://pro-api.coingecko.com/api/v3."""
    coins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Coin -> CoinGecko id, where the largest coin of that symbol is not the one meant."""
    coins_max: int = 250
    fresh_s: float = 300.0
    stale_s: float = 7_200.0
    limits: Limits = Limits(deadline_s=30.0, pause_s=6.0)

    def __post_init__(self) -> None:
        """Raises ValueError for an address or a key that cannot be used."""
        check_url(self.url, "context.coingecko.url")
        check_key(self.key, "context.coingecko.key")


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivativesSettings:
    """Funding rates and open interest."""

    __pydantic_config__ = {"extra": "forbid"}

    kind: ContextSourceKind = "live"
    exchange: str = "binanceusdm"
    """A ccxt exchange with perpetual contracts."""
    folder: Path | None = None
    """For recorded: a folder of `{exchange}_{BASE}{QUOTE}_funding.parquet`."""
    interest_pairs_max: int = 20
    """Pairs whose open interest is asked for, one question each where the exchange has no table of all."""
    fresh_s: float = 300.0
    stale_s: float = 32_400.0
    """Nine hours: a funding rate holds for up to eight."""
    urls: Mapping[str, object] = field(default_factory=dict[str, object])
    """Laid over the exchange's own `urls` in ccxt."""
    limits: Limits = Limits(deadline_s=60.0, attempts_max=2, pause_s=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddress:
    """One RSS or Atom feed."""

    __pydantic_config__ = {"extra": "forbid"}

    name: str
    url: str = field(repr=False)
    """May carry a secret of its own: it is shown nowhere."""

    def __post_init__(self) -> None:
        """Raises ValueError for an address that cannot be used."""
        check_url(self.url, f"the address of the feed {self.name[:60]!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSettings:
    """Headlines."""

    __pydantic_config__ = {"extra": "forbid"}

    kind: ContextSourceKind = "live"
    api: NewsShape | None = None
    """Whose news API; None asks none."""
    url: str = "https://data-api.coindesk.com"
    """For cryptocompare: https://min-api.cryptocompare.com."""
    key: str | None = field(default=None, repr=False)
    feeds: tuple[FeedAddress, ...] = (
        FeedAddress(name="CoinDesk", url="https://www.coindesk.com/arc/outboundfeeds/rss/"),
        FeedAddress(name="Cointelegraph", url="https://cointelegraph.com/rss"),
    )
    file: Path | None = None
    """For recorded: a CSV of dated headlines."""
    fresh_s: float = 300.0
    stale_s: float = 21_600.0
    limits: Limits = Limits(body_bytes_max=1_000_000)

    def __post_init__(self) -> None:
        """Raises ValueError for addresses or a key that cannot be used."""
        check_url(self.url, "context.news.url")
        check_key(self.key, "context.news.key")
        if len(self.feeds) > FEEDS_MAX:
            raise ValueError(f"context.news.feeds may be at most {FEEDS_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FearGreedSettings:
    """The Fear & Greed index of alternative.me."""

    __pydantic_config__ = {"extra": "forbid"}

    kind: ContextSourceKind = "live"
    url: str = "https://api.alternative.me"
    file: Path | None = None
    """For recorded: a CSV with `fear_greed_index` and `timestamp` (seconds)."""
    fresh_s: float = 1_800.0
    stale_s: float = 172_800.0
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        """Raises ValueError for an address that cannot be used."""
        check_url(self.url, "context.fear_greed.url")


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialSettings:
    """What people say in public, from feeds. Opt-in: none is named before the user names one."""

    __pydantic_config__ = {"extra": "forbid"}

    feeds: tuple[FeedAddress, ...] = ()
    """Such as Reddit's https://www.reddit.com/r/CryptoCurrency/new/.rss."""
    fresh_s: float = 600.0
    stale_s: float = 21_600.0
    limits: Limits = Limits(pause_s=10.0, body_bytes_max=1_000_000)

    def __post_init__(self) -> None:
        """Raises ValueError for more feeds than are read."""
        if len(self.feeds) > FEEDS_MAX:
            raise ValueError(f"context.social.feeds may be at most {FEEDS_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordSettings:
    """A community's own channels. Opt-in: needs a bot that was invited to them."""

    __pydantic_config__ = {"extra": "forbid"}

    token: str | None = field(default=None, repr=False)
    channels: tuple[str, ...] = ()
    """Channel ids. The bot needs the rights to view them and read their history, and the message content intent."""
    url: str = "https://discord.com/api/v10"
    fresh_s: float = 60.0
    stale_s: float = 21_600.0
    limits: Limits = Limits(pause_s=1.0)

    def __post_init__(self) -> None:
        """Raises ValueError for a token, a channel or an address that cannot be used."""
        check_url(self.url, "context.discord.url")
        check_key(self.token, "context.discord.token")
        if len(self.channels) > FEEDS_MAX:
            raise ValueError(f"context.discord.channels may be at most {FEEDS_MAX}")
        if not all(channel.isascii() and channel.isdigit() and len(channel) <= 20 for channel in self.channels):
            raise ValueError("context.discord.channels are ids such as 81384788765712384")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """What is known of the market besides its candles."""

    __pydantic_config__ = {"extra": "forbid"}

    live: Literal["auto", "on", "off"] = "auto"
    """Whether live sources are asked, with the feed of an exchange only. auto: where a model sits on the panel."""
    coingecko: CoinGeckoSettings = CoinGeckoSettings()
    derivatives: DerivativesSettings = DerivativesSettings()
    news: NewsSettings = NewsSettings()
    fear_greed: FearGreedSettings = FearGreedSettings()
    social: SocialSettings = SocialSettings()
    discord: DiscordSettings = DiscordSettings()
    tick_s: float = 15.0
    """How often sources are looked at for being due."""
    items_per_source_max: int = 12
    """Newest items of each source that a view carries."""
    items_max: int = 40
    """Newest items that a view carries of each kind: news, social, community."""
    span_hours: int = 24
    """Items older than this are left out."""

    @property
    def recorded(self) -> tuple[Path | None, ...]:
        """Files and folders of the sources that are recordings."""
        return tuple(
            path
            for kind, path in (
                (self.derivatives.kind, self.derivatives.folder),
                (self.news.kind, self.news.file),
                (self.fear_greed.kind, self.fear_greed.file),
            )
            if kind == "recorded"
        )

    def without_network(self) -> ContextSettings:
        """The same with every live source off: for a replay or a simulated market, which must ask nobody."""
        return replace(
            self,
            coingecko=replace(self.coingecko, kind="off"),
            derivatives=replace(self.derivatives, kind=_unless_live(self.derivatives.kind)),
            news=replace(self.news, kind=_unless_live(self.news.kind)),
            fear_greed=replace(self.fear_greed, kind=_unless_live(self.fear_greed.kind)),
            social=replace(self.social, feeds=()),
            discord=replace(self.discord, token=None),
        )


def _unless_live(kind: ContextSourceKind) -> ContextSourceKind:
    return "off" if kind == "live" else kind
