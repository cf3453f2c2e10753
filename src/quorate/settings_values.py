"""The kinds of value that settings have beyond numbers and texts: pairs, time ranges, schedules, addresses.

Each is a pydantic type whose refusal is a sentence that a user can act on.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from quorate.desk.schedule import check
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.feeds.pace import MAX_SPEED, parse_speed
from quorate.feeds.timerange import parse_timerange
from quorate.minds.settings import BASE_URLS, MindSettings

T = TypeVar("T")
U = TypeVar("U")
PAIR = re.compile(r"[A-Z0-9]{1,20}/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20})?")
PAIRS_MAX = 500
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


def refuse(sentence: str) -> PydanticCustomError:
    """A validation error whose text is `sentence` as it stands."""
    return PydanticCustomError("sentence", "{sentence}", {"sentence": sentence})


def _pairs(value: tuple[str, ...]) -> tuple[str, ...]:
    pairs = tuple(sorted({pair.strip().upper() for pair in value}))
    for pair in pairs:
        if not PAIR.fullmatch(pair):
            raise refuse(f"{pair[:60]!r} is not a pair; write it as BTC/USDT")
    return pairs


def _account(value: str) -> str:
    if not ACCOUNT.fullmatch(value):
        raise refuse("an account's name has 1 to 63 small letters, digits, dots, dashes or underscores")
    return value


def _understood(value: T, reader: Callable[[T], U]) -> U:
    """What `reader` makes of `value`; its refusal becomes one that pydantic can place."""
    try:
        return reader(value)
    except BadInput as fault:
        raise refuse(str(fault).rstrip(".")) from fault


def _speed(value: object) -> object:
    return (_understood(value, parse_speed) or MAX_SPEED) if isinstance(value, str | float | int) else value


def _timerange(value: str) -> str:
    _understood(value, parse_timerange)
    return value.strip()


def _cron(value: str) -> str:
    _understood(value, check)
    return " ".join(value.split())


def _address(schemes: tuple[str, ...], example: str) -> AfterValidator:
    def checked(value: SecretStr) -> SecretStr:
        try:
            parts = urlsplit(value.get_secret_value())
            valid = parts.scheme in schemes and parts.port != 0 and len(value.get_secret_value()) < 2_000
        except ValueError:
            valid = False
        if not valid:
            raise refuse(f"it is not an address such as {example}")
        return value

    return AfterValidator(checked)


def _path(value: Path) -> Path:
    return value.expanduser().absolute()


def _kinds_named(value: object) -> object:
    """A provider that bears a vendor's name is of that kind unless it says otherwise."""
    if not isinstance(value, dict):
        return value
    section = cast("dict[str, Any]", value)
    providers = section.get("providers")
    if not isinstance(providers, dict):
        return section
    tables = cast("dict[str, Any]", providers)
    named: dict[str, Any] = {
        name: {"kind": name, **cast("dict[str, Any]", tables[name])}
        for name in tables.keys() & BASE_URLS.keys()
        if isinstance(tables[name], dict)
    }
    return {**section, "providers": {**tables, **named}}


Folder = Annotated[Path, AfterValidator(_path)]
Cron = Annotated[str, AfterValidator(_cron)]
Account = Annotated[str, AfterValidator(_account)]
Pairs = Annotated[tuple[str, ...], AfterValidator(_pairs), Field(max_length=PAIRS_MAX)]
Speed = Annotated[float | Literal["max"] | None, BeforeValidator(_speed)]
Timerange = Annotated[str, AfterValidator(_timerange)]
DatabaseUrl = Annotated[SecretStr, _address(("postgresql", "postgres"), "postgresql://user@host:5432/name")]
RedisUrl = Annotated[SecretStr, _address(("redis", "rediss", "unix"), "redis://host:6379/0")]
Minds = Annotated[MindSettings, BeforeValidator(_kinds_named)]
Timeframe = Literal["1m", "5m", "15m", "1h", "4h", "1d"]
assert set(get_args(Timeframe)) == set(TIMEFRAME_MS)
