"""The promotion ladder at a desk with a real venue: who may open, how much, and who is taken down."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.desk import promotions
from quorate.desk.evolve import evolve
from quorate.desk.state import DeskState, Result
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.promotion import Band, Promotion, Rung
from quorate.domain.votes import Side
from quorate.journal.codec import decode, encode, subject_of
from quorate.risk.sizing import Sized, cut_to
from tests.desk.at_a_venue import FLAT, PLAN, LiveBench, fill, told
from tests.desk.desks import BTC, of_kind, setup

D = Decimal
STEP = Promotion(
    source="made",
    key="rules 1",
    before=Rung.WALKED_FORWARD,
    rung=Rung.CANARY,
    gate="paper",
    by="cli",
    reason="20 trades",
    evidence="{}",
    band=Band(mean=D("0.2"), deviation=D("1.2"), fall=D(10)),
    at_ms=0,
)


class LadderBench(LiveBench):
    """A live desk on which `source` stands at a rung, with a stake of 250 quote units."""

    def __init__(self, rung: Rung | None, *, stake: str = "250", key: str = "rules 1") -> None:
        super().__init__()
        made = setup(Side.LONG, "100", PLAN)
        self.source = made.strategy
        self.desk.charter = replace(self.desk.charter, stake=D(stake), keys={self.source: "rules 1"})
        if rung is not None:
            step = replace(STEP, source=self.source, rung=rung, key=key)
            self.act(lambda turn: turn.emit(ev.PromotionChanged(step)))

    def blocked(self) -> str | None:
        signal = of_kind(self.events, ev.SignalPublished)[-1].signal
        return signal.stakes[0].blocked_by


@pytest.mark.parametrize(
    ("rung", "gate"), [(None, "backtest"), (Rung.BACKTESTED, "walk-forward"), (Rung.WALKED_FORWARD, "paper")]
)
def test_c26_a_source_below_the_canary_opens_nothing_live_and_the_gate_is_named(rung, gate):
    bench = LadderBench(rung)
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", PLAN)])
    assert not bench.state.orders
    assert (bench.blocked() or "").startswith("C26: ")
    assert f"before the gate {gate}" in (bench.blocked() or "")


def test_c26_a_source_that_is_no_longer_what_rose_opens_nothing_live():
    bench = LadderBench(Rung.FULL, key="rules of before")
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", PLAN)])
    assert "stands at idea" in (bench.blocked() or "")


def test_c26_a_canary_is_cut_to_its_stake_and_the_waterfall_says_so():
    bench = LadderBench(Rung.CANARY, stake="250")
    intent = bench.enter().intent
    assert intent.quantity * intent.price <= 250
    factors = of_kind(bench.events, ev.SignalPublished)[-1].signal.stakes[0].factors
    assert "canary" in {factor.name for factor in factors}


def test_c26_a_canary_that_has_used_its_stake_opens_no_more():
    bench = LadderBench(Rung.CANARY, stake="250")
    entry = bench.enter()
    bench.hear(told(entry), fill(entry, "1"))
    room = bench.act(lambda turn: promotions.room_of(turn, portfolio="live", source=bench.source))
    assert room is not None
    assert room < 1


def test_c26_a_source_at_full_size_is_not_cut_by_the_stake():
    full, canary = LadderBench(Rung.FULL, stake="250").enter(), LadderBench(Rung.CANARY, stake="250").enter()
    assert full.intent.quantity > canary.intent.quantity


def test_c26_an_exit_is_never_asked_for_its_rung():
    bench = LadderBench(Rung.CANARY, stake="250")
    bench.hold()
    down = replace(STEP, source=bench.source, before=Rung.CANARY, rung=Rung.WALKED_FORWARD, gate="demotion")
    bench.act(lambda turn: turn.emit(ev.PromotionChanged(down)))
    bench.step("90 90 90 90")
    denied = of_kind(bench.events, ev.OrderDenied)
    assert not [each for each in denied if each.control == "C26"]


@pytest.mark.parametrize(("rung", "below"), [(Rung.FULL, Rung.CANARY), (Rung.CANARY, Rung.WALKED_FORWARD)])
def test_c26_live_trades_that_leave_the_band_take_a_source_one_rung_down(rung, below):
    bench = LadderBench(rung)
    bench.state.live_results[bench.source] = [Result(place, D(-2)) for place in range(10)]
    bench.act(promotions.review)
    step = bench.state.promotions[bench.source]
    assert (step.before, step.rung, step.by) == (rung, below, "desk")
    assert "its backtest promised +0.200 R" in step.reason
    assert len(of_kind(bench.events, ev.PromotionChanged)) == 2, "once, not at every turn"


def test_trades_that_keep_the_promise_leave_a_source_where_it_is():
    bench = LadderBench(Rung.FULL)
    bench.state.live_results[bench.source] = [Result(place, D("0.1")) for place in range(100)]
    bench.act(promotions.review)
    assert bench.state.promotions[bench.source].rung is Rung.FULL


def test_a_step_is_written_down_by_the_desk_that_holds_the_account():
    bench = LadderBench(Rung.WALKED_FORWARD)
    body = {"promotion": msgspec.to_builtins(replace(STEP, source=bench.source), builtin_types=())}
    sent = msgspec.json.decode(msgspec.json.encode(body))
    assert bench.act(lambda turn: promotions.record(turn, sent))["rung"] == "canary"
    with pytest.raises(BadInput, match="stands at canary by now"):
        bench.act(lambda turn: promotions.record(turn, sent))


@pytest.mark.parametrize("body", [{}, {"promotion": 1}, {"promotion": {"source": "x"}}])
def test_what_is_no_step_is_refused(body):
    with pytest.raises(BadInput, match="no step of the promotion ladder"):
        LadderBench(None).act(lambda turn: promotions.record(turn, body))


def test_a_step_comes_back_from_the_journal_as_it_went_in():
    event = ev.PromotionChanged(STEP)
    assert decode("PromotionChanged", encode(event)) == event
    assert subject_of(event) == "made"
    state = DeskState("live")
    evolve(state, event)
    kept = msgspec.json.decode(msgspec.json.encode(state), type=DeskState)
    assert kept.promotions == {"made": STEP}


@given(st.integers(1, 10_000), st.decimals("0.01", 5_000, places=2))
def test_a_size_is_never_cut_to_more_than_there_is_room_for(lots, room):
    quantity = BTC.quantity(lots)
    sized = Sized(
        factors=(),
        final_risk_pct=D("0.1"),
        notional=quantity * 100,
        quantity=quantity,
        lots=lots,
        blocked_by=None,
    )
    cut = cut_to(sized, room, market=BTC, price=D(100))
    assert cut.notional <= max(room, D(0))
    assert cut.notional == cut.quantity * 100 == BTC.quantity(cut.lots) * 100
    assert (cut.blocked_by is None) is (cut.lots > 0)
