"""Checks codes of the second factor for the API, out of the sealed file of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from quorate.accounts.halt_marker import lift_halt
from quorate.accounts.second_factor import require_code
from quorate.accounts.secret import Secret
from quorate.wiring.keys import open_sealed
from quorate.wiring.live import unattended

if TYPE_CHECKING:
    from quorate.clock import SystemClock
    from quorate.settings import Settings


def second_factor(settings: Settings, clock: SystemClock) -> Callable[[str], Awaitable[None]]:
    """Uses up a code, or raises why it is refused; the mark of an offline panic is lifted with it."""

    def use_up(code: str) -> None:
        require_code(open_sealed(unattended(settings)), Secret(code), now_ms=clock.now_ms())
        lift_halt(settings.data_dir)

    async def check(code: str) -> None:
        # A file with a lock of its own, and a key that may have to be stretched: not on the event loop.
        await asyncio.to_thread(partial(use_up, code))

    return check
