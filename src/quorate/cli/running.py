"""Running an async verb to its end: one event loop, and a clean stop when somebody asks for it."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

SIGNAL_EXIT_BASE = 128
"""A process ended by signal n exits with 128 + n, as shells tell it: 130 for Ctrl-C, 143 for a termination."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """How a run ended: with a result, by a signal, or with a result in spite of a signal."""

    result: T | None
    stopped_by: signal.Signals | None


def run(main: Callable[[], Awaitable[T]]) -> Outcome[T]:
    """Run `main` to its end.

    The first Ctrl-C or SIGTERM cancels it, so that it can finish its batch and let go of what it holds; a second one
    ends the process at once, which is safe too: the journal takes batches whole.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_until_stopped(main))


def exit_code(stopped_by: signal.Signals) -> int:
    """What a process ends with that was stopped before its work was done."""
    return SIGNAL_EXIT_BASE + stopped_by


async def _until_stopped(main: Callable[[], Awaitable[T]]) -> Outcome[T]:
    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(main())
    received: list[signal.Signals] = []

    def stop(by: signal.Signals) -> None:
        received.append(by)
        if len(received) > 1:
            os._exit(exit_code(by))
        work.cancel()

    handled = _handle(loop, stop)
    try:
        return Outcome(await work, received[0] if received else None)
    except asyncio.CancelledError:
        if not received:
            raise
        return Outcome(None, received[0])
    finally:
        for by in handled:
            loop.remove_signal_handler(by)


def _handle(loop: asyncio.AbstractEventLoop, stop: Callable[[signal.Signals], None]) -> list[signal.Signals]:
    handled: list[signal.Signals] = []
    if sys.platform == "win32":  # its loops take no handlers; Ctrl-C cancels the work there too
        return handled
    for by in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(by, stop, by)
        except RuntimeError:  # a thread that is not the main one
            continue
        handled.append(by)
    return handled


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
