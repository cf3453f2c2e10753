"""API keys, and whether a request was signed with one, in time."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from quorate.exchange.binance.errors import BinanceError, bad_key, bad_key_format, bad_signature, bad_time

RECV_WINDOW_MS_DEFAULT = 5_000
RECV_WINDOW_MS_MAX = 60_000
AHEAD_MS_MAX = 1_000
KEY_FORMAT = re.compile(r"[A-Za-z0-9_-]{1,128}")
SIGNATURE = re.compile(r"(^|&)signature=([^&]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key and what it may do. `account` is the engine's."""

    key: str
    secret: str
    account: str
    can_trade: bool = True
    can_withdraw: bool = False


class KeyRing:
    """All keys of the exchange; they may come and go while it runs."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = {key.key: key for key in keys}

    def add(self, key: ApiKey) -> None:
        """Let a key in, or change one."""
        self._keys[key.key] = key

    def find(self, told: str) -> ApiKey:
        """The key that was sent. Errors: -2014 where it cannot be one, -2015 where it is not known."""
        if not KEY_FORMAT.fullmatch(told):
            raise bad_key_format()
        found = self._keys.get(told)
        if found is None:
            raise bad_key()
        return found


def signed_text(raw: str) -> tuple[str, str]:
    """A query or body as it was signed, and the signature that stands in it (empty where there is none)."""
    found = SIGNATURE.search(raw)
    if found is None:
        return raw, ""
    rest = raw[: found.start()] + raw[found.end() :]
    return rest.removeprefix("&"), found.group(2)


def check_signature(key: ApiKey, signed: str, signature: str) -> None:
    """Errors: -1022 unless the signature is the HMAC-SHA256 of the text, in either case of hex."""
    wanted = hmac.new(key.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), signature.lower().encode()):
        raise bad_signature()


def check_time(timestamp: int, recv_window_ms: int, now_ms: int) -> None:
    """Errors: -1131 for a window that is too wide, -1021 for a request from the past or the future."""
    if timestamp > 10**14:  # clients may sign microseconds
        timestamp //= 1_000
    if not 0 < recv_window_ms <= RECV_WINDOW_MS_MAX:
        raise BinanceError(-1131, f"recvWindow must be less than {RECV_WINDOW_MS_MAX}.")
    if timestamp >= now_ms + AHEAD_MS_MAX:
        raise bad_time(ahead=True)
    if now_ms - timestamp > recv_window_ms:
        raise bad_time(ahead=False)
