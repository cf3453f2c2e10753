"""What a worker knows of the world besides candles, as it told it last: one row, renewed while it is well."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from quorate.store.readers.roles import CONTEXT, newest_told

if TYPE_CHECKING:
    from asyncpg.pool import Pool


class FigureSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One number. `told`: whether models are told it."""

    part: str
    name: str
    pair: str | None = None
    value: Decimal
    unit: str
    age_ms: int
    told: bool


class TextSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A stranger's text; `tone` is a baseline from -1 to 1."""

    kind: str
    source: str
    title: str
    text: str
    url: str
    at_ms: int
    tone: Decimal


class PartSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One part: present, missing or off."""

    name: str
    state: str
    age_ms: int | None = None
    why: str = ""


class ContextSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known at `at_ms` (feed time); `why` says why there is nothing where `available` is false."""

    account: str
    available: bool
    why: str = ""
    at_ms: int | None = None
    figures: tuple[FigureSaid, ...] = ()
    texts: tuple[TextSaid, ...] = ()
    parts: tuple[PartSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextRow:
    """The newest telling; the age is measured on the database's clock."""

    said: ContextSaid
    age_ms: int


_decode = msgspec.json.Decoder(ContextSaid).decode


async def newest(pool: Pool, account: str) -> ContextRow | None:
    """What a worker of the account told last; None where none has told anything that can be read."""
    told = await newest_told(pool, CONTEXT, account, _decode)
    return None if told is None else ContextRow(*told)
