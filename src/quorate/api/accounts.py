"""Which account a request is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quorate.api.problems import NOT_FOUND, ProblemRaised
from quorate.store.readers import accounts, roles

if TYPE_CHECKING:
    from quorate.api.resources import Resources

DEFAULT_ACCOUNT = "paper"
"""The account shown before any desk has ever run."""
REMEMBERED_MS = 1_000
ACCOUNTS_MAX = 1_000


@dataclass(slots=True)
class AccountMemory:
    """What is remembered between requests: which accounts exist, and for a moment which one the desk trades."""

    known: set[str] = field(default_factory=set[str])
    current: str = DEFAULT_ACCOUNT
    checked_ms: int | None = None


async def account_for(given: Resources, named: str | None) -> str:
    """The account `named`, or that of the running desk; a problem when there is no such account."""
    if named is None:
        return await current_account(given)
    memory = given.accounts
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
    memory = given.accounts
    now_ms = given.clock.now_ms()
    if memory.checked_ms is None or not 0 <= now_ms - memory.checked_ms < REMEMBERED_MS:
        memory.current = await roles.account_of_desk(given.pool) or DEFAULT_ACCOUNT
        memory.checked_ms = now_ms
    return memory.current
