"""Orders at Kraken: placing, cancelling, and finding out what became of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from quorate.domain.orders import OrderKind
from quorate.domain.venue import OrderGone, OrderRequest, VenueFill, VenueOrder, VenueStatus, VenueUnreachable
from quorate.venues.ccxt import answers, kraken_answers
from quorate.venues.ccxt.answers import Malformed, Row, step_text
from quorate.venues.ccxt.client import Endpoint, VenueClient
from quorate.venues.ccxt.listing import Listing
from quorate.venues.ccxt.memory import Tags
from quorate.venues.ccxt.outcomes import Errand
from quorate.venues.ccxt.shelf import Shelf

ADD = Endpoint("privatePostAddOrder", cost=0, orders=1)
CANCEL = Endpoint("privatePostCancelOrder", cost=0, orders=2)
CANCEL_ALL = Endpoint("privatePostCancelAll", cost=1)
OPEN = Endpoint("privatePostOpenOrders", cost=1)
CLOSED = Endpoint("privatePostClosedOrders", cost=1)
QUERY = Endpoint("privatePostQueryOrders", cost=1)
TRADES = Endpoint("privatePostTradesHistory", cost=2)
PAGE = 50
PAGES_MAX = 200
QUERY_MAX = 50
ANY = ""
"""Ids of orders are the same in every market here."""
MARGIN_S = 60
"""Asked for so much earlier than wanted: clocks differ."""
KIND_WORDS = {
    OrderKind.MARKET: "market",
    OrderKind.LIMIT: "limit",
    OrderKind.POST_ONLY: "limit",
    OrderKind.STOP: "stop-loss",
}


class KrakenOrders:
    """One account's orders at Kraken. `tags` remembers whose an id of the venue is."""

    def __init__(self, client: VenueClient, shelf: Shelf, tags: Tags) -> None:
        self._client = client
        self._shelf = shelf
        self._tags = tags

    async def place(self, request: OrderRequest) -> VenueOrder:
        """As the port says. Kraken's answer names the order, not its state: it is open until told otherwise."""
        errand = Errand.EXIT if request.reduce_only else Errand.ENTRY
        what = f"place {request.tag} on {request.pair}"
        listing = await self._shelf.for_order(request, errand)
        told = await self._client.ask(ADD, lambda: self.order_words(request, listing), what=what, errand=errand)
        with self._client.reading(errand, what):
            ids: object = kraken_answers.result(told).get("txid")
            venue_id: object = ids[0] if isinstance(ids, list) and ids else None  # pyright: ignore[reportUnknownVariableType]
            if not isinstance(venue_id, str) or not venue_id:
                raise Malformed("an order without an id")
        self._tags.keep(ANY, venue_id, request.tag)
        return VenueOrder(
            tag=request.tag,
            venue_id=venue_id,
            pair=request.pair,
            action=request.action,
            kind=request.kind,
            quantity=request.quantity,
            filled=Decimal(0),
            price=request.price,
            status=VenueStatus.OPEN,
            at_ms=self._client.time.now_ms(),
        )

    def order_words(self, request: OrderRequest, listing: Listing) -> dict[str, str]:
        """An order as Kraken wants it, with the instant after which it must not be taken any more."""
        due_s = -(-(self._client.time.now_ms() + self._client.settings.window_ms) // 1000)
        words = {
            "pair": listing.symbol,
            "type": request.action.value.lower(),
            "ordertype": KIND_WORDS[request.kind],
            "volume": step_text(request.quantity, listing.lot),
            "cl_ord_id": request.tag,
            # Fees always in the quote currency: an execution that is asked for does not say in which.
            "oflags": "fciq,post" if request.kind is OrderKind.POST_ONLY else "fciq",
            "stptype": "cancel-oldest" if request.reduce_only else "cancel-newest",
            "deadline": f"{datetime.fromtimestamp(due_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        if request.kind is OrderKind.MARKET:
            return words
        assert request.price is not None, "only a market order has no price"
        return words | {"price": step_text(request.price, listing.tick)}

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        """As the port says."""
        what = f"cancel {tag or venue_id} on {pair}"
        key = {"txid": venue_id} if venue_id else {"cl_ord_id": tag}
        told = await self._client.ask(CANCEL, key, what=what, errand=Errand.CANCEL)
        with self._client.reading(Errand.CANCEL, what):
            row = kraken_answers.result(told)
            if answers.whole(row, "count") < 1 and not answers.flag(row, "pending"):
                raise OrderGone(f"{self._client.name} had nothing to {what}.", code_there="count 0")

    async def cancel_all(self) -> None:
        """As the port says."""
        await self._client.ask(CANCEL_ALL, {}, what="cancel every order", errand=Errand.CANCEL)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """As the port says."""
        await self._client.markets()
        return await self._open({})

    async def _open(self, words: Mapping[str, str]) -> tuple[VenueOrder, ...]:
        what = "list its open orders"
        told = await self._client.ask(OPEN, words, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            return self._read(answers.part(kraken_answers.result(told), "open"))

    def _read(self, rows: Row) -> tuple[VenueOrder, ...]:
        now_ms = self._client.time.now_ms()
        orders = tuple(
            kraken_answers.order(venue_id, answers.table(row), self._shelf.pairs, now_ms=now_ms)
            for venue_id, row in rows.items()
        )
        for order in orders:
            self._tags.keep(ANY, order.venue_id, order.tag)
        return orders

    async def find(self, *, tag: str, pair: str, since_ms: int) -> VenueOrder | None:
        """As the port says: first among open orders, then closed, so that one that closes between is not missed."""
        await self._shelf.symbol(pair, Errand.QUESTION)
        for order in await self._open({"cl_ord_id": tag}):
            if order.tag == tag:
                return order
        async for order in self._closed(tag, since_ms):
            if order.tag == tag:
                return order
        traded = {fill.venue_id for fill in await self.fills(pair, since_ms=since_ms) if fill.tag in ("", tag)}
        return next((order for order in await self.query(traded) if order.tag == tag), None)

    async def _closed(self, tag: str, since_ms: int) -> AsyncGenerator[VenueOrder]:
        what = "list its closed orders"
        words = {"cl_ord_id": tag, "start": str(since_ms // 1000 - MARGIN_S)}
        async for rows in self._pages(CLOSED, words, "closed", what):
            with self._client.reading(Errand.QUESTION, what):
                orders = self._read(rows)
            for order in orders:
                yield order

    async def query(self, venue_ids: Iterable[str]) -> tuple[VenueOrder, ...]:
        """Orders by the venue's ids. Errors: VenueUnreachable where the venue cannot name one; those of every call."""
        wanted = sorted(venue_ids)
        found: list[VenueOrder] = []
        what = "say what became of orders"
        for begin in range(0, len(wanted), QUERY_MAX):
            ids = wanted[begin : begin + QUERY_MAX]
            told = await self._client.ask(QUERY, {"txid": ",".join(ids)}, what=what, errand=Errand.QUESTION)
            with self._client.reading(Errand.QUESTION, what):
                rows = kraken_answers.result(told)
                if any(each not in rows for each in ids):
                    raise Malformed("an order is missing")
                found += self._read(rows)
        return tuple(found)

    async def fills(self, pair: str, *, since_ms: int) -> tuple[VenueFill, ...]:
        """As the port says. Kraken tells executions of every market at once."""
        await self._shelf.symbol(pair, Errand.QUESTION)
        what = f"list executions on {pair}"
        # Unless it is told not to, Kraken makes one execution of several: under an id that the stream does not know.
        words = {"start": str(since_ms // 1000 - MARGIN_S), "consolidate_taker": "false"}
        found: dict[str, tuple[Decimal, int, VenueFill]] = {}
        async for rows in self._pages(TRADES, words, "trades", what):
            with self._client.reading(Errand.QUESTION, what):
                for trade_id, row in rows.items():
                    table = answers.table(row)
                    fill = self._fill(trade_id, table)
                    if fill.pair == pair and fill.at_ms >= since_ms:
                        number = answers.whole(table, "trade_id") if table.get("trade_id") else 0
                        found[trade_id] = (answers.amount(table, "time"), number, fill)
        return tuple(fill for *_, fill in sorted(found.values(), key=lambda each: each[:2]))

    def _fill(self, trade_id: str, row: Row) -> VenueFill:
        tag = self._tags.of(ANY, answers.text(row, "ordertxid"))
        return kraken_answers.fill(trade_id, row, self._shelf.pairs, tag=tag, quote_of=self._shelf.quotes)

    async def _pages(self, endpoint: Endpoint, words: Mapping[str, str], key: str, what: str) -> AsyncGenerator[Row]:
        """Pages of a list that is told newest first: what is added meanwhile shifts rows to later pages, never away."""
        seen = 0
        for _ in range(PAGES_MAX):
            told = await self._client.ask(endpoint, {**words, "ofs": str(seen)}, what=what, errand=Errand.QUESTION)
            with self._client.reading(Errand.QUESTION, what):
                result = kraken_answers.result(told)
                rows = answers.part(result, key)
                count = answers.whole(result, "count") if "count" in result else None
            yield rows
            seen += len(rows)
            if not rows or (len(rows) < PAGE if count is None else seen >= count):
                return
        raise VenueUnreachable(f"{self._client.name} has more than {PAGE * PAGES_MAX:,} rows to {what}.", hint="")
