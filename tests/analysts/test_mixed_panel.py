"""Rules and models on one panel: each votes as it would alone, and rules never wait for models."""

import asyncio
from dataclasses import replace

from quorate.analysts.mixed_panel import MixedPanel
from quorate.analysts.panel import RulePanel
from quorate.council.consensus import consensus
from quorate.domain.policy import CouncilPolicy
from quorate.domain.signals import Tier
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot
from tests.analysts.prompting import NAMES, D, Room, ScriptedMind, long_btc, market_at, never, room, spec


async def test_rules_and_models_make_one_panel_whose_quorum_counts_everybody():
    policy = CouncilPolicy(panel=("claude", "gemini", "ruled"))
    mind = ScriptedMind({"claude": long_btc, "gemini": long_btc})
    here = Room(mind, specs=(spec("claude"), spec("gemini")), policy=policy)
    rules = RulePanel(here.lookout, [], replace(policy, panel=()))
    ballot = await MixedPanel(policy.panel, [rules, here.panel]).vote(here.snapshot, slot="s")
    assert ballot.panel == policy.panel
    assert ballot.model_version == "rule-based; claude openai/claude-1 full-1; gemini openai/gemini-1 full-1"
    world = {"BTC/USDT": D(100), "ETH/USDT": D(100)}
    (verdict,) = consensus(ballot, weights={}, policy=policy, markets=here.lookout.markets, prices=world)
    assert verdict.tier is Tier.SILVER


async def test_rules_on_a_mixed_panel_have_read_the_market_before_the_models_are_waited_for():
    here = room(claude=never, gemini=never, grok=never)
    heard: list[str] = []

    class Rules(RulePanel):
        async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
            heard.append("rules")
            return await super().vote(snapshot, slot=slot)

    policy = CouncilPolicy(panel=(*NAMES, "ruled"))
    panel = MixedPanel(policy.panel, [here.panel, Rules(here.lookout, [], replace(policy, panel=()))])
    assert panel.asks_models
    voting = asyncio.create_task(panel.vote(here.snapshot, slot="s"))
    await asyncio.sleep(0)
    assert heard == ["rules"]
    # Whatever the lookout sees from now on is not in the question.
    later = market_at(here.lookout, 1, {"BTC/USDT": "107", "ETH/USDT": "107"})
    await asyncio.sleep(0)
    assert "BTC/USDT,100," in here.mind.asked[0][1].prompt
    assert later.at_ms > here.snapshot.at_ms
    voting.cancel()
    await asyncio.gather(voting, return_exceptions=True)
