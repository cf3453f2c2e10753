"""Everything about the HTTP face that a user may change, with its defaults. Plain values; settings.py reads them."""

from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """Limits and durations of the live streams."""

    __pydantic_config__ = {"extra": "forbid"}

    ring_events_max: int = 2_000
    """Events kept ready in memory for each stream; older ones are read from the bus again."""
    backfill_events_max: int = 20_000
    """Most events read from the bus to resume one subscriber; beyond that it gets a `reset`."""
    batch_events_max: int = 500
    heartbeat_s: float = 15.0
    send_deadline_s: float = 10.0
    """A subscriber that takes nothing for this long is closed."""
    lag_events_max: int = 1_000
    """A subscriber this many events behind is closed; it comes back and resumes."""
    age_s_max: float = 600.0
    age_jitter: float = 0.2
    retry_ms: int = 2_000
    retry_jitter: float = 0.5
    subscribers_max: int = 20_000
    subscribers_per_client_max: int = 32
    retry_after_s: int = 5
    watch_s: float = 1.0
    """How often stalled and expired subscribers are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """How the API listens, whom it answers, and its limits."""

    __pydantic_config__ = {"extra": "forbid"}

    host: str = "127.0.0.1"
    port: int = 8420
    token: str | None = field(default=None, repr=False)
    """Bearer token; needed as soon as `host` is not loopback."""
    hosts: tuple[str, ...] = ()
    """Host names the API answers to besides loopback ones and `host`."""
    origins: tuple[str, ...] = ()
    """Origins of other sites that may read the API from a browser (CORS)."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks whose X-Forwarded-For is believed."""
    requests_per_minute: int = 60
    clients_max: int = 10_000
    """Clients whose rate is remembered at once; the one longest silent is forgotten first."""
    body_bytes_max: int = 65_536
    crons_enabled: bool = False
    """Whether calls of an outside scheduler (x-vercel-cron) run a job."""
    cron_secret: str | None = field(default=None, repr=False)
    job_timeout_s: float = 300.0
    worker_lost_ms: int = 15_000
    """A role silent for this long counts as gone."""
    backtests_running_max: int = 2
    """Backtests that run at once, each in a process of its own; one more is refused."""
    backtests_kept_max: int = 200
    """Backtests kept in the data directory; one more is refused until some are removed."""
    backtest_limit_s: float = 1_800.0
    """Seconds after which a backtest is ended."""
    page_dir: Path | None = None
    """Folder of the built dashboard; None: where the package carries it."""
    stream: StreamSettings = field(default_factory=StreamSettings)
