"""Why a signal is not traded: each reason is told with the signal, and nothing is sent."""

from dataclasses import replace
from decimal import Decimal

from quorate.desk.desk import Desk
from quorate.desk.worker import NOTHING_SEEN
from quorate.domain import events as ev
from quorate.domain.market import MarketKind
from quorate.domain.policy import DEFAULT_PORTFOLIOS, DeskPolicy, Limits, Pacing
from quorate.domain.signals import Signal
from quorate.domain.votes import EntryKind, Regime, Setup, Side
from tests.desk.at_a_venue import POLICY as AT_A_VENUE
from tests.desk.at_a_venue import SPOT
from tests.desk.desks import BTC, FREE, MINUTE_5, PANEL, Bench, bar, charter, of_kind, open_desk, plan, setup, vote

FLAT = "100 100 100 100"
UP = plan("90", ("110", "0.5"), ("120", "1"))
UNPACED = {"bar_reaction": Pacing(cooldown_bars=0)}


def warmed(policy: DeskPolicy | None = None, *, pacing: dict[str, Pacing] | None = None) -> Bench:
    bench = open_desk(policy or DeskPolicy(costs=FREE), pacing=pacing)
    bench.step(FLAT)
    return bench


def another(entry: str = "100") -> Setup:
    """A setup of a second strategy."""
    return replace(setup(Side.LONG, entry, UP), strategy="trend")


def blocked(signal: Signal) -> dict[str, str | None]:
    return {stake.portfolio: stake.blocked_by for stake in signal.stakes}


def signals(events: list[ev.Event]) -> list[Signal]:
    return [published.signal for published in of_kind(events, ev.SignalPublished)]


def test_another_strategys_signal_on_a_held_pair_is_published_but_not_traded() -> None:
    bench = warmed()
    bench.step(FLAT, setups=[setup(Side.LONG, "100", UP)])
    bench.step(FLAT)
    (signal,) = signals(bench.step(FLAT, setups=[another()]))
    assert blocked(signal) == {"strategies": "position_open"}


def test_nothing_is_opened_at_a_venue_whose_balances_were_not_read_yet() -> None:
    bench = Bench(Desk(replace(charter(AT_A_VENUE), real_venue=SPOT)))
    bench.events += bench.desk.open([BTC], "digest")
    bench.step(FLAT)
    (signal,) = signals(bench.step(FLAT, setups=[setup(Side.LONG, "100", UP)]))
    assert blocked(signal) == {"live": "venue: its balances were not read yet"}
    bench.desk.act(NOTHING_SEEN, lambda turn: turn.emit(ev.VenueAccountOpened("binance", (), turn.at_ms)), at_ms=0)
    (signal,) = signals(bench.step(FLAT, setups=[setup(Side.LONG, "100", UP)]))
    assert blocked(signal) == {"live": None}


def test_the_second_of_two_signals_at_one_close_finds_the_order_of_the_first() -> None:
    first, second = signals(warmed().step(FLAT, setups=[setup(Side.LONG, "100", UP), another()]))
    assert blocked(first) == {"strategies": None}
    assert blocked(second) == {"strategies": "order_open"}


def test_a_spot_portfolio_opens_no_short() -> None:
    spot = tuple(replace(policy, market=MarketKind.SPOT) for policy in DEFAULT_PORTFOLIOS)
    bench = warmed(DeskPolicy(costs=FREE, portfolios=spot))
    (signal,) = signals(bench.step(FLAT, votes=[vote(name, Side.SHORT, stop="110", target="70") for name in PANEL]))
    assert set(blocked(signal).values()) == {"spot: a short can only reduce or close"}


def test_a_choppy_market_is_traded_by_nobody_and_the_factors_say_so() -> None:
    bench = warmed()
    bench.at_ms += MINUTE_5
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)], [setup(Side.LONG, "100", UP)])
    events = bench.desk.step(replace(snapshot, regimes={BTC.pair: Regime.CHOPPY}), None)
    (signal,) = signals(events)
    (stake,) = signal.stakes
    assert "CHOPPY" in (stake.blocked_by or "")
    assert stake.factors
    assert not of_kind(events, ev.OrderIntended)


def test_too_many_entries_on_a_pair_are_refused_and_the_pair_stays_closed_to_new_ones() -> None:
    bench = warmed(DeskPolicy(costs=FREE, limits=Limits(repeats_max=1)), pacing=UNPACED)
    maker = setup(Side.LONG, "98", UP, kind=EntryKind.MAKER)
    bench.step(FLAT, setups=[maker])
    bench.step(FLAT)
    events = bench.step(FLAT, setups=[maker])
    assert of_kind(events, ev.OrderDenied)[0].control == "C11"
    assert of_kind(events, ev.TradingStateChanged)[0].state == "REDUCING"
    bench.step(FLAT)
    (signal,) = signals(bench.step(FLAT, setups=[maker]))
    assert "C11" in (blocked(signal)["strategies"] or "")
    assert bench.rebuilt().trading == {BTC.pair: "REDUCING"}


def test_a_pair_that_a_person_opens_again_is_counted_from_then_on() -> None:
    bench = warmed(DeskPolicy(costs=FREE, limits=Limits(repeats_max=1)), pacing=UNPACED)
    maker = setup(Side.LONG, "98", UP, kind=EntryKind.MAKER)
    bench.step(FLAT, setups=[maker])
    bench.step(FLAT)
    bench.step(FLAT, setups=[maker])
    bench.desk.replay(ev.TradingStateChanged(BTC.pair, "ACTIVE", "a person", "looked at it", bench.at_ms))
    (signal,) = signals(bench.step(FLAT, setups=[maker]))
    assert blocked(signal) == {"strategies": None}


def test_a_strategy_keeps_to_its_signals_a_day() -> None:
    bench = warmed(pacing={"bar_reaction": Pacing(cooldown_bars=0, per_day_max=2)})
    for _ in range(4):
        bench.step(FLAT, setups=[setup(Side.LONG, "98", UP, kind=EntryKind.MAKER)])
        bench.step(FLAT)
    assert len(of_kind(bench.events, ev.SignalPublished)) == 2
    tomorrow = bench.step(FLAT, setups=[setup(Side.LONG, "98", UP, kind=EntryKind.MAKER)], skip_ms=86_400_000)
    assert signals(tomorrow)


def test_a_portfolio_without_a_signals_source_has_no_stake_in_it() -> None:
    (signal,) = signals(warmed().step(FLAT, setups=[setup(Side.LONG, "100", UP)]))
    assert [stake.portfolio for stake in signal.stakes] == ["strategies"]
    assert signal.stakes[0].size_usd > Decimal(0)
