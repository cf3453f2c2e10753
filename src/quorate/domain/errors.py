"""Operating errors: what can go wrong without a bug, each with a stable code and what to do about it."""


class QuorateError(Exception):
    """An operating error.

    `code` is stable and meant for programs, `message` is one sentence that says what happened, `hint` what to do.
    `exit_code` is what a command ends with.
    """

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(QuorateError):
    """What was asked for makes no sense."""

    code = "bad_input"
    exit_code = 2


class Unavailable(QuorateError):
    """Something the desk needs cannot be reached just now."""

    code = "unavailable"
    exit_code = 3


class Refused(QuorateError):
    """The desk understood and will not do it: another desk holds the account, a limit says no."""

    code = "refused"
    exit_code = 4
