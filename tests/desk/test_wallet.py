"""Wallets of perpetuals: what executions gain, what the venue settles by itself, and what nothing explains."""

from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.desk import hearing, reckoning, wallet
from quorate.desk.reckoning import Difference
from quorate.domain import events as ev
from quorate.domain.orders import Purpose
from quorate.domain.venue import Balance, PaymentKind, VenueAccount, VenuePosition, WalletPayment
from quorate.domain.votes import Action
from tests.desk.at_a_venue import LiveBench, fill
from tests.desk.desks import BTC, ETH, of_kind
from tests.desk.test_hearing import PERP, PERP_POLICY

CASH = Decimal(10_000)


@pytest.fixture
def bench() -> LiveBench:
    bench = LiveBench(PERP, PERP_POLICY)
    bench.hold()
    return bench


def paid(amount: str, payment_id: str = "1", *, after_ms: int = 60_000, **more: object) -> WalletPayment:
    payment = WalletPayment(
        payment_id=payment_id, kind=PaymentKind.FUNDING, pair=BTC.pair, asset="USDT", amount=Decimal(amount), at_ms=0
    )
    return replace(payment, **{"at_ms": after_ms, **more})  # pyright: ignore[reportArgumentType]


def hear(bench: LiveBench, *payments: WalletPayment) -> None:
    moved = [replace(each, at_ms=bench.now_ms + each.at_ms) for each in payments]
    bench.act(lambda turn: wallet.hear_payments(turn, moved))


def differences(bench: LiveBench, cash: Decimal) -> tuple[Difference, ...]:
    held = bench.state.positions.get(BTC.pair, {})
    there = [VenuePosition(pair=BTC.pair, quantity=each.quantity, entry=each.entry, liquidation=None)
             for each in held.values()]  # fmt: skip
    balances = (Balance("USDT", cash, Decimal(0)),)
    account = VenueAccount(at_ms=0, balances=balances, positions=tuple(there))
    found = bench.act(lambda turn: reckoning.differences(turn, account))
    assert found is not None, "no outcome is in doubt"
    return found


def test_funding_moves_the_wallet_the_books_and_the_trade_once(bench: LiveBench) -> None:
    before = bench.state.portfolios["live"].cash
    payment = replace(paid("-1.25"), at_ms=bench.now_ms + 60_000)
    for _ in range(2):
        bench.act(lambda turn: wallet.hear_payments(turn, (payment, payment)))
    position = bench.state.positions[BTC.pair]["live"]
    assert (position.funding, bench.state.portfolios["live"].cash) == (Decimal("-1.25"), before - Decimal("1.25"))
    assert not differences(bench, CASH - Decimal("1.25"))
    (missed,) = differences(bench, CASH)
    assert (missed.subject, missed.expected) == ("USDT", CASH - Decimal("1.25"))


def test_what_an_execution_gains_is_the_venues_figure_and_the_fee_comes_off_it(bench: LiveBench) -> None:
    stop = bench.order(Purpose.STOP)
    told = replace(fill(stop, "2", price="95", fee="0.5"), gained=Decimal("-50.00000001"))
    bench.hear(told)
    assert not differences(bench, CASH - Decimal("50.50000001")), "to the venue's own rounding"


def test_a_payment_from_before_the_balances_were_taken_is_in_them(bench: LiveBench) -> None:
    bench.act(lambda turn: wallet.hear_payments(turn, (paid("-3", after_ms=bench.state.venue_ms),)))
    assert not of_kind(bench.events, ev.VenuePaid)


def test_a_payment_on_a_pair_that_was_never_ours_moves_the_wallet_alone(bench: LiveBench) -> None:
    before = bench.state.portfolios["live"].cash
    hear(bench, paid("2", pair=ETH.pair), paid("3", "2", pair="XRP/USDT:USDT"), paid("0.1", "3", asset="BNB"))
    assert bench.state.portfolios["live"].cash == before
    assert {event.portfolio for event in of_kind(bench.events, ev.VenuePaid)} == {""}
    assert [each.subject for each in differences(bench, CASH + 5)] == ["BNB"], "and USDT agrees"


def test_what_comes_after_the_position_has_gone_still_reaches_its_portfolio(bench: LiveBench) -> None:
    stop = bench.order(Purpose.STOP)
    bench.hear(replace(fill(stop, "2", price="95"), gained=Decimal(-50)))
    before = bench.state.portfolios["live"].cash
    hear(bench, paid("-1"), paid("-4", kind=PaymentKind.LIQUIDATION))
    assert bench.state.portfolios["live"].cash == before - 5
    assert not differences(bench, CASH - 55)


def test_a_payment_from_before_a_position_was_opened_is_not_its_own(bench: LiveBench) -> None:
    opened_ms = bench.state.positions[BTC.pair]["live"].opened_ms
    bench.act(lambda turn: wallet.hear_payments(turn, (paid("-1", after_ms=opened_ms - 1),)))
    assert bench.state.positions[BTC.pair]["live"].funding == 0
    assert not differences(bench, CASH - 1)


def test_somebody_elses_execution_gains_too(bench: LiveBench) -> None:
    stop = bench.order(Purpose.STOP)
    theirs = replace(fill(stop, "9", price="96", fee="0.5"), tag="autoclose", action=Action.SELL, gained=Decimal(-40))
    bench.act(lambda turn: hearing.see_external_fill(turn, theirs))
    assert not differences(bench, CASH - Decimal("40.5"))


def test_a_wallet_is_left_time_for_its_payment_to_be_listed_and_a_position_is_not(bench: LiveBench) -> None:
    wallets = (Difference("USDT", CASH, CASH - 1),)
    pairs = (Difference(BTC.pair, Decimal(1), Decimal(0)),)
    assert bench.act(lambda turn: reckoning.patience_ms(turn, wallets)) == reckoning.PAYMENTS_LATE_MS
    assert bench.act(lambda turn: reckoning.patience_ms(turn, pairs)) == 0
    assert LiveBench().act(lambda turn: reckoning.patience_ms(turn, wallets)) == 0, "on spot nothing is settled later"
