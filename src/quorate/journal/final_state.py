"""The final state hash: one number that two runs share exactly when they came to the same end (RULES section 11).

SHA-256 of canonical JSON of what was decided and what came of it: signals, closed trades, open positions and orders,
cash and equity of every portfolio, breakers, the optimizer's configuration. No wall times, leases, epochs or facts of a
host. Signals and trades are read from the journal one by one, so that memory stays flat however long the run was.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from quorate.domain.events import CandleQuarantined
from quorate.domain.signals import Tier

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.desk.state import DeskState

ROWS_AT_ONCE = 500
_canonical = msgspec.json.Encoder(order="sorted", decimal_format="string").encode


@dataclass(frozen=True, slots=True)
class Counts:
    """How many signals of each tier, trades and refused candles the journal holds."""

    gold: int
    silver: int
    single: int
    trades: dict[str, int]
    """Portfolio -> closed trades."""
    quarantined: dict[str, int]
    """Pair -> candles that were refused; why is in the journal, as CandleQuarantined."""

    @property
    def signals(self) -> int:
        """Signals of every tier."""
        return self.gold + self.silver + self.single


async def count(pool: Pool, account: str) -> Counts:
    """What the account's projections add up to."""
    tiers = {
        row["tier"]: row["n"]
        for row in await pool.fetch("select tier, count(*) n from signals where account = $1 group by tier", account)
    }
    trades = await pool.fetch("select portfolio, count(*) n from trades where account = $1 group by portfolio", account)
    quarantined = await pool.fetch(
        "select body -> 'candle' ->> 'pair' pair, count(*) n from journal "
        "where account = $1 and kind = $2 group by 1 order by 1",
        account,
        CandleQuarantined.__name__,
    )
    return Counts(
        gold=tiers.get(Tier.GOLD, 0),
        silver=tiers.get(Tier.SILVER, 0),
        single=tiers.get(Tier.SINGLE, 0),
        trades={row["portfolio"]: row["n"] for row in trades},
        quarantined={row["pair"]: row["n"] for row in quarantined},
    )


async def state_hash(pool: Pool, state: DeskState) -> str:
    """The final state hash, in hex, of an account whose journal ends with `state`."""
    digest = hashlib.sha256()

    async def put_list(name: str, kind: str) -> None:
        digest.update(f'"{name}":['.encode())
        separator = b""
        async for body in _bodies(pool, state.account, kind):
            digest.update(separator + body)
            separator = b","
        digest.update(b"],")

    digest.update(b'{"breakers":' + _canonical(state.breakers) + b",")
    digest.update(b'"optimizer":' + _canonical(_optimizer(state)) + b",")
    digest.update(b'"portfolios":' + _canonical(_portfolios(state)) + b",")
    await put_list("signals", "SignalPublished")
    await put_list("trades", "TradeClosed")
    digest.update(b'"at_ms":' + _canonical(state.at_ms) + b"}")
    return digest.hexdigest()


def _optimizer(state: DeskState) -> dict[str, Any]:
    """What is in force, and as which version; weights as records that began anew have left them."""
    version = state.optimization
    return {
        "version": version.version,
        "weights": state.weights,
        "base_factors": version.base_factors,
        "blocked_regimes": version.blocked_regimes,
    }


def _portfolios(state: DeskState) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "cash": portfolio.cash,
            "equity": portfolio.equity,
            "open_orders": sorted(
                (
                    {
                        "client_id": order.intent.client_id,
                        "pair": order.intent.pair,
                        "action": order.intent.action,
                        "kind": order.intent.kind,
                        "price": order.intent.price,
                        "open": order.open_quantity,
                        "state": order.state,
                    }
                    for order in state.orders.values()
                    if order.intent.portfolio == name
                ),
                key=lambda order: str(order["client_id"]),
            ),
            "positions": state.positions_of(name),
        }
        for name, portfolio in state.portfolios.items()
    }


async def _bodies(pool: Pool, account: str, kind: str) -> AsyncIterator[bytes]:
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        query = "select body::text from journal where account = $1 and kind = $2 order by epoch, seq"
        async for row in connection.cursor(query, account, kind, prefetch=ROWS_AT_ONCE):
            yield row[0].encode()
