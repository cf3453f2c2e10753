"""Reads what an account has done out of the journal, or out of a file that `quorate journal export` has written."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from quorate.domain.errors import BadInput
from quorate.domain.events import EVENT_KINDS, Event
from quorate.journal.accounts import accounts_opened
from quorate.journal.codec import decode, encode
from quorate.journal.replay import replay
from quorate.wiring.stores import open_stores
from quorate.wiring.tools import Silent

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.settings import Settings

VOTING = frozenset({"StepClosed", "VotesCast", "CouncilAsked", "SignalPublished"})
"""Kinds of entries that tell what a council said."""
ACCOUNTS_SHOWN_MAX = 8


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of an account's journal."""

    id: str
    kind: str
    at_ms: int
    event: Event
    body: bytes
    """Canonical JSON, as it is stored."""


@dataclass(frozen=True, slots=True)
class Story:
    """What an account has done, oldest first."""

    account: str
    entries: tuple[Recorded, ...]


def read_story(settings: Settings, where: str, *, kinds: Collection[str] = EVENT_KINDS) -> Story:
    """The story of an account, or in a file; of `kinds` alone.

    Errors: BadInput where there is no such account or the file cannot be read, and those of the database.
    """
    path = Path(where).expanduser()
    if path.suffix in (".json", ".jsonl", ".ndjson") or path.is_file():
        return story_in_file(path, kinds=kinds)
    return asyncio.run(_read_in_journal(settings, where, kinds))


async def _read_in_journal(settings: Settings, account: str, kinds: Collection[str]) -> Story:
    async with open_stores(settings, Silent(), redis=False) as stores:
        return await story_of(stores.pool, account, kinds=kinds)


async def story_of(pool: Pool, account: str, *, kinds: Collection[str] = EVENT_KINDS) -> Story:
    """The story of an account of this journal. BadInput where it holds none of that name."""
    found = [
        Recorded(entry.id, entry.kind, entry.at_ms, event, entry.body.encode())
        async for entry, event in replay(pool, account=account)
        if entry.kind in kinds
    ]
    if not found and account not in (known := await accounts_opened(pool)):
        raise BadInput(f"The journal knows no account {account}.", hint=_known(known))
    return Story(account, tuple(found))


async def account_named(pool: Pool, name: str | None) -> str:
    """The account of that name, without one the only one there is. BadInput where that is not clear."""
    known = await accounts_opened(pool)
    if name is not None:
        if name not in known:
            raise BadInput(f"The journal knows no account {name}.", hint=_known(known))
        return name
    if len(known) != 1:
        raise BadInput(f"The journal holds {len(known)} accounts.", hint=f"Say which with --account. {_known(known)}")
    return known[0]


def _known(accounts: list[str]) -> str:
    if not accounts:
        return "No desk has run in this data directory yet (--data-dir)."
    more = f" and {len(accounts) - ACCOUNTS_SHOWN_MAX} more" if len(accounts) > ACCOUNTS_SHOWN_MAX else ""
    return f"It holds {', '.join(accounts[:ACCOUNTS_SHOWN_MAX])}{more}."


def story_in_file(path: Path, *, kinds: Collection[str] = EVENT_KINDS) -> Story:
    """The story in a file of JSON lines. BadInput where it is none, or holds several accounts."""
    found: list[Recorded] = []
    accounts: dict[str, None] = {}
    for number, line in enumerate(_lines(path), 1):
        try:
            told = _decode(line)
            accounts[told.account] = None
            if told.kind in kinds:
                event = decode(told.kind, _unwrapped(told.body))
                found.append(Recorded(told.id, told.kind, told.at_ms, event, encode(event)))
        except (msgspec.MsgspecError, ValueError) as error:
            hint = "`quorate journal export --account NAME --out FILE` writes it."
            raise BadInput(f"Line {number} of {path.name} is no entry of a journal: {error}.", hint=hint) from error
    if len(accounts) != 1:
        raise BadInput(
            f"{path.name} holds the entries of {len(accounts)} accounts.", hint="Export one: `--account NAME`."
        )
    return Story(next(iter(accounts)), tuple(found))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            yield from (line for line in stream if line.strip())
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from error


def _unwrapped(body: msgspec.Raw) -> bytes:
    """The body's own bytes; some writers put it into a text."""
    raw = bytes(body)
    return msgspec.json.decode(raw, type=str).encode() if raw.startswith(b'"') else raw


class _Line(msgspec.Struct, frozen=True):
    id: str
    account: str
    kind: str
    at_ms: int
    body: msgspec.Raw


_decode: Any = msgspec.json.Decoder(_Line).decode
