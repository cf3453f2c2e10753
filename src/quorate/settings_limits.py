"""Bounds of what the owner may decide for the desk: a slip of the pen (5 for 5 %) is told, not traded.

`domain/policy.py` and `api/settings.py` hold plain values, so that those who use them need no validation library; their
sense is checked here, once, when settings are read.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from ipaddress import ip_network
from typing import Any, cast
from urllib.parse import urlsplit

from quorate.accounts.settings import LiveVenueSettings
from quorate.api.settings import ApiSettings
from quorate.domain.optimization import FACTOR_LEAST, FACTOR_MOST, WEIGHT_LEAST, WEIGHT_MOST
from quorate.domain.policy import DeskPolicy
from quorate.domain.promotion import PromotionPolicy

SHARE = (Decimal("0.0001"), Decimal(1))
UNIT = (Decimal(0), Decimal(1))
FACTOR = (Decimal(0), Decimal(10))
MULTIPLE = (Decimal("0.01"), Decimal(125))
USD = (Decimal(1), Decimal(1_000_000_000))
PPM = (0, 200_000)
BPS = (1, 10_000)
MS = (1, 31 * 86_400_000)
COUNT = (1, 1_000_000)
ANY = (0, 10**18)
SECONDS = (0.01, 86_400)

BOUNDS: dict[str, tuple[Decimal | float, Decimal | float]] = {
    **dict.fromkeys(("base_share", "risk_per_trade", "position_cap", "final_risk_cap"), SHARE),
    **dict.fromkeys(("daily_loss_limit", "weekly_loss_limit", "drawdown_limit", "entry_drift_max"), SHARE),
    **dict.fromkeys(("gross_exposure_cap", "net_exposure_cap", "coin_exposure_cap", "leverage"), MULTIPLE),
    **dict.fromkeys(("start_equity", "order_notional_max", "symbol_notional_max"), USD),
    "order_quantity_max": (Decimal(0), Decimal(10) ** 18),
    **dict.fromkeys(("maker_fee_ppm", "taker_fee_ppm", "spread_major_ppm", "spread_minor_ppm", "slippage_ppm"), PPM),
    **dict.fromkeys(("liquidation_fee_ppm", "maintenance_margin_ppm", "liquidation_reserve_ppm"), PPM),
    **dict.fromkeys(("collar_bps", "period_collar_bps", "bad_tick_bps", "slippage_bps_max"), BPS),
    **dict.fromkeys(("period_collar_ms", "reference_age_ms_max", "throttle_window_ms", "repeats_window_ms"), MS),
    **dict.fromkeys(("cooldown_ms", "cooldown_after_loss_ms"), (0, MS[1])),
    **dict.fromkeys(
        ("maker_patience_ms", "protect_ms", "retry_ms", "reconcile_ms", "doubt_ms", "away_ms"), (100, 3_600_000)
    ),
    "dead_man_s": (0, 3_600),
    **dict.fromkeys(("open_orders_max", "throttle_orders_max", "repeats_max", "losses_in_a_row_max"), COUNT),
    **dict.fromkeys(("stance_bars_max", "kelly_trades"), (1, 10_000)),
    **dict.fromkeys(("kelly_fraction", "anti_martingale_win_step", "anti_martingale_loss_step"), UNIT),
    **dict.fromkeys(("anti_martingale_win_cap", "risk_on", "risk_off", "volatile", "reward_risk_min"), FACTOR),
    "anti_martingale_loss_floor": UNIT,
    "funding_rate_max": SHARE,
    "dominance_rise_max": (Decimal("0.01"), Decimal(100)),
    "window_days": (1, 30),
    "half_life_days": (Decimal("0.1"), Decimal(365)),
    "shrinkage_trades": (0, 10_000),
    "expectancy_gain": FACTOR,
    "step_max": (Decimal(0), Decimal("0.5")),
    "backtests_running_max": (1, 64),
    "backtests_kept_max": (1, 2_000),
    "backtest_limit_s": SECONDS,
    "weight_min": (WEIGHT_LEAST, Decimal(1)),
    "weight_max": (Decimal(1), WEIGHT_MOST),
    "base_factor_min": (FACTOR_LEAST, Decimal(1)),
    "base_factor_max": (Decimal(1), FACTOR_MOST),
    "regime_confidence": (Decimal("0.5"), Decimal("0.999")),
    "regime_trades_min": (5, 10_000),
    "regime_days_min": (5, 30),
    "regime_changes_max": (0, 6),
    "stake": USD,
    "cool_down_hours": (1, 24 * 31),
    "skew_ms_max": (100, 10_000),
    **dict.fromkeys(("backtest_trades_min", "paper_trades_min", "canary_trades_min", "band_trades_min"), COUNT),
    **dict.fromkeys(("backtest_days_min", "paper_days_min", "canary_days_min"), (1, 3_650)),
    "deflated_sharpe_min": UNIT,
    "walk_percentile_min": (Decimal(0), Decimal(100)),
    "band_deviations": (Decimal(1), Decimal(10)),
    "band_drawdown_factor": (Decimal(1), Decimal(10)),
    "port": (0, 65_535),
    "requests_per_minute": COUNT,
    "clients_max": COUNT,
    "body_bytes_max": (1_024, 16_777_216),
    "job_timeout_s": SECONDS,
    "worker_lost_ms": MS,
    **dict.fromkeys(("ring_events_max", "backfill_events_max", "batch_events_max", "lag_events_max"), COUNT),
    **dict.fromkeys(("subscribers_max", "subscribers_per_client_max"), COUNT),
    **dict.fromkeys(("heartbeat_s", "send_deadline_s", "age_s_max", "retry_after_s", "watch_s"), SECONDS),
    "retry_ms": MS,
    **dict.fromkeys(("age_jitter", "retry_jitter"), (0, 1)),
}
"""Lowest and highest value of every number, by its name, both allowed."""

REARMS = ("never", "weekly")
PORTFOLIOS_MAX = 50
PANEL_MAX = 21
TOKEN_CHARS_MIN = 16
KEY_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def fault_in_policy(policy: DeskPolicy) -> str | None:
    """The first thing that makes no sense in `policy`, as a sentence without its full stop; None when all is well."""
    outside = _outside(policy, "desk")
    if outside is not None:
        return outside
    names = [portfolio.name for portfolio in policy.portfolios]
    if not 1 <= len(names) <= PORTFOLIOS_MAX:
        return f"desk.portfolios has {len(names)} entries; 1 to {PORTFOLIOS_MAX} are possible"
    for listed, path in ((names, "desk.portfolios"), (policy.council.panel, "desk.council.panel")):
        twice = next((name for name in listed if list(listed).count(name) > 1), None)
        if twice is not None:
            return f"{path} names {twice!r} twice"
        if not all(listed):
            return f"{path} has an entry without a name"
    if not 1 <= len(policy.council.panel) <= PANEL_MAX:
        return f"desk.council.panel has {len(policy.council.panel)} analysts; 1 to {PANEL_MAX} can vote"
    if policy.breakers.rearm not in REARMS:
        return f"desk.breakers.rearm = {policy.breakers.rearm!r} is neither never nor weekly"
    return None


def fault_in_live(venue: LiveVenueSettings, promotion: PromotionPolicy) -> str | None:
    """The first thing that makes no sense in what is set for live trading, as a sentence without its full stop."""
    outside = _outside(venue, "venue") or _outside(promotion, "promotion")
    if outside is not None:
        return outside
    if venue.key is not None and not KEY_NAME.fullmatch(venue.key):
        # What is refused here may be the key itself, put where its name belongs: it is not told.
        return "venue.key is the name of a key in the sealed file (`quorate keys list`), not the key itself"
    return None


def fault_in_api(api: ApiSettings) -> str | None:
    """The first thing that makes no sense in the API's settings, as a sentence without its full stop; else None."""
    outside = _outside(api, "api")
    if outside is not None:
        return outside
    if api.token is not None and len(api.token) < TOKEN_CHARS_MIN:
        return f"api.token is too short: a token has at least {TOKEN_CHARS_MIN} characters"
    for origin in api.origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            return f"api.origins has {origin!r}, which is not an origin such as https://desk.example (no path, no *)"
    for network in api.trusted_proxies:
        try:
            ip_network(network)
        except ValueError:
            return f"api.trusted_proxies has {network!r}, which is not an address or a network such as 10.0.0.0/8"
    return None


def _outside(value: object, path: str) -> str | None:
    for here, name, number in _numbers(value, path):
        low, high = BOUNDS.get(name, ANY)
        if not low <= number <= high:
            return f"{here} = {number} is outside {low:,} to {high:,}"
    return None


def _numbers(value: Any, path: str) -> Iterator[tuple[str, str, Decimal | float]]:
    """Every number under `value` with its dotted path and its own name."""
    for field in fields(value):
        inner = getattr(value, field.name)
        here = f"{path}.{field.name}"
        if isinstance(inner, Decimal | float | int) and not isinstance(inner, bool):
            yield here, field.name, inner
        elif is_dataclass(inner):
            yield from _numbers(inner, here)
        elif isinstance(inner, tuple):
            for item in cast("tuple[Any, ...]", inner):
                if is_dataclass(item):
                    yield from _numbers(item, f"{here}.{getattr(item, 'name', '')}")
