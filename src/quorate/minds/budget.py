"""Money and tokens: reserved for a call's worst case before it, settled after it; what cannot be paid is not asked.

A call whose price is not known, because it broke off or its usage was not told, keeps its whole reservation. Today's
spending is written down before each call, so that a process that dies forgets none of it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from quorate.domain.errors import Unavailable
from quorate.minds.files import write_whole
from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Fault

if TYPE_CHECKING:
    from quorate.domain.minds import MindRequest, ModelSpec
    from quorate.minds.settings import BudgetSettings

MILLION = Decimal(1_000_000)
CYCLES_KEPT_MAX = 64
OVERHEAD_TOKENS = 200
"""What a vendor's own envelope adds to a prompt."""


class SpendingUnreadable(Unavailable):
    """What was spent today cannot be read."""

    code = "spending_unreadable"


@dataclass(slots=True, kw_only=True)
class Spending:
    """What was spent, reservations included."""

    usd: Decimal = Decimal(0)
    tokens: int = 0


class SpendBook(Protocol):
    """Where each day's spending is kept."""

    def load(self, day: str) -> Spending:
        """The day's spending, nothing where none is kept; raises `SpendingUnreadable`."""
        ...

    def save(self, day: str, usd: Decimal, tokens: int) -> None:
        """Keep the day's spending; raises OSError."""
        ...


class MemorySpendBook:
    """Forgets with the process."""

    def __init__(self) -> None:
        self._days: dict[str, tuple[Decimal, int]] = {}

    def load(self, day: str) -> Spending:
        """The day's spending."""
        usd, tokens = self._days.get(day, (Decimal(0), 0))
        return Spending(usd=usd, tokens=tokens)

    def save(self, day: str, usd: Decimal, tokens: int) -> None:
        """Keep it."""
        self._days[day] = (usd, tokens)


class FolderSpendBook:
    """One small file a day. One process writes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, day: str) -> Spending:
        """The day's spending; a file that makes no sense is not taken for nothing spent."""
        path = self._path(day)
        try:
            said = json.loads(path.read_text(encoding="utf-8"), parse_float=str)
            usd, tokens = Decimal(protocol.text_of(protocol.dig(said, "usd"))), protocol.dig(said, "tokens")
        except FileNotFoundError:
            return Spending()
        except (OSError, ValueError, ArithmeticError) as error:
            raise SpendingUnreadable(f"{path} cannot be read.", hint="Mend or remove it.") from error
        if not usd.is_finite() or usd < 0 or not isinstance(tokens, int) or tokens < 0:
            raise SpendingUnreadable(f"{path} holds no sensible figures.", hint="Mend or remove it.")
        return Spending(usd=usd, tokens=tokens)

    def save(self, day: str, usd: Decimal, tokens: int) -> None:
        """Keep it, whole or not at all."""
        write_whole(self._path(day), json.dumps({"tokens": tokens, "usd": str(usd)}).encode())

    def _path(self, day: str) -> Path:
        return self._folder / f"spent-{day}.json"


def tokens_read_at_most(request: MindRequest, *, bytes_per_token: int) -> int:
    """A careful estimate of what a model reads, from the bytes of the texts."""
    size = sum(len(text.encode("utf-8", "replace")) for text in (request.system, request.prompt, request.schema))
    return -(-size // bytes_per_token) + OVERHEAD_TOKENS


def cost_of(spec: ModelSpec, *, read: int, written: int) -> Decimal:
    """USD for so many tokens."""
    return (spec.input_price * read + spec.output_price * written) / MILLION


class Reservation:
    """What one call may cost at most, until it is settled. Unsettled, it stays spent."""

    def __init__(self, spec: ModelSpec, read: int, ledgers: tuple[Spending, ...]) -> None:
        self._spec = spec
        self._ledgers = ledgers
        self.read, self.written = read, spec.output_tokens_max
        self.usd = cost_of(spec, read=read, written=self.written)
        self._add(self.usd, read + self.written)

    def settle(self, *, read: int, written: int) -> Decimal:
        """Put what it really cost in place of the reservation; gives that cost."""
        usd = cost_of(self._spec, read=read, written=written)
        self._add(usd - self.usd, read + written - self.read - self.written)
        self.usd, self.read, self.written = usd, read, written
        return usd

    def _add(self, usd: Decimal, tokens: int) -> None:
        for ledger in self._ledgers:
            ledger.usd += usd
            ledger.tokens += tokens


class Budget:
    """The limits per call, cycle and UTC day. Over one of them, or unable to tell: no."""

    def __init__(self, settings: BudgetSettings, book: SpendBook, *, bytes_per_token: int) -> None:
        self._settings = settings
        self._book = book
        self._bytes_per_token = bytes_per_token
        self._days: OrderedDict[str, Spending] = OrderedDict()
        self._cycles: OrderedDict[str, Spending] = OrderedDict()

    def reserve(self, spec: ModelSpec, request: MindRequest, *, now_ms: int) -> Reservation | Fault:
        """Set the worst case aside; a Fault that names limit and figure where it does not fit."""
        read = tokens_read_at_most(request, bytes_per_token=self._bytes_per_token)
        tokens, usd = read + spec.output_tokens_max, cost_of(spec, read=read, written=spec.output_tokens_max)
        try:
            day = self.spent(now_ms)
        except SpendingUnreadable as error:
            return Fault(code=protocol.OVER_BUDGET, reason=str(error))
        limits = self._settings
        ledgers = [("day", day, limits.day_usd, limits.day_tokens)]
        if request.cycle:
            ledgers.append(("cycle", self._cycle(request.cycle), limits.cycle_usd, limits.cycle_tokens))
        ledgers.append(("call", Spending(), limits.call_usd, limits.call_tokens))
        for name, spent, usd_max, tokens_max in ledgers:
            if spent.usd + usd > usd_max:
                why = f"up to {usd:.4f} USD more on {spent.usd:.4f} is over {name}_usd = {usd_max}"
                return Fault(code=protocol.OVER_BUDGET, reason=why)
            if spent.tokens + tokens > tokens_max:
                why = f"up to {tokens} tokens more on {spent.tokens} is over {name}_tokens = {tokens_max}"
                return Fault(code=protocol.OVER_BUDGET, reason=why)
        return Reservation(spec, read, tuple(spent for name, spent, *_ in ledgers if name != "call"))

    def spent(self, now_ms: int) -> Spending:
        """What was spent on the UTC day of `now_ms`; raises `SpendingUnreadable`."""
        day = _day(now_ms)
        if day not in self._days:
            self._days[day] = self._book.load(day)
            while len(self._days) > 2:
                self._days.popitem(last=False)
        return self._days[day]

    def figures(self) -> tuple[tuple[str, Decimal, int], ...]:
        """Day, USD and tokens of the days that are open, as they are to be kept."""
        return tuple((day, spent.usd, spent.tokens) for day, spent in self._days.items())

    def _cycle(self, cycle: str) -> Spending:
        spent = self._cycles.setdefault(cycle, Spending())
        self._cycles.move_to_end(cycle)
        while len(self._cycles) > CYCLES_KEPT_MAX:
            self._cycles.popitem(last=False)
        return spent


def _day(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1_000, UTC).date().isoformat()
