"""Who may do what: API keys with their permissions, signatures, nonces, and tokens for the socket."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from quorate.exchange.kraken.errors import PERMISSION, KrakenRefusal, invalid

TOKEN_MS = 900_000
"""A token must be used within fifteen minutes; a subscription made with it lives on."""
TOKENS_MAX = 1_000
NONCE_MAX = 2**64 - 1


class Permission(StrEnum):
    """What a key may be allowed."""

    QUERY_FUNDS = "query-funds"
    QUERY_OPEN = "query-open-orders-and-trades"
    QUERY_CLOSED = "query-closed-orders-and-trades"
    MODIFY = "create-and-modify-orders"
    CANCEL = "cancel-and-close-orders"
    WITHDRAW = "withdraw-funds"
    SOCKETS = "access-websockets-api"


TRADING = frozenset(Permission) - {Permission.WITHDRAW}
"""What a key of a trading desk needs, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key: its name, its secret (base64, as Kraken shows it), whose account it opens and what it may do."""

    key: str
    secret: str = field(repr=False)
    account: str
    permissions: frozenset[Permission] = TRADING

    def __post_init__(self) -> None:
        """A secret that is no base64 is a mistake of whoever set up the exchange."""
        base64.b64decode(self.secret, validate=True)


def signature(secret: str, path: str, nonce: str, body: bytes) -> str:
    """API-Sign: HMAC-SHA512 under the secret over the path and the SHA-256 of nonce and body."""
    digest = hashlib.sha256(nonce.encode() + body).digest()
    return base64.b64encode(
        hmac.new(base64.b64decode(secret), path.encode() + digest, hashlib.sha512).digest()
    ).decode()


class KeyRing:
    """All keys of the exchange, the highest nonce each has used, and the tokens that were given out."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = {key.key: key for key in keys}
        self._nonces: dict[str, int] = {}
        self._tokens: dict[str, tuple[ApiKey, int]] = {}
        self._given = 0

    def add(self, key: ApiKey) -> None:
        """Another key, or another one under the same name: a permission can be taken away while clients run (F26)."""
        self._keys[key.key] = key

    def remove(self, key: str) -> None:
        """A key that is no longer known."""
        self._keys.pop(key, None)

    def proved(self, *, key: str, sign: str, path: str, nonce: object, body: bytes) -> ApiKey:
        """The key that signed a request. Errors: EAPI:Invalid key, signature, nonce."""
        found = self._keys.get(key)
        if found is None:
            raise KrakenRefusal("EAPI:Invalid key")
        told = str(nonce) if isinstance(nonce, str | int) and not isinstance(nonce, bool) else ""
        if not _signed(sign, signature(found.secret, path, told, body)):
            raise KrakenRefusal("EAPI:Invalid signature")
        if not (told.isascii() and told.isdigit() and len(told) <= 20 and int(told) <= NONCE_MAX):
            raise KrakenRefusal("EAPI:Invalid nonce")
        if int(told) <= self._nonces.get(key, 0):
            raise KrakenRefusal("EAPI:Invalid nonce")
        self._nonces[key] = int(told)
        return found

    def token(self, key: ApiKey, at_ms: int) -> str:
        """A new token for the socket."""
        self._given += 1
        seed = hashlib.sha256(f"{key.key}|{key.secret}|{self._given}|{at_ms}".encode()).digest()
        token = base64.b64encode(seed).decode().rstrip("=")
        self._tokens[token] = (key, at_ms + TOKEN_MS)
        while len(self._tokens) > TOKENS_MAX:
            del self._tokens[next(iter(self._tokens))]
        return token

    def holder(self, token: object, at_ms: int) -> ApiKey:
        """The key that a token was given to. Errors: ESession:Invalid session."""
        found = self._tokens.get(token) if isinstance(token, str) else None
        if found is None or at_ms > found[1]:
            raise KrakenRefusal("ESession:Invalid session")
        key = self._keys.get(found[0].key)
        if key is None:
            raise KrakenRefusal("ESession:Invalid session")
        return key

    def keep(self, token: str, at_ms: int) -> None:
        """A token that a living connection uses does not run out."""
        held = self._tokens.get(token)
        if held is not None:
            self._tokens[token] = (held[0], at_ms + TOKEN_MS)


def require(key: ApiKey, *permissions: Permission) -> None:
    """Refuse what none of the permissions allows. Errors: EGeneral:Permission denied."""
    if permissions and not key.permissions.intersection(permissions):
        raise KrakenRefusal(PERMISSION)


def _signed(told: str, expected: str) -> bool:
    try:
        return hmac.compare_digest(base64.b64decode(told, validate=True), base64.b64decode(expected))
    except (binascii.Error, ValueError):
        return False


def nonce_of(arguments: dict[str, object]) -> object:
    """The nonce of a request. Errors: EGeneral:Invalid arguments where there is none."""
    if "nonce" not in arguments:
        raise invalid("nonce")
    return arguments["nonce"]
