"""Everything a user may decide, as one frozen, typed object.

Numbers of the trade are the desk's own values (`domain/policy.py`), those of HTTP the API's (`api/settings.py`), both
read into it unchanged; the sections here say where things are and how the house is run. Where values come from (file,
environment, options) is `settings_sources.py`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

import quorate
from quorate.accounts.settings import FEEDS, PERPETUALS, LiveVenueSettings
from quorate.api.settings import ApiSettings
from quorate.domain.lessons import RULES
from quorate.domain.market import MarketKind
from quorate.domain.policy import DeskPolicy
from quorate.domain.promotion import PromotionPolicy
from quorate.feeds.context.settings import ContextSettings
from quorate.feeds.timerange import parse_timerange
from quorate.minds.settings import MindSettings, ModelSettings, fault_in_minds
from quorate.settings_limits import fault_in_api, fault_in_live, fault_in_policy
from quorate.settings_values import (
    PAIRS_MAX,
    Account,
    Cron,
    DatabaseUrl,
    Folder,
    Minds,
    Pairs,
    RedisUrl,
    Speed,
    Timeframe,
    Timerange,
    refuse,
)


class Section(BaseModel):
    """What all parts of the settings share: frozen, and nothing unknown is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)


class FeedSettings(Section):
    """Where market data comes from."""

    kind: Literal["auto", "exchange", "replay", "simulated"] = "auto"
    """auto is exchange where that answers within `probe_timeout_s`, else simulated."""
    exchange: str = Field(default="binance", pattern=r"^[a-z0-9]{2,40}$")
    """A ccxt exchange id."""
    data: Folder | None = None
    """Folder of recorded candles, for a replay."""
    pairs: Pairs = ()
    """Sorted. Empty: the universe that the feed chooses."""
    universe_size: int = Field(default=80, ge=1, le=PAIRS_MAX)
    """How many pairs the feed chooses where `pairs` is empty."""
    timeframe: Timeframe = "5m"
    """The candles that make the desk's steps."""
    timerange: Timerange | None = None
    """For a replay or a simulated market. As freqtrade writes it: 20250201-20250301, the second day not in it."""
    speed: Speed = None
    """Feed seconds per second. None: as fast as possible for a replay, 1 for a simulated market."""
    seed: int = Field(default=7, ge=0, le=2**31 - 1)
    """Which simulated market."""
    lookback_hours: int = Field(default=12, ge=0, le=24 * 60)
    """How much of the past a live or simulated desk trades through before it reaches the present."""
    probe_timeout_s: float = Field(default=5.0, gt=0, le=60)
    """How long an exchange may take to answer before auto gives it up."""
    urls: Mapping[str, JsonValue] = Field(default_factory=dict)
    """Laid over the exchange's own `urls` in ccxt: to reach a test network or an exchange on this machine."""

    @property
    def ends(self) -> bool:
        """Whether the feed comes to an end by itself."""
        if self.kind == "replay":
            return True
        return self.kind == "simulated" and parse_timerange(self.timerange).stop_ms is not None

    @property
    def pace(self) -> float | None:
        """Feed seconds per second, None as fast as possible; the default of the feed's kind filled in."""
        if self.speed is None:
            return None if self.kind == "replay" else 1.0
        return None if self.speed == "max" else self.speed


class JobSettings(Section):
    """The scheduled work and its limits. Schedules are cron expressions on the feed's time, in UTC."""

    enabled: bool = True
    """Whether the built-in schedule runs."""
    scanner: Cron = "*/10 * * * *"
    """When the council is asked."""
    monitor: Cron = "*/2 * * * *"
    """When open positions are looked after, besides every step of the feed."""
    evaluator: Cron = "*/30 * * * *"
    """When open positions are judged anew."""
    optimizer: Cron = "0 */6 * * *"
    """When weights and risk are learnt anew."""
    limit_s: int = Field(default=300, ge=1, le=3_600)
    """Seconds after which a run is stopped."""


class StoreSettings(Section):
    """Databases. None is the embedded one in `data_dir`."""

    database_url: DatabaseUrl | None = None
    """DATABASE_URL: a Postgres 15 or newer of your own."""
    redis_url: RedisUrl | None = None
    """REDIS_URL: a Redis or Valkey of your own."""
    redis: Literal["auto", "on", "off"] = "auto"
    """auto: by `redis_url`, else embedded where its wheel exists, else without; on: not without; off: without."""


class JournalSettings(Section):
    """The journal keeps everything; the Redis streams made from it do not."""

    stream_hours: int = Field(default=168, ge=1, le=24 * 366)
    """Age in hours at which entries leave the Redis streams."""


class StrategySettings(Section):
    """Rule-based analysts beyond the built-in ones, and their parameters."""

    folder: Folder | None = None
    """Python files with a user's own strategies."""
    parameters: Mapping[str, Mapping[str, JsonValue]] = Field(default_factory=dict)
    """By strategy, checked against its own parameter model when it is loaded."""


class LogSettings(Section):
    """What the process says about itself, on stderr."""

    level: Literal["trace", "debug", "info", "warning", "error"] = "info"
    """Lines below it are not written."""
    format: Literal["text", "json"] = "text"
    """json: one object a line."""


class Settings(Section):
    """All settings. `Settings()` is the defaults alone; a command uses `settings_sources.load_settings`."""

    data_dir: Folder = Field(default_factory=lambda: user_data_path("quorate", appauthor=False))
    """The one directory in which state lives."""
    account: Account | None = None
    """None: `paper`, `simulated-SEED` or `replay-DIGEST`, by the feed that was found."""
    mode: Literal["paper", "live"] = "paper"
    """Where orders go."""
    feed: FeedSettings = FeedSettings()
    desk: DeskPolicy = DeskPolicy()
    jobs: JobSettings = JobSettings()
    store: StoreSettings = StoreSettings()
    journal: JournalSettings = JournalSettings()
    api: ApiSettings = ApiSettings()
    strategies: StrategySettings = StrategySettings()
    minds: Minds = MindSettings()
    context: ContextSettings = ContextSettings()
    venue: LiveVenueSettings = LiveVenueSettings()
    promotion: PromotionPolicy = PromotionPolicy()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        fault = (
            fault_in_policy(self.desk)
            or fault_in_api(self.api)
            or self._fault_in_feed()
            or fault_in_minds(self.minds)
            or self._fault_in_models()
            or fault_in_live(self.venue, self.promotion)
            or self._fault_in_live_feed()
        )
        if fault:
            raise refuse(fault)
        return self

    @property
    def seated(self) -> tuple[ModelSettings, ...]:
        """The models that sit on the council's panel."""
        return self.minds.seated(self.desk.council.panel)

    def _fault_in_models(self) -> str | None:
        wanted = self.desk.council.evaluator
        if wanted not in {None, RULES, *(model.analyst for model in self.seated)}:
            return f"desk.council.evaluator = {wanted!r} is neither rules nor a model on the panel"
        if self.seated and self.minds.cycle_s >= self.jobs.limit_s:
            limit_s = self.jobs.limit_s
            return f"minds.cycle_s = {self.minds.cycle_s:g} leaves a scan no time within jobs.limit_s = {limit_s}"
        if self.minds.replay_from is not None and not (self.feed.ends and self.feed.pace is None):
            return "minds.replay_from is for a replay at full speed: give --feed replay without a speed, or drop it"
        return None

    def _fault_in_feed(self) -> str | None:
        feed = self.feed
        if feed.kind == "replay":
            if feed.data is None:
                return "A replay needs the folder of its candles: --data DIR (feed.data)"
            if not feed.data.is_dir():
                return f"There is no folder {feed.data} to replay candles from (feed.data)"
            return None
        if feed.data is not None:
            return f"feed.data belongs to a replay, and feed.kind is {feed.kind}: add --feed replay, or drop it"
        if feed.timerange is not None and feed.kind != "simulated":
            return f"feed.timerange belongs to a replay, and feed.kind is {feed.kind}: add --feed replay, or drop it"
        if self.desk.breakers.rearm != "never":
            return f"desk.breakers.rearm = weekly is for a replay only, and feed.kind is {feed.kind}"
        return None

    def _fault_in_live_feed(self) -> str | None:
        """Real money is traded on the prices of the venue it is traded at, and on no others."""
        venue, feed = self.venue.name, self.feed
        if self.mode != "live" or venue is None:
            return None
        if feed.kind != "exchange" or feed.exchange not in FEEDS[venue]:
            wanted = f'feed.kind = "exchange" and feed.exchange = "{FEEDS[venue][0]}"'
            return f"mode = live trades at {venue} on {venue}'s own prices: set {wanted}"
        bound = next((each for each in self.desk.portfolios if each.name == self.venue.portfolio), None)
        if self.venue.portfolio is not None and bound is None:
            known = ", ".join(portfolio.name for portfolio in self.desk.portfolios)
            return f"venue.portfolio = {self.venue.portfolio!r} is none of desk.portfolios ({known})"
        kind = MarketKind.PERP if venue in PERPETUALS else MarketKind.SPOT
        if bound is not None and bound.market != kind:
            return f"{venue} trades {kind}, and desk.portfolios.{bound.name}.market is {bound.market}"
        return None


def decision_digest(settings: Settings, *, kind: str, recording: str = "") -> str:
    """SHA-256, in hex, of everything in the settings that a decision depends on (`decision_text`)."""
    return digest_of(decision_text(settings, kind=kind, recording=recording))


def digest_of(text: str) -> str:
    """The decision digest of settings whose `decision_text` is at hand."""
    return hashlib.sha256(text.encode()).hexdigest()


def decision_text(settings: Settings, *, kind: str, recording: str = "") -> str:
    """Everything in the settings that a decision depends on, as canonical JSON; no secret is in it.

    That is the desk's policy, the strategies with their parameters and code, the schedules, the identity of the feed
    and the version of the program; not where things are stored, how fast time runs, or who may look. `kind` is the feed
    that was found (auto decides when it is opened), `recording` the digest of a replay's candles.
    """
    feed = settings.feed
    identity: dict[str, Any] = {"kind": kind, "timeframe": feed.timeframe, "pairs": feed.pairs}
    if kind == "replay":
        identity |= {"recording": recording, "timerange": feed.timerange}
    elif kind == "simulated":
        identity |= {"seed": feed.seed, "universe_size": feed.universe_size, "timerange": feed.timerange}
    else:
        identity |= {"exchange": feed.exchange, "universe_size": feed.universe_size}
    parts: dict[str, Any] = {
        "version": quorate.__version__,
        "mode": settings.mode,
        "desk": asdict(settings.desk),
        "parameters": settings.strategies.parameters,
        "code": _strategy_files(settings.strategies.folder),
        "jobs": settings.jobs.model_dump(exclude={"limit_s"}),
        "feed": identity,
    }
    if settings.mode == "live":
        parts["venue"] = asdict(settings.venue)
        parts["promotion"] = asdict(settings.promotion)
    # Left out where there are none, so that the accounts of desks without them keep their names.
    if settings.seated:
        parts["minds"] = [_model_identity(settings, model) for model in settings.seated]
    if recorded := [path for path in settings.context.recorded if path is not None]:
        parts["context"] = [_files(path) for path in recorded]
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_canonical)


def replay_account(settings: Settings, *, recording: str) -> str:
    """The account of a replay: the same replay comes back to it, another one never meets it."""
    return f"replay-{decision_digest(settings, kind='replay', recording=recording)[:16]}"


def account_of(settings: Settings, *, kind: str, recording: str = "") -> str:
    """The account a desk trades: `settings.account`, else by the kind of the feed that was found."""
    if settings.account is not None:
        return settings.account
    if kind == "replay":
        return replay_account(settings, recording=recording)
    if kind == "simulated":
        past = f"-{decision_digest(settings, kind=kind)[:12]}" if settings.feed.timerange else ""
        return f"simulated-{settings.feed.seed}{past}"
    return settings.mode


def _strategy_files(folder: Path | None) -> list[tuple[str, str]]:
    return [] if folder is None else _files(folder, "*.py")


def _files(path: Path, names: str = "*") -> list[tuple[str, str]]:
    """Names and contents of a file, or of those in a folder."""
    files = sorted(path.glob(names)) if path.is_dir() else [path]
    return [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files if file.is_file()]


def _model_identity(settings: Settings, model: ModelSettings) -> dict[str, Any]:
    """What a model's votes depend on: neither prices nor keys."""
    asked = [{key: value for key, value in asdict(each).items() if "price" not in key} for each in model.fallbacks]
    own = {key: value for key, value in asdict(model).items() if "price" not in key}
    providers = {
        name: (provider.kind, provider.address, provider.structured)
        for name, provider in settings.minds.providers.items()
        if name in {model.provider, *(each.provider for each in model.fallbacks)}
    }
    return own | {"fallbacks": asked, "providers": providers, "cycle_s": settings.minds.cycle_s}


def _canonical(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 0.10 and 0.1 are the same limit
    assert isinstance(value, Enum), f"{type(value).__name__} has no canonical form"
    return value.value
