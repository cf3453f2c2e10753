"""Trades and positions of perpetuals as the API tells them: leverage, liquidation price, funding."""

from dataclasses import replace
from decimal import Decimal as D

from quorate.api.schemas.trading import Portfolios, Trades
from quorate.domain import events as e
from quorate.domain.votes import Side
from tests.journal import samples


def closed(name: str, **changes: object) -> e.TradeClosed:
    trade = samples.trade(name).trade
    return e.TradeClosed(replace(trade, **changes))  # pyright: ignore[reportArgumentType]


async def test_a_trade_tells_its_funding_and_its_leverage(api, desk):
    changes = {"funding": D("-0.01234567"), "leverage": D(3), "reason": "liquidation", "pnl": D("-33.34")}
    await desk.write([samples.intended(), samples.filled(), samples.position(), closed("t1", **changes)])
    (trade,) = Trades.model_validate((await api.get("/api/trades")).json()).trades
    assert (trade.id, trade.funding, trade.leverage, trade.reason) == ("t1", "-0.01234567", "3", "liquidation")


async def test_pages_of_trades_follow_each_other_and_can_be_narrowed_to_a_book_or_a_pair(api, desk):
    for number in range(5):
        book = "aggressive" if number % 2 else "conservative"
        held = samples.position()
        at = replace(held.position, portfolio=book)
        await desk.write([e.PositionChanged(at, "opened", samples.START_MS), closed(f"t{number}", portfolio=book)])
    seen, before = [], None
    while True:
        params = {"limit": 2, **({"before": before} if before else {})}
        page = Trades.model_validate((await api.get("/api/trades", params=params)).json())
        seen += [trade.id for trade in page.trades]
        before = page.next
        if before is None:
            break
    assert seen == ["t4", "t3", "t2", "t1", "t0"]

    async def ids(**params):
        return [trade["id"] for trade in (await api.get("/api/trades", params=params)).json()["trades"]]

    assert await ids(portfolio="aggressive") == ["t3", "t1"]
    assert await ids(pair="ETH/USDT") == []
    assert (await api.get("/api/trades", params={"limit": 0})).status_code == 422


async def test_a_position_tells_its_leverage_its_liquidation_price_and_its_funding(api, desk):
    held = samples.position().position
    short = replace(held, side=Side.SHORT, leverage=D(3), liquidation=D("132.04"), funding=D("0.5"))
    plain = replace(held, portfolio="conservative")
    for position in (short, plain):
        await desk.write([e.PositionChanged(position, "opened", samples.START_MS)])
    books = Portfolios.model_validate((await api.get("/v1/portfolios")).json()).portfolios
    told = {book.name: book.positions[0] for book in books if book.positions}
    assert (told["aggressive"].leverage, told["aggressive"].liquidation, told["aggressive"].funding) == (
        "3",
        "132.04",
        "0.5",
    )
    assert (told["conservative"].leverage, told["conservative"].liquidation) == ("1", None)
