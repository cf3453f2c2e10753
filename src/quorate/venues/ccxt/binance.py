"""Binance, spot and perpetuals settled in dollars, as the desk's venue."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.venue import (
    KeyRights,
    OrderRequest,
    Report,
    VenueAccount,
    VenueFault,
    VenueFill,
    VenueOrder,
    VenueRefused,
    VenueUnreachable,
    WalletPayment,
)
from quorate.venues.ccxt import answers, binance_answers, binance_errors
from quorate.venues.ccxt.binance_orders import BinanceOrders
from quorate.venues.ccxt.binance_product import DAY_MS, DELISTED, PERPETUALS, RESTRICTIONS, SPOT, SYSTEM_STATUS, Product
from quorate.venues.ccxt.binance_stream import (
    PERPETUAL_ADDRESS,
    PERPETUAL_SANDBOX,
    SPOT_ADDRESS,
    SPOT_SANDBOX,
    PerpetualDialect,
    SpotDialect,
    Words,
)
from quorate.venues.ccxt.client import Endpoint, Manners, VenueClient
from quorate.venues.ccxt.listing import Listing, Quote, Trading, market_of
from quorate.venues.ccxt.memory import Quarantine, Tags
from quorate.venues.ccxt.outcomes import Errand
from quorate.venues.ccxt.shelf import Shelf
from quorate.venues.ccxt.stream import Dial, Dialect, PrivateStream
from quorate.venues.ccxt.transport import HttpAnswer, Transport

if TYPE_CHECKING:
    from quorate.desk.ports import Clock
    from quorate.venues.ccxt.settings import VenueSettings

TAGS = re.compile(r"^[.A-Z:/a-z0-9_-]{1,36}$")
"""What Binance takes as a client order id."""
TAG_SPACE = uuid.UUID("7d0dd8f0-6a0f-5be0-9c0a-2f6a4e1f3c55")
USED_WEIGHT, USED_ORDERS = "x-mbx-used-weight-1m", "x-mbx-order-count-10s"
VISIBLE_MS = 5_000
"""How long after it was taken an order may be missing from Binance's answers."""
INCOME_PAGE, INCOME_PAGES_MAX = 1_000, 100
INCOME_KEPT_MS = 80 * DAY_MS
"""Binance keeps income for three months, and refuses to look further back."""
LISTED_NAMES = {"binance": SPOT, "binanceusdm": PERPETUALS}


class Binance:
    """One account at Binance. Make one with `venues.ccxt.connect`."""

    has_dead_man: bool
    keeps_stops = True

    def __init__(
        self,
        settings: VenueSettings,
        module: Any,
        *,
        clock: Clock,
        transport: Transport | None,
        dial: Dial,
        chance: Callable[[], float],
    ) -> None:
        self._product = product = LISTED_NAMES[settings.exchange]
        self._client = client = VenueClient(settings, _manners(product), module, clock=clock, transport=transport)
        client.ccxt.options["fetchMarkets"] = {"types": ["linear" if product.derivatives else "spot"]}
        tags = Tags()
        self._shelf = Shelf(client, binance_answers.listing, product.classes, lambda market: (str(market["id"]),))
        self._orders = BinanceOrders(client, product, self._shelf, tags)
        self.quarantine = Quarantine(product.name)
        self.has_dead_man = product.countdown is not None
        self._known_one_way = False
        words = Words(
            pairs=lambda: self._shelf.pairs,
            quotes=lambda: self._shelf.quotes,
            tags=tags,
            quarantine=self.quarantine,
            now_ms=client.time.now_ms,
        )
        self._stream = PrivateStream(self._dialect(words), dial, quarantine=self.quarantine, chance=chance)

    def _dialect(self, words: Words) -> Dialect:
        settings, product = self._client.settings, self._product
        path = ("api", "ws", "linear") if product.derivatives else ("api", "ws", "ws-api", "spot")
        address = settings.address(*path)
        if product.listen is None or product.listen_again is None:
            return SpotDialect(self._client, words, address or (SPOT_SANDBOX if settings.sandbox else SPOT_ADDRESS))
        return PerpetualDialect(
            self._client,
            words,
            address or (PERPETUAL_SANDBOX if settings.sandbox else PERPETUAL_ADDRESS),
            begin=product.listen,
            renew=product.listen_again,
        )

    @property
    def name(self) -> str:
        """As the port says."""
        return self._product.name

    @property
    def settles_ms(self) -> int:
        """As the port says: Binance takes nothing that comes later than the window, and shows it soon after."""
        return self._client.settings.window_ms + VISIBLE_MS

    def tag(self, client_id: str) -> str:
        """As the port says: the client order id itself, where Binance takes it."""
        return client_id if TAGS.match(client_id) else str(uuid.uuid5(TAG_SPACE, client_id))

    async def place(self, request: OrderRequest) -> VenueOrder:
        """As the port says."""
        return await self._orders.place(request)

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        """As the port says."""
        await self._orders.cancel(tag=tag, venue_id=venue_id, pair=pair)

    async def cancel_all(self) -> None:
        """As the port says."""
        await self._orders.cancel_all()

    async def find(self, *, tag: str, pair: str, since_ms: int) -> VenueOrder | None:
        """As the port says."""
        return await self._orders.find(tag=tag, pair=pair, since_ms=since_ms)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """As the port says."""
        return await self._orders.open_orders()

    async def fills(self, pair: str, *, since_ms: int) -> tuple[VenueFill, ...]:
        """As the port says."""
        return await self._orders.fills(pair, since_ms=since_ms)

    def reports(self) -> AsyncIterator[Report]:
        """As the port says."""
        return self._stream.reports()

    async def close(self) -> None:
        """As the port says."""
        await self._client.close()

    async def account(self) -> VenueAccount:
        """As the port says. On perpetuals, errors also: VenueRefused where long and short are kept apart."""
        what = "tell the account"
        if self._product.positions is None:
            told = await self._client.ask(
                self._product.account, {"omitZeroBalances": "true"}, what=what, errand=Errand.QUESTION
            )
            with self._client.reading(Errand.QUESTION, what):
                balances = [binance_answers.balance(row) for row in answers.rows(answers.table(told).get("balances"))]
            return _account(balances, (), self._client.time.now_ms())
        await self._client.markets()
        await self._one_way()
        told = await self._client.ask(self._product.account, {}, what=what, errand=Errand.QUESTION)
        held = await self._client.ask(self._product.positions, {}, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            balances = [binance_answers.margin_balance(row) for row in answers.rows(answers.table(told).get("assets"))]
            positions = [binance_answers.position(row, self._shelf.pairs) for row in answers.rows(held)]
        return _account(balances, [each for each in positions if each], self._client.time.now_ms())

    async def payments(self, *, since_ms: int) -> tuple[WalletPayment, ...]:
        """As the port says. Errors also: VenueUnreachable where there are more than can be read."""
        income = self._product.income
        if income is None:
            return ()
        await self._client.markets()
        begin_ms = max(since_ms, self._client.time.now_ms() - INCOME_KEPT_MS)
        found = [
            payment
            for kind in binance_answers.PAYMENTS
            for payment in await self._income(income, {"incomeType": kind, "startTime": begin_ms})
        ]
        return tuple(sorted(found, key=lambda each: each.at_ms))

    async def _income(self, income: Endpoint, words: Mapping[str, object]) -> list[WalletPayment]:
        what = "list what moved its wallet"
        found: list[WalletPayment] = []
        for page in range(1, INCOME_PAGES_MAX + 1):
            wanted = {**words, "limit": INCOME_PAGE, "page": page}
            told = await self._client.ask(income, wanted, what=what, errand=Errand.QUESTION)
            with self._client.reading(Errand.QUESTION, what):
                rows = answers.rows(told)
                read = [binance_answers.payment(row, self._shelf.pairs) for row in rows]
            found += [each for each in read if each is not None]
            if len(rows) < INCOME_PAGE:
                return found
        raise VenueUnreachable(f"{self.name} has more than {INCOME_PAGE * INCOME_PAGES_MAX:,} rows to {what}.", hint="")

    async def _one_way(self) -> None:
        """Long and short positions kept apart cannot be told as one: the desk does not trade such an account."""
        if self._product.both_ways is None or self._known_one_way:
            return
        what = "tell how it keeps positions"
        told = await self._client.ask(self._product.both_ways, {}, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            if answers.flag(answers.table(told), "dualSidePosition") is not False:
                raise VenueRefused(
                    f"The account at {self.name} keeps long and short positions apart.",
                    code_there="dualSidePosition",
                    hint="Switch it to one-way mode at the venue.",
                )
        self._known_one_way = True

    async def keep_alive(self, seconds: int) -> None:
        """As the port says: on perpetuals, for each of the desk's pairs; on spot there is none."""
        countdown = self._product.countdown
        if countdown is None:
            return
        symbols = [await self._shelf.symbol(pair, Errand.UPKEEP) for pair in self._client.settings.pairs]
        await asyncio.gather(
            *(
                self._client.ask(
                    countdown,
                    {"symbol": symbol, "countdownTime": seconds * 1000},
                    what=f"keep orders on {symbol} alive",
                    errand=Errand.UPKEEP,
                )
                for symbol in symbols
            )
        )

    async def listings(self) -> tuple[Listing, ...]:
        """Every market that can be read, as told now, sorted by pair. Errors: those of every call."""
        await self._client.markets(fresh=True)
        ends = dict[str, int]() if self._product.derivatives else await self._ends()
        read = (self._readable(market) for _, market in sorted(self._shelf.ours().items()))
        return tuple(
            replace(listing, ends_ms=ends.get(listing.symbol, listing.ends_ms))
            for listing in read
            if listing is not None
        )

    async def _ends(self) -> dict[str, int]:
        """When spot markets end, by symbol, as announced; a test network announces nothing."""
        what = "tell which markets will end"
        try:
            told = await self._client.ask(DELISTED, {}, what=what, errand=Errand.QUESTION)
            with self._client.reading(Errand.QUESTION, what):
                return binance_answers.ends(told)
        except VenueFault:
            return {}

    def _readable(self, market: Mapping[str, Any]) -> Listing | None:
        try:
            return binance_answers.listing(market["symbol"], market["info"])
        except answers.Malformed as error:
            self.quarantine.add(str(error), str(market["symbol"]))
            return None

    async def markets(self, pairs: Collection[str]) -> tuple[Market, ...]:
        """These markets with nothing estimated, sorted by pair: steps as told, spreads as quoted now.

        Errors: BadInput for a pair that is not listed or has no quote; those of every call.
        """
        listings = {each.pair: each for each in await self.listings()}
        quotes = await self._quotes({listings[pair].symbol: pair for pair in pairs if pair in listings})
        return tuple(_market(self.name, pair, listings.get(pair), quotes.get(pair)) for pair in sorted(pairs))

    async def quotes(self, pairs: Collection[str]) -> Mapping[str, Quote]:
        """Best bid and ask of those of these markets that have both. Errors: VenueRefused; those of every call."""
        symbols = {await self._shelf.symbol(pair, Errand.QUESTION): pair for pair in pairs}
        return {pair: quote for pair, quote in (await self._quotes(symbols)).items() if quote is not None}

    async def _quotes(self, symbols: Mapping[str, str]) -> Mapping[str, Quote | None]:
        told = await self._client.ask(self._product.quotes, {}, what="quote its markets", errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, "quote its markets"):
            rows = {answers.text(row, "symbol"): row for row in answers.rows(told)}
            return {pair: binance_answers.quote(rows[symbol]) for symbol, pair in symbols.items() if symbol in rows}

    async def rights(self) -> KeyRights:
        """What the key may do, by the venue's own list of its rights. Errors: those of every call.

        A test network, and an exchange on this machine, may not have that list: then only trading is known.
        """
        what = "tell what the key may do"
        try:
            told = await self._client.ask(RESTRICTIONS, {}, what=what, errand=Errand.QUESTION)
            with self._client.reading(Errand.QUESTION, what):
                row = answers.table(told)
        except VenueFault as error:
            return await self._rights_of_account(error)
        trade = answers.flag(row, "enableFutures" if self._product.derivatives else "enableSpotAndMarginTrading")
        return KeyRights(
            trade=trade,
            withdraw=answers.flag(row, "enableWithdrawals"),
            ip_bound=answers.flag(row, "ipRestrict"),
            words=tuple(sorted(name for name, value in row.items() if value is True)),
        )

    async def _rights_of_account(self, refused: VenueFault) -> KeyRights:
        told = await self._client.ask(
            self._product.account, {}, what="tell what the account may do", errand=Errand.QUESTION
        )
        return KeyRights(
            trade=answers.flag(answers.table(told), "canTrade"), withdraw=None, ip_bound=None, words=(refused.message,)
        )

    async def condition(self) -> Trading:
        """What the whole venue takes now. Errors: those of every call, VenueRefused where it does not say."""
        what = "tell its state"
        told = await self._client.ask(SYSTEM_STATUS, {}, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            return Trading.OPEN if answers.whole(answers.table(told), "status") == 0 else Trading.CLOSED

    async def measure_time(self) -> int:
        """Ask for the venue's time. Gives how far this machine's clock is ahead, in ms. Errors: VenueUnreachable."""
        return await self._client.measure_time()


def _market(venue: str, pair: str, listing: Listing | None, quote: Quote | None) -> Market:
    if listing is None:
        raise BadInput(f"{venue} lists no {pair}.", hint="Check its name, or whether it was delisted.")
    if quote is None:
        raise BadInput(f"{venue} has no bid or no ask for {pair}.", hint="A market without both is not traded.")
    return market_of(listing, quote)


def _account(balances: Collection[Any], positions: Collection[Any], at_ms: int) -> VenueAccount:
    return VenueAccount(
        at_ms=at_ms,
        balances=tuple(sorted((each for each in balances if each.total), key=lambda each: each.asset)),
        positions=tuple(sorted(positions, key=lambda each: each.pair)),
    )


def _manners(product: Product) -> Manners:
    def judge(answer: HttpAnswer, body: object, now_ms: int) -> Any:
        return binance_errors.judge(answer, body, now_ms=now_ms, derivatives=product.derivatives)

    def used(answer: HttpAnswer) -> tuple[float | None, float | None]:
        weight, orders = (answer.headers.get(name, "") for name in (USED_WEIGHT, USED_ORDERS))
        return float(weight) if weight.isdigit() else None, float(orders) if orders.isdigit() else None

    return Manners(
        name=product.name,
        judge=judge,
        time=product.time,
        read_time=lambda told: answers.whole(answers.table(told), "serverTime"),
        time_step_ms=1,
        requests=product.requests,
        orders=product.orders,
        numbered=False,
        used=used,
    )
