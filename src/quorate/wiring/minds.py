"""Opens the one way to models that a desk has: over the network, or out of the records of an earlier run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from quorate.domain.errors import BadInput
from quorate.minds.budget import FolderSpendBook
from quorate.minds.gateway import Gateway
from quorate.minds.records import FolderRecords, ReplayMind

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from quorate.desk.ports import Mind
    from quorate.settings import Settings
    from quorate.wiring.council import Room


def open_mind(settings: Settings, room: Room, stack: AsyncExitStack) -> Mind:
    """Whom the desk's models are asked through; connections are let go with `stack`. Raises BadInput.

    One desk has one: a second one would count its spending for itself.
    """
    minds = settings.minds
    if minds.replay_from is not None:
        if minds.replay_from.resolve() == room.records.resolve():
            raise BadInput(
                f"{minds.replay_from} is where this account's own desk keeps its records: its journal holds that run.",
                hint="Run the replay in a data directory of its own (--data-dir).",
            )
        return ReplayMind(FolderRecords(minds.replay_from))
    gateway = Gateway(
        minds,
        records=FolderRecords(room.records),
        spending=FolderSpendBook(room.records),
        clock=room.clock,
        chance=random.random,
    )
    stack.push_async_callback(gateway.close)
    return gateway
