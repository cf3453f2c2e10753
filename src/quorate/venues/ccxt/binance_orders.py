"""Orders at Binance, on spot and perpetuals: placing, cancelling, and finding out what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from quorate.domain.orders import OrderKind
from quorate.domain.venue import (
    OrderGone,
    OrderRequest,
    OutcomeUnknown,
    VenueFault,
    VenueFill,
    VenueOrder,
    VenueUnreachable,
)
from quorate.domain.votes import Action
from quorate.venues.ccxt import answers, binance_answers
from quorate.venues.ccxt.answers import Row, step_text
from quorate.venues.ccxt.binance_answers import ALGO
from quorate.venues.ccxt.binance_product import Conditional, Product
from quorate.venues.ccxt.client import Endpoint, VenueClient
from quorate.venues.ccxt.listing import Listing
from quorate.venues.ccxt.memory import Tags
from quorate.venues.ccxt.outcomes import Errand
from quorate.venues.ccxt.shelf import Shelf

PAGE = 1_000
PAGES_MAX = 100
MARGIN_MS = 60_000
"""Asked for so much earlier than wanted: clocks differ."""
PPM = 1_000_000


class BinanceOrders:
    """One account's orders at one of Binance's exchanges. `tags` remembers whose an id of the venue is."""

    def __init__(self, client: VenueClient, product: Product, shelf: Shelf, tags: Tags) -> None:
        self._client = client
        self._product = product
        self._shelf = shelf
        self._tags = tags

    async def place(self, request: OrderRequest) -> VenueOrder:
        """As the port says."""
        errand = Errand.EXIT if request.reduce_only else Errand.ENTRY
        what = f"place {request.tag} on {request.pair}"
        listing = await self._shelf.for_order(request, errand)
        conditional = self._product.conditional
        if request.kind is OrderKind.STOP and conditional is not None:
            return await self._place_conditional(request, listing, conditional, errand, what)
        told = await self._client.ask(
            self._product.place, self._order_words(request, listing), what=what, errand=errand
        )
        with self._client.reading(errand, what):
            return self._order(told)

    def _order_words(self, request: OrderRequest, listing: Listing) -> dict[str, str]:
        words = {
            "symbol": listing.symbol,
            "side": request.action.value,
            "quantity": step_text(request.quantity, listing.lot),
            "newClientOrderId": request.tag,
            "newOrderRespType": "RESULT",
        }
        guard = "EXPIRE_MAKER" if request.reduce_only else "EXPIRE_TAKER"
        if guard in listing.self_trades or self._product.derivatives:
            words["selfTradePreventionMode"] = guard
        if request.reduce_only and self._product.derivatives:
            words["reduceOnly"] = "true"
        return words | self._kind_words(request, listing)

    def _kind_words(self, request: OrderRequest, listing: Listing) -> dict[str, str]:
        if request.kind is OrderKind.MARKET:
            return {"type": "MARKET"}
        assert request.price is not None, "only a market order has no price"
        price = step_text(request.price, listing.tick)
        if request.kind is OrderKind.LIMIT:
            return {"type": "LIMIT", "timeInForce": "GTC", "price": price}
        if request.kind is OrderKind.POST_ONLY:
            if self._product.derivatives:
                return {"type": "LIMIT", "timeInForce": "GTX", "price": price}
            return {"type": "LIMIT_MAKER", "price": price}
        if not listing.kinds or "STOP_LOSS" in listing.kinds:
            return {"type": "STOP_LOSS", "stopPrice": price}
        limit = stop_limit(request.price, request.action, listing.tick, self._client.settings.stop_limit_ppm)
        return {
            "type": "STOP_LOSS_LIMIT",
            "timeInForce": "GTC",
            "stopPrice": price,
            "price": step_text(limit, listing.tick),
        }

    async def _place_conditional(
        self, request: OrderRequest, listing: Listing, conditional: Conditional, errand: Errand, what: str
    ) -> VenueOrder:
        assert request.price is not None, "a stop has a trigger"
        words = {
            "algoType": "CONDITIONAL",
            "symbol": listing.symbol,
            "side": request.action.value,
            "type": "STOP_MARKET",
            "quantity": step_text(request.quantity, listing.lot),
            "triggerPrice": step_text(request.price, listing.tick),
            "clientAlgoId": request.tag,
            "selfTradePreventionMode": "EXPIRE_MAKER",
        }
        if request.reduce_only:
            words["reduceOnly"] = "true"
        told = await self._client.ask(conditional.place, words, what=what, errand=errand)
        with self._client.reading(errand, what):
            order = self._conditional_order(answers.table(told))
        return order or await self._triggered(answers.table(told), request.pair)

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        """As the port says."""
        symbol = await self._shelf.symbol(pair, Errand.CANCEL)
        what = f"cancel {tag or venue_id} on {pair}"
        if venue_id.startswith(ALGO):
            await self._cancel_conditional({"algoId": venue_id.removeprefix(ALGO)}, pair, what)
            return
        key = {"orderId": venue_id} if venue_id else {"origClientOrderId": tag}
        try:
            await self._client.ask(self._product.cancel, {"symbol": symbol, **key}, what=what, errand=Errand.CANCEL)
        except OrderGone:
            if venue_id or self._product.conditional is None:
                raise
            await self._cancel_conditional({"clientAlgoId": tag}, pair, what)

    async def _cancel_conditional(self, key: Mapping[str, str], pair: str, what: str) -> None:
        assert self._product.conditional is not None
        try:
            await self._client.ask(self._product.conditional.cancel, key, what=what, errand=Errand.CANCEL)
        except OrderGone:
            order = await self._conditional_by(key, pair)
            if order is None or order.status.final or order.venue_id.startswith(ALGO):
                raise
            # It was triggered meanwhile: what is left of it is an order of its own.
            await self.cancel(tag=order.tag, venue_id=order.venue_id, pair=pair)

    async def cancel_all(self) -> None:
        """As the port says: Binance does it market by market, so each that has open orders is asked.

        Where it does not say which have, each of the desk's pairs is. All are tried before the worst failure is raised.
        """
        failures: list[Exception] = []
        try:
            symbols = await self._open_symbols()
        except VenueFault as error:
            failures.append(error)
            symbols = {await self._shelf.symbol(pair, Errand.CANCEL) for pair in self._client.settings.pairs}
        endpoints = [self._product.cancel_all]
        if self._product.conditional is not None:
            endpoints.append(self._product.conditional.cancel_all)
        outcomes = await asyncio.gather(
            *(self._cancel_market(endpoint, symbol) for symbol in sorted(symbols) for endpoint in endpoints),
            return_exceptions=True,
        )
        failures = [each for each in outcomes if isinstance(each, Exception)] + failures
        if failures:
            raise next((each for each in failures if isinstance(each, OutcomeUnknown)), failures[0])

    async def _cancel_market(self, endpoint: Endpoint, symbol: str) -> None:
        try:
            await self._client.ask(
                endpoint, {"symbol": symbol}, what=f"cancel every order on {symbol}", errand=Errand.CANCEL
            )
        except OrderGone:
            return  # there is none

    async def _open_symbols(self) -> set[str]:
        pages = await self._open_rows()
        with self._client.reading(Errand.QUESTION, "list its open orders"):
            return {answers.text(row, "symbol") for rows in pages for row in rows}

    async def _open_rows(self, symbol: str = "") -> tuple[Sequence[Row], Sequence[Row]]:
        """Open orders and open conditional orders, as told."""
        words = {"symbol": symbol} if symbol else {}
        what = "list its open orders"
        conditional = self._product.conditional
        told = await self._client.ask(self._product.open, words, what=what, errand=Errand.QUESTION)
        more: object = list[object]()
        if conditional is not None:
            more = await self._client.ask(conditional.open, words, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            return answers.rows(told), answers.rows(more)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """As the port says."""
        await self._client.markets()
        plain, conditional = await self._open_rows()
        with self._client.reading(Errand.QUESTION, "list its open orders"):
            waiting = [self._conditional_order(row) for row in conditional]
            return (*(self._order(row) for row in plain), *(each for each in waiting if each is not None))

    async def find(self, *, tag: str, pair: str, since_ms: int) -> VenueOrder | None:
        """As the port says: by our tag, among conditional orders, in every list, and by executions."""
        symbol = await self._shelf.symbol(pair, Errand.QUESTION)
        order = await self._query({"origClientOrderId": tag}, symbol)
        if order is None and self._product.conditional is not None:
            order = await self._conditional_by({"clientAlgoId": tag}, pair)
        if order is not None:
            return order
        listed = [each async for each in self._listed(symbol, since_ms)]
        found = next((each for each in listed if each.tag == tag), None)
        return found or await self._by_executions(tag, pair, since_ms, {each.venue_id for each in listed})

    async def _query(self, key: Mapping[str, str], symbol: str) -> VenueOrder | None:
        what = "say what became of an order"
        try:
            told = await self._client.ask(
                self._product.query, {"symbol": symbol, **key}, what=what, errand=Errand.QUESTION
            )
        except OrderGone:
            return None
        with self._client.reading(Errand.QUESTION, what):
            return self._order(told)

    async def _listed(self, symbol: str, since_ms: int) -> AsyncGenerator[VenueOrder]:
        plain, _ = await self._open_rows(symbol)
        with self._client.reading(Errand.QUESTION, "list its orders"):
            for row in plain:
                yield self._order(row)
        async for rows in self._pages(self._product.all, symbol, since_ms, "list its orders", by="orderId"):
            with self._client.reading(Errand.QUESTION, "list its orders"):
                for row in rows:
                    yield self._order(row)

    async def _by_executions(self, tag: str, pair: str, since_ms: int, listed: set[str]) -> VenueOrder | None:
        symbol = await self._shelf.symbol(pair, Errand.QUESTION)
        traded = {fill.venue_id for fill in await self.fills(pair, since_ms=since_ms)} - listed
        for venue_id in sorted(traded):
            order = await self._query({"orderId": venue_id}, symbol)
            if order is None:
                raise VenueUnreachable(f"{self._client.name} executed an order on {pair} that it cannot name.", hint="")
            if order.tag == tag:
                return order
        return None

    async def fills(self, pair: str, *, since_ms: int) -> tuple[VenueFill, ...]:
        """As the port says."""
        symbol = await self._shelf.symbol(pair, Errand.QUESTION)
        found: dict[str, VenueFill] = {}
        what = f"list executions on {pair}"
        async for rows in self._pages(self._product.fills, symbol, since_ms, what, by="id"):
            with self._client.reading(Errand.QUESTION, what):
                for row in rows:
                    tag = self._tags.of(pair, answers.text(row, "orderId"))
                    fill = binance_answers.fill(row, self._shelf.pairs, tag=tag)
                    found[fill.trade_id] = fill
        return tuple(
            sorted(
                (fill for fill in found.values() if fill.at_ms >= since_ms),
                key=lambda fill: (fill.at_ms, int(fill.trade_id)),
            )
        )

    async def _pages(
        self, endpoint: Endpoint, symbol: str, since_ms: int, what: str, *, by: str
    ) -> AsyncGenerator[Sequence[Row]]:
        """Rows from `since_ms` on, page by page: first by time, then by the number after the last one seen."""
        begin_ms = max(0, since_ms - MARGIN_MS)
        words: dict[str, object] = {"symbol": symbol, "startTime": begin_ms, "limit": PAGE}
        key = "fromId" if by == "id" else "orderId"
        span_ms = self._product.span_ms_max
        for _ in range(PAGES_MAX):
            told = await self._client.ask(endpoint, words, what=what, errand=Errand.QUESTION)
            with self._client.reading(Errand.QUESTION, what):
                rows = answers.rows(told)
                last = max((answers.whole(row, by) for row in rows), default=None)
            yield rows
            numbered = key in words
            if last is not None and (len(rows) >= PAGE or (span_ms is not None and not numbered)):
                words = {"symbol": symbol, key: last + 1, "limit": PAGE}
            elif span_ms and not rows and not numbered and begin_ms + span_ms <= self._client.time.now_ms():
                begin_ms += span_ms
                words = {"symbol": symbol, "startTime": begin_ms, "limit": PAGE}
            else:
                return
        raise VenueUnreachable(f"{self._client.name} has more than {PAGE * PAGES_MAX:,} rows to {what}.", hint="")

    def _order(self, told: object) -> VenueOrder:
        order = binance_answers.order(answers.table(told), self._shelf.pairs, now_ms=self._client.time.now_ms())
        tag = self._tags.of(order.pair, order.venue_id) or order.tag
        self._tags.keep(order.pair, order.venue_id, tag)
        return replace(order, tag=tag)

    def _conditional_order(self, row: Row) -> VenueOrder | None:
        return binance_answers.conditional(row, self._shelf.pairs, now_ms=self._client.time.now_ms())

    async def _conditional_by(self, key: Mapping[str, str], pair: str) -> VenueOrder | None:
        assert self._product.conditional is not None
        what = "say what became of a conditional order"
        try:
            told = await self._client.ask(self._product.conditional.query, key, what=what, errand=Errand.QUESTION)
        except OrderGone:
            return None
        with self._client.reading(Errand.QUESTION, what):
            order = self._conditional_order(answers.table(told))
        return order or await self._triggered(answers.table(told), pair)

    async def _triggered(self, row: Row, pair: str) -> VenueOrder:
        """The order that a conditional one became, under its tag. Errors: VenueUnreachable where nobody can name it."""
        what = "say what became of a triggered order"
        symbol = await self._shelf.symbol(pair, Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            venue_id, tag = answers.text(row, "actualOrderId"), answers.text(row, "clientAlgoId")
        self._tags.keep(pair, venue_id, tag)
        order = await self._query({"orderId": venue_id}, symbol)
        if order is None:
            raise VenueUnreachable(f"{self._client.name} triggered an order on {pair} that it cannot name.", hint="")
        return order


def stop_limit(trigger: Decimal, action: Action, tick: Decimal, ppm: int) -> Decimal:
    """The limit of a stop that has to have one: `ppm` beyond its trigger, on the tick further away."""
    beyond = trigger * (PPM + action.sign * ppm) / PPM
    return (beyond / tick).to_integral_value(ROUND_CEILING if action is Action.BUY else ROUND_FLOOR) * tick
