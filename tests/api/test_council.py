"""The council's cycles and the four agents, as the journal has them."""

import json
from dataclasses import replace
from decimal import Decimal as D

import pytest

from quorate.api.schemas.agents import Agents
from quorate.api.schemas.council import Council
from quorate.api.schemas.signals import SignalDetail
from quorate.domain import events as e
from quorate.domain.evaluation import Advice, Evaluated
from quorate.domain.signals import Tier, VerdictOutcome
from quorate.domain.votes import MarketRegime, Regime, Side
from tests.api.shadow_days import PROMPT, asked, vote
from tests.journal import samples

PANEL = ("gemini", "momentum", "trend")
KEPT = "The pair cools down for 3.0 h more."


def outcome(*, signal="", kept_back="", pair="BTC/USDT"):
    return VerdictOutcome(
        pair, Side.LONG, Tier.SILVER, D("0.75"), ("momentum", "trend"), ("gemini",), signal, kept_back
    )


def cycle(slot, *votes, outcomes=(), at_ms=samples.START_MS):
    return e.VotesCast(slot, at_ms, PANEL, votes, tuple(outcomes))


async def council(api, **params):
    return Council.model_validate((await api.get("/v1/council", params=params)).json())


async def agent(api, name, **params):
    found = Agents.model_validate((await api.get("/v1/agents", params=params)).json())
    (wanted,) = (each for each in found.agents if each.name == name)
    return wanted


async def test_a_cycle_tells_votes_dissent_and_what_came_of_it(api, desk):
    votes = (vote("gemini", Side.SHORT), vote("momentum"), vote("trend"), vote("trend", pair="ETH/USDT"))
    await desk.write([cycle("s1", *votes, outcomes=[outcome(signal="sig1")])])
    (found,) = (await council(api)).cycles
    assert (found.slot, found.panel, [pair.pair for pair in found.pairs]) == (
        "s1",
        list(PANEL),
        ["BTC/USDT", "ETH/USDT"],
    )
    btc, eth = found.pairs
    assert [(each.analyst, each.side, each.confidence, each.stop) for each in btc.votes] == [
        ("gemini", "SHORT", 0.8, "102"),
        ("momentum", "LONG", 0.8, "98"),
        ("trend", "LONG", 0.8, "98"),
    ]
    assert (btc.disagreement, btc.opposed, btc.flat) == (pytest.approx(1 / 3), True, [])
    assert btc.outcome is not None
    assert (btc.outcome.signal, btc.outcome.kept_back, btc.outcome.dissenting) == ("sig1", None, ["gemini"])
    assert (eth.disagreement, eth.opposed, eth.flat) == (pytest.approx(1 / 3), False, ["gemini", "momentum"])
    assert (eth.outcome, found.models, found.cost_usd) == (None, [], "0")


async def test_who_abstains_is_told_once_with_its_reasons(api, desk):
    silent = [vote("gemini", Side.FLAT, pair=f"P{n}/USDT", abstained=True) for n in range(80)]
    await desk.write([cycle("s1", *silent, vote("gemini", Side.FLAT, abstained=True), vote("trend"))])
    (found,) = (await council(api)).cycles
    assert [(each.analyst, each.pairs, each.reasons) for each in found.silences] == [
        ("gemini", 81, ["timeout: no answer"])
    ]
    (pair,) = found.pairs
    assert [(each.analyst, each.abstained) for each in pair.votes] == [("gemini", True), ("trend", False)]
    assert pair.disagreement == 0.5, "who abstains neither agrees nor disagrees"


async def test_how_models_were_asked_stands_beside_their_votes(api, desk):
    for n in range(3):
        await desk.write(
            [e.CouncilAsked(f"s{n}", samples.START_MS, (asked(cost=f"0.{n + 1}"),)), cycle(f"s{n}", vote("trend"))]
        )
    found = await council(api, limit=2)
    assert [(each.slot, each.cost_usd) for each in found.cycles] == [("s2", "0.3"), ("s1", "0.2")]
    (model,) = found.cycles[0].models
    assert (model.analyst, model.provider, model.code, model.prompt) == ("gemini", "gemini", "voted", PROMPT)
    (asking,) = model.askings
    assert (asking.record, asking.answered_by, asking.fault) == ("b2" * 32, "gemini/gemini-2.5-pro", None)
    rest = await council(api, limit=2, before=found.next)
    assert ([each.slot for each in rest.cycles], rest.next) == (["s0"], None)
    assert [model.cost_usd for model in rest.cycles[0].models] == ["0.1"]


async def test_agreement_is_added_up_over_the_page(api, desk):
    await desk.write([cycle("s1", vote("trend"), vote("momentum"), outcomes=[outcome(signal="sig1")])])
    await desk.write([cycle("s2", vote("trend"), vote("momentum", Side.SHORT))])
    await desk.write([cycle("s3", vote("trend"), vote("momentum"), outcomes=[outcome(kept_back=KEPT)])])
    (pair,) = (await council(api)).agreement
    assert (pair.cycles, pair.long_votes, pair.short_votes, pair.quorums, pair.published, pair.opposed) == (
        3,
        5,
        1,
        2,
        1,
        1,
    )
    assert pair.disagreement == pytest.approx((1 / 3 + 2 / 3 + 1 / 3) / 3)


@pytest.mark.parametrize("kind", ["VotesCast", "CouncilAsked", "TradeClosed"])
async def test_the_journal_is_looked_up_by_kind_through_an_index(desk, pool, kind):
    from quorate.store.readers import entries

    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        plan = await connection.fetchval(f"explain (format json) {entries._NEWEST[kind]}", "paper", *entries.NEWEST, 20)
    node = json.loads(plan)[0]["Plan"]
    while "Plans" in node:
        (node,) = node["Plans"]
    assert node["Index Name"] in ("journal_ballots", "journal_decisions", "journal_trades")
    assert "kind" not in node.get("Filter", "")


async def test_every_agent_is_there_before_it_has_decided_anything(api, desk):
    found = Agents.model_validate((await api.get("/v1/agents")).json()).agents
    assert [each.name for each in found] == ["regime_detector", "signal_analysts", "risk_manager", "position_manager"]
    assert all(each.made_of and each.does and each.last is None for each in found)


async def test_the_regime_detector_says_what_market_it_is_and_by_which_rule(api, desk):
    await desk.write([e.MarketRegimeChanged(MarketRegime.RISK_OFF, "38 % over SMA 50", samples.START_MS)])
    await desk.write([e.RegimeChanged("BTC/USDT", Regime.RANGING, samples.START_MS + 1)])
    found = await agent(api, "regime_detector")
    assert [(each.subject, each.decided) for each in found.decisions] == [
        ("BTC/USDT", "RANGING."),
        ("the whole market", "RISK_OFF."),
    ]
    assert found.last is not None
    assert "Choppiness" not in found.last.why
    assert "30th percentile" in found.last.why
    assert found.last == found.decisions[0]


async def test_the_signal_analysts_publish_keep_back_or_find_no_quorum(api, desk):
    await desk.write([cycle("s1", vote("trend"))])
    await desk.write([cycle("s2", vote("trend"), vote("momentum"), outcomes=[outcome(signal="sig1")])])
    for n in range(5):
        late = outcome(kept_back=f"The pair cools down for {n}.0 h more.")
        await desk.write([e.CouncilAsked(f"k{n}", samples.START_MS, (asked(),)), cycle(f"k{n}", outcomes=[late])])
    found = await agent(api, "signal_analysts")
    assert [each.decided for each in found.decisions] == ["Kept LONG back.", "Published LONG as silver.", "No quorum."]
    kept, published, none = found.decisions
    assert kept.why.startswith("The pair cools down for 4.0 h more.")
    assert (published.signal, published.pair) == ("sig1", "BTC/USDT")
    assert published.why == "momentum, trend for LONG with confidence 0.75; gemini against."
    assert none.why == "1 vote with a side on 1 pair."
    assert found.made_of[:2] == ["gemini: model gemini/gemini-2.5-pro", "momentum: rules"]


async def test_the_risk_manager_sizes_stops_and_says_why(api, desk):
    await desk.write([samples.signal("s1"), samples.intended("q1")])
    await desk.write([e.OrderDenied("q1", "C4", "60,000 USD", "50,000 USD", samples.START_MS)])
    breaker = ("aggressive", "daily_loss", "", True, "5.2 % lost today", "5.2 %", "5 %")
    await desk.write([e.BreakerChanged(*breaker, samples.START_MS, samples.START_MS + 86_400_000)])
    await desk.write([e.TradingStateChanged("", "HALTED", "a person", "a drill", samples.START_MS)])
    await desk.write([e.KillSwitchRearmed("aggressive", "a person", samples.START_MS)])
    found = await agent(api, "risk_manager")
    told = [(each.decided, each.why) for each in found.decisions]
    assert told == [
        ("Re-armed the kill switch of aggressive.", "By a person; the peak starts anew."),
        ("Set trading to HALTED.", "a drill (by a person)."),
        ("Tripped daily_loss of aggressive.", "5.2 % lost today (5.2 % against 5 %). Until 2025-01-02T00:00:00Z."),
        ("Denied aggressive an order (entry).", "Control C4: 60,000 USD (limit 50,000 USD)."),
        ("Let aggressive take 1000.50 USD, 10.00 % of equity.", "Sizing chain: kelly 1.02."),
        ("Kept conservative out.", "Stopped by tier. Sizing chain: kelly 1.02."),
    ]
    assert found.decisions[3].pair == "BTC/USDT"
    assert all(each.entry.startswith("1-") for each in found.decisions)


async def test_the_position_manager_holds_tightens_and_gets_out(api, desk):
    await desk.write([samples.intended(), samples.filled(), samples.position()])
    for n in range(3):
        looks = (Evaluated("aggressive", "BTC/USDT", Advice.HOLD, None, f"Still on its way, look {n}."),)
        await desk.write([e.PositionsEvaluated(f"e{n}", samples.START_MS, "gemini", looks)])
    tight = (
        Evaluated("aggressive", "BTC/USDT", Advice.TIGHTEN, D("99.5"), "Momentum fades."),
        Evaluated("conservative", "BTC/USDT", Advice.EXIT, None, "News.", "the trade is not open"),
    )
    await desk.write([e.PositionsEvaluated("e9", samples.START_MS, "rules", tight, fault="timeout")])
    await desk.write([e.PositionChanged(samples.position(stop="100.1").position, "stop moved", samples.START_MS)])
    await desk.write([samples.trade()])
    found = await agent(api, "position_manager")
    assert [each.decided for each in found.decisions] == [
        "Closed the trade of aggressive at 103: +1.90 R.",
        "Moved the stop of aggressive to 100.1.",
        "Tightened the stop of aggressive to 99.5.",
        "Left the trade of conservative as it is: EXIT was ignored, the trade is not open.",
        "Held the trade of aggressive.",
    ]
    assert found.decisions[2].why == "Momentum fades. By rules (timeout)."
    assert found.decisions[4].why == "Still on its way, look 2. By gemini."
    assert found.made_of[1] == "evaluator: rules"
    assert len((await agent(api, "position_manager", limit=2)).decisions) == 2


async def test_the_position_managers_advice_leads_to_what_its_model_was_asked(api, desk):
    looks = (Evaluated("aggressive", "BTC/USDT", Advice.HOLD, None, "0.3 R ahead"),)
    await desk.write([e.PositionsEvaluated("e1", samples.START_MS, "gemini", looks, asked=asked())])
    (told,) = (await agent(api, "position_manager")).decisions
    assert (told.prompt, told.why) == (PROMPT, "0.3 R ahead. By gemini.")


async def test_a_cycle_in_which_nobody_took_a_side_says_so(api, desk):
    await desk.write([cycle("s1", vote("gemini", Side.FLAT, abstained=True))])
    (told,) = (await agent(api, "signal_analysts")).decisions
    assert told.why == "Nobody took a side; gemini abstained."


async def detail(api, signal="sig1"):
    return SignalDetail.model_validate((await api.get(f"/v1/signals/{signal}")).json())


async def test_a_signal_leads_to_its_cycle_and_to_what_every_class_of_models_was_asked(api, desk):
    small = replace(asked("olaf", prompt="c3" * 32), template="compact-1")
    await desk.write([cycle("s0", vote("trend"), outcomes=[outcome(kept_back=KEPT)])])
    await desk.write(
        [
            samples.signal("sig1"),
            e.CouncilAsked("s1", samples.START_MS, (asked(), asked("otto", code="timeout"), small)),
            cycle("s1", vote("trend"), outcomes=[outcome(signal="sig1")]),
        ]
    )
    await desk.write([cycle("s2", vote("trend"), outcomes=[outcome(kept_back=KEPT)])])
    found = (await detail(api)).decided_in
    assert found is not None
    assert found.cycle == (await council(api)).cycles[1].id
    assert [(prompt.template, prompt.digest, prompt.analysts) for prompt in found.prompts] == [
        ("full-1", PROMPT, ["gemini", "otto"]),
        ("compact-1", "c3" * 32, ["olaf"]),
    ]


async def test_what_rules_decided_has_a_cycle_and_no_prompt(api, desk):
    await desk.write([samples.signal("sig1"), cycle("s1", vote("trend"), outcomes=[outcome(signal="sig1")])])
    found = (await detail(api)).decided_in
    assert found is not None
    assert found.prompts == []


async def test_a_strategys_own_signal_came_out_of_no_cycle(api, desk):
    signal = replace(samples.signal("sig1").signal, source="trend", tier=Tier.SINGLE)
    await desk.write([e.SignalPublished(signal), cycle("s1", vote("trend"), outcomes=[outcome(signal="other")])])
    assert (await detail(api)).decided_in is None
