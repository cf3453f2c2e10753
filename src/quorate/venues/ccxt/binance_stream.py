"""Binance's private streams: on spot through the WebSocket API by signature, on perpetuals by a listen key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from quorate.domain.venue import Report, VenueFill, VenueOrder
from quorate.venues.ccxt import answers, binance_answers
from quorate.venues.ccxt.answers import Malformed, Row
from quorate.venues.ccxt.binance_answers import Pairs
from quorate.venues.ccxt.client import Endpoint, VenueClient
from quorate.venues.ccxt.memory import Quarantine, Remembered, Tags
from quorate.venues.ccxt.outcomes import Errand
from quorate.venues.ccxt.stream import Ended, Heard, Socket

SPOT_ADDRESS = "wss://ws-api.binance.com:443/ws-api/v3"
SPOT_SANDBOX = "wss://ws-api.testnet.binance.vision/ws-api/v3"
PERPETUAL_ADDRESS = "wss://fstream.binance.com/private/ws"
PERPETUAL_SANDBOX = "wss://fstream.binancefuture.com/private/ws"
RENEWED_MS = 20 * 60_000
"""A listen key dies after an hour without being renewed."""
ORDER_EVENTS = frozenset({"executionReport", "ORDER_TRADE_UPDATE"})
OVER = frozenset({"eventStreamTerminated", "listenKeyExpired", "serverShutdown"})
WITHOUT_ORDERS = frozenset(
    {
        "outboundAccountPosition", "balanceUpdate", "listStatus", "externalLockUpdate", "ACCOUNT_UPDATE", "TRADE_LITE",
        "MARGIN_CALL", "ACCOUNT_CONFIG_UPDATE", "STRATEGY_UPDATE", "GRID_UPDATE", "CONDITIONAL_ORDER_TRIGGER_REJECT",
    }
)  # fmt: skip
"""Events that tell nothing of an order's state that others do not."""


class Words:
    """Reads the events of both streams."""

    def __init__(
        self, *, pairs: Callable[[], Pairs], quotes: Callable[[], Mapping[str, str]], tags: Tags,
        quarantine: Quarantine, now_ms: Callable[[], int],
    ) -> None:  # fmt: skip
        self._pairs = pairs
        self._quotes = quotes
        self._tags = tags
        self._quarantine = quarantine
        self._now_ms = now_ms
        self._filled = Remembered[Decimal]()

    def read(self, event: Row, message: str) -> Heard:
        """What an event reports. Errors: Malformed, Ended."""
        name = answers.text(event, "e")
        if name in OVER:
            raise Ended(f"the venue says {name}")
        if name in ORDER_EVENTS:
            return self._order(answers.part(event, "o") if name == "ORDER_TRADE_UPDATE" else event)
        if name == "ALGO_UPDATE":
            return self._conditional(answers.part(event, "o"), event)
        if name not in WITHOUT_ORDERS:
            self._quarantine.add(f"event {name[:40]} is unknown", message)
        return Heard()

    def _order(self, row: Row) -> Heard:
        order = binance_answers.streamed_order(row, self._pairs())
        fill = binance_answers.streamed_fill(row, self._pairs(), quote_of=self._quotes())
        tag = self._tags.of(order.pair, order.venue_id) or order.tag
        self._tags.keep(order.pair, order.venue_id, tag)
        order = replace(order, tag=tag)
        reports: tuple[Report, ...] = (order,) if fill is None else (replace(fill, tag=tag), order)
        return Heard(reports, missed=self._missed(order, fill))

    def _missed(self, order: VenueOrder, fill: VenueFill | None) -> str:
        """What is filled more than was told: Binance does not number its messages, but it adds up each order."""
        key = f"{order.pair} {order.venue_id}"
        known = self._filled.get(key)
        told = Decimal(0) if fill is None else fill.quantity
        self._filled[key] = max(known or Decimal(0), order.filled)
        if known is None or order.filled <= known + told:
            return ""
        return f"{order.filled - known - told} of an order on {order.pair} were filled without a word"

    def _conditional(self, row: Row, event: Row) -> Heard:
        tag = answers.text(row, "caid")
        actual = answers.text_or(row, "ai")
        if actual not in ("", "0"):
            symbol = answers.text(row, "s")
            self._tags.keep(self._pairs().get(symbol, symbol), actual, tag)
        told = {
            "clientAlgoId": tag,
            "algoId": answers.text(row, "aid"),
            "actualOrderId": actual,
            "algoStatus": answers.text(row, "X"),
            "orderType": answers.text(row, "o"),
            "symbol": answers.text(row, "s"),
            "side": answers.text(row, "S"),
            "quantity": answers.text(row, "q"),
            "triggerPrice": answers.text_or(row, "tp"),
            "price": answers.text_or(row, "p"),
            "updateTime": answers.whole(event, "T"),
        }
        order = binance_answers.conditional(told, self._pairs(), now_ms=self._now_ms())
        return Heard() if order is None else Heard((order,))


class SpotDialect:
    """The WebSocket API, whose subscription is signed."""

    def __init__(self, client: VenueClient, words: Words, address: str) -> None:
        self._client = client
        self._words = words
        self._address = address
        self._asked = 0

    async def address(self) -> str:
        """As the port says."""
        await self._client.markets()
        return self._address

    async def greet(self, socket: Socket) -> bool:
        """As the port says: the answer to this confirms."""
        if self._client.time.due():
            await self._client.measure_time()
        parameters = self._client.signed({"timestamp": self._client.time.now_ms()})
        await socket.send(self._request("userDataStream.subscribe.signature", parameters))
        return False

    async def upkeep(self) -> None:
        """There is nothing to renew."""

    def probe(self) -> str | None:
        """As the port says."""
        return self._request("ping", {})

    def _request(self, method: str, parameters: Mapping[str, object]) -> str:
        self._asked += 1
        return json.dumps({"id": f"{method}-{self._asked}", "method": method, "params": parameters})

    async def read(self, message: str) -> Heard:
        """As the port says."""
        told = answers.table(answers.decode(message))
        if "event" in told:
            return self._words.read(answers.part(told, "event"), message)
        if "id" in told and "status" in told:
            return self._answered(told)
        return self._words.read(told, message)

    def _answered(self, told: Row) -> Heard:
        subscribing = answers.text_or(told, "id").startswith("userDataStream")
        if subscribing and answers.whole(told, "status") != 200:
            error = answers.part(told, "error")
            self._client.time.doubt()
            raise Ended(f"the venue refuses to stream: {answers.brief(answers.text_or(error, 'msg'))}")
        return Heard(confirmed=subscribing)


class PerpetualDialect:
    """A listen key, asked for and renewed by REST."""

    def __init__(self, client: VenueClient, words: Words, address: str, *, begin: Endpoint, renew: Endpoint) -> None:
        self._client = client
        self._words = words
        self._address = address
        self._begin = begin
        self._renew = renew
        self._renew_at_ms = 0

    async def address(self) -> str:
        """As the port says."""
        await self._client.markets()
        told = await self._client.ask(self._begin, {}, what="open its stream", errand=Errand.UPKEEP)
        self._renew_at_ms = self._client.time.now_ms() + RENEWED_MS
        try:
            return f"{self._address}?listenKey={answers.text(answers.table(told), 'listenKey')}"
        except Malformed as error:
            raise Ended("the venue gave no listen key") from error

    async def greet(self, socket: Socket) -> bool:
        """As the port says: being let in confirms."""
        del socket
        return True

    async def upkeep(self) -> None:
        """Renew the listen key in time. Errors: those of the port."""
        if self._client.time.now_ms() >= self._renew_at_ms:
            await self._client.ask(self._renew, {}, what="keep its stream open", errand=Errand.UPKEEP)
            self._renew_at_ms = self._client.time.now_ms() + RENEWED_MS

    def probe(self) -> str | None:
        """Nothing makes this stream speak: only the connection itself is watched."""
        return None

    async def read(self, message: str) -> Heard:
        """As the port says."""
        told = answers.table(answers.decode(message))
        if "stream" in told:
            told = answers.part(told, "data")
        return self._words.read(told, message)
