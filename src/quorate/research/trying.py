"""Trying the points of a search on a pool, chunk by chunk, with everything that was tried kept in a log.

What was tried before is not tried again, so that a search which was stopped or killed goes on where it was.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Protocol

from quorate.domain.errors import Unavailable
from quorate.research.pools import Done, Pool
from quorate.research.search import Search
from quorate.research.space import Point, canonical
from quorate.research.trial_log import TrialLog
from quorate.research.trials import Record

CHUNK_S = 0.5
"""Work that a chunk should be."""
CHUNK_POINTS_MAX = 1_000
CHUNKS_PER_WORKER = 2
"""Chunks that wait for each worker, the one it works on included."""
LOOK_S = 0.2
"""How often it is looked whether somebody wants the search to stop."""


class Told(Protocol):
    """Whoever wants to hear how a search goes."""

    def __call__(self, *, done: int, total: int, newest: Sequence[tuple[Point, Record]]) -> None:
        """So many points of the search are done; these are new."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a search has come to."""

    texts: tuple[str, ...]
    """Every point that was asked for and is done, by its text, once each, in the order they were asked for."""
    total: int
    complete: bool
    """False where it was stopped."""
    recalled: int
    """Points that were in the log already."""


class Trying:
    """One search under way."""

    def __init__(
        self,
        pool: Pool,
        log: TrialLog,
        *,
        value: Callable[[Record], float | None],
        stop: Callable[[], bool],
        told: Told,
    ) -> None:
        self._pool = pool
        self._log = log
        self._value = value
        self._stop = stop
        self._told = told
        self._seconds_per_point: float | None = None
        self._done = 0
        self._recalled = 0

    def run(self, search: Search) -> Tried:
        """Try every point. Unavailable where workers die or the log cannot be written."""
        texts: dict[str, None] = {}
        while points := search.ask():
            named = {canonical(point): point for point in points}
            known = [text for text in named if text in self._log.records]
            again = sum(text not in texts for text in known)
            self._recalled += again
            self._report(search, [(named[text], self._log.records[text]) for text in known], len(points) - len(named))
            finished = self._round(search, {text: point for text, point in named.items() if text not in known})
            texts.update((text, None) for text in named if text in self._log.records)
            if not finished:
                return Tried(texts=tuple(texts), total=search.total, complete=False, recalled=self._recalled)
            search.tell([self._value(self._log.records[canonical(point)]) for point in points])
        return Tried(texts=tuple(texts), total=search.total, complete=True, recalled=self._recalled)

    def _round(self, search: Search, named: dict[str, Point]) -> bool:
        """Try these points; False where somebody wanted it to stop first."""
        left = deque(named.items())
        under_way: dict[Future[Done], list[str]] = {}
        while left or under_way:
            stopping = self._stop()
            if stopping and not under_way:
                return False
            while left and not stopping and len(under_way) < self._pool.workers * CHUNKS_PER_WORKER:
                chunk = [left.popleft() for _ in range(min(self._chunk(len(left)), len(left)))]
                under_way[self._pool.submit([point for _, point in chunk])] = [text for text, _ in chunk]
                if self._pool.workers == 1:
                    break
            over, _ = wait(under_way, timeout=LOOK_S, return_when=FIRST_COMPLETED)
            for future in over:
                self._take(search, under_way.pop(future), _result(future), named)
        return True

    def _chunk(self, left: int) -> int:
        """How many points make a chunk of work, no more than a fair share of what is left."""
        fair = max(1, left // (self._pool.workers * CHUNKS_PER_WORKER))
        if self._seconds_per_point is None:
            return min(fair, 4)
        return max(1, min(fair, int(CHUNK_S / max(self._seconds_per_point, 1e-6)), CHUNK_POINTS_MAX))

    def _take(self, search: Search, texts: Sequence[str], done: Done, named: dict[str, Point]) -> None:
        self._seconds_per_point = done.seconds / len(texts)
        self._log.add(list(zip(texts, done.records, strict=True)))
        self._report(search, [(named[text], record) for text, record in zip(texts, done.records, strict=True)], 0)

    def _report(self, search: Search, newest: Sequence[tuple[Point, Record]], repeated: int) -> None:
        self._done += len(newest) + repeated
        self._told(done=self._done, total=search.total, newest=newest)


def _result(future: Future[Done]) -> Done:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise Unavailable(
            "A worker process died, perhaps for want of memory.",
            hint="What was tried is kept: the same command goes on; --workers 1 needs the least.",
        ) from error


def every(texts: Sequence[str], log: TrialLog) -> Iterator[tuple[str, Record]]:
    """What came of points, by their texts."""
    return ((text, log.records[text]) for text in texts)
