"""Which perpetual contract stands for a pair, and which pairs a contract stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator

DOLLARS = ("USDT", "USDC", "USD", "FDUSD", "TUSD", "BUSD")
MULTIPLES = ("1000", "10000", "1000000", "1M")
"""Contracts on many coins at once, such as 1000PEPE: their rates are those of the coin."""
MULTIPLIED = re.compile(r"^(?:1000000|10000|1000|1M)(?=[A-Z]{2})")


def spellings(pair: str) -> tuple[str, ...]:
    """The pairs whose contract stands for `pair`: itself, then the same coin against each dollar."""
    plain = pair.partition(":")[0]
    base, _, quote = plain.partition("/")
    if quote not in DOLLARS:
        return (plain,)
    return (plain, *(f"{base}/{dollar}" for dollar in DOLLARS if dollar != quote))


def pairs_of_contract(symbol: str) -> tuple[str, ...]:
    """The pairs that ccxt's symbol of a contract stands for: a contract on 1000PEPE is one on PEPE."""
    pair = symbol.partition(":")[0]
    plain = MULTIPLIED.sub("", pair)
    return (pair,) if plain == pair else (pair, plain)


def symbols_of_pair(pair: str) -> Iterator[str]:
    """ccxt's symbols of the linear contracts that may stand for a pair, the likeliest first; on one coin each."""
    for name in spellings(pair):
        yield f"{name}:{name.partition('/')[2]}"


def multiplied_symbols_of_pair(pair: str) -> Iterator[str]:
    """The same for contracts on many coins at once."""
    for symbol in symbols_of_pair(pair):
        for multiple in MULTIPLES:
            yield f"{multiple}{symbol}"
