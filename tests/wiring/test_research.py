"""Backtests as the command line asks for them: candles and settings in, a judged result out, mistakes in sentences."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from quorate.analysts.base import StrategyFault
from quorate.analysts.registry import BadParameters, UnknownStrategy
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.market import MarketKind
from quorate.domain.policy import CouncilPolicy, DeskPolicy, PortfolioPolicy
from quorate.domain.signals import COUNCIL
from quorate.domain.votes import Side, Vote
from quorate.journal.codec import encode
from quorate.research.examining import Wanted
from quorate.research.new_strategy import write_strategy
from quorate.research.verify import Examination
from quorate.settings import FeedSettings, Settings, StrategySettings
from quorate.wiring.research import Asked, backtest, prepare, report, run_prepared, verify_each
from quorate.wiring.stories import read_story, story_in_file
from tests.crash.made_candles import START_MS, make_candles

PAIRS = ("BTC/USDT", "ETH/USDT")
DAYS = 20
DAY_MS = 86_400_000
QUICK = Wanted(baselines=False, samples=4)
CHEAT = "entry = bars.close[rows]"
LAST = "return tradable("
BARE = "return Setups(rows=rows, side=side, entry=entry, "
"""Without `tradable`, a strategy's own guard."""


def quiet(_about: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture(scope="module")
def candles(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("candles")
    make_candles(folder, PAIRS, days=DAYS)
    for name in ("BTCUSDT", "ETHUSDT"):
        hour = pl.col("ts") // 3_600_000 * 3_600_000
        edges = [pl.col("open").first(), pl.col("high").max(), pl.col("low").min(), pl.col("close").last()]
        minutes = pl.read_parquet(folder / f"binance_{name}_5m.parquet")
        hours = minutes.group_by(hour, maintain_order=True).agg(*edges, pl.col("volume").sum())
        hours.write_parquet(folder / f"binance_{name}_1h.parquet")
    times = [START_MS + hours * 3_600_000 for hours in range(0, DAYS * 24, 8)]
    for name in ("BTCUSDT", "ETHUSDT"):
        rows = {"ts": times, "funding_rate": [0.0004] * len(times)}
        pl.DataFrame(rows).write_parquet(folder / f"binance_{name}_funding.parquet")
    return folder


def settings(candles: Path, **changed: object) -> Settings:
    feed = FeedSettings(kind="replay", data=candles, timerange="20250104-20250120")
    return Settings(data_dir=candles / "state", feed=feed, **changed)  # type: ignore[arg-type]


def own(tmp_path: Path, text: str, instead: str) -> StrategySettings:
    """A strategy called `mine` as it is written for a user, with one text in the place of another."""
    written = write_strategy("mine", tmp_path / "mine", taken=())
    before = written.strategy.read_text()
    assert text in before
    written.strategy.write_text(before.replace(text, instead))
    return StrategySettings(folder=tmp_path / "mine")


class TestEngines:
    def test_both_run_what_was_asked_and_say_what_they_assumed(self, candles, tmp_path):
        prepared = prepare(settings(candles), Asked(strategies=("bar_reaction", "breakout")))
        for engine in ("compiled", "event"):
            tested, findings = backtest(prepared, engine, QUICK, step=quiet)
            made = tested.backtest
            assert made.engine == engine
            assert made.strategies == ("bar_reaction", "breakout")
            assert made.pairs == PAIRS
            assert len(made.trades) > 20
            assert findings.look_ahead is not None
            assert findings.look_ahead.verdict == "clean"
            assert any(trade.funding for trade in made.trades), "funding lies beside the candles"
            assert "recorded rates of BTC/USDT, ETH/USDT" in made.costs["funding"]
            assert "leverage" in made.costs["liquidation"]
            assert str(candles) not in repr(made), "a path is nobody's business"
            report(tested, findings, tmp_path / f"{engine}.html")
            assert "<svg" in (tmp_path / f"{engine}.html").read_text()

    def test_the_desk_and_the_compiled_runner_make_the_same_trades_of_one_strategy(self, candles):
        # One pair, one strategy, no portfolio in its way: the desk's factors change sizes, not trades.
        policy = DeskPolicy()
        books = tuple(
            replace(book, daily_loss_limit=Decimal(1), weekly_loss_limit=Decimal(1)) for book in policy.portfolios
        )
        one = settings(candles, desk=replace(policy, portfolios=books))
        one = one.model_copy(update={"feed": one.feed.model_copy(update={"pairs": ("BTC/USDT",)})})
        prepared = prepare(one, Asked(strategies=("breakout",)))
        desk, compiled = (backtest(prepared, engine, QUICK, step=quiet)[0].backtest for engine in ("event", "compiled"))
        ours, theirs = (
            [(each.opened_ms, each.closed_ms, each.side, each.entry, each.reason) for each in one.trades]
            for one in (desk, compiled)
        )
        assert len(ours) > 10
        assert ours == theirs

    def test_options_change_what_is_assumed(self, candles):
        asked = Asked(
            strategies=("breakout",),
            fee=Decimal("0.001"),
            entry="this_close",
            tie="optimistic",
            without=("funding", "slippage"),
            start_equity=Decimal(500),
            leverage=Decimal(7),
        )
        made = backtest(prepare(settings(candles), asked), "compiled", QUICK, step=quiet)[0].backtest
        assert made.costs["fees"] == "maker 10 bps, taker 10 bps of the value"
        assert made.costs["funding"].startswith("off")
        assert made.costs["slippage"].startswith("off")
        assert made.costs["liquidation"].startswith("leverage 7")
        assert "very close" in made.conventions["entry"]
        assert "flattering" in made.conventions["tie"]
        assert float(made.curves["breakout BTC/USDT"].equity[0]) == 500
        moved = replace(asked, entry="next_open", without=(), impact=Decimal(2), latency_ms=1)
        made = backtest(prepare(settings(candles), moved), "compiled", QUICK, step=quiet)[0].backtest
        assert "2 × range × √" in made.costs["slippage"]
        assert "1 ms late" in made.costs["latency"]

    def test_shorter_candles_tell_what_came_first_inside_a_candle(self, candles):
        hours = settings(candles)
        hours = hours.model_copy(update={"feed": hours.feed.model_copy(update={"timeframe": "1h"})})
        plain, finer = (
            backtest(prepare(hours, Asked(strategies=("breakout",), finer=each)), "compiled", QUICK, step=quiet)[0]
            for each in (None, "5m")
        )
        assert "the stop comes first" in plain.backtest.conventions["tie"]
        assert finer.backtest.conventions["tie"].startswith("5m candles tell what came first")
        assert finer.backtest.digest != plain.backtest.digest
        assert {trade.opened_ms for trade in finer.backtest.trades} & {
            trade.opened_ms for trade in plain.backtest.trades
        }
        for leg in finer.legs:
            assert leg.with_costs(leg.terms.costs, leg.market).curve().equity.tolist() == leg.curve().equity.tolist()
        with pytest.raises(BadInput, match="own conventions"):
            backtest(prepare(hours, Asked(strategies=("trend",), finer="5m")), "event", QUICK, step=quiet)
        only = finer.materials.only("BTC/USDT")
        assert list(only.finer) == ["BTC/USDT"]
        assert only.finer["BTC/USDT"].bars.open_ms[0] == only.start_ms

    @pytest.mark.parametrize(("finer", "told"), [("1h", "do not lie inside"), ("15m", "no 15m candles")])
    def test_shorter_candles_that_are_not_there_or_not_shorter_are_refused(self, candles, finer, told):
        hours = settings(candles)
        hours = hours.model_copy(update={"feed": hours.feed.model_copy(update={"timeframe": "1h"})})
        with pytest.raises(BadInput, match=told):
            prepare(hours, Asked(strategies=("breakout",), finer=finer))

    def test_a_spot_portfolio_knows_no_funding(self, candles):
        spot = PortfolioPolicy(
            name="spot",
            sources=("strategies",),
            market=MarketKind.SPOT,
            risk_per_trade=Decimal("0.006"),
            leverage=Decimal(1),
        )
        prepared = prepare(
            settings(candles, desk=replace(DeskPolicy(), portfolios=(spot,))), Asked(strategies=("trend",))
        )
        assert prepared.materials.settlements == ()
        assert {"funding", "liquidation"} <= prepared.terms.costs.off

    @pytest.mark.parametrize(
        "asked",
        [
            Asked(strategies=("trend",), entry="this_close"),
            Asked(strategies=("trend",), without=("fees",)),
            Asked(strategies=("trend",), latency_ms=5),
            Asked(strategies=("trend",), impact=Decimal(1)),
        ],
    )
    def test_what_the_desk_cannot_do_is_refused(self, candles, asked):
        with pytest.raises(BadInput, match="own conventions"):
            backtest(prepare(settings(candles), asked), "event", QUICK, step=quiet)


class TestMistakes:
    def test_unknown_names_and_candles_that_are_too_long(self, candles):
        with pytest.raises(UnknownStrategy, match="Did you mean breakout"):
            prepare(settings(candles), Asked(strategies=("brakeout",)))
        far = settings(candles)
        far = far.model_copy(update={"feed": far.feed.model_copy(update={"timerange": "20300101-20300102"})})
        with pytest.raises(BadInput, match="No candle lies"):
            prepare(far, Asked(strategies=("trend",)))
        with pytest.raises(BadInput, match="no share of the value"):
            prepare(settings(candles), Asked(strategies=("trend",), fee=Decimal(2)))
        with pytest.raises(BadInput, match="No portfolio sizes by risk"):
            prepare(
                settings(candles, desk=replace(DeskPolicy(), portfolios=(PortfolioPolicy(name="a"),))),
                Asked(strategies=()),
            )

    def test_all_leaves_out_what_the_candles_are_too_long_for_and_says_so(self, tmp_path):
        frame = {
            name: [1.0 + place / 100 for place in range(400)] for name in ("open", "high", "low", "close", "volume")
        }
        frame |= {"ts": [START_MS + place * 3_600_000 for place in range(400)]}
        pl.DataFrame(frame).write_parquet(tmp_path / "binance_BTCUSDT_1h.parquet")
        hourly = settings(tmp_path)
        feed = hourly.feed.model_copy(update={"timeframe": "1h", "timerange": None})
        prepared = prepare(hourly.model_copy(update={"feed": feed}), Asked(strategies=("all",)))
        assert "bar_reaction" not in [member.name for member in prepared.strategies]
        assert any("bar_reaction was left out" in note for note in prepared.materials.notes)

    def test_a_strategy_that_looks_ahead_is_named_and_nothing_else_of_it_believed(self, candles, tmp_path):
        cheating = own(tmp_path, CHEAT, "entry = bars.close[np.minimum(rows + 1, len(bars) - 1)]")
        prepared = prepare(settings(candles, strategies=cheating), Asked(strategies=("mine",)))
        tested, findings = backtest(prepared, "compiled", QUICK, step=quiet)
        assert findings.look_ahead is not None
        assert findings.look_ahead.verdict == "found"
        assert findings.verdict is not None
        assert "looks ahead" in findings.verdict.headline
        assert "mine on" in tested.backtest.warnings[1]

    @pytest.mark.parametrize(
        ("swap", "said"),
        [
            (("moves = np.sign", "raise OSError('no'); moves = np.sign"), "OSError: no"),
            (("stop=entry - side * p.stop_atr * atr", "stop=entry[:-1]"), "IndexError"),
            (
                (LAST, f"{BARE}confidence=atr[1:], stop=entry, targets=(entry, entry))\n        dict("),
                "float64 of shape",
            ),
            ((LAST, f"{BARE}confidence=atr, stop=entry, targets=(entry,))\n        dict("), "1 targets where"),
            ((LAST, f"{BARE}confidence=side, stop=entry, targets=(entry, entry))\n        dict("), "a column is int8"),
        ],
    )
    def test_a_strategy_that_fails_is_a_sentence(self, candles, tmp_path, swap, said):
        prepared = prepare(settings(candles, strategies=own(tmp_path, *swap)), Asked(strategies=("mine",)))
        with pytest.raises(StrategyFault, match=said):
            backtest(prepared, "compiled", QUICK, step=quiet)

    def test_on_the_desk_it_is_silent_and_the_result_says_why(self, candles, tmp_path):
        swap = ("moves = np.sign", "raise OSError('no'); moves = np.sign")
        mended = own(tmp_path, *swap)
        prepared = prepare(settings(candles, strategies=mended), Asked(strategies=("mine",)))
        tested = run_prepared(prepared, "event", step=quiet)
        assert any("OSError: no" in warning for warning in tested.backtest.warnings)
        assert tested.backtest.trades == ()

    def test_prices_that_are_no_numbers_are_never_traded_and_told(self, candles, tmp_path):
        bad = f"{BARE}confidence=entry * 0 + 0.5, stop=entry * np.nan, targets=(entry, entry))\n        dict("
        prepared = prepare(settings(candles, strategies=own(tmp_path, LAST, bad)), Asked(strategies=("mine",)))
        for engine in ("compiled", "event"):
            made = run_prepared(prepared, engine, step=quiet).backtest
            assert made.trades == ()
            assert any("not all positive numbers" in warning for warning in made.warnings), made.warnings

    def test_parameters_out_of_bounds_are_a_sentence(self, candles, tmp_path):
        mine = own(tmp_path, CHEAT, CHEAT)
        bad = StrategySettings(folder=mine.folder, parameters={"mine": {"run": 99}})
        with pytest.raises(BadParameters, match="run is a number of bars from 1 to 20, not 99"):
            prepare(settings(candles, strategies=bad), Asked(strategies=("mine",)))


class TestVerify:
    def test_everything_is_asked_and_most_of_it_is_failed_on_a_random_walk(self, candles):
        prepared = prepare(settings(candles), Asked(strategies=("bar_reaction", "breakout")))
        found = verify_each(prepared, Examination(samples=4, traders=200, folds=3), step=quiet)
        assert [each.strategy for each in found] == ["bar_reaction", "breakout"]
        for each in found:
            names = {check.name for check in each.checks}
            assert {"look_ahead", "beats_random", "beats_held", "survives_costs", "deflated_sharpe"} <= names
            assert all(check.reason for check in each.checks)
            assert not each.passed, "nobody beats a random walk"
            assert "It failed" in each.sentence


def line_of(event: ev.Event, at_ms: int, account: str = "paper") -> str:
    told = {"id": "1-1", "account": account, "kind": type(event).__name__, "at_ms": at_ms}
    return json.dumps({**told, "body": json.loads(encode(event))})


def recorded_council(folder: Path, *, wish: Side = Side.LONG) -> Path:
    """A file as `quorate journal export` writes it: three members who want BTC once."""
    at_ms = START_MS + 6 * DAY_MS
    frame = pl.read_parquet(folder / "binance_BTCUSDT_5m.parquet")
    close = frame.filter(pl.col("ts") == at_ms - 300_000)["close"][0]
    price = Decimal(str(close))
    votes = tuple(
        Vote(name, "BTC/USDT", wish, Decimal("0.7"), price, price * Decimal("0.99"), price * Decimal("1.03"), "why")
        for name in ("a", "b", "c")
    )
    told = [ev.StepClosed(at_ms, (), fresh=True), ev.VotesCast(str(at_ms), at_ms, ("a", "b", "c"), votes)]
    path = folder / "votes.jsonl"
    lines = [line_of(event, at_ms) for event in told]
    path.write_text("\n".join(lines) + "\n")
    return path


class TestCouncil:
    def test_it_trades_in_the_portfolios_that_listen_to_it(self, candles):
        asked = Asked(strategies=(), council=str(recorded_council(candles)))
        tested, _ = backtest(prepare(settings(candles), asked), "event", QUICK, step=quiet)
        assert {trade.portfolio for trade in tested.backtest.trades} == {"aggressive", "conservative"}
        assert tested.backtest.strategies == ("consensus",)
        assert set(tested.backtest.curves) == {"aggressive", "conservative", "total"}

    def test_with_strategies_beside_it_every_portfolio_trades(self, candles):
        asked = Asked(strategies=("breakout",), council=str(recorded_council(candles)))
        tested, _ = backtest(prepare(settings(candles), asked), "event", QUICK, step=quiet)
        assert {trade.strategy for trade in tested.backtest.trades} == {"breakout", "consensus"}

    def test_it_needs_the_desk_and_a_portfolio_that_listens(self, candles):
        asked = Asked(strategies=(), council=str(recorded_council(candles)))
        with pytest.raises(BadInput, match="--engine desk"):
            backtest(prepare(settings(candles), asked), "compiled", QUICK, step=quiet)
        deaf = replace(DeskPolicy(), portfolios=(DeskPolicy().portfolios[2],), council=CouncilPolicy())
        assert COUNCIL not in deaf.portfolios[0].sources
        with pytest.raises(BadInput, match="No portfolio trades any of these"):
            backtest(prepare(settings(candles, desk=deaf), asked), "event", QUICK, step=quiet)

    def test_a_record_that_cannot_be_read_is_a_sentence(self, candles, tmp_path):
        line = line_of(ev.WriterChanged(1), 1)
        empty, torn, two = (tmp_path / f"{name}.jsonl" for name in ("empty", "torn", "two"))
        empty.write_text(line + "\n")
        with pytest.raises(BadInput, match="no vote of a council"):
            prepare(settings(candles), Asked(strategies=(), council=str(empty)))
        torn.write_text('{"id": "1-1", "account"\n')
        with pytest.raises(BadInput, match=r"Line 1 of torn\.jsonl is no entry"):
            story_in_file(torn)
        two.write_text(f"{line}\n{line_of(ev.WriterChanged(1), 1, 'live')}\n")
        with pytest.raises(BadInput, match="entries of 2 accounts"):
            story_in_file(two)
        with pytest.raises(BadInput, match="cannot be read"):
            read_story(settings(candles), str(tmp_path / "nowhere.jsonl"))


def test_holes_before_the_time_range_are_nobodys_business(candles, tmp_path):
    for file in candles.glob("binance_*USDT_5m.parquet"):
        frame = pl.read_parquet(file)
        before, inside = START_MS + 86_400_000, START_MS + 8 * 86_400_000
        hole = ((pl.col("ts") > before) & (pl.col("ts") < before + 7_200_000)) | (pl.col("ts") == inside)
        frame.filter(~hole).write_parquet(tmp_path / file.name)
    notes = prepare(settings(tmp_path), Asked(strategies=("trend",))).materials.notes
    assert notes == tuple(f"1 candles of {pair} are missing in between." for pair in PAIRS)
