"""Records of analysts: every number of them, and what may be concluded."""

from decimal import Decimal as D

import pytest

from quorate.api.schemas.records import AnalystRecords
from quorate.domain import events as e
from quorate.domain.optimization import Optimization
from quorate.domain.votes import Side
from tests.api.shadow_days import DAY_MS, MODEL_KEY, asked, ended, vote
from tests.journal import samples

GOOD, BAD = "1", "-0.9"


def swings(count):
    """Wins and losses in turn, so that there is something to draw from."""
    return ["0.8" if n % 3 else "-1" for n in range(count)]


async def records(api, **params):
    return AnalystRecords.model_validate((await api.get("/v1/models", params=params)).json())


async def one(api, name, **params):
    (found,) = (each for each in (await records(api, **params)).models if each.analyst == name)
    return found


async def begin(desk, *names, key="rules", at_ms=samples.START_MS, cutoff=None):
    await desk.write([e.RecordBegun(name, key, cutoff, at_ms) for name in names], at_ms=at_ms)


async def ballots(desk, count, *, panel=("trend",), votes=(), first_day=0, slots_a_day=1):
    """So many cycles, `slots_a_day` of them each day."""
    for n in range(count):
        at_ms = samples.START_MS + (first_day + n // slots_a_day) * DAY_MS + n % slots_a_day
        await desk.write([e.VotesCast(f"slot-{first_day}-{n}", at_ms, panel, tuple(votes))], at_ms=at_ms)


async def test_before_anybody_has_voted_there_are_no_records(api, desk):
    found = await records(api)
    assert (found.models, found.as_of) == ([], None)


async def test_a_record_counts_votes_abstentions_and_what_came_of_them(api, desk):
    await begin(desk, "trend", key="rules 0123456789ab")
    await ballots(desk, 3, votes=[vote("trend"), vote("trend", pair="ETH/USDT")])
    await ballots(desk, 1, votes=[vote("trend", Side.FLAT, abstained=True)], first_day=3)
    await desk.write([*ended("trend", ["1.5", "-1", None], record="rules 0123456789ab")])
    await desk.write([samples.shadow("running")])
    found = await one(api, "trend")
    assert (found.kind, found.record.key, found.record.digest) == ("rule", "rules 0123456789ab", "0123456789ab")
    assert (found.decisions, found.abstentions, found.days, found.since) == (7, 1, 4, "2025-01-01T00:00:00Z")
    assert (found.closed, found.never_entered, found.win_rate, found.average_r) == (2, 1, 0.5, 0.25)
    assert found.expectancy_r == pytest.approx(0.25 * 2 / 32)
    assert found.average_r_interval is None, "two days are too few to tell"
    assert found.brier == pytest.approx((0.4**2 + 0.6**2) / 2)
    assert [(each.low, each.count, each.win_rate) for each in found.calibration] == [(0.6, 2, 0.5)]
    assert found.calibration_error == pytest.approx(0.1)
    assert (found.ranked, found.rank) == (False, None)
    assert found.unranked_why == "7 of 100 decisions, 4 of 30 days, 2 of 30 closed trades that count so far."
    assert found.weight == 1.0
    assert found.cost.usd == "0"


async def test_the_open_trades_of_another_record_are_not_of_this_one(api, desk):
    await begin(desk, "trend", key="rules 0123456789ab")
    await desk.write([samples.shadow("running")])
    assert (await one(api, "trend")).open == 0
    earlier = [each for each in (await records(api, all_records=True)).models if each.record.key == "rules"]
    assert [each.open for each in earlier] == [1]


async def test_what_a_model_may_have_read_about_counts_for_nothing(api, desk):
    await begin(desk, "gemini", key=MODEL_KEY, cutoff="2025-01-31")
    await desk.write([*ended("gemini", ["3", "3"], record=MODEL_KEY, contaminated=True)])
    await desk.write([*ended("gemini", ["-1"], record=MODEL_KEY, first_day=90)])
    found = await one(api, "gemini")
    assert (found.kind, found.knowledge_cutoff, found.closed, found.average_r) == ("model", "2025-01-31", 1, -1.0)
    assert (found.contaminated.closed, found.contaminated.average_r) == (2, 3.0)
    assert (found.record.provider, found.record.model) == ("gemini", "gemini-2.5-pro")
    assert (found.record.template, found.record.sampling) == ("full-1", "temperature 0, 16384 tokens")


async def test_the_money_of_a_model_is_told_in_r(api, desk):
    """1 R is 2 % of the first council portfolio's normal notional: 0.02 of 0.10 of 10,000 USD are 20 USD."""
    await begin(desk, "gemini", key=MODEL_KEY)
    codes = ["voted"] * 3 + ["timeout"]
    for n, code in enumerate(codes):
        at_ms = samples.START_MS + n * DAY_MS
        spoke = vote("gemini") if code == "voted" else vote("gemini", Side.FLAT, abstained=True)
        cycle = e.CouncilAsked(f"s{n}", at_ms, (asked(code=code, cost="2"),))
        await desk.write([cycle, e.VotesCast(f"s{n}", at_ms, ("gemini",), (spoke,))], at_ms=at_ms)
    await desk.write([*ended("gemini", ["1", "-1"], record=MODEL_KEY)])
    found = await one(api, "gemini")
    assert (found.failures, found.abstentions, found.decisions) == ({"timeout": 1}, 1, 4)
    assert (found.input_tokens, found.output_tokens, found.flip_rate) == (4_000, 800, 0.5)
    cost = found.cost
    assert (cost.usd, cost.usd_per_decision, cost.usd_per_trade, cost.r_usd) == ("8", 2.0, 4.0, 20.0)
    assert (cost.r_per_decision, cost.r_per_trade) == (0.1, 0.2)


async def test_only_the_newest_record_is_told_unless_all_are_asked_for(api, desk):
    await begin(desk, "trend", key="rules aaaaaaaaaaaa")
    await ballots(desk, 2, votes=[vote("trend")])
    await desk.write([*ended("trend", ["1"], record="rules aaaaaaaaaaaa")])
    await begin(desk, "trend", key="rules bbbbbbbbbbbb", at_ms=samples.START_MS + 9 * DAY_MS)
    await ballots(desk, 5, votes=[vote("trend")], first_day=9)
    await desk.write([*ended("trend", ["-1"], record="rules bbbbbbbbbbbb", first_day=9)])
    found = await one(api, "trend")
    assert (found.record.key, found.record.newest, found.decisions, found.average_r) == (
        "rules bbbbbbbbbbbb",
        True,
        5,
        -1.0,
    )
    every = [
        (each.record.key[6], each.decisions, str(each.since)[:10])
        for each in (await records(api, all_records=True)).models
    ]
    assert every == [("b", 5, "2025-01-10"), ("a", 2, "2025-01-01")]


async def test_a_record_that_is_gone_back_to_goes_on(api, desk):
    for n, key in enumerate(("rules aaaaaaaaaaaa", "rules bbbbbbbbbbbb", "rules aaaaaaaaaaaa")):
        await begin(desk, "trend", key=key, at_ms=samples.START_MS + n * DAY_MS)
        await ballots(desk, n + 1, votes=[vote("trend")], first_day=n * 10)
    found = await one(api, "trend")
    assert (found.record.key, found.decisions, found.since) == ("rules aaaaaaaaaaaa", 4, "2025-01-01T00:00:00Z")


async def test_luck_is_tossed_with_the_same_entries_and_exits(api, desk):
    await begin(desk, "trend", "momentum")
    await desk.write([*ended("trend", [GOOD] * 40, mirrored=[BAD] * 40)])
    await desk.write([*ended("momentum", [GOOD, BAD] * 20, mirrored=[BAD, GOOD] * 20)])
    sure, lucky = await one(api, "trend"), await one(api, "momentum")
    assert (sure.luck.traders, sure.luck.trades, sure.luck.average_r) == (1_000, 40, 1.0)
    assert sure.luck.percentile == 100.0
    assert sure.luck.p_value == pytest.approx(1 / 1_001)
    assert sure.luck.interval is not None
    assert sure.luck.interval.low == pytest.approx(-0.24, abs=0.06)
    assert sure.luck.interval.high == pytest.approx(0.34, abs=0.06)
    verdicts = {each.against: each for each in sure.comparisons}
    assert verdicts["luck"].verdict == "beats"
    assert verdicts["luck"].sentence.startswith("trend beats luck: 0.1 % of 1000 random traders")
    assert {each.against: each.verdict for each in lucky.comparisons}["luck"] == "does_not_beat"
    assert lucky.luck.percentile == pytest.approx(50, abs=12)
    assert await one(api, "trend") == sure, "the tosses are the same for everybody"


async def test_few_days_cannot_be_told_however_good(api, desk):
    await begin(desk, "trend")
    await desk.write([*ended("trend", [GOOD] * 29, mirrored=[BAD] * 29)])
    await desk.write([*ended("trend", [GOOD] * 29, mirrored=[BAD] * 29, pair="ETH/USDT")])
    found = await one(api, "trend")
    assert {each.verdict for each in found.comparisons} == {"cannot_be_told"}
    assert "29 of 30 days" in found.comparisons[0].sentence


async def test_buying_and_holding_is_what_it_is_held_against(api, desk):
    await begin(desk, "trend", "momentum")
    await desk.write([*ended("trend", swings(60), hold="-0.5")])
    await desk.write([*ended("momentum", swings(60), hold="0.4")])
    for name, verdict, estimate in (("trend", "beats", 0.7), ("momentum", "does_not_beat", -0.2)):
        found = next(each for each in (await one(api, name)).comparisons if each.against == "buy_and_hold")
        assert (found.verdict, found.trades) == (verdict, 60)
        assert found.difference.estimate == pytest.approx(estimate)
        low, high = found.difference.low, found.difference.high
        assert low is not None
        assert high is not None
        assert low < estimate < high


async def test_who_beats_a_baseline_and_yet_loses_is_not_praised(api, desk):
    await begin(desk, "trend")
    await desk.write([*ended("trend", [str(D(r) - 1) for r in swings(60)], hold="-3")])
    found = next(each for each in (await one(api, "trend")).comparisons if each.against == "buy_and_hold")
    assert found.verdict == "beats"
    assert found.sentence.endswith("and yet loses: -0.80 R a trade.")


async def test_the_council_is_held_against_its_best_member_and_a_plain_majority(api, desk):
    await begin(desk, "trend", "momentum", "majority")
    await begin(desk, "council", key="panel 0123456789ab")
    await ballots(desk, 1, panel=("trend", "momentum"), votes=[vote("trend"), vote("momentum")])
    council, better = swings(60), [str(D(r) + D("0.5")) for r in swings(60)]
    worse = [str(D(r) - D("0.5")) for r in swings(60)]
    await desk.write([*ended("council", council, record="panel 0123456789ab")])
    await desk.write([*ended("trend", better), *ended("momentum", worse), *ended("majority", worse)])
    found = await one(api, "council")
    verdicts = {each.against: each for each in found.comparisons}
    assert [each.against for each in found.comparisons] == ["luck", "buy_and_hold", "best_single", "majority"]
    assert (verdicts["best_single"].other, verdicts["best_single"].verdict) == ("trend", "does_not_beat")
    assert verdicts["best_single"].sentence.startswith("The council does not beat its best single analyst (trend)")
    assert verdicts["majority"].verdict == "beats"
    assert verdicts["majority"].difference.estimate == pytest.approx(0.5)
    assert (found.kind, found.weight, (await one(api, "majority")).kind) == ("council", None, "majority")
    assert len((await one(api, "trend")).comparisons) == 2


async def test_token_money_of_all_models_is_the_councils(api, desk):
    await begin(desk, "gemini", key=MODEL_KEY)
    await begin(desk, "council", key="panel 0123456789ab")
    await desk.write([e.CouncilAsked("s1", samples.START_MS, (asked(cost="60"),))])
    await desk.write([*ended("council", [GOOD] * 60, mirrored=[BAD] * 60, hold="0.99", record="panel 0123456789ab")])
    found = await one(api, "council")
    assert (found.cost.usd, found.cost.r_per_trade) == ("60", pytest.approx(0.05))
    holding = next(each for each in found.comparisons if each.against == "buy_and_hold")
    assert holding.difference.estimate == pytest.approx(0.01 - 0.05)
    assert holding.verdict == "does_not_beat", "what it earns is less than what asking costs"


async def test_ranks_go_by_the_lower_bound_and_need_decisions_and_days(api, desk):
    await begin(desk, "trend", "momentum", "breakout")
    panel = ("trend", "momentum", "breakout")
    await ballots(desk, 120, panel=panel, votes=[vote("trend"), vote("momentum")], slots_a_day=4)
    await desk.write([*ended("trend", swings(60)), *ended("momentum", [str(D(r) + 1) for r in swings(60)])])
    await desk.write([*ended("breakout", [GOOD] * 60)])
    found = (await records(api)).models
    assert [(each.analyst, each.rank) for each in found] == [("momentum", 1), ("trend", 2), ("breakout", None)]
    assert found[0].unranked_why is None
    assert found[2].unranked_why == "0 of 100 decisions, 0 of 30 days so far."


async def test_without_ranks_the_council_comes_first_then_its_members_then_strategies(api, desk):
    await begin(desk, "breakout", "trend", "council", "majority")
    await begin(desk, "bar_reaction", key="rules 0123456789ab")
    await ballots(desk, 1, panel=("trend", "breakout"), votes=[vote("trend")])
    names = [each.analyst for each in (await records(api)).models]
    assert names == ["council", "majority", "breakout", "trend", "bar_reaction"]


async def test_what_is_there_already_is_not_told_as_missing(api, desk):
    await begin(desk, "trend", "momentum")
    await ballots(desk, 120, panel=("trend", "momentum"), votes=[vote("trend")], slots_a_day=8)
    await desk.write([*ended("trend", [GOOD] * 60)])
    found = await one(api, "trend")
    assert found.unranked_why == "15 of 30 days so far."


async def test_strategies_are_told_apart_from_who_sits_on_the_panel(api, desk):
    await begin(desk, "bar_reaction", key="rules 0123456789ab")
    await desk.write([*ended("bar_reaction", ["1", "-1"], record="rules 0123456789ab")])
    found = await one(api, "bar_reaction")
    assert (found.kind, found.weight, found.decisions, found.days) == ("strategy", None, 2, 2)
    assert (found.luck.trades, found.luck.p_value) == (0, None), "setups have no mirror images"


async def test_weights_are_those_of_the_optimizer(api, desk):
    await begin(desk, "trend", "momentum")
    await ballots(desk, 1, panel=("trend", "momentum"), votes=[vote("trend")])
    config = Optimization(1, samples.START_MS, "optimizer", (("trend", D("1.2")),), (), ())
    await desk.write([e.OptimizationChanged(config)])
    assert ((await one(api, "trend")).weight, (await one(api, "momentum")).weight) == (1.2, 1.0)


async def test_what_was_computed_is_kept_until_the_journal_goes_on(api, desk, resources):
    await begin(desk, "trend")
    before = await records(api)
    kept = resources.memory.records["paper", False]
    await records(api)
    assert resources.memory.records["paper", False] is kept
    await desk.write([*ended("trend", ["1"])])
    assert (await records(api)) != before
