"""What a control says about an intent: pass, or a refusal that names the control, the value and the limit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pass:
    """Nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Deny:
    """A refusal. `value` is what was seen, `limit` what is allowed, both as text for people with their units.

    `latch` names a pair that must stay closed to entries until a person opens it again (C11): whoever acts on the
    refusal sets the pair's trading state to REDUCING.
    """

    control: str
    value: str
    limit: str
    latch: str | None = None

    def __str__(self) -> str:
        return f"{self.control}: {self.value} (limit {self.limit})"


Verdict = Pass | Deny
PASS = Pass()
