"""A recorded day through the whole desk, with three models of three vendors, and a day full of injections."""

import csv
import gzip
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quorate.api.settings import ApiSettings
from quorate.domain.policy import CouncilPolicy, DeskPolicy, OptimizerPolicy
from quorate.feeds.context.settings import ContextSettings, DerivativesSettings, NewsSettings
from quorate.minds.settings import BudgetSettings, MindSettings, ModelSettings, ProviderSettings
from quorate.reporting import RunSummary
from quorate.settings import FeedSettings, Settings, StoreSettings
from tests.analysts.injection.payloads import PAYLOADS
from tests.recorded import candles_folder, data_folder
from tests.servers import servers_root
from tests.wiring.scripted_models import Scripted, scripted
from tests.wiring.test_replayed_council import bodies, records_of, run, story_of

pytestmark = [pytest.mark.slow, pytest.mark.real_data, pytest.mark.timeout(600)]

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT")
DAY = datetime(2025, 2, 9, tzinfo=UTC)
ONE_DAY, TWO_DAYS = "20250209-20250210", "20250209-20250211"
VENDORS = {"gemini": "gemini", "claude": "anthropic", "grok": "xai"}
QUORUM = {"gold": 3, "silver": 2}


@dataclass(frozen=True)
class Recorded:
    """The day as it was run."""

    settings: Settings
    summary: RunSummary
    story: list[tuple[str, Any]]
    models: Scripted


@pytest.fixture
def place() -> Iterator[Path]:
    """Room for data directories, where embedded servers may start."""
    with tempfile.TemporaryDirectory(prefix="quorate-", dir=servers_root()) as made:
        yield Path(made)


def news_in(place: Path) -> Path:
    """A busy day's headlines: every injection that there is, ten minutes apart, and honest ones between them."""
    path = place / "news.csv"
    if not path.exists():
        told = [(DAY + timedelta(minutes=10 * place), payload.text) for place, payload in enumerate(PAYLOADS)]
        told += [(DAY + timedelta(hours=hour, minutes=5), f"Bitcoin in hour {hour}") for hour in range(48)]
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = ((f"{at:%Y-%m-%d %H:%M:%S}", title) for at, title in sorted(told))
            csv.writer(file).writerows([("date", "title"), *rows])
    return path


def settings_of(place: Path, url: str, *, name: str, timerange: str, **minds: Any) -> Settings:
    """Three models, each at its own vendor's protocol, over four recorded coins with their funding."""
    if not (candles_folder() / "binance_BTCUSDT_5m.parquet").is_file():
        pytest.skip("no recorded candles: set QUORATE_TEST_DATA to a folder of recorded data")
    models = tuple(
        ModelSettings(
            analyst=analyst,
            provider=vendor,
            model=f"{analyst}-with-a-long-name-20240601",
            input_price=Decimal(2),
            output_price=Decimal(10),
            knowledge_cutoff="2024-06",
        )
        for analyst, vendor in VENDORS.items()
    )
    providers = {
        vendor: ProviderSettings(
            kind=vendor,  # pyright: ignore[reportArgumentType]
            base_url=url + ("/v1" if vendor == "xai" else ""),
            key=f"key-of-{analyst}-0123456789",
            calls_per_minute=10**6,
        )
        for analyst, vendor in VENDORS.items()
    }
    budget = BudgetSettings(day_usd=Decimal(1_000), day_tokens=10**9)
    return Settings(
        data_dir=place / name,
        feed=FeedSettings(kind="replay", data=candles_folder(), pairs=PAIRS, timerange=timerange),
        desk=DeskPolicy(council=replace(CouncilPolicy(), panel=tuple(VENDORS))),
        store=StoreSettings(redis="off"),
        api=ApiSettings(port=0),
        context=ContextSettings(
            news=NewsSettings(kind="recorded", file=news_in(place)),
            derivatives=DerivativesSettings(kind="recorded", folder=data_folder() / "funding"),
        ),
        minds=MindSettings(models=models, providers=providers, budget=budget, **minds),
    )


async def recorded(place: Path, *, timerange: str, obeys: frozenset[str] = frozenset()) -> Recorded:
    async with scripted(Scripted(obeys=obeys)) as models:
        settings = settings_of(place, models.url, name="first", timerange=timerange, repeat_every=12)
        summary = await run(settings)
    return Recorded(settings, summary, await story_of(settings), models)


async def test_a_recorded_day_is_voted_on_traded_measured_and_run_again_bit_for_bit(place: Path) -> None:
    day = await recorded(place, timerange=TWO_DAYS)
    cycles = bodies(day.story, "CouncilAsked")
    ballots = {body["slot"]: body for body in bodies(day.story, "VotesCast")}
    assert len(cycles) >= 280, "six slots an hour for two days"
    assert set(day.models.heard) >= {"gemini", "anthropic", "xai", "429 or 503", "prose", "wrong side", "flip"}
    for cycle in cycles:
        assert len({asked["prompt"] for asked in cycle["asked"]}) == 1, "all were asked the same bytes"
    askings = [asking for cycle in cycles for asked in cycle["asked"] for asking in asked["askings"]]
    names = {f"{vendor}/{analyst}-with-a-long-name-20240601" for analyst, vendor in VENDORS.items()}
    assert {asking["answered_by"] for asking in askings if asking["record"]} == names
    _tiers_are_what_the_votes_say(day, ballots)
    _every_vote_has_a_record(day, ballots)
    _no_value_moved_further_than_it_may(day)
    # Nobody listens any more.
    records = records_of(day.settings)
    again = settings_of(place, day.models.url, name="again", timerange=TWO_DAYS, repeat_every=12, replay_from=records)
    replayed = await run(again)
    assert (replayed.account, replayed.state_hash) == (day.summary.account, day.summary.state_hash)
    assert await story_of(again) == day.story


def _tiers_are_what_the_votes_say(day: Recorded, ballots: dict[str, Any]) -> None:
    signals = [body["signal"] for body in bodies(day.story, "SignalPublished")]
    published = {
        outcome["signal"]: outcome for ballot in ballots.values() for outcome in ballot["outcomes"] if outcome["signal"]
    }
    councils = [signal for signal in signals if signal["source"] == "council"]
    assert councils
    assert {signal["id"] for signal in councils} == set(published), "no signal of the council but by its votes"
    for signal in councils:
        agreeing = [vote for vote in signal["votes"] if vote["side"] == signal["side"] and not vote["abstained"]]
        assert len(agreeing) == QUORUM[signal["tier"]]
    made_of = {signal["id"] for signal in signals}
    intents = [body["intent"] for body in bodies(day.story, "OrderIntended")]
    assert {intent["signal_id"] for intent in intents} <= made_of, "no order but of a signal"


def _every_vote_has_a_record(day: Recorded, ballots: dict[str, Any]) -> None:
    sides = {
        (vote["analyst"], vote["pair"], vote["side"])
        for ballot in ballots.values()
        for vote in ballot["votes"]
        if vote["side"] != "FLAT"
    }
    opened = {
        (body["shadow"]["analyst"], body["shadow"]["pair"], body["shadow"]["side"])
        for body in bodies(day.story, "ShadowChanged")
    }
    assert sides <= opened
    closed = Counter(body["analyst"] for body in bodies(day.story, "ShadowClosed") if not body["contaminated"])
    assert all(closed[analyst] for analyst in VENDORS), closed


def _no_value_moved_further_than_it_may(day: Recorded) -> None:
    step = OptimizerPolicy().step_max
    versions = [body["config"] for body in bodies(day.story, "OptimizationChanged")]
    assert versions, "eight slots of the optimizer"
    moved = [each for config in versions for each in config["adjustments"] if each["before"] != each["after"]]
    assert any(each["subject"].startswith("weight ") for each in moved)
    for each in moved:
        if not each["subject"].startswith("regime "):
            change = abs(Decimal(each["after"]) / Decimal(each["before"]) - 1)
            assert change <= step, each
        assert each["reason"]


def _no_order_is_larger_than_it_may_be(day: Recorded) -> None:
    policies = {policy.name: policy for policy in day.settings.desk.portfolios}
    entries = [body["intent"] for body in bodies(day.story, "OrderIntended") if body["intent"]["purpose"] == "entry"]
    assert entries
    stakes = {
        (body["signal"]["id"], stake["portfolio"]): stake
        for body in bodies(day.story, "SignalPublished")
        for stake in body["signal"]["stakes"]
    }
    for intent in entries:
        stake, policy = stakes[intent["signal_id"], intent["portfolio"]], policies[intent["portfolio"]]
        assert stake["blocked_by"] is None
        assert Decimal(stake["final_risk_pct"]) <= policy.final_risk_cap
        assert Decimal(intent["quantity"]) <= Decimal(stake["quantity"])


@pytest.mark.parametrize("obeys", [{"anthropic"}, {"gemini", "anthropic", "xai"}], ids=["one", "all"])
async def test_f32_on_a_day_of_injections_who_obeys_them_stays_inside_quorum_and_controls(
    place: Path, obeys: set[str]
) -> None:
    day = await recorded(place, timerange=ONE_DAY, obeys=frozenset(obeys))
    assert day.models.heard["obeyed"] >= 100
    _tiers_are_what_the_votes_say(day, {body["slot"]: body for body in bodies(day.story, "VotesCast")})
    _no_order_is_larger_than_it_may_be(day)
    honest = {analyst for analyst, vendor in VENDORS.items() if vendor not in obeys}
    for signal in (body["signal"] for body in bodies(day.story, "SignalPublished")):
        if honest and signal["source"] == "council":
            agreeing = {vote["analyst"] for vote in signal["votes"] if vote["side"] == signal["side"]}
            assert agreeing & honest, "one that obeys opens nothing by itself"
    kinds = Counter(kind for kind, _ in day.story)
    assert not kinds["KillSwitchRearmed"]
    assert not kinds["TradingStateChanged"]
    told = json.dumps(day.story)
    for provider in day.settings.minds.providers.values():
        assert provider.key is not None
        assert provider.key not in told
    # That they were read at all: every payload stood in some prompt, inside its fence.
    prompts = list((day.settings.data_dir / "minds").rglob("*.gz"))
    read = {mark for path in prompts for mark in _marks(path)}
    assert len(read) >= 100
    assert day.summary.signals > 0


def _marks(path: Path) -> set[str]:
    """Payloads that stood in a recorded prompt, all of them among the news; none where it is no prompt."""
    body = json.loads(gzip.decompress(path.read_bytes()))
    if "prompt" not in body:
        return set()
    fenced = "".join(re.findall(r"^\[\[data \w+ news\]\]$(.*?)^\[\[end", body["prompt"], re.MULTILINE | re.DOTALL))
    outside = body["prompt"].replace(fenced, "") if fenced else body["prompt"]
    assert not re.findall(r"ZQ\d{3}", outside.partition("# Lessons")[0])
    return set(re.findall(r"ZQ\d{3}", fenced))
