"""Where points are tried: in this process, in processes of this machine, or on a Ray cluster. The results are the same.

A chunk of points goes to a worker at a time: a message costs far more than a point, and a chunk that takes a second is
little to lose when the search is killed.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, cast

from quorate.domain.errors import Unavailable
from quorate.research.columns import Columns
from quorate.research.jit import keep_cache_in, keep_freed_memory
from quorate.research.shared_columns import owned, read_bench, write_bench
from quorate.research.space import Point
from quorate.research.trials import Bench, Record, Task


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk's results, in the order of its points, and how long they took."""

    records: list[Record]
    seconds: float


class Pool(Protocol):
    """Workers for chunks of points."""

    @property
    def workers(self) -> int:
        """How many chunks it works on at once."""
        ...

    def submit(self, points: Sequence[Point]) -> Future[Done]:
        """Have a chunk tried."""
        ...

    def close(self) -> None:
        """Let the workers go: chunks that have not begun are dropped, those under way are finished."""
        ...


class OwnProcess:
    """Tries every chunk at once, here."""

    workers = 1

    def __init__(self, task: Task, columns: Mapping[str, Columns]) -> None:
        keep_freed_memory()
        self._bench = Bench(task, columns)

    def submit(self, points: Sequence[Point]) -> Future[Done]:
        """See `Pool`."""
        done: Future[Done] = Future()
        done.set_result(_timed(self._bench, points))
        return done

    def close(self) -> None:
        """See `Pool`."""


class Processes:
    """Processes of this machine, started afresh, that share the candles through files in `folder`."""

    def __init__(self, task: Task, columns: Mapping[str, Columns], *, workers: int, folder: Path) -> None:
        self.workers = workers
        self._folder = folder
        write_bench(folder, task, columns)
        # Threads and locks of this process would not survive a fork.
        context = multiprocessing.get_context("spawn")
        cache = os.environ.get("NUMBA_CACHE_DIR")
        self._pool = ProcessPoolExecutor(workers, context, initializer=_sit_down, initargs=(cache,))

    def submit(self, points: Sequence[Point]) -> Future[Done]:
        """See `Pool`."""
        return self._pool.submit(_evaluate, self._folder, points)

    def close(self) -> None:
        """See `Pool`."""
        self._pool.shutdown(cancel_futures=True)


class RayCluster:
    """Actors on a Ray cluster, one for each of its processors; each gets the candles once.

    Its nodes must have the same Quorate installed, and a user's strategies in the same folder.
    """

    def __init__(self, task: Task, columns: Mapping[str, Columns], *, address: str) -> None:
        """Errors: Unavailable where Ray is not installed or the cluster does not answer."""
        try:
            self._ray: Any = import_module("ray")
        except ImportError:
            raise Unavailable("Ray is not installed.", hint="Install quorate[ray], or leave out --ray.") from None
        try:
            self._ray.init(address=address, log_to_driver=False, logging_level="error")
        except Exception as error:  # Ray says that a node did not start with the bare class
            raise Unavailable(f"No Ray cluster at {address}: {error}.", hint="Is it running there?") from error
        self.workers = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        held = self._ray.put((task, dict(columns)))
        actor = self._ray.remote(RayBench)
        self._actors = [actor.options(num_cpus=1).remote(held) for _ in range(self.workers)]
        self._next = 0

    def submit(self, points: Sequence[Point]) -> Future[Done]:
        """See `Pool`. An actor works on its chunks one after the other."""
        actor = self._actors[self._next % self.workers]
        self._next += 1
        return cast("Future[Done]", actor.evaluate.remote(list(points)).future())

    def close(self) -> None:
        """See `Pool`."""
        for actor in self._actors:
            self._ray.kill(actor)
        self._ray.shutdown()


class RayBench:
    """A bench on a node of a Ray cluster."""

    def __init__(self, held: tuple[Task, Mapping[str, Columns]]) -> None:
        task, columns = held
        keep_freed_memory()
        # What Ray hands out may not be written, and compiled code knows only arrays that may.
        self._bench = Bench(task, {pair: owned(each) for pair, each in columns.items()})

    def evaluate(self, points: Sequence[Point]) -> Done:
        """Try a chunk."""
        return _timed(self._bench, points)


def _timed(bench: Bench, points: Sequence[Point]) -> Done:
    begun = perf_counter()
    return Done(bench.evaluate(points), perf_counter() - begun)


def _evaluate(folder: Path, points: Sequence[Point]) -> Done:
    return _timed(_bench_in(folder), points)


@lru_cache(maxsize=1)
def _bench_in(folder: Path) -> Bench:
    return Bench(*read_bench(folder))


def _sit_down(cache: str | None) -> None:
    """Make ready for work: the search is stopped by whoever began it, and nobody works on for one that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if cache is not None:
        keep_cache_in(Path(cache))
    keep_freed_memory()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()


def _leave_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
