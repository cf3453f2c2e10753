"""One ear of this process on the journal: tells everybody who waits that something new was committed.

The database says so by NOTIFY. While that connection is down or cannot listen (some poolers), waiters look for
themselves every POLL_S.
"""

from __future__ import annotations

import asyncio

from quorate.journal.append import Connect
from quorate.store.database import CANNOT_SERVE

CHANNEL = "journal"
POLL_S = 0.5
"""How often to look without notices."""
QUIET_S = 5.0
"""How often to look although notices come: the net under the net."""
RECONNECT_S = 0.5


class Notices:
    """Counts commits as they are told. Start with `run` as a task; use `wait` from anywhere."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._count = 0
        self._changed: asyncio.Future[None] | None = None
        self.listening = False
        """Whether the database tells us of commits just now."""

    @property
    def count(self) -> int:
        """Grows with everything that was told; remember it before looking, wait with it after."""
        return self._count

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is made again."""
        while True:
            try:
                await self._listen()
            except CANNOT_SERVE:
                self._tell()
            finally:
                self.listening = False
            await asyncio.sleep(RECONNECT_S)

    async def wait(self, seen: int, *, timeout_s: float = QUIET_S) -> int:
        """Return once something was told after `seen`, or after `timeout_s`; sooner while nobody tells us."""
        if self._count == seen:
            if self._changed is None:
                self._changed = asyncio.get_running_loop().create_future()
            limit_s = timeout_s if self.listening else min(timeout_s, POLL_S)
            await asyncio.wait([self._changed], timeout=limit_s)
        return self._count

    async def _listen(self) -> None:
        connection = await self._connect()
        ended = asyncio.Event()

        def on_end(_: object) -> None:
            ended.set()

        def on_notice(*_: object) -> None:
            self._tell()

        try:
            connection.add_termination_listener(on_end)
            await connection.add_listener(CHANNEL, on_notice)
            self.listening = True
            self._tell()
            await ended.wait()
        finally:
            connection.terminate()

    def _tell(self) -> None:
        self._count += 1
        changed, self._changed = self._changed, None
        if changed is not None and not changed.done():
            changed.set_result(None)
