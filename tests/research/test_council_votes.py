"""A council is heard again from its record as it was counted then; what a model may have known counts for nothing."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.council.consensus import consensus
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.minds import ModelAsked
from quorate.domain.policy import CouncilPolicy, PortfolioPolicy
from quorate.domain.signals import Tier
from quorate.domain.votes import Ballot, Side, Vote
from quorate.research.council_votes import ballots_in, recorded_votes, without_tainted
from quorate.research.desk_backtesting import backtest_desk
from tests.research.desk_story import DAY_MS, MARKETS, POLICY, START_MS, charter_of, made_columns, materials_of, story

PANEL = ("anna", "olaf", "otto")
HOUR_MS = 3_600_000
YEAR_2025_MS = 1_735_689_600_000
PRICES = {"BTC/USDT": Decimal(60_000)}


def vote(analyst: str, side: Side = Side.LONG, *, pair: str = "BTC/USDT", price: Decimal = Decimal(60_000)) -> Vote:
    if side is Side.FLAT:
        return Vote(analyst, pair, side, Decimal(0), None, None, None, "nothing to do")
    sign = side.sign
    return Vote(
        analyst, pair, side, Decimal("0.6"), price, price * (100 - sign) / 100, price * (100 + 3 * sign) / 100, "why"
    )


def asked(analyst: str, cutoff: str | None) -> ModelAsked:
    return ModelAsked(
        analyst=analyst,
        provider="local",
        model=f"{analyst}-1",
        template="",
        prompt="",
        code="voted",
        stood_in="",
        askings=(),
        knowledge_cutoff=cutoff,
    )


def cast(at_ms: int, votes: Sequence[Vote], cutoffs: Sequence[str | None] = ()) -> list[ev.Event]:
    told = tuple(asked(name, cutoff) for name, cutoff in zip(PANEL, cutoffs, strict=False))
    events: list[ev.Event] = [ev.StepClosed(at_ms, (), fresh=True)]
    events += [ev.CouncilAsked(str(at_ms), at_ms, told)] if told else []
    return [*events, ev.VotesCast(str(at_ms), at_ms, PANEL, tuple(votes))]


def counted(ballot: Ballot) -> list[tuple[str, Side, Tier]]:
    verdicts = consensus(ballot, weights={}, policy=CouncilPolicy(), markets=MARKETS, prices=PRICES)
    return [(verdict.pair, verdict.side, verdict.tier) for verdict in verdicts]


def test_members_that_the_record_does_not_name_took_no_side():
    (ballot,) = ballots_in(cast(1, [vote("anna"), vote("otto")]))
    assert [(each.analyst, each.side) for each in ballot.votes] == [
        ("anna", Side.LONG),
        ("olaf", Side.FLAT),
        ("otto", Side.LONG),
    ]
    assert counted(ballot) == [("BTC/USDT", Side.LONG, Tier.SILVER)]


def test_ballots_of_a_story_lead_to_the_verdicts_that_were_published_then():
    events = [entry.event for entry in story()]
    ballots = {ballot.at_ms: ballot for ballot in ballots_in(events)}
    told = [
        event.signal for event in events if isinstance(event, ev.SignalPublished) and event.signal.source == "council"
    ]
    assert told
    for signal in told:
        votes = tuple(each for each in ballots[signal.at_ms].votes if each.pair == signal.pair)
        assert votes == signal.votes


def test_votes_from_before_a_cutoff_and_30_days_count_for_nothing():
    votes = [vote(name) for name in PANEL]
    events = cast(YEAR_2025_MS, votes, ["2024-06-01", "2024-12-15", None])
    clean, tainted = without_tainted(ballots_in(events)[0])
    assert tainted == 2
    assert [each.abstained for each in clean.votes] == [False, True, True]
    assert "2024-12-15" in clean.votes[1].reason
    assert "unknown" in clean.votes[2].reason
    assert counted(clean) == []
    later = ballots_in(cast(YEAR_2025_MS + 20 * DAY_MS, votes, ["2024-06-01", "2024-12-15", None]))[0]
    assert without_tainted(later)[1] == 1
    assert counted(without_tainted(later)[0]) == [("BTC/USDT", Side.LONG, Tier.SILVER)]


def test_rules_have_no_cutoff():
    (ballot,) = ballots_in(cast(YEAR_2025_MS, [vote(name) for name in PANEL]))
    assert without_tainted(ballot) == (ballot, 0)


def test_what_was_left_out_or_counted_all_the_same_is_said():
    events = cast(YEAR_2025_MS, [vote(name) for name in PANEL], ["2025-03", "2025-03", "2025-03"])
    ballots, start_ms, end_ms = ballots_in(events), YEAR_2025_MS - 1, YEAR_2025_MS
    kept = recorded_votes(ballots, start_ms=start_ms, end_ms=end_ms)
    assert kept.tainted == 3
    assert "count for nothing" in kept.notes[0]
    assert "anna (2025-03)" in kept.notes[0]
    all_the_same = recorded_votes(ballots, start_ms=start_ms, end_ms=end_ms, tainted="count")
    assert "proves nothing" in all_the_same.notes[0]
    assert counted(all_the_same.ballots[YEAR_2025_MS]) == [("BTC/USDT", Side.LONG, Tier.GOLD)]
    with pytest.raises(BadInput, match="no vote of a council in this time"):
        recorded_votes(ballots, start_ms=end_ms, end_ms=end_ms + 1)


def council_backtest(cutoff: str | None, *, tainted: str = "abstain", hours: int = 12):
    """The desk with a council of three models that wants BTC once; candles of 1970, so that a cutoff lies before."""
    columns = made_columns()
    materials = materials_of(columns)
    bars = columns["BTC/USDT"]
    at_ms = START_MS + hours * HOUR_MS
    row = bars.close_ms.tolist().index(at_ms)
    price = MARKETS["BTC/USDT"].price(MARKETS["BTC/USDT"].ticks_nearest(Decimal(repr(float(bars.close[row])))))
    events = cast(at_ms, [vote(name, price=price) for name in PANEL], [cutoff] * 3)
    votes = recorded_votes(ballots_in(events), start_ms=START_MS, end_ms=materials.end_ms, tainted=tainted)
    books = (PortfolioPolicy(name="perps", leverage=Decimal(5)),)
    charter = charter_of(replace(POLICY, portfolios=books, strategies=()))
    return backtest_desk([], materials, charter, monotonic=lambda: 0.0, step=lambda *_: None, council=votes).backtest


def test_a_council_trades_in_the_backtester_on_perpetuals_with_their_leverage():
    backtest = council_backtest("1960-01-01")
    assert backtest.engine == "event"
    assert backtest.strategies == ("consensus",)
    (signal,) = {trade.opened_ms for trade in backtest.trades}
    assert signal == START_MS + 12 * HOUR_MS + 300_000, "it fills at the open of the next candle"
    assert {trade.strategy for trade in backtest.trades} == {"consensus"}
    assert "leverage: perps 5 (perp)" in backtest.costs["liquidation"]
    assert "votes are those of the record" in backtest.conventions["left out"]
    assert backtest.parameters["consensus"]["cutoff of anna"] == "1960-01-01"
    assert backtest.digest == council_backtest("1960-01-01").digest != council_backtest("1960-01-02").digest


def test_a_contaminated_council_makes_no_trade_unless_it_is_told_to():
    backtest = council_backtest(None)
    assert backtest.trades == ()
    assert "count for nothing" in backtest.warnings[0]
    shown = council_backtest(None, tainted="count")
    assert shown.trades
    assert "proves nothing" in shown.warnings[0]


def test_words_between_two_closes_are_left_out_and_said():
    materials = materials_of()
    at_ms = START_MS + 12 * HOUR_MS + 17
    votes = recorded_votes(
        ballots_in(cast(at_ms, [vote(name) for name in PANEL])), start_ms=START_MS, end_ms=materials.end_ms
    )
    charter = charter_of(replace(POLICY, strategies=()))
    tested = backtest_desk([], materials, charter, monotonic=lambda: 0.0, step=lambda *_: None, council=votes)
    assert any("no candle closes here" in warning for warning in tested.backtest.warnings)
    assert tested.backtest.trades == ()
