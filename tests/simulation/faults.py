"""What can go wrong between the desk and the venue, and how often."""

from dataclasses import dataclass, field, fields
from random import Random


@dataclass(frozen=True, slots=True)
class Faults:
    """Chances of each fault, 0 to 1: of a request, a report, or in a second of the world."""

    request_lost: float = 0.0
    """Sent, never arrives, nobody answers."""
    answer_lost: float = 0.0
    """Taken up, and the answer never comes."""
    request_late: float = 0.0
    """Nobody answers, and it arrives seconds later."""
    not_sent: float = 0.0
    busy: float = 0.0
    refused: float = 0.0
    question_lost: float = 0.0
    hidden: float = 0.0
    """An order is in no list for a while after it was taken up."""
    report_late: float = 0.0
    report_twice: float = 0.0
    stream_lost: float = 0.0
    crash: float = 0.0
    """The process is killed."""
    deploy: float = 0.0
    """The process is asked to end, and another one takes over."""
    journal_gone: float = 0.0
    journal_slow: float = 0.0
    """A batch takes seconds to be durable."""
    journal_doubt: float = 0.0
    """A batch is durable, and its desk is told that the journal is gone."""
    stranger: float = 0.0
    """Somebody else trades on the account by hand."""
    withdrawal: float = 0.0
    jump: float = 0.0
    """The price jumps."""
    nobody: float = 0.0
    """Nobody bids or asks for a pair for a while."""
    panic: float = 0.0

    @property
    def named(self) -> tuple[str, ...]:
        """Those that can happen."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) > 0)


USUAL = Faults(
    request_lost=0.08,
    answer_lost=0.10,
    request_late=0.05,
    not_sent=0.05,
    busy=0.04,
    refused=0.03,
    question_lost=0.05,
    hidden=0.2,
    report_late=0.3,
    report_twice=0.2,
    stream_lost=0.01,
    crash=0.006,
    deploy=0.002,
    journal_gone=0.004,
    journal_slow=0.01,
    journal_doubt=0.001,
    stranger=0.004,
    withdrawal=0.001,
    jump=0.02,
    nobody=0.004,
    panic=0.001,
)
"""A very bad day."""
COUNTS = {
    "request_lost": "F3",
    "answer_lost": "F2",
    "request_late": "F4",
    "not_sent": "F4",
    "busy": "F26",
    "refused": "F29",
    "question_lost": "F4",
    "hidden": "F3",
    "report_late": "F9",
    "report_twice": "F8",
    "stream_lost": "F22",
    "crash": "F1",
    "deploy": "F36",
    "journal_gone": "F17",
    "journal_slow": "F17",
    "journal_doubt": "F17",
    "stranger": "F12",
    "withdrawal": "F30",
    "jump": "F24",
    "nobody": "F25",
    "panic": "C17",
}
"""Number of the catalogue that each stands for."""


@dataclass(slots=True)
class Dice:
    """Decides which faults happen, and counts them."""

    random: Random
    faults: Faults
    happened: dict[str, int] = field(default_factory=dict[str, int])
    calm: bool = False
    """Whether nothing goes wrong any more."""

    def fall(self, name: str) -> bool:
        """Whether this fault happens now."""
        chance = 0.0 if self.calm else getattr(self.faults, name)
        if chance <= 0 or self.random.random() >= chance:
            return False
        self.happened[name] = self.happened.get(name, 0) + 1
        return True

    def between(self, low_s: float, high_s: float) -> float:
        return self.random.uniform(low_s, high_s)
