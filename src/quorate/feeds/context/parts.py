"""What a decision, a prompt and a page get of context: values as of one instant, what is missing among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from quorate.domain.snapshot import Context

if TYPE_CHECKING:
    from quorate.feeds.context.coingecko import CoinMarket
    from quorate.feeds.context.derivatives import Funding, OpenInterest
    from quorate.feeds.context.dominance import Dominance
    from quorate.feeds.context.fear_greed import FearGreed
    from quorate.feeds.context.items import Item
    from quorate.feeds.context.source import Reading

PartName = Literal["dominance", "coins", "funding", "open_interest", "fear_greed", "news", "social", "community"]
PARTS: tuple[PartName, ...] = (
    "dominance",
    "coins",
    "funding",
    "open_interest",
    "fear_greed",
    "news",
    "social",
    "community",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the context at an instant.

    `state`: present; missing (a source is set, but nothing young enough is known); off (no source is set).
    `age_ms` is the age of the newest value or text. `why` says what is wrong with its sources, also where older values
    are still present; empty where nothing is.
    """

    name: PartName
    state: Literal["present", "missing", "off"]
    age_ms: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFigures:
    """Numbers, each with its age; None or left out where unknown."""

    dominance: Dominance | None
    coins: Mapping[str, Reading[CoinMarket]]
    """By coin, for the coins of the pairs that were asked for."""
    funding: Mapping[str, Reading[Funding]]
    open_interest: Mapping[str, Reading[OpenInterest]]
    fear_greed: Reading[FearGreed] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTexts:
    """Texts by strangers, newest first. Untrusted: they inform, they never instruct."""

    at_ms: int
    news: tuple[Item, ...]
    social: tuple[Item, ...]
    community: tuple[Item, ...]

    def age_ms(self, item: Item) -> int:
        """How long before the instant of these texts an item was published."""
        return max(0, self.at_ms - item.published_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextView:
    """Everything known at `at_ms`, and nothing that became known later."""

    at_ms: int
    context: Context
    """What the risk controls read."""
    figures: ContextFigures
    texts: ContextTexts
    parts: tuple[Part, ...]
    """Every part, present or not, in a fixed order."""

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts of which nothing is known though a source is set."""
        return tuple(part for part in self.parts if part.state == "missing")
