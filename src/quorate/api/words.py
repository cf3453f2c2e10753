"""The words behind a decision, as whoever keeps them hands them in: what a model was asked, and what it said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from decimal import Decimal

    from quorate.domain.minds import ModelAsked


class WordsDamaged(Exception):
    """A record is not what its hash says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWords:
    """A request as it was sent; `digest` is what decisions know it by, `record` what it is kept under."""

    record: str
    digest: str
    template: str
    system: str
    prompt: str
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMade:
    """One HTTP call of an asking."""

    provider: str
    model: str
    status: int | None
    fault: str | None
    reason: str | None
    cost_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWords:
    """What came of an asking. Either `text` or `silence` (a code, with its reason) is there."""

    record: str
    request: str
    """Record of the request it answers."""
    analyst: str
    provider: str
    model: str
    temperature: Decimal | None
    output_tokens_max: int
    text: str | None
    answered_by: str | None
    fallback: bool
    silence: str | None
    reason: str | None
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    latency_ms: int
    calls: tuple[CallMade, ...]


class Words(Protocol):
    """Reads records of an account where this process can. Every method blocks, and may raise WordsDamaged.

    What cannot be read is None.
    """

    def asked(self, account: str, record: str) -> AskedWords | None:
        """The request that is kept under this hash."""
        ...

    def said(self, account: str, record: str) -> SaidWords | None:
        """What came of an asking that is kept under this hash."""
        ...

    def unanswered(self, account: str, asked: ModelAsked) -> str | None:
        """Hash under which lies what came of asking a model that gave no answer."""
        ...


class NoWords:
    """For a process that has no records to read."""

    def asked(self, account: str, record: str) -> AskedWords | None:
        """Nothing."""
        del account, record

    def said(self, account: str, record: str) -> SaidWords | None:
        """Nothing."""
        del account, record

    def unanswered(self, account: str, asked: ModelAsked) -> str | None:
        """Nothing."""
        del account, asked
