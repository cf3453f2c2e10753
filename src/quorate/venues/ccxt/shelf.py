"""The markets of one venue as they were last told: our pairs, the venue's symbols, and what an order must fit into."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from quorate.domain.errors import BadInput
from quorate.domain.orders import OrderKind
from quorate.domain.venue import OrderRequest, VenueFault, VenueRefused
from quorate.venues.ccxt import outcomes
from quorate.venues.ccxt.answers import Row
from quorate.venues.ccxt.client import SURE, VenueClient
from quorate.venues.ccxt.listing import Listing
from quorate.venues.ccxt.outcomes import Errand

LOCAL = "not whole steps"
UNLISTED = "not listed"


class Shelf:
    """Looks markets up, and asks for them once where that was not done yet.

    `read` turns the venue's own description of a market into a listing; `classes` are ccxt's names for those traded;
    `names` gives every name that the venue has for one.
    """

    def __init__(
        self,
        client: VenueClient,
        read: Callable[[str, Row], Listing],
        classes: Collection[str],
        names: Callable[[Mapping[str, Any]], Collection[str]],
    ) -> None:
        self._names = names
        self._client = client
        self._read = read
        self._classes = classes
        self._pairs: dict[str, str] = {}
        self._quotes: dict[str, str] = {}
        self._made_of: object = None

    def ours(self) -> Mapping[str, Mapping[str, Any]]:
        """ccxt's markets of the classes that are traded here, by pair; none before they were asked for."""
        markets: Mapping[str, Mapping[str, Any]] = self._client.ccxt.markets or {}
        return {pair: market for pair, market in markets.items() if any(market.get(name) for name in self._classes)}

    def _index(self) -> None:
        if self._made_of is self._client.ccxt.markets:
            return
        self._made_of = self._client.ccxt.markets
        ours = self.ours()
        self._pairs = {name: pair for pair, market in ours.items() for name in self._names(market)}
        self._quotes = {pair: str(market["quote"]) for pair, market in ours.items()}

    @property
    def pairs(self) -> Mapping[str, str]:
        """Our pair by each of the venue's names for it."""
        self._index()
        return self._pairs

    @property
    def quotes(self) -> Mapping[str, str]:
        """The currency in which prices are told, by pair."""
        self._index()
        return self._quotes

    async def market(self, pair: str) -> Mapping[str, Any]:
        """ccxt's description of a market. Errors: BadInput for a pair that is not listed; those of the port."""
        markets = await self._client.markets()
        if pair not in markets:
            raise BadInput(f"{self._client.name} lists no {pair}.", hint="Check its name, or whether it was delisted.")
        return markets[pair]

    async def symbol(self, pair: str, errand: Errand) -> str:
        """The venue's symbol of a pair. Errors: VenueRefused for one that is not listed; those of the port."""
        try:
            return str((await self.market(pair))["id"])
        except BadInput as error:
            raise VenueRefused(error.message, code_there=UNLISTED, hint=error.hint) from error
        except SURE:
            raise
        except VenueFault as error:
            why = error.message.rstrip(".")
            raise outcomes.unsent(errand, venue=self._client.name, what=f"act on {pair}", why=why) from error

    async def listing(self, pair: str) -> Listing:
        """A market's steps and state, as last told. Errors: BadInput; those of the port."""
        market = await self.market(pair)
        with self._client.reading(Errand.QUESTION, f"describe {pair}"):
            return self._read(pair, market["info"])

    async def for_order(self, request: OrderRequest, errand: Errand) -> Listing:
        """The market an order is for, into whose steps it fits. Errors: VenueRefused, NotSent, and of every call.

        Steps change while orders are on their way (F28, F29): one that no longer fits is refused here, never rounded.
        """
        await self.symbol(request.pair, errand)
        try:
            listing = await self.listing(request.pair)
        except VenueFault as error:
            why = error.message.rstrip(".")
            raise outcomes.unsent(errand, venue=self._client.name, what="place an order", why=why) from error
        whole = request.quantity > 0 and request.quantity % listing.lot == 0
        priced = request.kind is OrderKind.MARKET or (
            request.price is not None and request.price > 0 and request.price % listing.tick == 0
        )
        if not whole or not priced:
            raise VenueRefused(
                f"{request.quantity} at {request.price} is not in whole steps of {request.pair}: "
                f"lots of {listing.lot}, ticks of {listing.tick}.",
                code_there=LOCAL,
                hint="Read the venue's markets again: its steps have changed.",
            )
        return listing
