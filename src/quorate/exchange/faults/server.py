"""The house's own HTTP server: uvicorn, with a way to reset a connection as a broken network would."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from quorate.exchange.faults.asgi import RESET

LINGER_NONE = struct.pack("ii", 1, 0)
"""Socket option with which closing sends a reset."""


class ResettableProtocol(HttpToolsProtocol):
    """HTTP whose applications find, in the extensions of a scope, how to reset the connection it came on."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        scope = cast("dict[str, Any]", self.scope)
        scope["extensions"] = {RESET: self.reset}

    def reset(self) -> None:
        """Cut the connection so that the other side sees it reset, not closed."""
        transport = self.transport
        plug = transport.get_extra_info("socket")
        if plug is not None:
            with suppress(OSError):
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        transport.abort()
