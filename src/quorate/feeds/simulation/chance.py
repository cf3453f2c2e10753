"""Randomness with an address: every draw belongs to a seed, a purpose, a coin and a stretch of time."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

_KEY_BITS = 64


class Purpose(IntEnum):
    """What a stream of draws is for; streams of different purposes are independent."""

    CLIMATE = 1
    MARKET_HOURS = 2
    COIN_HOURS = 3
    MARKET_MINUTES = 4
    COIN_MINUTES = 5
    BOOK = 6
    NEWS = 7
    FUNDING = 8
    QUOTE = 9


def stream(seed: int, purpose: Purpose, *, place: int = 0, block: int = 0) -> np.random.Generator:
    """The generator of one address: `place` is a coin's number, `block` a stretch of time. Same address, same draws."""
    assert 0 <= place < 2**8, "a coin's number fits a byte"
    assert 0 <= block < 2**48, "blocks are counted from the origin"
    key = np.array([seed % 2**_KEY_BITS, (int(purpose) << 56) | (place << 48) | block], np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
