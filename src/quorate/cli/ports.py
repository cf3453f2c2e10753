"""Whether a port can be listened on: asked before anything starts, so that a clash costs a sentence and no start."""

import errno
import socket

from quorate.domain.errors import BadInput, Unavailable


class PortInUse(Unavailable):
    """Another program listens on the port."""

    code = "port_in_use"


def require_free(host: str, port: int) -> None:
    """PortInUse, Unavailable or BadInput unless `port` can be listened on at `host`; 0 is always free."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise BadInput(f"api.host = {host} is not an address of this machine.", hint="Use 127.0.0.1.") from None
    with socket.socket(family, kind, protocol) as probe:
        # As servers do: a port whose last connections are still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise _refusal(error, host, port) from error


def _refusal(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"Port {port} on {host} is in use.",
            hint=f"Is a desk running already? If not, try --port {port + 1 if port < 65_535 else port - 1}.",
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return BadInput(f"api.host = {host} is not an address of this machine.", hint="Use 127.0.0.1.")
    return Unavailable(
        f"Port {port} on {host} cannot be listened on: {(error.strerror or str(error)).lower()}.",
        hint="Choose another --port (below 1024 is for the system).",
    )
