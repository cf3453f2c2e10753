"""Numbers come and go as the text they are: no price ever passes through a double."""

from __future__ import annotations

import asyncio
import base64
import importlib
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.votes import Action
from quorate.venues.ccxt import answers, binance_answers, library
from quorate.venues.ccxt.answers import Malformed
from quorate.venues.ccxt.binance_orders import stop_limit
from quorate.venues.ccxt.settings import VenueSettings

STEPS = st.tuples(st.sampled_from([1, 2, 5, 25]), st.integers(-12, 3)).map(lambda s: Decimal(s[0]).scaleb(s[1]))
COUNTS = st.integers(0, 10**13)


@given(STEPS, COUNTS)
def test_whole_steps_go_out_in_plain_digits_and_come_back_the_same(step: Decimal, count: int) -> None:
    number = step * count
    text = answers.step_text(number, step)
    assert Decimal(text) == number
    assert "E" not in text.upper()
    decimals = len(text.partition(".")[2])
    assert decimals == max(0, -int(step.normalize().as_tuple().exponent)), "venues refuse more decimals than they list"


@pytest.fixture(scope="module")
def signers() -> dict[str, Any]:
    """Real ccxt, which signs and sends nothing."""
    module = importlib.import_module(library.LIBRARY)
    secret = base64.b64encode(b"nobody's").decode()

    async def refuse(*_: object) -> object:
        raise AssertionError("nothing is sent")

    async def made() -> dict[str, Any]:
        return {
            name: library.adapted(
                module, VenueSettings(exchange=name, key="demo", secret=secret), fetch=refuse, now_us=lambda: 10**15
            )
            for name in ("binance", "kraken")
        }

    return asyncio.run(made())


@given(STEPS, st.integers(1, 10**12), st.sampled_from(["binance", "kraken"]))
def test_ccxt_signs_and_sends_the_very_digits(signers: dict[str, Any], step: Decimal, count: int, name: str) -> None:
    text = answers.step_text(step * count, step)
    path = {"binance": "order", "kraken": "AddOrder"}[name]
    signed = signers[name].sign(path, ["private"], "POST", {"quantity": text, "newClientOrderId": "q", "price": text})
    sent = parse_qs(signed["body"])
    assert sent["quantity"] == sent["price"] == [text]


@given(STEPS, st.integers(1, 10**9))
def test_what_is_not_whole_steps_is_never_sent(step: Decimal, count: int) -> None:
    with pytest.raises(AssertionError):
        answers.step_text(step * count + step / 3, step)


@given(st.decimals(min_value="-1e15", max_value="1e15", allow_nan=False, places=8))
def test_a_number_in_json_is_read_to_the_last_digit_however_it_is_told(number: Decimal) -> None:
    plain = f"{number:f}"
    for text in (f'{{"n": {plain}}}', f'{{"n": "{plain}"}}'):
        read = answers.amount(answers.table(answers.decode(text)), "n")
        assert read == number
        assert int(read.as_tuple().exponent) <= 0, "tens are told in plain digits"


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e400", '"4333E4333"', '"abc"', "true", "null", '""', "[]"]
)
def test_what_is_no_amount_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        answers.amount(answers.table(answers.decode(f'{{"n": {text}}}')), "n")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda v: st.lists(v) | st.dictionaries(st.text(max_size=3), v),
    )
)
def test_a_nonsense_order_is_malformed_and_nothing_else(told: object) -> None:
    row = {"symbol": "BTCUSDT", "orderId": told, "type": told, "side": told, "origQty": told, "status": told}
    with pytest.raises(Malformed):
        binance_answers.order(answers.table(row), {}, now_ms=0)


@given(
    st.integers(1, 10**9), st.sampled_from([Decimal("0.01"), Decimal("0.1"), Decimal("0.00001")]),
    st.sampled_from(list(Action)), st.integers(0, 100_000),
)  # fmt: skip
def test_the_limit_of_a_stop_lies_beyond_its_trigger_on_a_tick(
    count: int, tick: Decimal, action: Action, ppm: int
) -> None:
    trigger = tick * count
    limit = stop_limit(trigger, action, tick, ppm)
    assert limit % tick == 0
    assert (limit - trigger) * action.sign >= 0
    assert abs(limit - trigger) <= trigger * ppm / 1_000_000 + tick
