"""Which account a request is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quorate.api.problems import NOT_FOUND, ProblemRaised
from quorate.store.readers import accounts, roles

if TYPE_CHECKING:
    from quorate.api.resources import Resources
    from quorate.api.schemas.records import AnalystRecords
    from quorate.store.readers.market import DayChange

DEFAULT_ACCOUNT = "paper"
"""The account shown before any desk has ever run."""
REMEMBERED_MS = 1_000
ACCOUNTS_MAX = 1_000


DayChanges = tuple[int, "dict[str, DayChange]"]
Records = tuple[str, "AnalystRecords"]


@dataclass(slots=True)
class Memory:
    """What is remembered between requests: which accounts exist, which one the desk trades, what a day changed."""

    known: set[str] = field(default_factory=set[str])
    current: str = DEFAULT_ACCOUNT
    checked_ms: int | None = None
    day_changes: dict[str, DayChanges] = field(default_factory=dict[str, "DayChanges"])
    """feed -> (number of the candle it was looked up in, pair -> its change over 24 h)."""
    records: dict[tuple[str, bool], Records] = field(default_factory=dict[tuple[str, bool], "Records"])
    """(account, all records or the newest) -> (end of the journal they were computed at, records of its analysts)."""


async def account_for(given: Resources, named: str | None) -> str:
    """The account `named`, or that of the running desk; a problem when there is no such account."""
    if named is None:
        return await current_account(given)
    memory = given.memory
    if named not in memory.known:
        if await accounts.find(given.pool, named) is None:
            raise ProblemRaised(NOT_FOUND, f"There is no account {named}.")
        if len(memory.known) < ACCOUNTS_MAX:
            memory.known.add(named)
    return named


async def current_account(given: Resources) -> str:
    """The account wiring named, else that of the newest worker, else the default; looked up at most once a second."""
    if given.account is not None:
        return given.account
    memory = given.memory
    now_ms = given.clock.now_ms()
    if memory.checked_ms is None or not 0 <= now_ms - memory.checked_ms < REMEMBERED_MS:
        memory.current = await roles.account_of_desk(given.pool) or DEFAULT_ACCOUNT
        memory.checked_ms = now_ms
    return memory.current
