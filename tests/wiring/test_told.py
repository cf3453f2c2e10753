"""Everything that a model was asked, said and cost, in a whole house, from its vendor to the API."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from quorate.api.schemas.agents import Agents
from quorate.api.schemas.context import WorldContext
from quorate.api.schemas.council import Council
from quorate.api.schemas.records import AnalystRecords
from quorate.api.schemas.status import Health
from quorate.api.schemas.words import Answer, Prompt
from tests.wiring.houses import PATIENCE_S, house, settings_in
from tests.wiring.test_evaluating import served, with_models


async def settled(client: httpx.AsyncClient) -> Council:
    """The council's cycles once a model has voted."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            response = await client.get("/v1/council")
            if response.status_code == 200:
                found = Council.model_validate(response.json())
                if any(model.code == "voted" for cycle in found.cycles for model in cycle.models):
                    return found
            await asyncio.sleep(0.1)


async def told(client: httpx.AsyncClient) -> Health:
    """The desk's health once its worker has told of a model's provider that replied."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            health = Health.model_validate((await client.get("/v1/status/health")).json())
            if any(provider.last_latency_ms is not None for provider in health.providers):
                return health
            await asyncio.sleep(0.1)


async def known(client: httpx.AsyncClient) -> WorldContext:
    """The context once the worker has told one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            context = WorldContext.model_validate((await client.get("/api/context")).json())
            if context.available:
                return context
            await asyncio.sleep(0.1)


@pytest.mark.timeout(400)
async def test_a_model_can_be_followed_from_its_vote_to_its_words_and_its_cost(folder: Path) -> None:
    async with served() as vendor:
        settings = with_models(settings_in(folder), "gina", panel=("gina", "trend"))
        near = replace(settings.minds.providers["near"], base_url=vendor.url)
        settings = settings.model_copy(update={"minds": replace(settings.minds, providers={"near": near})})
        async with house(settings) as (_, url), httpx.AsyncClient(base_url=url, timeout=60) as client:
            council = await settled(client)
            cycle = next(each for each in council.cycles if any(model.code == "voted" for model in each.models))
            (model,) = cycle.models
            (asking,) = model.askings
            assert (model.analyst, model.provider, asking.fault) == ("gina", "near", None)
            (vote,) = (vote for pair in cycle.pairs for vote in pair.votes if vote.analyst == "gina")
            assert (vote.side, vote.reason) == ("LONG", "it rises")

            prompt = Prompt.model_validate((await client.get(f"/v1/prompts/{model.prompt}")).json())
            assert "BTC/USDT" in prompt.prompt
            answer = Answer.model_validate((await client.get(f"/v1/answers/{asking.record}")).json())
            assert (answer.prompt, "it rises" in (answer.text or "")) == (model.prompt, True)

            health = await told(client)
            (provider,) = health.providers
            assert (provider.name, provider.breaker, provider.last_fault) == ("near", "closed", "")
            assert provider.last_latency_ms is not None
            assert health.budget is not None
            assert float(health.budget.spent_usd) > 0

            records = AnalystRecords.model_validate((await client.get("/v1/models")).json())
            (gina,) = (each for each in records.models if each.analyst == "gina")
            assert (gina.kind, gina.record.provider, gina.closed) == ("model", "near", 0)
            assert float(gina.cost.usd) > 0
            agents = Agents.model_validate((await client.get("/v1/agents")).json()).agents
            assert agents[1].made_of[:2] == ["gina: model near/gina-1", "trend: rules"]
            metrics = (await client.get("/metrics")).text
            assert 'quorate_model_asks_total{analyst="gina",code="voted"}' in metrics

            context = await known(client)
            assert {figure.name for figure in context.figures} == {"Funding rate (simulated)"}
            assert [part.name for part in context.parts if part.state != "off"] == ["funding"]
            news = (await client.get("/api/news")).json()
            assert (news["available"], "simulated feed" in news["why"]) == (False, True)
            jobs = (await client.get("/api/jobs")).json()["jobs"]
            assert [job["job"] for job in jobs] == ["scanner", "monitor", "evaluator", "optimizer"]
            assert all(job["next_slot"] for job in jobs)
