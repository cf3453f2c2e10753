"""The mark that a panic leaves in the data directory: a desk that starts there stays halted until a person lifts it.

It is a file because it has to be there when neither Postgres nor Redis nor the desk is.
"""

from pathlib import Path

import msgspec

from quorate.accounts.private_files import read_private, write_private
from quorate.domain.errors import QuorateError

FILE_NAME = "halted.json"
BY_UNREADABLE = "unreadable mark"


class HaltMark(msgspec.Struct, frozen=True, kw_only=True):
    """Why a desk has to stay halted. `at_ms`: wall clock, UTC milliseconds."""

    at_ms: int
    by: str
    reason: str
    venue: str = ""
    clean: bool | None = None
    """Whether the venue was verified to hold no order of ours; None while that is being seen to."""


def path_of(data_dir: Path) -> Path:
    """Where the mark lies."""
    return data_dir / FILE_NAME


def read_halt(data_dir: Path) -> HaltMark | None:
    """The mark, None where there is none. One that cannot be read halts all the same: somebody left it there."""
    try:
        body = read_private(path_of(data_dir))
        return None if body is None else msgspec.json.decode(body, type=HaltMark)
    except (QuorateError, msgspec.MsgspecError) as fault:
        return HaltMark(at_ms=0, by=BY_UNREADABLE, reason=f"{path_of(data_dir)} cannot be read: {fault}")


def write_halt(data_dir: Path, mark: HaltMark) -> None:
    """Leave the mark, or say more in one that is there. Errors: Unavailable."""
    write_private(path_of(data_dir), msgspec.json.encode(mark) + b"\n")


def lift_halt(data_dir: Path) -> bool:
    """Take the mark away; False where there was none. The second factor was given before this is called."""
    try:
        path_of(data_dir).unlink()
    except FileNotFoundError:
        return False
    return True
