"""Kraken spot, as the desk's venue."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.venue import (
    KeyFault,
    KeyRights,
    OrderRequest,
    Report,
    VenueAccount,
    VenueFill,
    VenueOrder,
    VenueRefused,
    WalletPayment,
)
from quorate.venues.ccxt import answers, kraken_answers, kraken_errors
from quorate.venues.ccxt.answers import step_text
from quorate.venues.ccxt.budget import Rate
from quorate.venues.ccxt.client import Endpoint, Manners, VenueClient
from quorate.venues.ccxt.kraken_orders import KrakenOrders
from quorate.venues.ccxt.kraken_stream import ADDRESS, KrakenDialect
from quorate.venues.ccxt.listing import Listing, Quote, Trading, market_of
from quorate.venues.ccxt.memory import Quarantine, Tags
from quorate.venues.ccxt.outcomes import Errand
from quorate.venues.ccxt.shelf import Shelf
from quorate.venues.ccxt.stream import Dial, PrivateStream
from quorate.venues.ccxt.transport import HttpAnswer, Transport

if TYPE_CHECKING:
    from quorate.desk.ports import Clock
    from quorate.venues.ccxt.settings import VenueSettings

TAG_SPACE = uuid.UUID("0b7d9d3e-6c57-5f0a-8e43-1f1e5b1f9a52")
"""Kraken takes UUIDs, or texts too short for our client order ids: a UUID is derived from each."""
VISIBLE_MS = 10_000
"""How long after it was taken an order may be missing from Kraken's answers; its deadline is in whole seconds."""
TIME = Endpoint("publicGetTime", cost=0, signed=False)
STATUS = Endpoint("publicGetSystemStatus", cost=0, signed=False)
TICKER = Endpoint("publicGetTicker", cost=0, signed=False)
BALANCES = Endpoint("privatePostBalanceEx", cost=1)
ASSETS = Endpoint("publicGetAssets", cost=0, signed=False)
DEAD_MAN = Endpoint("privatePostCancelAllOrdersAfter", cost=1)
WITHDRAW_INFO = Endpoint("privatePostWithdrawInfo", cost=1)
VALIDATE = Endpoint("privatePostAddOrder", cost=0)
REQUESTS = {"starter": Rate(15, 0.33), "intermediate": Rate(20, 0.5), "pro": Rate(20, 1.0)}
ORDERS = {"starter": Rate(60, 1.0), "intermediate": Rate(125, 2.34), "pro": Rate(180, 3.75)}
"""By the account's tier: the counter of calls and how it falls, and that of orders."""
DENIED = "Permission denied"
PROBE_PAIR = "BTC/USD"


def tag_of(client_id: str) -> str:
    """The form in which Kraken gets a client order id: it takes UUIDs."""
    return str(uuid.uuid5(TAG_SPACE, client_id))


class Kraken:
    """One account at Kraken. Make one with `venues.ccxt.connect`."""

    has_dead_man = True
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
        if settings.kraken_tier not in REQUESTS:
            raise BadInput(f"Kraken has no tier {settings.kraken_tier}.", hint=f"Take one of {', '.join(REQUESTS)}.")
        self._client = client = VenueClient(settings, _manners(settings), module, clock=clock, transport=transport)
        tags = Tags()
        self._shelf = Shelf(client, kraken_answers.listing, ("spot",), kraken_answers.names)
        self._orders = KrakenOrders(client, self._shelf, tags)
        self._known_units: tuple[tuple[str, Decimal], ...] = ()
        self.quarantine = Quarantine(client.name)
        dialect = KrakenDialect(
            client,
            self._orders,
            self._shelf,
            tags,
            address=settings.address("api", "ws", "privateV2") or ADDRESS,
            quarantine=self.quarantine,
            asset_of=self._asset,
        )
        self._stream = PrivateStream(dialect, dial, quarantine=self.quarantine, chance=chance)

    def _asset(self, name: str) -> str:
        return str(self._client.ccxt.safe_currency_code(name))

    @property
    def name(self) -> str:
        """As the port says."""
        return self._client.name

    @property
    def settles_ms(self) -> int:
        """As the port says: Kraken's engine takes nothing after the deadline, and shows it soon after."""
        return self._client.settings.window_ms + VISIBLE_MS

    def tag(self, client_id: str) -> str:
        """As the port says: a UUID that follows from the client order id."""
        return tag_of(client_id)

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

    async def payments(self, *, since_ms: int) -> tuple[WalletPayment, ...]:
        """As the port says: coins bear no funding."""
        del since_ms
        return ()

    async def account(self) -> VenueAccount:
        """As the port says: balances are kept in the units of the list of assets, executions told finer."""
        what = "tell the account"
        await self._client.markets()
        units = await self._units()
        told = await self._client.ask(BALANCES, {}, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            balances = [
                kraken_answers.balance(self._asset(name), answers.table(row))
                for name, row in kraken_answers.result(told).items()
            ]
        return VenueAccount(
            at_ms=self._client.time.now_ms(),
            balances=tuple(sorted((each for each in balances if each.total), key=lambda each: each.asset)),
            units=units,
        )

    async def _units(self) -> tuple[tuple[str, Decimal], ...]:
        """The smallest unit of every asset, by our name of it; asked for once."""
        if not self._known_units:
            what = "tell in which units it keeps assets"
            told = await self._client.ask(ASSETS, {}, what=what, errand=Errand.QUESTION)
            with self._client.reading(Errand.QUESTION, what):
                self._known_units = tuple(
                    (self._asset(name), kraken_answers.unit(answers.table(row)))
                    for name, row in sorted(kraken_answers.result(told).items())
                )
        return self._known_units

    async def keep_alive(self, seconds: int) -> None:
        """As the port says."""
        await self._client.ask(DEAD_MAN, {"timeout": str(seconds)}, what="keep orders alive", errand=Errand.UPKEEP)

    async def listings(self) -> tuple[Listing, ...]:
        """Every market that can be read, as told now, sorted by pair. Errors: those of every call.

        A lot is no finer than the unit in which the coin is kept: what is bought finer than that cannot be sold again.
        """
        await self._client.markets(fresh=True)
        units = dict(await self._units())
        read = (self._readable(market) for _, market in sorted(self._shelf.ours().items()))
        return tuple(
            replace(listing, lot=max(listing.lot, units.get(listing.pair.partition("/")[0], listing.lot)))
            for listing in read
            if listing is not None
        )

    def _readable(self, market: Mapping[str, Any]) -> Listing | None:
        try:
            return kraken_answers.listing(market["symbol"], market["info"])
        except answers.Malformed as error:
            self.quarantine.add(str(error), str(market["symbol"]))
            return None

    async def markets(self, pairs: Collection[str]) -> tuple[Market, ...]:
        """These markets with nothing estimated, sorted by pair: steps as told, spreads as quoted now.

        Errors: BadInput for a pair that is not listed or has no quote; those of every call.
        """
        listings = {each.pair: each for each in await self.listings()}
        missing = sorted(set(pairs) - listings.keys())
        if missing:
            raise BadInput(f"{self.name} lists no {missing[0]}.", hint="Check its name, or whether it was delisted.")
        quotes = await self._quotes([listings[pair].symbol for pair in sorted(pairs)])
        return tuple(_market(self.name, listings[pair], quotes.get(pair)) for pair in sorted(pairs))

    async def quotes(self, pairs: Collection[str]) -> Mapping[str, Quote]:
        """Best bid and ask of those of these markets that have both. Errors: VenueRefused; those of every call."""
        symbols = [await self._shelf.symbol(pair, Errand.QUESTION) for pair in pairs]
        return {pair: quote for pair, quote in (await self._quotes(symbols)).items() if quote is not None}

    async def _quotes(self, names: Collection[str]) -> Mapping[str, Quote | None]:
        symbols = ",".join(names)
        what = "quote its markets"
        told = await self._client.ask(TICKER, {"pair": symbols}, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            return {
                self._shelf.pairs.get(name, name): kraken_answers.quote(answers.table(row))
                for name, row in kraken_answers.result(told).items()
            }

    async def rights(self) -> KeyRights:
        """What the key may do, by what Kraken answers to questions that need a right: nothing comes of either.

        Errors: KeyFault for a key that is not accepted at all; those of every call.
        """
        await self.account()
        return KeyRights(
            trade=await self._may_trade(),
            withdraw=await self._may_withdraw(),
            ip_bound=None,
            words=("Kraken does not say whether a key is bound to addresses.",),
        )

    async def _may_withdraw(self) -> bool | None:
        words = {"asset": "XBT", "key": "quorate", "amount": "0.001"}
        try:
            await self._client.ask(WITHDRAW_INFO, words, what="tell of withdrawals", errand=Errand.QUESTION)
        except KeyFault as error:
            return None if DENIED not in error.message else False
        except VenueRefused as error:
            return True if error.code_there.startswith("EFunding:") else None
        return True

    async def _may_trade(self) -> bool | None:
        """Whether an order would be looked at: one that is only validated, at the lowest price there is."""
        listing = await self._shelf.listing((*self._client.settings.pairs, PROBE_PAIR)[0])
        words = {
            "pair": listing.symbol,
            "type": "buy",
            "ordertype": "limit",
            "price": step_text(listing.tick, listing.tick),
            "volume": step_text(max(listing.min_quantity, listing.lot), listing.lot),
            "oflags": "fciq,post",
            "validate": "true",
        }
        try:
            await self._client.ask(VALIDATE, words, what="validate an order", errand=Errand.QUESTION)
        except KeyFault as error:
            return None if DENIED not in error.message else False
        except VenueRefused as error:
            return True if error.code_there.startswith("EOrder:") else None
        return True

    async def condition(self) -> Trading:
        """What the whole venue takes now. Errors: those of every call."""
        what = "tell its state"
        told = await self._client.ask(STATUS, {}, what=what, errand=Errand.QUESTION)
        with self._client.reading(Errand.QUESTION, what):
            return kraken_answers.TRADING.get(answers.text(kraken_answers.result(told), "status"), Trading.CLOSED)

    async def measure_time(self) -> int:
        """Ask for the venue's time. Gives how far this machine's clock is ahead, in ms. Errors: VenueUnreachable."""
        return await self._client.measure_time()


def _market(venue: str, listing: Listing, quote: Quote | None) -> Market:
    if quote is None:
        raise BadInput(f"{venue} has no bid or no ask for {listing.pair}.", hint="Such a market is not traded.")
    return market_of(listing, quote)


def _manners(settings: VenueSettings) -> Manners:
    def judge(answer: HttpAnswer, body: object, now_ms: int) -> Any:
        return kraken_errors.judge(answer, body, now_ms=now_ms)

    return Manners(
        name="Kraken",
        judge=judge,
        time=TIME,
        read_time=lambda told: answers.whole(kraken_answers.result(told), "unixtime") * 1000,
        time_step_ms=1000,
        requests=REQUESTS[settings.kraken_tier],
        orders=ORDERS[settings.kraken_tier],
        numbered=True,
        used=lambda _answer: (None, None),
    )
