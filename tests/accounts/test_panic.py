"""Panic past the desk: what is open is ended, what is held is sold if asked, and only the venue's own word counts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.accounts.halt_marker import HaltMark, lift_halt, path_of, read_halt, write_halt
from quorate.accounts.panic import Report, panic
from quorate.domain.errors import Unavailable
from quorate.domain.venue import KeyFault, OutcomeUnknown, VenueBusy, VenueRefused
from quorate.domain.votes import Action
from tests.accounts.fake_venue import FakeVenue, means, order, venue

D = Decimal


async def run(there: FakeVenue, *, flatten: bool = False, pairs: tuple[str, ...] = (), **more) -> Report:
    return await panic(there, flatten=flatten, pairs=pairs, means=means(**more))


class TestOrders:
    async def test_c17_every_open_order_is_cancelled_and_the_venue_asked_again(self):
        there = venue(orders=100)
        report = await run(there)
        assert report.clean
        assert not there.orders
        assert there.asked[0] == "cancel_all", "nothing comes before the first cancel"
        assert report.no_orders_s is not None

    async def test_c17_an_order_that_survives_the_cancel_of_everything_is_cancelled_by_itself(self):
        there = venue(orders=5)
        there.survivors = frozenset({"v1", "v3"})
        report = await run(there)
        assert report.clean
        assert there.asked.count("cancel") == 2
        assert report.orders_found == 2

    @pytest.mark.parametrize(
        "fault",
        [
            Unavailable("The network is gone."),
            OutcomeUnknown("No answer came."),
            VenueBusy("Too many requests.", retry_after_s=30),
            KeyFault("The key is not accepted."),
            VenueRefused("Service: maintenance.", code_there="EService"),
        ],
    )
    async def test_c17_a_call_that_fails_is_tried_again_and_what_failed_is_told(self, fault):
        there = venue(orders=3)
        there.faults = {"cancel_all": [fault, fault], "open_orders": [fault]}
        report = await run(there)
        assert report.clean
        assert report.faults
        assert fault.message in report.faults[0]

    async def test_a_venue_that_never_answers_ends_unverified_within_the_budget(self):
        there = venue(orders=3)
        gone = Unavailable("The network is gone.")
        there.faults = {call: [gone] * 1_000 for call in ("cancel_all", "open_orders", "account", "cancel")}
        report = await run(there, budget_s=10)
        assert not report.verified
        assert not report.clean
        assert report.no_orders_s is None
        assert 10 <= report.ended_s < 20

    async def test_an_order_that_cannot_be_ended_is_named_and_the_end_is_not_clean(self):
        there = venue(orders=1)
        there.survivors = frozenset({"v0"})
        there.faults = {"cancel": [VenueRefused("Not now.", code_there="x")] * 1_000}
        report = await run(there, budget_s=5)
        assert report.verified
        assert not report.clean
        assert [left.reason for left in report.orders_left] == ["v0"]

    async def test_an_order_that_appears_after_the_look_is_in_the_report(self):
        there = venue(orders=1, USDT="100")
        account = there.account

        async def late():
            there.orders["late"] = order("late")
            return await account()

        there.account = late  # type: ignore[method-assign]
        report = await run(there, flatten=True)
        assert not report.clean
        assert [left.reason for left in report.orders_left] == ["late"]

    async def test_without_flatten_nothing_is_sold(self):
        there = venue(orders=1, BTC="0.5")
        report = await run(there)
        assert report.clean
        assert there.placed == []


class TestFlatten:
    async def test_c17_coins_are_sold_and_what_is_worth_too_little_is_dust(self):
        there = venue(orders=2, BTC="0.500009", ETH="0.0019", USDT="1000", DOGE="3")
        report = await run(there, flatten=True)
        assert report.clean
        assert [(leg.pair, leg.quantity) for leg in report.sold] == [("BTC/USDT", D("0.50000"))]
        assert {left.what: left.dust for left in report.left} == {"BTC": True, "ETH": True}
        assert there.coins["USDT"] == 1_000

    async def test_coins_of_other_pairs_than_those_named_are_left_alone(self):
        there = venue(BTC="0.5", ETH="1")
        report = await run(there, flatten=True, pairs=("ETH/USDT",))
        assert report.clean
        assert there.coins == {"BTC": D("0.5"), "ETH": D(0)}

    async def test_a_pair_that_is_not_listed_is_told_and_the_end_is_not_clean(self):
        report = await run(venue(SOL="5"), flatten=True, pairs=("SOL/USDT",))
        assert not report.clean
        assert report.left[0].reason == "there is no market SOL/USDT"

    async def test_coins_that_an_order_held_are_sold_when_it_has_gone(self):
        there = venue(BTC="0.5")
        there.orders["s"] = order("s", action=Action.SELL, quantity="0.5")
        assert (await run(there, flatten=True)).clean
        assert there.coins["BTC"] == 0

    async def test_positions_are_closed_by_orders_that_only_reduce(self):
        there = FakeVenue(name="binanceusdm", positions={"BTC/USDT:USDT": D("0.3"), "ETH/USDT:USDT": D(-2)})
        report = await run(there, flatten=True)
        assert report.clean
        assert [(leg.action, leg.quantity) for leg in report.sold] == [(Action.SELL, D("0.3")), (Action.BUY, D(2))]
        assert report.positions_open == 0

    async def test_an_answer_that_is_lost_sells_nothing_twice(self):
        there = venue(BTC="0.5")
        there.answers_lost = True
        report = await run(there, flatten=True)
        assert report.clean
        assert len(there.placed) == 1

    async def test_what_the_venue_refuses_to_buy_is_told_in_its_words(self):
        there = venue(BTC="0.5")
        there.faults = {"place": [VenueRefused("Market orders are off.", code_there="x")] * 1_000}
        report = await run(there, flatten=True, budget_s=5)
        assert not report.clean
        assert [(left.what, left.reason) for left in report.left] == [("BTC", "Market orders are off.")]

    async def test_a_person_is_asked_once_and_no_means_that_nothing_is_sold(self):
        asked: list = []
        there = venue(orders=4, BTC="0.5", ETH="1")
        report = await run(there, flatten=True, agree=False, asked=asked)
        assert not there.orders, "orders are ended before anybody is asked"
        assert len(asked) == 1
        assert there.placed == []
        assert not report.clean

    @given(st.integers(0, 10**8), st.integers(0, 6), st.sets(st.sampled_from(["cancel_all", "open_orders", "account"])))
    async def test_a_clean_end_is_one_where_the_venue_holds_nothing_that_can_be_sold(self, satoshi, orders, failing):
        there = venue(orders=orders, BTC=str(D(satoshi) / 10**8))
        there.faults = {call: [Unavailable("Gone.")] for call in failing}
        report = await run(there, flatten=True)
        assert report.clean
        assert not there.orders
        assert there.coins["BTC"] * 50_000 < 5 + D("0.5")


class TestHaltMark:
    def test_a_mark_is_read_as_it_was_left_and_lifted_once(self, tmp_path):
        mark = HaltMark(at_ms=7, by="somebody", reason="panic", venue="kraken", clean=False)
        assert read_halt(tmp_path) is None
        write_halt(tmp_path, mark)
        assert read_halt(tmp_path) == mark
        assert lift_halt(tmp_path)
        assert not lift_halt(tmp_path)
        assert read_halt(tmp_path) is None

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"at_ms": "x"}'])
    def test_a_mark_that_cannot_be_read_halts_all_the_same(self, tmp_path, text):
        path_of(tmp_path).write_text(text)
        path_of(tmp_path).chmod(0o600)
        assert read_halt(tmp_path) is not None

    def test_a_mark_that_others_could_have_written_halts_all_the_same(self, tmp_path):
        write_halt(tmp_path, HaltMark(at_ms=7, by="somebody", reason="panic"))
        path_of(tmp_path).chmod(0o666)
        assert read_halt(tmp_path) is not None
