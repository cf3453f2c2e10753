"""Appending to the journal: many batches become one transaction, one chain, one commit.

Batches wait in a queue; one writer task takes everything that waits, chains it, and commits it together with its
projections. A batch is never split. Whoever appended learns the position of its last entry once it is durable.

What can go wrong, and what then happens:

- Postgres is gone: the writer tries for `RECONNECT_PATIENCE_S`, then everything that waits fails with
  JournalUnavailable. The next append tries again.
- The connection broke during a commit: before anything else is written, the journal is asked whether it holds that
  group. While it cannot be asked, the batches fail with JournalOutcomeUnknown; appending the same batch again finds it.
- Another desk took the account over: FencedOut, for that account's batches only.
- The tables refuse a batch: JournalRefused, for it alone.

After a failure an account's later batches fail with it, until whoever awaited a batch has seen the failure: a desk that
sends ahead can never leave a hole in its own story.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from contextlib import suppress

import asyncpg

from quorate.desk.ports import JournalPosition
from quorate.domain.errors import QuorateError, Unavailable
from quorate.journal.chain import Head
from quorate.journal.entry import Draft, Writer
from quorate.journal.errors import FencedOut, JournalOutcomeUnknown, JournalRefused, JournalUnavailable
from quorate.journal.group import Batch, Group, holds, lock_head, read_head
from quorate.store.database import CANNOT_SERVE

GROUP_ENTRIES_MAX = 4_000
"""Most entries in one transaction, unless a single batch is larger."""
QUEUE_ENTRIES_MAX = 20_000
"""Entries that may wait before `room` makes writers wait."""
COMMIT_TIMEOUT_S = 30.0
"""Total time of one transaction; after that its connection is given up and its outcome looked up."""
RECONNECT_PATIENCE_S = 5.0
"""How long a group waits for Postgres to come back before its batches fail."""
RECONNECT_PAUSE_S = 0.1

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class Pending:
    """A batch on its way. Awaiting it gives the position of its last entry, or raises why it is not in the journal."""

    __slots__ = ("_future", "_seen")

    def __init__(self, future: asyncio.Future[JournalPosition], seen: Callable[[], None]) -> None:
        self._future = future
        self._seen = seen

    def __await__(self) -> Generator[object, None, JournalPosition]:
        try:
            return (yield from asyncio.shield(self._future).__await__())
        except QuorateError:
            self._seen()
            raise

    def done(self) -> bool:
        """Whether its fate is known."""
        return self._future.done()


class Journal:
    """The journal as one process writes it. `open` it, `append` to it, `close` it."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: asyncpg.Connection | None = None
        self._durable: Head | None = None
        self._queue: deque[Batch] = deque()
        self._queued_entries = 0
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._room = asyncio.Event()
        self._failures: dict[str, QuorateError] = {}
        self._doubt: Group | None = None
        self._landed: dict[tuple[str, bytes], JournalPosition] = {}
        self._limit: asyncio.Timeout | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle.set()
        self._room.set()

    async def open(self) -> None:
        """Connect, read the end of the chain, start the writer. Raises what connecting raises."""
        assert self._task is None, "the journal is open already"
        self._connection = await self._connect()
        self._connection.add_termination_listener(self._on_connection_end)
        self._durable = await read_head(self._connection)
        self._task = asyncio.create_task(self._write_forever(), name="journal writer")

    @property
    def durable(self) -> JournalPosition:
        """The newest position this process knows to be committed."""
        assert self._durable is not None, "the journal is not open"
        return JournalPosition(self._durable.epoch, self._durable.seq)

    @property
    def queued_entries(self) -> int:
        """How many entries wait to be written."""
        return self._queued_entries

    def append(self, drafts: Sequence[Draft], *, writer: Writer) -> Pending:
        """Queue one batch, in the order of the calls; await the result to know that it is durable.

        Never blocks: a writer that does not await each batch awaits `room` now and then.
        """
        assert drafts, "a batch has at least one entry"
        assert self._task is not None, "the journal is not open"
        assert not self._task.done(), "the journal is closed"
        future: asyncio.Future[JournalPosition] = asyncio.get_running_loop().create_future()
        pending = Pending(future, lambda: self._forget_failure(writer.account))
        failure = self._failures.get(writer.account)
        if failure is not None:
            _fail(future, failure)
            return pending
        self._queue.append(Batch(tuple(drafts), writer, future))
        self._queued_entries += len(drafts)
        if self._queued_entries >= QUEUE_ENTRIES_MAX:
            self._room.clear()
        self._idle.clear()
        self._work.set()
        return pending

    async def room(self) -> None:
        """Wait until fewer than QUEUE_ENTRIES_MAX entries are queued."""
        await self._room.wait()

    async def flush(self) -> JournalPosition:
        """Wait until everything queued is durable. Raises a failure that nobody has seen yet, and forgets it."""
        await self._idle.wait()
        if self._failures:
            failure = next(iter(self._failures.values()))
            self._failures.clear()
            raise failure
        return self.durable

    async def close(self) -> None:
        """Write what is queued, then let go. What cannot be written fails to whoever awaits it."""
        if self._task is not None:
            await self._idle.wait()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await connection.close(timeout=RECONNECT_PATIENCE_S)
            except CANNOT_SERVE:
                connection.terminate()

    def _forget_failure(self, account: str) -> None:
        self._failures.pop(account, None)

    async def _write_forever(self) -> None:
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                while self._queue:
                    await self._write(self._take())
                self._idle.set()
        finally:
            # Reached by close() with an empty queue, or by a mistake of ours: then nobody must wait for ever.
            self._fail_queued(JournalUnavailable("The journal's writer has ended.", hint="Start the desk again."))
            self._idle.set()
            self._room.set()

    def _take(self) -> list[Batch]:
        taken: list[Batch] = []
        entries = 0
        while self._queue and (not taken or entries + len(self._queue[0].drafts) <= GROUP_ENTRIES_MAX):
            taken.append(self._queue.popleft())
            entries += len(taken[-1].drafts)
        self._queued_entries -= entries
        if self._queued_entries < QUEUE_ENTRIES_MAX:
            self._room.set()
        return taken

    async def _write(self, batches: list[Batch]) -> None:
        """Commit these together; where the tables refuse, one by one, so that only the culprit fails."""
        waiting = batches
        try:
            waiting = [batch for batch in batches if not self._falls_with_its_account(batch)]
            await self._commit(waiting)
        except Unavailable as error:
            self._fail_batches(waiting, error)
            self._fail_queued(error)
        except (asyncpg.PostgresError, JournalRefused) as error:
            if len(waiting) == 1:
                self._fail_batches(waiting, error if isinstance(error, JournalRefused) else _refusal(error))
            else:
                for batch in waiting:
                    await self._write([batch])
        except BaseException:
            self._fail_batches(waiting, JournalUnavailable("The journal's writer has failed."))
            raise

    def _falls_with_its_account(self, batch: Batch) -> bool:
        failure = self._failures.get(batch.writer.account)
        if failure is not None:
            _fail(batch.future, failure)
        return failure is not None

    def _fail_batches(self, batches: Iterable[Batch], error: QuorateError) -> None:
        for batch in batches:
            if not batch.future.done():
                self._failures[batch.writer.account] = error
                _fail(batch.future, error)

    def _fail_queued(self, error: QuorateError) -> None:
        # Nothing of a batch that was never sent is in the journal, whatever happened to those before it.
        known = JournalUnavailable(error.message, hint=error.hint) if isinstance(error, Unavailable) else error
        self._fail_batches(self._queue, known)
        self._queue.clear()
        self._queued_entries = 0
        self._room.set()

    async def _commit(self, batches: list[Batch]) -> None:
        """Make the group durable. Raises JournalUnavailable, or what the tables say against it."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + RECONNECT_PATIENCE_S
        while True:
            try:
                async with asyncio.timeout(COMMIT_TIMEOUT_S) as limit:
                    self._limit = limit
                    connection = await self._ready()
                    waiting = [batch for batch in batches if not batch.future.done() and not self._has_landed(batch)]
                    if waiting:
                        await self._commit_once(connection, waiting)
                return
            except CANNOT_SERVE as error:
                self._drop_connection()
                if clock() >= deadline:
                    raise self._unavailable(error) from error
            await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _ready(self) -> asyncpg.Connection:
        """A connection on which nothing is in doubt."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
            self._connection.add_termination_listener(self._on_connection_end)
        if self._doubt is not None:
            doubt = self._doubt
            if await holds(self._connection, doubt):
                told = zip(doubt.batches, doubt.positions, strict=True)
                self._landed |= {batch.fingerprint(): at for batch, at in told if batch.future.done()}
                self._succeed(doubt)
            self._doubt = None
        return self._connection

    def _on_connection_end(self, connection: object) -> None:
        # A COPY that waits for the socket to take more is not told that the socket is gone: end its time instead.
        if connection is self._connection and self._limit is not None:
            with suppress(RuntimeError):
                self._limit.reschedule(asyncio.get_running_loop().time())

    def _has_landed(self, batch: Batch) -> bool:
        """Whether this batch is one whose fate was unknown to its writer, and that turned out to be in the journal."""
        position = self._landed.pop(batch.fingerprint(), None) if self._landed else None
        if position is not None and not batch.future.done():
            batch.future.set_result(position)
        return position is not None

    async def _commit_once(self, connection: asyncpg.Connection, batches: list[Batch]) -> None:
        assert self._durable is not None, "the journal is open"
        # Chained before the lock is taken: right whenever nobody else wrote in between, which is nearly always.
        group = Group(self._durable, batches)
        await connection.execute("begin")
        try:
            head, fenced = await lock_head(connection, list({batch.writer: None for batch in batches}))
            if fenced:
                self._fail_fenced(batch for batch in batches if batch.writer in fenced)
                batches = [batch for batch in batches if batch.writer not in fenced]
            if fenced or head != group.head:
                group = Group(head, batches)
            if batches:
                await group.write(connection)
                self._doubt = group
            await connection.execute("commit")
        except (asyncpg.PostgresError, JournalRefused) as error:
            # The server answered: it has not committed.
            if not isinstance(error, CANNOT_SERVE):
                self._doubt = None
                await connection.execute("rollback")
            raise
        self._doubt = None
        self._landed.clear()
        self._succeed(group)

    def _succeed(self, group: Group) -> None:
        if self._durable is None or (group.end.epoch, group.end.seq) > (self._durable.epoch, self._durable.seq):
            self._durable = group.end
        for batch, position in zip(group.batches, group.positions, strict=True):
            if not batch.future.done():
                batch.future.set_result(position)

    def _fail_fenced(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            account = batch.writer.account
            error = FencedOut(f"Another desk has taken over account {account}.", hint="This one has stopped; end it.")
            self._fail_batches([batch], error)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _unavailable(self, error: BaseException) -> JournalUnavailable:
        reason = error.message if isinstance(error, QuorateError) else str(error).strip() or type(error).__name__
        if isinstance(error, TimeoutError):
            reason = "the database does not answer in time"
        reason = reason.partition("\n")[0].rstrip(".")
        hint = "Check the database"
        if isinstance(error, asyncpg.DiskFullError):
            reason, hint = "the disk of the database is full", "Make room there"
        if self._doubt is not None:
            return JournalOutcomeUnknown(
                f"The database was lost during a commit: {reason}.", hint="Append the same batch again once it is back."
            )
        return JournalUnavailable(
            f"The journal cannot be written: {reason}.", hint=f"{hint}; nothing of this batch was written."
        )


def _refusal(error: asyncpg.PostgresError) -> JournalRefused:
    detail = getattr(error, "detail", None)
    return JournalRefused(f"The database refused a batch: {error}" + (f" ({detail})" if detail else "") + ".")


def _fail(future: asyncio.Future[JournalPosition], error: QuorateError) -> None:
    if not future.done():
        future.set_exception(error)
        # Whoever sends ahead may never await this one; the failure is told by the next append or by flush.
        future.exception()
