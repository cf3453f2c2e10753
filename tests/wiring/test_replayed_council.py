"""A council of models is run again from its records: offline, without keys, and bit for bit the same."""

import hashlib
import io
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from loguru import logger

from quorate.api.settings import ApiSettings
from quorate.domain.errors import BadInput
from quorate.domain.policy import CouncilPolicy, DeskPolicy
from quorate.feeds.context.settings import ContextSettings, NewsSettings
from quorate.minds.records import RecordMissing
from quorate.minds.settings import MindSettings, ModelSettings, ProviderSettings
from quorate.reporting import RunSummary
from quorate.settings import FeedSettings, JobSettings, Settings, StoreSettings
from quorate.wiring import export_journal, up
from tests.crash.made_candles import make_candles
from tests.minds.vendors import wrap
from tests.servers import servers_root
from tests.wiring.houses import Listener
from tests.wiring.test_models import found, texts_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PAIRS = ("BTC/USDT", "ETH/USDT")
DAYS = 12
WHOLE, SHORT = "20250107-20250111", "20250107-20250108"
CYCLES = 1_000
MODELS = ("anna", "olaf", "otto")
FEED_AND_DESK = frozenset({"feed", "worker"})
LEASES = {"WriterChanged", "AccountOpened"}
"""Kinds that tell of the process, and of where things are kept."""


def number_of(*words: str) -> int:
    return int(hashlib.sha256(" ".join(words).encode()).hexdigest(), 16)


@dataclass
class Moody:
    """Models whose words follow from who is asked what, and how often: sides, faults, refusals, changes of mind."""

    url: str = ""
    heard: Counter[int] = field(default_factory=Counter[int])

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        model, prompt = str(body["model"]), "\n".join(texts_in(body))
        question = number_of(model, prompt)
        self.heard[question] += 1
        mood = number_of(model, found(r"^as_of: (.+)$", prompt), str(self.heard[question]))
        if mood % 41 == 0:
            return web.json_response({"error": {"message": "who are you"}}, status=401)
        unwilling = mood % 23 == 0 and "# Your answer was not accepted" not in prompt
        said = "I would rather not say." if unwilling else json.dumps(self._said(mood, prompt))
        return web.json_response(wrap("compatible", said, model=model, usage=(900 + mood % 100, 50)))

    def _said(self, mood: int, prompt: str) -> dict[str, Any]:
        as_of = found(r"^as_of: (\S+)$", prompt)
        if "# Open trades" in prompt:
            numbers = re.findall(r"^(t\d+),", prompt, re.MULTILINE)
            advice = "EXIT" if mood % 3 == 0 else "HOLD"
            trades = [{"trade": each, "advice": advice, "stop": None, "reason": "a mood"} for each in numbers]
            closed = sorted(set(re.findall(r"^- (c\d+)\b", prompt, re.MULTILINE)))
            return {
                "as_of": as_of,
                "trades": trades,
                "lessons": [{"trade": each, "lesson": f"Mood {mood % 97} is no plan."} for each in closed],
            }
        hour = number_of(as_of[:13])
        votes: list[dict[str, Any]] = []
        for place, pair in enumerate(PAIRS):
            if (mood >> (8 + place)) % 4 == 0:
                continue
            sign = (1 if (hour >> place) & 1 else -1) * (-1 if (mood >> 20) % 8 == 0 else 1)
            price = Decimal(found(rf"^{pair},([0-9.]+),", prompt))
            shown = {"entry": price, "stop": price * (100 - sign) / 100, "target": price * (100 + 2 * sign) / 100}
            prices = {name: float(f"{value:.8g}") for name, value in shown.items()}
            side = "LONG" if sign > 0 else "SHORT"
            votes.append({"pair": pair, "side": side, "confidence": 0.6, "reason": f"mood {mood % 97}", **prices})
        return {"as_of": as_of, "votes": votes}


@asynccontextmanager
async def moody() -> AsyncGenerator[Moody]:
    models = Moody()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/{path:.*}", models.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    models.url = f"http://{host}:{port}/v1"
    try:
        yield models
    finally:
        await runner.cleanup()


@pytest.fixture
def place() -> Iterator[Path]:
    """Room for several data directories, where embedded servers may start."""
    with tempfile.TemporaryDirectory(prefix="quorate-", dir=servers_root()) as made:
        yield Path(made)


def candles_in(place: Path) -> Path:
    folder = place / "candles"
    folder.mkdir()
    make_candles(folder, PAIRS, days=DAYS)
    return folder


def settings_of(place: Path, url: str, *, candles: Path, name: str, timerange: str, **minds: Any) -> Settings:
    news = place / "news.csv"
    if not news.exists():
        rows = [
            f"2025-01-{day:02d} {hour:02d}:30:00,Coin {day * hour} moves" for day in range(6, 11) for hour in (3, 9)
        ]
        news.write_text("\n".join(["date,title", *rows]), encoding="utf-8")
    models = tuple(
        ModelSettings(
            analyst=analyst,
            provider="local",
            model=f"{analyst}-1",
            input_price=Decimal(1),
            output_price=Decimal(4),
            knowledge_cutoff="2024-06-01",
            context_tokens=20_000,
        )
        for analyst in MODELS
    )
    local = ProviderSettings(kind="compatible", base_url=url, calls_per_minute=10**6)
    council = replace(CouncilPolicy(), panel=MODELS, cooldown_ms=3_600_000, cooldown_after_loss_ms=3_600_000)
    return Settings(
        data_dir=place / name,
        feed=FeedSettings(kind="replay", data=candles, pairs=PAIRS, timerange=timerange),
        desk=DeskPolicy(council=council),
        jobs=JobSettings(scanner="*/5 * * * *"),
        store=StoreSettings(redis="off"),
        api=ApiSettings(port=0),
        context=ContextSettings(news=NewsSettings(kind="recorded", file=news)),
        minds=MindSettings(models=models, providers={"local": local}, **minds),
    )


async def run(settings: Settings) -> RunSummary:
    summary = await up(settings, roles=FEED_AND_DESK, console=Listener(), exit_at_end=True)
    assert summary is not None
    return summary


async def story_of(settings: Settings) -> list[tuple[str, Any]]:
    """Everything that the journal tells, in order."""
    stream = io.StringIO()
    await export_journal(settings, None, stream)
    lines = (json.loads(line) for line in stream.getvalue().splitlines())
    return [(line["kind"], line["body"]) for line in lines if line["kind"] not in LEASES]


def bodies(story: list[tuple[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [body if isinstance(body, dict) else json.loads(body) for each, body in story if each == kind]


def records_of(settings: Settings) -> Path:
    (account,) = (settings.data_dir / "minds" / "desks").iterdir()
    return account


async def test_a_thousand_cycles_are_run_again_from_their_records_bit_for_bit(place: Path) -> None:
    candles = candles_in(place)
    async with moody() as models:
        first = settings_of(place, models.url, candles=candles, name="first", timerange=WHOLE, repeat_every=10)
        started = time.monotonic()
        recorded = await run(first)
        recording_s = time.monotonic() - started
        asked = sum(models.heard.values())
    # Nobody listens any more.
    again = settings_of(
        place,
        models.url,
        candles=candles,
        name="again",
        timerange=WHOLE,
        repeat_every=10,
        replay_from=records_of(first),
    )
    started = time.monotonic()
    replayed = await run(again)
    replaying_s = time.monotonic() - started
    assert (replayed.account, replayed.state_hash) == (recorded.account, recorded.state_hash)
    story = await story_of(first)
    assert await story_of(again) == story
    cycles = [body["asked"] for body in bodies(story, "CouncilAsked")]
    told = "{} cycles, {} calls: recorded in {:.1f} s, run again in {:.1f} s, from nothing to the end"
    logger.info(told, len(cycles), asked, recording_s, replaying_s)
    assert len(cycles) >= CYCLES
    assert recorded.signals > 0
    assert sum(recorded_at.trades for recorded_at in recorded.portfolios) > 0
    codes = Counter(each["code"] for cycle in cycles for each in cycle)
    assert set(codes) == {"voted", "wrong_key"}
    assert any(len(each["askings"]) == 2 and each["askings"][0]["fault"] for cycle in cycles for each in cycle)
    flips, repeats = (sum(each[what] for cycle in cycles for each in cycle) for what in ("flips", "repeats"))
    assert 0 < flips < repeats
    evaluated = bodies(story, "PositionsEvaluated")
    assert any(body["asked"] is not None and not body["fault"] for body in evaluated)
    assert bodies(story, "LessonLearned")
    assert not (again.data_dir / "minds").exists(), "no record is written and no money counted"


async def test_a_replay_that_finds_no_record_stops_and_names_slot_and_model(place: Path) -> None:
    candles = candles_in(place)
    async with moody() as models:
        first = settings_of(place, models.url, candles=candles, name="first", timerange=SHORT)
        await run(first)
    records = records_of(first)
    asks = sorted(
        (path for path in (records / "asks").rglob("*") if path.is_file()), key=lambda path: path.stat().st_mtime_ns
    )
    asks[len(asks) // 2].unlink()
    again = settings_of(place, models.url, candles=candles, name="again", timerange=SHORT, replay_from=records)
    with pytest.raises(
        RecordMissing, match=r"No answer of (anna|olaf|otto) \(local/\1-1\) at slot 17362\d{8} is recorded"
    ):
        await run(again)
    own = settings_of(place, models.url, candles=candles, name="first", timerange=SHORT, replay_from=records)
    with pytest.raises(BadInput, match="data directory of its own"):
        await run(own)
