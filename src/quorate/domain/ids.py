"""Ids that follow from what they name, so that the same decision has the same id whoever repeats it."""

import base64
import hashlib
import uuid

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://quorate.invalid/ids")
CLIENT_ID_CHARS = 26


def signal_id(*, source: str, pair: str, at_ms: int, side: str) -> str:
    """Id of a signal: UUIDv5 of source, pair, decision instant and side."""
    return _derived(f"signal|{source}|{pair}|{at_ms}|{side}")


def trade_id(*, signal: str, portfolio: str) -> str:
    """Id of the trade a portfolio made of a signal."""
    return _derived(f"trade|{signal}|{portfolio}")


def shadow_id(*, analyst: str, pair: str, at_ms: int, side: str) -> str:
    """Id of the shadow trade of one vote."""
    return _derived(f"shadow|{analyst}|{pair}|{at_ms}|{side}")


def opposite_id(shadow: str) -> str:
    """Id of the mirror image of a shadow trade."""
    return _derived(f"opposite|{shadow}")


def intent_id(*, signal: str, portfolio: str, purpose: str, at_ms: int, ordinal: int) -> str:
    """Id of a wish to trade; `ordinal` tells several of one purpose at one instant apart."""
    return _derived(f"intent|{signal}|{portfolio}|{purpose}|{at_ms}|{ordinal}")


def client_order_id(*, account: str, intent: str, attempt: str) -> str:
    """The id an order carries at the venue: `q` and 26 base32 characters, 27 in all, as every venue accepts."""
    digest = hashlib.sha256(f"{account}|{intent}|{attempt}".encode()).digest()
    return "q" + base64.b32encode(digest).decode().lower()[:CLIENT_ID_CHARS]


def _derived(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))
