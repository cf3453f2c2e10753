"""A data directory as its owner has set it up, exchanges on this machine for it, and a hand that types."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyotp.totp import TOTP

from quorate.accounts import venue_keys
from quorate.accounts.master_key import make_master_key
from quorate.accounts.sealed_file import FILE_NAME, SealedFile
from quorate.accounts.second_factor import STEP_MS, enrol, new_secret
from quorate.accounts.secret import Secret
from quorate.clock import SystemClock
from quorate.exchange import Kind, NewOrder, Side
from tests.exchange.binance import binances
from tests.exchange.kraken import krakens

KEY, SECRET = "KEY0KEY0KEY0KEY0WXYZ", "U0VDUkVUU0VDUkVUU0VDUkVU"
ACCOUNT = "demo"
NOW = 1
"""Begins with the code of now: the one of the step before may be good for a moment only."""


@dataclass
class OwnersDesk:
    """A data directory with a master key and, where it was asked for, a second factor enrolled some minutes ago."""

    folder: Path
    secret: Secret = field(default_factory=lambda: new_secret(os.urandom))
    taken: int = 0
    """Codes given so far; `NOW` where a whole process has to start before it reads the first one."""

    def __post_init__(self) -> None:
        self.data_dir = self.folder / "state"
        self.key_file = self.folder / "master.key"
        master = make_master_key(self.key_file, os.urandom)
        self.sealed = SealedFile(self.data_dir / FILE_NAME, master, os.urandom)

    def enrolled(self) -> OwnersDesk:
        """With a second factor whose first code was used up ten minutes ago."""
        before_ms = SystemClock().now_ms() - 600_000
        enrol(self.sealed, self.secret, self._code(before_ms), now_ms=before_ms)
        return self

    def with_key(
        self, name: str = "main", *, venue: str = "kraken", key: str = KEY, secret: str = SECRET
    ) -> OwnersDesk:
        """With a key in the sealed file."""
        credentials = venue_keys.credentials_of(name=name, venue=venue, key=Secret(key), secret=Secret(secret))
        venue_keys.keep(self.sealed, credentials, now_ms=SystemClock().now_ms())
        return self

    def code(self) -> str:
        """A code that was not given yet: of the step before now, then of now, then of the one to come."""
        drift = self.taken - 1
        assert drift <= 1, "no more codes are good just now"
        self.taken += 1
        return self._code(SystemClock().now_ms() + drift * STEP_MS).reveal()

    def _code(self, at_ms: int) -> Secret:
        return Secret(TOTP(self.secret.reveal()).at(at_ms // 1_000))

    def environment(self, **more: str) -> dict[str, str]:
        """What the owner's shell says: where the desk is and where its master key is."""
        return {
            "QUORATE__DATA_DIR": str(self.data_dir),
            "QUORATE_MASTER_KEY_FILE": str(self.key_file),
            **{name: value for name, value in more.items() if value},
        }


class Typist:
    """Stands where stdin stands: each line is given, or made when it is asked for."""

    def __init__(self, lines: Iterable[str | Callable[[], str]]) -> None:
        self._lines = iter(lines)

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        line = next(self._lines, "")
        return (line if isinstance(line, str) else line()) + "\n" if line else ""


@dataclass
class Place:
    """An exchange on this machine: where it answers, who may trade there, and its engine."""

    venue: str
    exchange: Any
    urls: Mapping[str, Any]
    key: str
    secret: str
    pairs: Mapping[str, tuple[str, int]]
    """Our pair -> the engine's symbol, and a price far below its market."""

    @property
    def engine(self) -> Any:
        return self.exchange.engine

    def environment(self) -> dict[str, str]:
        """The settings by which a desk finds it."""
        return {"QUORATE__VENUE__NAME": self.venue, "QUORATE__VENUE__URLS": json.dumps(self.urls)}

    def rest(self, count: int, *, side: Side = Side.BUY) -> None:
        """So many orders of the account rest, spread over the markets."""
        listed = list(self.pairs.values())
        for place in range(count):
            symbol, price = listed[place % len(listed)]
            spec = self.engine.listing(symbol).spec
            order = NewOrder(
                account=ACCOUNT,
                symbol=symbol,
                side=side,
                kind=Kind.LIMIT,
                ticks=spec.ticks(Decimal(price)),
                lots=spec.lots(Decimal("0.1") if price < 1_000 else Decimal("0.01")),
                client_id=f"q{place}",
            )
            self.engine.submit(order, at_ms=self.exchange.clock())

    def open_orders(self) -> int:
        return sum(len(self.engine.open_orders(ACCOUNT, symbol)) for symbol, _ in self.pairs.values())

    def holds(self, asset: str) -> Decimal:
        balance = self.engine.accounts[ACCOUNT].balance(asset)
        return self.engine.amount(asset, balance.free + balance.locked)


@asynccontextmanager
async def exchange_of(venue: str) -> AsyncGenerator[Place]:
    """The loopback exchange of a venue, served on a socket."""
    if venue == "kraken":
        async with krakens.running() as (exchange, address):
            base = f"http://{address}"
            pairs = {"BTC/USD": (krakens.BTC.symbol, 50)}
            urls = {"api": {"public": base, "private": base}}
            yield Place(venue, exchange, urls, "demo", krakens.SECRET, pairs)
        return
    async with binances.running() as (exchange, address):
        base = f"http://{address}"
        api = {"public": f"{base}/api/v3", "private": f"{base}/api/v3", "sapi": f"{base}/sapi/v1"}
        pairs = {"BTC/USDT": ("BTCUSDT", 50_000), "ETH/USDT": ("ETHUSDT", 2_000)}
        yield Place(venue, exchange, {"api": api}, "demo", "demo", pairs)
