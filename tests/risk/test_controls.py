"""The chain of pre-trade controls: its order, its answer, and that an exit is refused only for what makes it wrong."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quorate.risk.book import Book, TradingState
from quorate.risk.controls import CONTROLS, check
from quorate.risk.verdict import PASS
from tests.risk.accounts import (
    AGGRESSIVE,
    LIMITS,
    NOW,
    D,
    Sent,
    Worth,
    book,
    denied,
    exit_of,
    intent,
    position,
    reference,
)


def test_a_healthy_entry_passes_every_control() -> None:
    assert check(intent(), book(), LIMITS) is PASS


def test_controls_stand_in_the_order_of_their_numbers() -> None:
    assert list(CONTROLS) == [f"C{number}" for number in (*range(1, 17), 26)]


def test_a_refusal_names_the_control_the_value_and_the_limit() -> None:
    verdict = denied(check(intent("2"), book(), LIMITS), "C2")
    assert str(verdict) == "C2: order notional 100000.00 (limit 50000)"


AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=3)


@given(quantity=AMOUNTS, price=AMOUNTS, held=st.integers(1, 400), equity=st.integers(-1_000, 100_000))
def test_whatever_passes_stays_inside_every_cap(quantity: Decimal, price: Decimal, held: int, equity: int) -> None:
    before = book(position(str(D(held) / 1_000)), equity=str(equity))
    wish = intent(str(quantity), str(price))
    if check(wish, before, LIMITS) is PASS:
        after = wish.price * wish.quantity + before.exposure("aggressive").gross
        assert after <= AGGRESSIVE.final_risk_cap * equity
        assert after <= LIMITS.symbol_notional_max
        assert abs(wish.price - 50_000) <= 1_000


@given(
    quantity=st.integers(1, 20),
    price=st.decimals(min_value="0.1", max_value=10**9, places=1),
    equity=st.integers(-10_000, 10_000),
    state=st.sampled_from(TradingState),
    known=st.booleans(),
    sent=st.integers(0, 100),
)
def test_an_exit_that_fits_its_position_always_passes(
    quantity: int, price: Decimal, equity: int, state: TradingState, known: bool, sent: int
) -> None:
    account_in_trouble: Book = book(
        position("0.02"),
        equity=str(equity),
        trading={"": state},
        references={"BTC/USDT": reference()} if known else {},
        marks={} if known else {"BTC/USDT": D(1)},
        sent=[Sent(NOW)] * sent,
        portfolios={"aggressive": Worth(D(equity))} if known else {},
    )
    assert check(exit_of(str(D(quantity) / 1_000), price=str(price)), account_in_trouble, LIMITS) is PASS
