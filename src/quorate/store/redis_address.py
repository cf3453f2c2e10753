"""Redis by address: a client whose failures are clear sentences."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

import redis.asyncio as redis
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,  # noqa: A004
    InvalidResponse,
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004
)

from quorate.store.errors import AddressMalformed, RedisRefused, RedisUnreachable
from quorate.store.redis_commands import RedisClient

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 10.0
_SHAPE = "It looks like redis://user:password@host:6379/0, rediss:// for TLS."


def place(url: str) -> str:
    """The address without its secrets, for people."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{parts.port or 6379}"


def client_of(url: str, *, patient: bool = False) -> RedisClient:
    """A client for `url`; connects when first used. `patient` is for reads that block on a quiet stream for long."""
    try:
        client: Any = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  its options are untyped
            url,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_timeout=None if patient else COMMAND_TIMEOUT_S,
            health_check_interval=0,
            protocol=2,
        )
    except ValueError as error:
        raise AddressMalformed(f"REDIS_URL cannot be used: {error}.", hint=_SHAPE) from error
    return cast("RedisClient", client)


async def check_redis(url: str) -> None:
    """Ask the server once. Errors: AddressMalformed, RedisUnreachable, RedisRefused."""
    async with client_of(url) as client:
        try:
            await client.ping()
        except (RedisError, OSError) as error:
            raise redis_error(url, error) from error


def redis_error(url: str, error: BaseException) -> RedisRefused | RedisUnreachable:
    """What `error`, met while talking to `url`, means to a person."""
    at = place(url)
    # Over a Unix socket the refusal arrives wrapped in a connection error.
    if isinstance(error, AuthenticationError) or isinstance(error.__cause__, AuthenticationError):
        return RedisRefused(f"Redis at {at} refused the user or password.", hint="Mend REDIS_URL.")
    if isinstance(error, ResponseError):
        return RedisRefused(f"Redis at {at} refused: {error}.", hint="Check the rights of its user.")
    if isinstance(error, TimeoutError):
        return RedisUnreachable(f"Redis at {at} does not answer in time.", hint="Start it, or check REDIS_URL.")
    if isinstance(error, ConnectionError) and "AUTH" in str(error).upper():
        return RedisRefused(f"Redis at {at} wants a password.", hint="Mend REDIS_URL.")
    if isinstance(error, InvalidResponse):
        return RedisUnreachable(f"What answers at {at} is no Redis.", hint="Check REDIS_URL.")
    return RedisUnreachable(f"Redis at {at} cannot be reached: nothing answers.", hint="Start it, or check REDIS_URL.")
