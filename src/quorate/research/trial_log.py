"""What a search has tried, in a file that survives whatever happens to the search: one line for each point.

The first line says of what the others are the results: a digest of the candles, the strategy's code, and everything a
run assumes. Lines are only ever added, a chunk at a time, and are on the disk before the chunk counts as done. A line
that a kill tore off is cut away at the next start; any other that cannot be read is an error, never skipped.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from quorate.domain.errors import QuorateError, Refused, Unavailable

FORMAT = 1


class DamagedLog(QuorateError):
    """A log of tries holds something that is none."""

    code = "damaged_log"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the results follow from besides the point: digests by name (`candles`, `code`, `assumptions`, …)."""

    kind: str
    """`sweep` or `walk-forward`."""
    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        """One digest of all of it."""
        return hashlib.sha256(json.dumps(self.told, sort_keys=True).encode()).hexdigest()

    @property
    def told(self) -> dict[str, Any]:
        """The first line."""
        return {"format": FORMAT, "kind": self.kind, "parts": dict(self.parts)}


class TrialLog:
    """The log at `path`, opened for adding. One process at a time may have it: whoever opens it sees to that."""

    def __init__(self, path: Path, identity: Identity) -> None:
        """Read what is there. Errors: DamagedLog, Refused where it is about something else, Unavailable."""
        self._path = path
        self.records: dict[str, Mapping[str, Any]] = {}
        """What was tried, by the point's text, in the order in which it was first written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            self._begin(identity)
        except OSError as error:
            raise Unavailable(
                f"{path} cannot be written: {error.strerror or error}.", hint="Mend it, or choose another --data-dir."
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def add(self, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Write what came of points, by their texts, and wait until it is on the disk. Unavailable."""
        new = {text: record for text, record in records if text not in self.records}
        try:
            self._write([{"at": text, **record} for text, record in new.items()])
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written: {error.strerror or error}.", hint="Make room; then run it again."
            ) from error
        self.records.update(new)

    def _begin(self, identity: Identity) -> None:
        held = self._path.read_bytes()
        whole = held.rfind(b"\n") + 1
        if whole < len(held):
            os.ftruncate(self._file, whole)
        lines = held[:whole].splitlines()
        if not lines:
            self._write([identity.told])
            return
        self._check(self._read(1, lines[0]), identity)
        for number, line in enumerate(lines[1:], start=2):
            record = self._read(number, line)
            text = record.pop("at", None)
            if not isinstance(text, str):
                raise self._damaged(number)
            self.records.setdefault(text, record)

    def _check(self, first: Mapping[str, Any], identity: Identity) -> None:
        if first == identity.told:
            return
        theirs = cast("Mapping[str, str]", first.get("parts") or {})
        changed = [name for name, digest in identity.parts.items() if theirs.get(name) != digest]
        raise Refused(
            f"{self._path} holds results of something else: {', '.join(changed) or 'another kind'} changed.",
            hint="Remove it to begin anew.",
        )

    def _read(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except ValueError:
            raise self._damaged(number) from None
        if not isinstance(found, dict):
            raise self._damaged(number)
        return cast("dict[str, Any]", found)

    def _damaged(self, number: int) -> DamagedLog:
        return DamagedLog(f"Line {number} of {self._path} cannot be read.", hint="Remove the file to begin anew.")

    def _write(self, records: Sequence[Mapping[str, Any]]) -> None:
        text = "".join(json.dumps(one, separators=(",", ":"), allow_nan=False) + "\n" for one in records)
        left = memoryview(text.encode())
        while left:
            left = left[os.write(self._file, left) :]
        os.fsync(self._file)
