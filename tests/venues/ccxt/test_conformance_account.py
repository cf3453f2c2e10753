"""V34 to V41 of the conformance spec: the account, its markets, its key."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quorate.domain.errors import BadInput, QuorateError
from quorate.domain.orders import OrderKind
from quorate.domain.votes import Action
from quorate.exchange import Trading
from quorate.venues.ccxt.listing import changes
from tests.venues.ccxt.hearing import fills
from tests.venues.ccxt.houses import House
from tests.venues.ccxt.lines import Fault

BUY, SELL = Action.BUY, Action.SELL


async def test_v34_the_account_tells_what_is_there_and_what_orders_hold(house: House) -> None:
    await house.venue.place(house.request(OrderKind.LIMIT, SELL, "2.5", "105"))
    account = await house.venue.account()
    if house.perpetual:
        (position,) = account.positions
        assert (position.pair, position.quantity, position.entry) == (house.pair, 10, 100)
        cash = account.balance(house.quote_asset)
        assert (cash.total, cash.held) == (1_000_000, 10 * 100 / Decimal(5)), "closing part of it takes no margin"
    else:
        assert account.positions == ()
        assert account.balance(house.base).total == 10
        assert account.balance(house.base).held == Decimal("2.5")
        assert account.balance(house.base).free == Decimal("7.5")
    assert account.balance("NOTHING").total == 0
    assert abs(account.at_ms - house.now_ms()) < 5_000
    assert [each.asset for each in account.balances] == sorted(each.asset for each in account.balances)


async def test_v35_markets_are_told_with_nothing_estimated(house: House) -> None:
    (market,) = await house.venue.markets([house.pair])
    assert market.estimated == ()
    assert (market.pair, market.tick, market.lot) == (house.pair, Decimal("0.01"), house.lot)
    assert market.min_notional > 0
    assert market.spread_ppm == 10_000, "99.5 to 100.5"
    with pytest.raises(BadInput):
        await house.venue.markets(["NOTHING/USD"])


async def test_v36_f28_a_step_that_changes_and_a_market_that_closes_are_seen(house: House) -> None:
    before = await house.venue.listings()
    house.coarser()
    house.halt(Trading.CANCEL_ONLY)
    told = changes(before, await house.venue.listings())
    assert {each.pair for each in told} == {house.pair}
    assert "trading" in {each.what for each in told}
    assert {each.what for each in told} >= house.coarser_changes


async def test_v37_a_key_proves_that_it_trades_and_cannot_withdraw(house: House) -> None:
    rights = await house.venue.rights()
    assert rights.trade is True
    assert rights.withdraw in (False, None)
    house.key_may_withdraw()
    assert (await house.venue.rights()).withdraw in (True, None)
    assert house.orders() == [], "asking places nothing"


async def test_v38_c19_the_dead_mans_switch_is_wound_up_and_off(house: House) -> None:
    if not house.venue.has_dead_man:
        await house.venue.keep_alive(60)
        assert house.line.sent == []
        return
    await house.rest()
    await house.venue.keep_alive(60)
    await house.venue.keep_alive(0)
    house.exchange_clock.ahead_ms += 61_000
    assert len(await house.venue.open_orders()) == 1
    await house.venue.keep_alive(30)
    house.exchange_clock.ahead_ms += 31_000
    assert await house.venue.open_orders() == ()


async def test_v39_i7_no_error_and_no_picture_of_anything_shows_the_secret(house: House) -> None:
    secret, key = "c2VjcmV0LXNlY3JldA==", "the-key-itself"
    venue = await house.again(secret=secret, key=key)
    shown = [
        repr(venue),
        repr(house.settings),
        str(vars(house.settings) if hasattr(house.settings, "__dict__") else ""),
    ]
    for act in (venue.account, venue.open_orders, venue.cancel_all):
        with pytest.raises(QuorateError) as error:
            await act()
        shown += [str(error.value), repr(error.value), repr(error.value.__cause__)]
    house.line.next(house.words["place"], Fault.FAIL_AFTER)
    with pytest.raises(QuorateError) as error:
        await venue.place(house.request(OrderKind.LIMIT, BUY, "1", "95"))
    shown += [str(error.value), repr(error.value.__cause__)]
    assert not any(secret in text or key in text for text in shown)


async def test_v40_executions_are_told_oldest_first_and_only_since(house: House) -> None:
    for quantity in ("0.1", "0.2", "0.3"):
        await house.venue.place(house.request(OrderKind.MARKET, BUY, quantity))
    told = await fills(house)
    assert [fill.quantity for fill in told] == [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]
    assert len({fill.trade_id for fill in told}) == 3
    assert await house.venue.fills(house.pair, since_ms=house.now_ms() + 60_000) == ()


async def test_v41_a_wallet_of_contracts_moves_by_what_executions_gain_and_the_venue_pays_to_the_last_unit(
    house: House,
) -> None:
    begin_ms = house.now_ms()
    if not house.perpetual:
        await house.venue.place(house.request(OrderKind.MARKET, SELL, "1"))
        assert [fill.gained for fill in await fills(house)] == [None]
        assert await house.venue.payments(since_ms=begin_ms) == ()
        return
    before = (await house.venue.account()).balance(house.quote_asset).total
    for action, quantity in ((SELL, "4"), (BUY, "1"), (SELL, "7")):
        await house.venue.place(house.request(OrderKind.MARKET, action, quantity))
    house.engine.fund(house.symbol, 100_000, at_ms=house.now_ms())
    await house.venue.place(house.request(OrderKind.MARKET, BUY, "2"))
    house.engine.fund(house.symbol, -30_000, at_ms=house.now_ms())
    executed, paid = await fills(house), await house.venue.payments(since_ms=begin_ms)
    assert [(each.kind, each.pair, each.asset) for each in paid] == [("funding", house.pair, house.quote_asset)] * 2
    assert len({each.payment_id for each in paid}) == 2
    assert paid[0].amount < 0 < paid[1].amount, "a long position pays a positive rate"
    gained = sum((fill.gained or Decimal(0)) - fill.fee for fill in executed)
    after = (await house.venue.account()).balance(house.quote_asset).total
    assert after - before == gained + paid[0].amount + paid[1].amount
    assert await house.venue.payments(since_ms=house.now_ms() + 60_000) == ()
