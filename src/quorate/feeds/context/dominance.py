"""Bitcoin's share of the market, and by how much it changed within a day: what one of the breakers watches.

The change is taken from a series of our own. Until that is a day old it is derived from two figures of the provider
(how much the whole market, and Bitcoin, changed in 24 h), and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Literal

from quorate.feeds.context.coingecko import CoinMarket, World
from quorate.feeds.context.series import Series, load_series, save_series

DAY_MS = 86_400_000
TOLERANCE_MS = 2 * 3_600_000
"""How much longer ago than a day the value compared with may be."""
POINTS_MAX = 4_000
"""Eleven days at one point in five minutes would be 3,168."""
PLACES = Decimal("0.000001")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dominance:
    """Bitcoin's share in percent, its change over 24 h in percentage points, and where the change comes from."""

    percent: Decimal
    change_24h: Decimal | None
    basis: Literal["kept", "derived", "none"]
    age_ms: int


class DominanceSeries:
    """Every share we were told, kept in `path` (None: in memory only)."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.unsaved = ""
        """Why the series was not written, where it was not."""
        self._shares = (
            Series[Decimal](points_max=POINTS_MAX) if path is None else load_series(path, points_max=POINTS_MAX)
        )
        self._whole = Series[Decimal](points_max=POINTS_MAX)
        self._bitcoin = Series[Decimal](points_max=POINTS_MAX)

    def take_world(self, world: World, now_ms: int) -> None:
        """Keep what was told of the whole market."""
        self._shares.add(now_ms, world.btc_percent)
        if world.cap_change_24h_percent is not None:
            self._whole.add(now_ms, world.cap_change_24h_percent)
        self._save()

    def take_coins(self, coins: Sequence[CoinMarket], now_ms: int) -> None:
        """Keep what was told of Bitcoin."""
        change = next((row.cap_change_24h_percent for row in coins if row.id == "bitcoin"), None)
        if change is not None:
            self._bitcoin.add(now_ms, change)

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            save_series(self._path, self._shares)
            self.unsaved = ""
        except OSError as error:  # a full disk costs the series its memory over a restart, nothing more
            self.unsaved = f"The series of Bitcoin's share cannot be kept: {error.strerror}."

    def at(self, at_ms: int, *, age_ms_max: int) -> Dominance | None:
        """As known at `at_ms`; None where nothing was, or it was older than `age_ms_max`."""
        now = self._shares.at(at_ms, age_ms_max=age_ms_max)
        if now is None:
            return None
        # The share of a day before the reading itself, so that a stale reading is not compared over a longer time.
        before = self._shares.at(at_ms - now.age_ms - DAY_MS, age_ms_max=TOLERANCE_MS)
        if before is not None:
            change = (now.value - before.value).quantize(PLACES, ROUND_HALF_EVEN)
            return Dominance(percent=now.value, change_24h=change, basis="kept", age_ms=now.age_ms)
        derived = self._derived(now.value, at_ms)
        basis = "none" if derived is None else "derived"
        return Dominance(percent=now.value, change_24h=derived, basis=basis, age_ms=now.age_ms)

    def _derived(self, percent: Decimal, at_ms: int) -> Decimal | None:
        """The change that follows from how much the whole market, and Bitcoin in it, changed in 24 h."""
        whole = self._whole.at(at_ms, age_ms_max=TOLERANCE_MS)
        bitcoin = self._bitcoin.at(at_ms, age_ms_max=TOLERANCE_MS)
        if whole is None or bitcoin is None or min(whole.value, bitcoin.value) <= -HUNDRED:
            return None
        before = percent * (HUNDRED + whole.value) / (HUNDRED + bitcoin.value)
        return (percent - before).quantize(PLACES, ROUND_HALF_EVEN) if before <= HUNDRED else None
