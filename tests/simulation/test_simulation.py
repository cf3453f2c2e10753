"""Hundreds of very bad days: whatever breaks, the invariants hold, and a calm end finds everything settled.

A failure prints its scenario, shrunk to the faults and the time it takes; `simulate(Scenario(...))` plays it again.
"""

from dataclasses import replace

import pytest

from quorate.domain import events as ev
from quorate.domain.votes import Side
from quorate.exchange import FeeIn
from tests.examples import FACTOR
from tests.simulation.faults import COUNTS, Faults
from tests.simulation.simulated_desk import Outcome, Scenario, simulate

SEEDS, CHUNK = 200 * FACTOR, 20
FEES = (FeeIn.RECEIVED, FeeIn.QUOTE)
CHUNKS = range(0, SEEDS, CHUNK)


def scenario(seed: int) -> Scenario:
    return Scenario(seed, fee_in=FEES[seed % 2])


def shrunk(failing: Scenario) -> Scenario:
    """The same failure with as few faults and as little time as it takes."""
    for minutes in range(1, failing.minutes):
        if simulate(shorter := replace(failing, minutes=minutes)).broken:
            failing = shorter
            break
    for name in failing.faults.named:
        if simulate(simpler := replace(failing, faults=replace(failing.faults, **{name: 0.0}))).broken:
            failing = simpler
    return failing


def _hold(tried: Scenario) -> None:
    """Every invariant holds; else fail with the least of it that breaks one."""
    if simulate(tried).broken:
        least = shrunk(tried)
        pytest.fail(f"{least}\n{least.faults.named}\n" + "\n".join(simulate(least).broken[:10]))


@pytest.mark.parametrize("first", CHUNKS)
def test_no_invariant_breaks_on_a_very_bad_day(first: int) -> None:
    for seed in range(first, first + CHUNK):
        _hold(scenario(seed))


@pytest.mark.slow
@pytest.mark.parametrize("venue", ["binance", "binanceusdm", "kraken"])
@pytest.mark.parametrize("first", range(0, 40 * FACTOR, CHUNK))
def test_no_invariant_breaks_through_the_real_adapter_at_its_venues_protocol(first: int, venue: str) -> None:
    """The same days through real ccxt: signatures, windows, rate limits and the private stream are in the way too.

    On perpetuals stops fire into other orders, both sides are traded, and funding is settled every 40 s.
    """
    for seed in range(first, first + CHUNK):
        _hold(Scenario(seed, venue=venue))


def test_the_same_scenario_plays_the_same_every_time() -> None:
    first, second = simulate(scenario(7)), simulate(scenario(7))
    assert first.events == second.events
    assert first.happened == second.happened


@pytest.mark.parametrize(("seed", "everybody_finds_somebody"), [(3, False), (5, True)])
def test_a_quiet_day_opens_protects_and_closes_and_nothing_is_ever_in_doubt(
    seed: int, everybody_finds_somebody: bool
) -> None:
    outcome = simulate(Scenario(seed, minutes=12, faults=Faults()))
    kinds = [type(event) for event in outcome.events]
    assert not outcome.broken
    assert kinds.count(ev.TradeClosed) >= 3
    assert not {ev.OrderUnknown, ev.OrderVoided, ev.BreakFound} & set(kinds)
    refused = [event.reason for event in outcome.events if isinstance(event, ev.OrderRejected)]
    assert any("NO_LIQUIDITY" in reason for reason in refused) is not everybody_finds_somebody
    assert (ev.ProtectionChanged in kinds) is not everybody_finds_somebody, "below its stop, with nobody to sell to"


def test_a_day_on_perpetuals_trades_both_sides_pays_funding_and_comes_out_to_the_last_unit() -> None:
    outcomes = [simulate(Scenario(seed, minutes=12, faults=Faults(), venue="binanceusdm")) for seed in (1, 2)]
    assert not [outcome.broken for outcome in outcomes if outcome.broken]
    events = [event for outcome in outcomes for event in outcome.events]
    trades = [event.trade for event in events if isinstance(event, ev.TradeClosed)]
    assert {trade.side for trade in trades} == {Side.LONG, Side.SHORT}
    assert {trade.reason for trade in trades} >= {"stop", "target"}
    assert sum(isinstance(event, ev.VenuePaid) for event in events) >= 3
    assert not [event for event in events if isinstance(event, ev.BreakFound | ev.ExternalFilled | ev.DustLeft)]


def test_f36_a_desk_that_is_asked_to_end_leaves_nothing_in_doubt_to_the_next_one() -> None:
    handed_over = 0
    for seed in range(4):
        outcome = simulate(Scenario(seed, minutes=6, faults=Faults(deploy=0.03)))
        assert not outcome.broken, f"seed {seed}: {outcome.broken[:3]}"
        kinds = {type(event) for event in outcome.events}
        assert ev.OrderFilled in kinds
        assert not {ev.OrderUnknown, ev.OrderVoided} & kinds, f"seed {seed}"
        handed_over += outcome.restarts
    assert handed_over > 10


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_every_fault_happens_and_is_survived_alone(name: str) -> None:
    """Each by itself and often: the numbers are in `COUNTS`."""
    happened = 0
    for seed in range(3):
        alone = Scenario(seed, minutes=5, faults=replace(Faults(), **{name: often(name)}), fee_in=FEES[seed % 2])
        outcome = simulate(alone)
        assert not outcome.broken, f"{COUNTS[name]} {name}, seed {seed}: {outcome.broken[:3]}"
        happened += outcome.happened.get(name, 0)
    assert happened, f"{COUNTS[name]} never happened"


def often(name: str) -> float:
    by_second = {
        "crash": 0.02, "deploy": 0.02, "journal_gone": 0.01, "journal_slow": 0.05, "journal_doubt": 0.02,
        "stranger": 0.02, "withdrawal": 0.005, "panic": 0.005, "nobody": 0.05,
    }  # fmt: skip
    return by_second.get(name, 0.3)


class Broken:
    """What the watch says when the desk really does something wrong: a check that cannot fail proves nothing."""

    def test_an_execution_that_is_booked_twice_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from quorate.desk import hearing

        monkeypatch.setattr(hearing, "execution_key", lambda told: "nothing is ever the same")
        assert any("I3" in line for line in _first_broken().broken)

    def test_an_order_that_is_sent_again_after_a_crash_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from quorate.desk.courier import Courier

        placed = Courier._placed

        async def twice(self: Courier, client_id: str, order: object) -> None:
            await placed(self, client_id, order)  # pyright: ignore[reportArgumentType]
            await placed(self, client_id, order)  # pyright: ignore[reportArgumentType]

        monkeypatch.setattr(Courier, "_placed", twice)
        assert any("I2" in line for line in _first_broken().broken)

    def test_an_order_that_leaves_before_it_is_durable_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from quorate.desk import courier

        async def at_once(pending: object) -> bool:
            return True

        monkeypatch.setattr(courier, "_durable", at_once)
        assert any("I1" in line for line in _first_broken().broken)

    def test_a_position_that_nobody_protects_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from quorate.desk import tending

        monkeypatch.setattr(tending, "_protect", lambda *_: None)
        monkeypatch.setattr(tending, "alarm", lambda *_, **__: None)
        assert any("I5" in line for line in _first_broken().broken)

    def test_money_that_leaves_the_account_unnoticed_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from quorate.desk import reckoning

        monkeypatch.setattr(reckoning, "differences", lambda *_, **__: ())
        assert any("at the venue and" in line for line in _first_broken().broken)

    def test_funding_that_nobody_books_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from quorate.desk import wallet

        monkeypatch.setattr(wallet, "hear_payments", lambda *_, **__: None)
        assert any("nobody moved money" in line for line in _first_broken("binanceusdm").broken)

    def test_a_fired_stop_that_is_taken_for_somebody_elses_order_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from quorate.desk import hearing

        monkeypatch.setattr(hearing, "fireable", lambda *_, **__: ())
        assert any("I3" in line for line in _first_broken("binanceusdm").broken)


def _first_broken(venue: str = "engine") -> Outcome:
    outcome = simulate(replace(scenario(0), venue=venue))
    for seed in range(1, 30):
        if outcome.broken:
            break
        outcome = simulate(replace(scenario(seed), venue=venue))
    return outcome


TestBroken = Broken
