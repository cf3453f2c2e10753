"""The tables that projections fill, and the statement that writes many rows of one at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import asyncpg

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """One projection: its columns with their Postgres types, and what makes a row unique."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    keep: tuple[str, ...] = ()
    """Columns that stay as they are when a row exists already."""
    unless: str = ""
    """Condition on the existing row under which it may be replaced; empty: always."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(name for name, _ in self.columns)

    @cached_property
    def upsert(self) -> str:
        """Inserts rows given as one array for each column; the newer row wins."""
        arrays = ", ".join(f"${place}::{kind}[]" for place, (_, kind) in enumerate(self.columns, 1))
        changed = (name for name in self.names if name not in {*self.key, *self.keep})
        changes = ", ".join(f"{name} = excluded.{name}" for name in changed)
        return (
            f"insert into {self.name} ({', '.join(self.names)}) select * from unnest({arrays}) "  # noqa: S608  our words
            f"on conflict ({', '.join(self.key)}) do update set {changes}"
            + (f" where {self.name}.{self.unless}" if self.unless else "")
        )

    @cached_property
    def removal(self) -> str:
        """Removes the rows whose keys are given as one array for each key column."""
        kinds = dict(self.columns)
        arrays = ", ".join(f"${place}::{kinds[name]}[]" for place, name in enumerate(self.key, 1))
        match = " and ".join(f"t.{name} = k.{name}" for name in self.key)
        return f"delete from {self.name} t using unnest({arrays}) as k({', '.join(self.key)}) where {match}"  # noqa: S608

    async def copy(self, connection: asyncpg.Connection, rows: Sequence[Row]) -> None:
        """Append rows that are new by nature; one that is there already is an error."""
        await connection.copy_records_to_table(self.name, records=rows, columns=self.names)

    async def merge(self, connection: asyncpg.Connection, rows: Iterable[Row]) -> int:
        """Write the newest state of rows; gives how many were written."""
        done = await connection.execute(self.upsert, *zip(*rows, strict=True))
        return int(done.rpartition(" ")[2])

    async def remove(self, connection: asyncpg.Connection, keys: Iterable[Row]) -> None:
        """Take out the rows with these keys; one that is not there does not matter."""
        await connection.execute(self.removal, *zip(*keys, strict=True))


def _table(name: str, key: str, columns: str, *, keep: str = "", unless: str = "") -> Table:
    """`columns` is "name type, name type, …"; account, owner come first and epoch, seq last in every table."""
    pairs = [("account", "text"), ("owner", "uuid")]
    pairs += [(word[0], word[1]) for word in (part.split() for part in columns.split(","))]
    pairs += [("epoch", "int"), ("seq", "bigint")]
    return Table(name, tuple(pairs), ("account", *key.split()), tuple(keep.split()), unless)


ACCOUNTS = Table(
    "accounts",
    (
        ("account", "text"),
        ("owner", "uuid"),
        ("mode", "text"),
        ("feed", "text"),
        ("label", "text"),
        ("created_at", "timestamptz"),
        ("settings_digest", "text"),
        ("config", "json"),
    ),
    ("account",),
    keep=("created_at",),
)
PORTFOLIOS = _table(
    "portfolios",
    "name",
    "name text, start_equity numeric, equity numeric, cash numeric, unrealized numeric, drawdown_pct numeric,"
    "at timestamptz",
    keep="start_equity",
)
SIGNALS = _table(
    "signals",
    "id",
    "id text, mode text, source text, tier text, strategy text, pair text, side text, at timestamptz, body json",
)
ORDERS = _table(
    "orders",
    "client_id",
    "client_id text, intent_id text, signal_id text, portfolio text, pair text, action text, kind text, purpose text,"
    "price numeric, quantity numeric, filled numeric, state text, reason text, intended_at timestamptz,"
    "changed_at timestamptz, venue_id text, sent_at timestamptz, cancel_at timestamptz",
)
LEDGER = _table(
    "ledger",
    "pair trade_id action",
    "portfolio text, trade_id text, client_id text, pair text, action text, price numeric, quantity numeric,"
    "fee numeric, liquidity text, realized numeric, cash numeric, at timestamptz",
)
POSITIONS = _table(
    "positions",
    "portfolio pair",
    "portfolio text, pair text, side text, source text, signal_id text, quantity numeric,"
    "entry numeric, stop numeric, realized numeric, fees numeric, opened_at timestamptz, body json",
)
TRADES = _table(
    "trades",
    "id",
    "id text, portfolio text, signal_id text, source text, pair text, side text, quantity numeric,"
    "entry numeric, exit numeric, fees numeric, pnl numeric, r numeric, reason text, opened_at timestamptz,"
    "closed_at timestamptz, body json",
)
EQUITY = _table(
    "equity",
    "epoch seq",
    "portfolio text, at timestamptz, equity numeric, cash numeric, unrealized numeric, drawdown_pct numeric",
)
SHADOWS = _table("shadows", "id", "id text, analyst text, pair text, side text, opened_at timestamptz, body json")
SHADOW_RESULTS = _table(
    "shadow_results",
    "id",
    "id text, analyst text, pair text, side text, confidence numeric, opened_at timestamptz, closed_at timestamptz,"
    "r numeric, reason text, record text, contaminated boolean, regime text, opposite_of text, hold_r numeric,"
    "risk_share numeric",
)
RECORDS = _table("records", "epoch seq", "analyst text, record text, knowledge_cutoff text, at timestamptz")
COUNCIL_VOTES = _table(
    "council_votes",
    "epoch seq analyst",
    "slot text, at timestamptz, analyst text, voted int, abstained int",
)
COUNCIL_ASKS = _table(
    "council_asks",
    "epoch seq analyst",
    "slot text, at timestamptz, analyst text, record text, code text, prompt text, input_tokens int,"
    "output_tokens int, cost_usd numeric, latency_ms int, repeats int, flips int",
)
OPTIMIZATIONS = _table("optimizations", "epoch seq", "version int, at timestamptz, changed_by text, body json")
LESSONS = _table("lessons", "trade", "trade text, pair text, at timestamptz, body json")
FUNDING = _table(
    "funding",
    "epoch seq",
    "portfolio text, pair text, side text, rate numeric, notional numeric, amount numeric, at timestamptz",
)
BREAKERS = _table(
    "breakers",
    "portfolio name scope",
    "portfolio text, name text, scope text, tripped boolean, reason text, value text, threshold text,"
    "at timestamptz, until timestamptz",
)
TRADING_STATES = _table(
    "trading_states", "scope", "scope text, state text, changed_by text, reason text, at timestamptz"
)
UNPROTECTED = _table("unprotected", "portfolio pair", "portfolio text, pair text, reason text, at timestamptz")
BLOCKED_BOOKS = _table("blocked_books", "pair", "pair text, reason text, at timestamptz")
EXTERNAL_ORDERS = _table(
    "external_orders",
    "pair venue_id",
    "pair text, venue_id text, action text, open_quantity numeric, price numeric, at timestamptz",
)
BREAKS = _table(
    "breaks",
    "epoch seq",
    "subject text, expected numeric, found numeric, reason text, reckoned boolean, at timestamptz",
)
REGIMES = _table("regimes", "pair", "pair text, regime text, why text, at timestamptz")
SILENCES = _table("silences", "pair strategy", "pair text, strategy text, until timestamptz, why text, at timestamptz")
MARKETS = _table("markets", "pair", "pair text, body json")
SLOTS = _table(
    "slots",
    "job slot",
    "job text, slot text, instant timestamptz, outcome text, report json, error text",
    unless="outcome = 'failed'",
)
