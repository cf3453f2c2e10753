"""Which fault strikes what: a list of armed faults, chance, and a log of what has struck."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from quorate.domain.errors import BadInput
from quorate.exchange.faults.knobs import (
    MESSAGE_KINDS,
    PPM,
    REQUEST_KINDS,
    UNTOUCHED,
    Fate,
    Fault,
    FaultKind,
    RequestFacts,
)

ARMED_MAX = 1_000
LOG_MAX = 10_000


@dataclass(slots=True)
class Armed:
    """A fault that waits for its prey."""

    id: int
    fault: Fault
    passed: int = 0
    struck: int = 0


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault has struck: which, when and what."""

    id: int
    kind: FaultKind
    at_ms: int
    what: str


class Faults:
    """Decides about every request and message. The same chance, faults and questions lead to the same answers."""

    def __init__(self, *, chance: Callable[[], float]) -> None:
        """`chance` gives numbers from 0 up to 1, from a seeded generator."""
        self._chance = chance
        self._armed: dict[int, Armed] = {}
        self._last_id = 0
        self.log: deque[Struck] = deque(maxlen=LOG_MAX)

    def arm(self, fault: Fault) -> int:
        """Put a fault in force; gives its id. Errors: BadInput where there are too many."""
        if len(self._armed) >= ARMED_MAX:
            raise BadInput(f"{ARMED_MAX} faults are armed already.", hint="Clear them first.")
        self._last_id += 1
        self._armed[self._last_id] = Armed(self._last_id, fault)
        return self._last_id

    def disarm(self, fault_id: int) -> bool:
        """Take a fault out of force; False where there was none of that id."""
        return self._armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Take all faults out of force."""
        self._armed.clear()

    @property
    def armed(self) -> tuple[Armed, ...]:
        """Faults in force, oldest first."""
        return tuple(self._armed.values())

    def skew_ms(self, venue: str, at_ms: int) -> int:
        """By how much the clock of an exchange is wrong."""
        return sum(
            armed.fault.skew_ms
            for armed in self._armed.values()
            if armed.fault.kind is FaultKind.SKEWED_CLOCK and armed.fault.fits_place(venue, at_ms)
        )

    def for_request(self, facts: RequestFacts, *, at_ms: int) -> Fate:
        """What becomes of a request; several faults may strike the same one."""
        if not self._armed:
            return UNTOUCHED

        def fits(fault: Fault) -> bool:
            return (
                fault.kind in REQUEST_KINDS
                and not fault.channel
                and fault.method in ("", facts.method)
                and facts.path.startswith(fault.path)
                and fault.holds in facts.text
            )

        fate = UNTOUCHED
        for armed in self._striking(fits, facts.venue, at_ms, f"{facts.method} {facts.path}"):
            fate = _worse(fate, armed.fault)
        return fate

    def for_message(self, venue: str, channel: str, text: str, *, at_ms: int) -> list[Fault]:
        """The faults that strike a message of a stream."""
        if not self._armed:
            return []

        def fits(fault: Fault) -> bool:
            return (
                fault.kind in MESSAGE_KINDS
                and not fault.path
                and not fault.method
                and fault.channel in ("", channel)
                and fault.holds in text
            )

        return [armed.fault for armed in self._striking(fits, venue, at_ms, channel)]

    def _striking(self, fits: Callable[[Fault], bool], venue: str, at_ms: int, what: str) -> list[Armed]:
        striking: list[Armed] = []
        for armed in list(self._armed.values()):
            fault = armed.fault
            if not fault.fits_place(venue, at_ms) or not fits(fault):
                continue
            armed.passed += 1
            if armed.passed <= fault.after:
                continue
            if fault.chance_ppm < PPM and self._chance() * PPM >= fault.chance_ppm:
                continue
            armed.struck += 1
            striking.append(armed)
            self.log.append(Struck(armed.id, fault.kind, at_ms, what))
            if fault.times and armed.struck >= fault.times:
                del self._armed[armed.id]
        return striking


def _worse(fate: Fate, fault: Fault) -> Fate:
    """A fate with one fault more."""
    changes: dict[FaultKind, Callable[[], Fate]] = {
        FaultKind.REQUEST_LOST: lambda: replace(fate, request_lost=True),
        FaultKind.ANSWER_LOST: lambda: replace(fate, answer_lost=True),
        FaultKind.DELAY_BEFORE: lambda: replace(fate, delay_before_ms=fate.delay_before_ms + fault.delay_ms),
        FaultKind.DELAY_AFTER: lambda: replace(fate, delay_after_ms=fate.delay_after_ms + fault.delay_ms),
        FaultKind.DUPLICATE_REQUEST: lambda: replace(fate, runs=2),
        FaultKind.ERROR_BEFORE: lambda: replace(fate, refused_status=fault.status),
        FaultKind.ERROR_AFTER: lambda: replace(fate, answered_status=fault.status),
        FaultKind.RESET_BEFORE: lambda: replace(fate, reset_before=True),
        FaultKind.RESET_AFTER: lambda: replace(fate, reset_after=True),
        FaultKind.BAN: lambda: replace(fate, refused_status=fault.status, retry_after_s=fault.retry_after_s),
        FaultKind.MAINTENANCE: lambda: replace(fate, refused_status=503),
        FaultKind.BAD_TICK: lambda: replace(fate, tick_factor=fault.factor),
        FaultKind.CROSSED_BOOK: lambda: replace(fate, crossed=True),
    }
    return changes[fault.kind]()
