"""From an order request to the first byte on the wire, through the whole adapter: real ccxt, signature, limits, clock.

`python -m benchmarks.bench_venue [--quick]` places orders at a server on this machine that answers at once and notes
when a request has arrived. Beside it: the same request signed beforehand and sent by the same HTTP client, which is the
floor; and the adapter without sockets.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from quorate.clock import SystemClock
from quorate.domain.orders import OrderKind
from quorate.domain.venue import OrderRequest
from quorate.domain.votes import Action
from quorate.venues.ccxt.connect import connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.venues.ccxt.transport import DirectTransport, HttpRequest, SocketTransport

ROUNDS, ORDERS, WARM = 6, 90, 10
"""Each round has a venue of its own: more orders at once than these its own budget would hold up."""
FILTERS = [
    {"filterType": "PRICE_FILTER", "tickSize": "0.01", "minPrice": "0.01", "maxPrice": "1000000"},
    {"filterType": "LOT_SIZE", "stepSize": "0.00001", "minQty": "0.00001", "maxQty": "9000"},
    {"filterType": "NOTIONAL", "minNotional": "5"},
]
MARKET = {
    "symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT", "isSpotTradingAllowed": True,
    "orderTypes": ["LIMIT", "MARKET"], "permissions": ["SPOT"], "filters": FILTERS,
}  # fmt: skip
ORDER = {
    "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": "q", "transactTime": 1, "price": "60000.01",
    "origQty": "0.01000", "executedQty": "0.00000", "status": "NEW", "type": "LIMIT", "side": "BUY",
}  # fmt: skip


@dataclass
class Exchange:
    """Answers at once, and notes when an order has arrived."""

    arrived_s: list[float] = field(default_factory=list)

    async def __call__(
        self, method: str, url: str, _headers: Mapping[str, str], _body: str | None
    ) -> tuple[int, dict[str, str], str]:
        if method == "POST":
            self.arrived_s.append(time.perf_counter())
            return 200, {}, json.dumps(ORDER)
        told: Any = {"serverTime": SystemClock().now_ms()} if "/time" in url else {"symbols": [MARKET]}
        return 200, {}, json.dumps(told)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                first = (await reader.readuntil(b"\r\n")).decode().split(" ")
                arrived_s = time.perf_counter()
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = head.partition("content-length:")[2].partition("\r\n")[0].strip()
                await reader.readexactly(int(length or "0"))
                _, _, text = await self(first[0], first[1], {}, None)
                if first[0] == "POST":
                    self.arrived_s[-1] = arrived_s
                body = text.encode()
                writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()


def request(number: int) -> OrderRequest:
    return OrderRequest(
        tag=f"q{number:026d}", pair="BTC/USDT", action=Action.BUY, kind=OrderKind.LIMIT, quantity=Decimal("0.01"),
        price=Decimal("60000.01"), reduce_only=True,
    )  # fmt: skip


def told(name: str, times_s: Sequence[float]) -> None:
    ordered = sorted(times_s)
    p50_ms, p99_ms = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{name:<58} p50 {p50_ms:6.2f} ms   p99 {p99_ms:6.2f} ms")


async def main(rounds: int) -> None:
    exchange = Exchange()
    server = await asyncio.start_server(exchange.serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    urls = {"api": {"public": f"{base}/api/v3", "private": f"{base}/api/v3"}}
    secret = base64.b64encode(b"nobody").decode()
    settings = VenueSettings(exchange="binance", key="demo", secret=secret, urls=urls)

    whole: list[float] = []
    alone: list[float] = []
    floor: list[float] = []
    for _ in range(rounds):
        whole += await placed(settings, exchange, None)
        alone += await placed(replace(settings, urls={}), exchange, DirectTransport(exchange))
        floor += await sent(base, exchange)
    server.close()

    told("order request → its first line has arrived (aim p50 3 ms)", whole)
    told("the same request, signed before: the HTTP client alone", floor)
    told("the adapter alone, without sockets", alone)


async def placed(settings: VenueSettings, exchange: Exchange, transport: DirectTransport | None) -> list[float]:
    """Seconds from each order to its arrival, the first ones left out."""
    venue = await connect(settings, clock=SystemClock(), chance=lambda: 0.0, transport=transport)
    times_s: list[float] = []
    for number in range(ORDERS):
        begun_s = time.perf_counter()
        await venue.place(request(number))
        times_s.append(exchange.arrived_s[-1] - begun_s)
    await venue.close()
    return times_s[WARM:]


async def sent(base: str, exchange: Exchange) -> list[float]:
    """The same for a request that is ready."""
    transport = SocketTransport()
    ready = HttpRequest("POST", f"{base}/api/v3/order", {"X-MBX-APIKEY": "demo"}, "symbol=BTCUSDT&signature=0")
    times_s: list[float] = []
    for _ in range(ORDERS):
        begun_s = time.perf_counter()
        await transport.send(ready, deadline_s=5)
        times_s.append(exchange.arrived_s[-1] - begun_s)
    await transport.close()
    return times_s[WARM:]


if __name__ == "__main__":
    asyncio.run(main(1 if "--quick" in sys.argv else ROUNDS))
