"""Kraken's private stream: the channel `executions` of its second WebSocket interface, opened with a token.

Its messages carry a number each: a hole in the numbers is a loss. Later messages of an order repeat only what has
changed, so what was told before is kept; where that is not enough, the order is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast

from quorate.domain.errors import QuorateError
from quorate.domain.venue import Report
from quorate.venues.ccxt import answers, kraken_answers
from quorate.venues.ccxt.answers import Malformed, Row
from quorate.venues.ccxt.client import Endpoint, VenueClient
from quorate.venues.ccxt.kraken_orders import ANY, KrakenOrders
from quorate.venues.ccxt.memory import Quarantine, Remembered, Tags
from quorate.venues.ccxt.outcomes import Errand
from quorate.venues.ccxt.shelf import Shelf
from quorate.venues.ccxt.stream import Ended, Heard, Socket

ADDRESS = "wss://ws-auth.kraken.com/v2"
TOKEN = Endpoint("privatePostGetWebSocketsToken", cost=1)
KEPT = (
    "order_id", "cl_ord_id", "symbol", "side", "order_type", "order_qty", "limit_price", "stop_price", "triggers",
    "post_only", "order_status", "cum_qty",
)  # fmt: skip
"""What is said of an order once, and holds until it is said anew."""
NEEDED = ("symbol", "side", "order_type", "order_qty", "order_status")
SILENT = frozenset({"heartbeat", "status", "balances"})


class KrakenDialect:
    """One account's executions. `asset_of` gives our name of an asset."""

    def __init__(
        self,
        client: VenueClient,
        orders: KrakenOrders,
        shelf: Shelf,
        tags: Tags,
        *,
        address: str,
        quarantine: Quarantine,
        asset_of: Callable[[str], str],
    ) -> None:
        self._client = client
        self._orders = orders
        self._shelf = shelf
        self._tags = tags
        self._address = address
        self._quarantine = quarantine
        self._asset_of = asset_of
        self._known = Remembered[Row]()
        self._sequence: int | None = None
        self._asked = 0

    async def address(self) -> str:
        """As the port says."""
        await self._client.markets()
        self._sequence = None
        return self._address

    async def greet(self, socket: Socket) -> bool:
        """As the port says: the answer to this confirms."""
        what = "let us stream"
        told = await self._client.ask(TOKEN, {}, what=what, errand=Errand.UPKEEP)
        with self._client.reading(Errand.QUESTION, what):
            token = answers.text(kraken_answers.result(told), "token")
        wanted = {"channel": "executions", "token": token, "snap_orders": True, "snap_trades": False}
        await socket.send(json.dumps({"method": "subscribe", "params": wanted, "req_id": self._next()}))
        return False

    async def upkeep(self) -> None:
        """There is nothing to renew: a token that was used lasts as long as its connection."""

    def probe(self) -> str | None:
        """As the port says."""
        return json.dumps({"method": "ping", "req_id": self._next()})

    def _next(self) -> int:
        self._asked += 1
        return self._asked

    async def read(self, message: str) -> Heard:
        """As the port says."""
        told = answers.table(answers.decode(message))
        if "method" in told:
            return self._answered(told)
        channel = answers.text(told, "channel")
        if channel == "executions":
            return await self._executions(told)
        if channel not in SILENT:
            self._quarantine.add(f"channel {channel[:40]} is unknown", message)
        return Heard()

    def _answered(self, told: Row) -> Heard:
        if answers.text(told, "method") != "subscribe":
            return Heard()
        if answers.flag(told, "success") is not True:
            raise Ended(f"the venue refuses to stream: {answers.brief(answers.text_or(told, 'error'))}")
        return Heard(confirmed=True)

    async def _executions(self, told: Row) -> Heard:
        self._count(answers.whole(told, "sequence"))
        reports: list[Report] = []
        for row in answers.rows(told.get("data"), "data"):
            reports += await self._row(row)
        return Heard(tuple(reports))

    def _count(self, sequence: int) -> None:
        last, self._sequence = self._sequence, sequence
        if last is not None and sequence != last + 1:
            raise Ended(f"messages {last + 1} to {sequence - 1} are missing")

    async def _row(self, row: Row) -> list[Report]:
        venue_id = answers.text(row, "order_id")
        known = self._known.get(venue_id) or {}
        whole = {**known, **row}
        self._known[venue_id] = {key: whole[key] for key in KEPT if key in whole}
        tag = self._tags.of(ANY, venue_id) or answers.text_or(whole, "cl_ord_id")
        if tag:
            whole["cl_ord_id"] = tag
            self._tags.keep(ANY, venue_id, tag)
        reports: list[Report] = []
        if answers.text_or(row, "exec_type") == "trade":
            reports.append(
                kraken_answers.streamed_fill(
                    whole, self._shelf.pairs, asset_of=self._asset_of, quote_of=self._shelf.quotes
                )
            )
        if all(key in whole for key in NEEDED):
            reports.append(kraken_answers.streamed_order(whole, self._shelf.pairs))
        else:
            reports += await self._asked_for(venue_id)
        return reports

    async def _asked_for(self, venue_id: str) -> list[Report]:
        try:
            return cast("list[Report]", list(await self._orders.query([venue_id])))
        except QuorateError as error:
            raise Malformed(f"an order nobody described ({error.code})") from error
