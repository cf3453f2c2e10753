"""The database as the rest of the house sees it: an address, connections that fail with a clear sentence, pools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from quorate.domain.errors import Unavailable
from quorate.store.errors import AddressMalformed, DatabaseRefused, DatabaseUnreachable

if TYPE_CHECKING:
    from asyncpg.pool import Pool

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 60.0
"""Longest time one statement may take before its connection is given up."""
SERVER_VERSION_MIN = 15

KEEPALIVES = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""Lets a remote server notice within half a minute that we are gone, and give up our locks."""
CANNOT_SERVE = (
    OSError,
    TimeoutError,
    Unavailable,
    asyncpg.InterfaceError,
    # What a connection says that was cut off in the middle of a COPY.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresIOError,
)
"""What means that the database cannot do anything for us just now, whatever was asked: gone, full, shutting down."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where the database is, and as whom we go there.

    `url` serves requests, `owner_url` migrates. `role` is taken on by every serving connection when the address alone
    would make us more than we should be (a superuser or the tables' owner); None when the login is already right.
    """

    url: str
    owner_url: str
    role: str | None = None

    async def connect(self, *, name: str, as_owner: bool = False) -> asyncpg.Connection:
        """A connection of its own, named `name` on the server. Errors: DatabaseUnreachable, DatabaseRefused."""
        url = self.owner_url if as_owner else self.url
        settings = {"application_name": f"quorate {name}", **KEEPALIVES}
        if self.role is not None and not as_owner:
            settings["role"] = self.role
        try:
            return await asyncpg.connect(
                url, timeout=CONNECT_TIMEOUT_S, command_timeout=COMMAND_TIMEOUT_S, server_settings=settings
            )
        except (*CANNOT_SERVE, asyncpg.PostgresError, ValueError) as error:
            raise connect_error(url, error) from error

    async def pool(self, *, name: str, size_max: int) -> Pool:
        """A pool of at most `size_max` connections that are made when needed."""
        settings = {"application_name": f"quorate {name}", **KEEPALIVES}
        if self.role is not None:
            settings["role"] = self.role
        try:
            return await asyncpg.create_pool(
                self.url,
                min_size=1,
                max_size=size_max,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=COMMAND_TIMEOUT_S,
                server_settings=settings,
                reset=_keep_as_it_is,
            )
        except (*CANNOT_SERVE, asyncpg.PostgresError, ValueError) as error:
            raise connect_error(self.url, error) from error


async def _keep_as_it_is(_: object) -> None:
    """Nobody who borrows a connection changes it beyond a transaction: no round trip to reset it after each query."""


def check_address(url: str) -> None:
    """AddressMalformed when `url` cannot be the address of a Postgres database."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise AddressMalformed(f"DATABASE_URL is not an address: {error}.", hint=_SHAPE) from error
    if parts.scheme not in {"postgresql", "postgres"}:
        raise AddressMalformed(f"DATABASE_URL begins with {parts.scheme or 'no scheme'}.", hint=_SHAPE)


_SHAPE = "It looks like postgresql://user:password@host:5432/database."


def place(url: str) -> str:
    """The address without its secrets, for people."""
    parts = urlsplit(url)
    hosts = parse_qs(parts.query).get("host", [])
    host = hosts[0] if hosts else (parts.hostname or "localhost")
    try:
        port = parts.port or 5432
    except ValueError:
        port = 5432
    return f"{unquote(host)}:{port}{parts.path}"


_COMES_BACK = (asyncpg.OperatorInterventionError, asyncpg.PostgresConnectionError)
"""What a server says that is starting, shutting down or recovering, and of a connection that broke meanwhile."""


def connect_error(url: str, error: BaseException) -> DatabaseUnreachable | DatabaseRefused | AddressMalformed:
    """What `error`, met while connecting to `url`, means to a person."""
    at = place(url)
    user = urlsplit(url).username or "(none)"
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        name = urlsplit(url).path.lstrip("/")
        return DatabaseRefused(f"The server at {at} has no database {name!r}.", hint="Create it, or mend DATABASE_URL.")
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError | asyncpg.InvalidPasswordError):
        return DatabaseRefused(f"The server at {at} refused user {user!r}.", hint="Mend the user or password.")
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return DatabaseRefused(f"The server at {at} has no connection left.", hint="Raise its max_connections.")
    if isinstance(error, asyncpg.PostgresError) and not isinstance(error, _COMES_BACK):
        return DatabaseRefused(f"The server at {at} refused the connection: {error}.", hint="Check DATABASE_URL.")
    if isinstance(error, asyncpg.ClientConfigurationError | ValueError):
        return AddressMalformed(f"DATABASE_URL cannot be used: {error}.", hint=_SHAPE)
    if isinstance(error, asyncpg.PostgresError):
        said = str(error).partition("\n")[0].rstrip(".")
        return DatabaseUnreachable(f"The database at {at} cannot be reached: {said}.", hint="Wait until it is back.")
    reason = "no answer in time" if isinstance(error, TimeoutError) else "nothing answers"
    if isinstance(error, ConnectionError) and error.errno is None:
        # Not the system's word but asyncpg's: somebody answered, and not as Postgres does.
        reason = "what answers there is no Postgres, or one that is just ending"
    return DatabaseUnreachable(
        f"The database at {at} cannot be reached: {reason}.", hint="Start it, or check DATABASE_URL."
    )
