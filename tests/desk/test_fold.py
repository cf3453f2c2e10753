"""State is a fold of the journal: whatever happened, replaying it gives the same desk, and the same future."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from quorate.desk.desk import Desk
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.policy import BreakerPolicy, DeskPolicy, Pacing
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot, EntryKind, ExitPlan, Setup, Side, Target, Vote
from tests.desk.desks import BTC, ETH, MINUTE_5, PANEL, START_MS, Bench, of_kind, open_desk
from tests.examples import tried

D = Decimal
STEPS = 80
PACING = {"bar_reaction": Pacing(cooldown_bars=1, losses_pause=3, pause_ms=1_800_000, per_hour_max=6)}
POLICY = DeskPolicy(breakers=BreakerPolicy(rearm="weekly"))


def market_story(seed: int) -> list[tuple[Snapshot, Ballot | None]]:
    """A wild market with arbitrary setups and votes, the same for the same seed."""
    chance = Random(seed)
    shaper = Bench(Desk(open_desk(POLICY).desk.charter))
    prices = {BTC.pair: 100_00, ETH.pair: 50_00}
    story: list[tuple[Snapshot, Ballot | None]] = []
    at_ms = START_MS
    for _ in range(STEPS):
        at_ms += MINUTE_5 * chance.choice([1, 1, 1, 1, 2, 100])
        pairs = sorted(pair for pair in prices if chance.random() < 0.9) or [BTC.pair]
        candles = [_candle(chance, prices, pair, at_ms) for pair in pairs]
        setups = [_setup(chance, candle) for candle in candles if chance.random() < 0.4]
        votes = tuple(vote for candle in candles for vote in _votes(chance, candle))
        ballot = Ballot(str(at_ms), at_ms, PANEL, votes, "test") if chance.random() < 0.4 else None
        story.append((shaper.snapshot(candles, setups, fresh=chance.random() < 0.95), ballot))
    return story


def _candle(chance: Random, prices: dict[str, int], pair: str, at_ms: int) -> Candle:
    opened = prices[pair]
    close = max(100, int(opened * chance.uniform(0.93, 1.07)))
    high = int(max(opened, close) * chance.uniform(1, 1.03))
    low = max(1, int(min(opened, close) * chance.uniform(0.97, 1)))
    prices[pair] = close
    return Candle(pair, "5m", at_ms - MINUTE_5, opened, high, low, close, chance.uniform(0, 10))


def _price(candle: Candle, side: Side, share: float) -> Decimal:
    return (BTC.price(candle.close) * D(str(1 + side.sign * share))).quantize(D("0.01"))


def _setup(chance: Random, candle: Candle) -> Setup:
    side = chance.choice([Side.LONG, Side.SHORT])
    targets = (Target(_price(candle, side, 0.02), D("0.5")), Target(_price(candle, side, 0.05), D(1)))
    expires = candle.close_ms + chance.randint(1, 20) * MINUTE_5 if chance.random() < 0.3 else None
    exits = ExitPlan(
        _price(candle, side, -0.03),
        targets,
        break_even_r=D("0.8"),
        trail_r=D("0.8"),
        trail_distance=D("1.5"),
        expires_ms=expires,
    )
    kind = chance.choice([EntryKind.MARKET, EntryKind.MAKER])
    entry = _price(candle, side, -0.001)
    return Setup("bar_reaction", candle.pair, "5m", side, D("0.7"), entry, kind, exits, D(1), "a test")


def _votes(chance: Random, candle: Candle) -> Iterator[Vote]:
    lean = chance.choice([Side.LONG, Side.SHORT])
    for analyst in PANEL:
        side = lean if chance.random() < 0.8 else chance.choice([Side.LONG, Side.SHORT, Side.FLAT])
        if side is Side.FLAT:
            yield Vote(analyst, candle.pair, side, D(0), None, None, None, "flat")
            continue
        entry = _price(candle, side, 0)
        stop, target = _price(candle, side, -0.03), _price(candle, side, chance.uniform(0.03, 0.2))
        yield Vote(analyst, candle.pair, side, D("0.6"), entry, stop, target, "a test")


def run(bench: Bench, story: list[tuple[Snapshot, Ballot | None]]) -> list[ev.Event]:
    told: list[ev.Event] = []
    for snapshot, ballot in story:
        told += bench.desk.step(snapshot, ballot)
    bench.events += told
    return told


@given(st.integers(0, 10_000), st.booleans())
@tried(25)
def test_replaying_the_journal_gives_the_same_state(seed: int, paced: bool) -> None:
    bench = open_desk(POLICY, paced=paced, pacing=PACING)
    run(bench, market_story(seed))
    assert bench.rebuilt() == bench.state


@given(st.integers(0, 10_000), st.integers(1, STEPS - 1))
@tried(25)
def test_a_desk_rebuilt_anywhere_goes_on_exactly_as_the_one_that_never_stopped(seed: int, cut: int) -> None:
    story = market_story(seed)
    whole = open_desk(POLICY, pacing=PACING)
    run(whole, story)
    first = open_desk(POLICY, pacing=PACING)
    run(first, story[:cut])
    second = Bench(Desk(first.desk.charter, first.rebuilt()))
    later = run(second, story[cut:])
    assert first.events + later == whole.events
    assert second.state == whole.state


@given(st.integers(0, 10_000))
@tried(25)
def test_the_books_balance_whatever_happens(seed: int) -> None:
    bench = open_desk(POLICY, pacing=PACING)
    run(bench, market_story(seed))
    intents = [event.intent for event in of_kind(bench.events, ev.OrderIntended)]
    assert len({intent.id for intent in intents}) == len(intents), "no order is intended twice"
    for name, portfolio in bench.state.portfolios.items():
        fills = [event for event in of_kind(bench.events, ev.OrderFilled) if event.portfolio == name]
        assert portfolio.cash == 10_000 + sum((fill.realized for fill in fills), D(0))
        for pair in (BTC.pair, ETH.pair):
            net = sum((f.fill.quantity * f.fill.action.sign for f in fills if f.fill.pair == pair), D(0))
            held = bench.state.position(name, pair)
            assert net == (0 if held is None else held.quantity * held.side.sign)
        trades = [event.trade for event in of_kind(bench.events, ev.TradeClosed) if event.trade.portfolio == name]
        open_part = sum((held.realized for held in bench.state.positions_of(name)), D(0))
        assert portfolio.cash == 10_000 + sum((trade.pnl for trade in trades), D(0)) + open_part


@given(st.integers(0, 10_000))
@tried(15)
def test_every_order_that_fills_was_intended_and_submitted_first(seed: int) -> None:
    bench = open_desk(POLICY, pacing=PACING)
    run(bench, market_story(seed))
    intended: set[str] = set()
    submitted: set[str] = set()
    for event in bench.events:
        if isinstance(event, ev.OrderIntended):
            intended.add(event.intent.client_id)
        elif isinstance(event, ev.OrderSubmitted):
            assert event.client_id in intended
            submitted.add(event.client_id)
        elif isinstance(event, ev.OrderFilled):
            assert event.fill.client_id in submitted
