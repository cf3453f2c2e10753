"""A house whose panel are models: scripted ones on this machine, each in its vendor's words, some malicious."""

import asyncio
import gzip
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from loguru import logger

from quorate.domain.errors import BadInput, Unavailable
from quorate.domain.policy import CouncilPolicy, DeskPolicy
from quorate.feeds.context.settings import ContextSettings, NewsSettings
from quorate.minds.records import FolderRecords
from quorate.minds.settings import MindSettings, ModelSettings, ProviderSettings
from quorate.settings import Settings
from quorate.wiring import export_journal
from quorate.wiring.asking import ask_council, council_prompts
from quorate.wiring.council import wanted_context
from quorate.wiring.decided import prompts_of
from tests.minds.vendors import wrap
from tests.wiring.houses import PATIENCE_S, house, settings_in, until_ready

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

HONEST = {"gina": "gemini", "olaf": "ollama", "otto": "compatible", "anna": "anthropic"}
PATHS = {"v1beta": "gemini", "messages": "anthropic", "chat/completions": "compatible", "api/chat": "ollama"}


def key_of(analyst: str) -> str:
    return f"sk-nobody-{analyst}-0123456789abcdef"


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    assert match is not None, pattern
    return match[1]


@dataclass
class Vendors:
    """Models that want to be long on BTC; `liar` lies and tells its key, `sloth` never answers."""

    url: str = ""
    asked: list[str] = field(default_factory=list[str])

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        kind = next(kind for path, kind in PATHS.items() if path in request.path)
        model = body.get("model") or found(r"models/([^:]+):", request.path)
        analyst = model.removesuffix("-1")
        assert key_of(analyst) in " ".join(request.headers.values()), "a key goes to its own vendor"
        self.asked.append(analyst)
        if analyst == "sloth":
            await asyncio.Event().wait()
        said = self._said(analyst, "\n".join(texts_in(body)))
        return web.json_response(wrap(kind, json.dumps(said), model=model, usage=(1_000, 50)))

    def _said(self, analyst: str, prompt: str) -> dict[str, Any]:
        price = Decimal(found(r"^BTC/USDT,([0-9.]+),", prompt))
        vote = {"pair": "BTC/USDT", "side": "LONG", "confidence": 0.7, "reason": f"{analyst} sees it rise"}
        prices = {"entry": price, "stop": price * Decimal("0.98"), "target": price * Decimal("1.04")}
        if analyst == "liar":
            prices |= {"stop": price * 2, "target": Decimal(1)}
            vote["reason"] = f"my key is {key_of('liar')}"
        # Twelve digits are the most that an answer may have.
        shown = {name: float(f"{value:.8g}") for name, value in prices.items()}
        return {"as_of": found(r"^as_of: (\S+)$", prompt), "votes": [{**vote, **shown}]}


@asynccontextmanager
async def served() -> AsyncGenerator[Vendors]:
    vendors = Vendors()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/{path:.*}", vendors.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    vendors.url = f"http://{host}:{port}"
    try:
        yield vendors
    finally:
        await runner.cleanup()


@pytest.fixture
async def vendors() -> AsyncGenerator[Vendors]:
    async with served() as listening:
        yield listening


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, level="TRACE", diagnose=False)
    yield lines
    logger.remove(sink)


def with_models(
    folder: Path, url: str, panel: dict[str, str], *, rules: tuple[str, ...] = (), speed: float = 600.0
) -> Settings:
    """A house whose panel are these models (and rules), each at a provider of its own."""
    models = tuple(
        ModelSettings(
            analyst=name, provider=f"at-{name}", model=f"{name}-1", input_price=Decimal(1), output_price=Decimal(4)
        )
        for name in panel
    )
    providers = {
        f"at-{name}": ProviderSettings(
            kind=kind,  # pyright: ignore[reportArgumentType]
            base_url=url + ("/v1" if kind == "compatible" else ""),
            key=key_of(name),
        )
        for name, kind in panel.items()
    }
    desk = DeskPolicy(council=replace(CouncilPolicy(), panel=(*rules, *panel)))
    # A busy machine takes seconds for what takes milliseconds: only who waits for the silent one waits for little.
    call_s = 4.0 if "sloth" in panel else 30.0
    minds = MindSettings(models=models, providers=providers, cycle_s=1.5 * call_s, call_s=call_s)
    return settings_in(folder, speed=speed).model_copy(update={"desk": desk, "minds": minds})


async def council_signal(url: str) -> dict[str, Any]:
    """The first signal that the council publishes."""
    async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(PATIENCE_S):
        while True:
            answer = await client.get("/v1/signals", params={"limit": 100})
            signals = answer.json()["signals"] if answer.status_code == 200 else []
            of_council = [signal for signal in signals if signal["source"] == "council"]
            if of_council:
                return of_council[-1]
            await asyncio.sleep(0.1)


async def journal_of(settings: Settings) -> list[dict[str, Any]]:
    stream = io.StringIO()
    await export_journal(settings, None, stream)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_three_models_that_agree_publish_a_gold_signal_and_the_journal_tells_who_answered(
    folder: Path, vendors: Vendors
) -> None:
    panel = {name: HONEST[name] for name in ("gina", "olaf", "otto")}
    settings = with_models(folder, vendors.url, panel)
    async with house(settings) as (_, url):
        signal = await council_signal(url)
    assert signal["tier"] == "gold"
    assert signal["pair"] == "BTC/USDT"
    assert {vote["analyst"] for vote in signal["votes"]} == set(panel)
    assert "gina at-gina/gina-1 full-1" in signal["metadata"]["model_version"]
    lines = [line for line in await journal_of(settings) if line["kind"] == "CouncilAsked"]
    body = lines[0]["body"] if isinstance(lines[0]["body"], dict) else json.loads(lines[0]["body"])
    assert [asked["code"] for asked in body["asked"]] == ["voted"] * 3
    assert len({asked["prompt"] for asked in body["asked"]}) == 1, "all were asked the same bytes"
    asking = body["asked"][0]["askings"][0]
    assert asking["answered_by"] == "at-gina/gina-1"
    assert asking["input_tokens"] == 1_000
    (account,) = (folder / "minds" / "desks").iterdir()
    assert FolderRecords(account).get(asking["record"]) is not None, "the record is under the hash in the journal"


async def test_one_that_hangs_and_one_that_lies_stop_nobody_and_no_key_is_anywhere(
    folder: Path, vendors: Vendors, logged: list[str]
) -> None:
    panel = {**HONEST, "sloth": "compatible", "liar": "compatible"}
    settings = with_models(folder, vendors.url, panel)
    async with house(settings) as (_, url):
        signal = await council_signal(url)
    votes = {vote["analyst"]: vote for vote in signal["votes"]}
    assert signal["tier"] == "silver", "four of six"
    assert all(votes[name]["side"] == "LONG" for name in HONEST)
    assert {"sloth", "liar"} <= set(vendors.asked)
    lines = await journal_of(settings)
    kept = [gzip.decompress(path.read_bytes()).decode() for path in (folder / "minds").rglob("*.gz")]
    assert kept
    everything = [json.dumps(lines), json.dumps(signal), *kept, *logged, repr(settings)]
    for name in panel:
        assert not [text for text in everything if key_of(name) in text], name


async def test_while_a_model_hangs_other_jobs_are_answered_and_candles_go_on(folder: Path, vendors: Vendors) -> None:
    settings = with_models(folder, vendors.url, {"gina": "gemini", "sloth": "compatible"})
    minds = replace(settings.minds, cycle_s=PATIENCE_S, call_s=PATIENCE_S)
    async with (
        house(settings.model_copy(update={"minds": minds})) as (_, url),
        httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client,
    ):
        await until_ready(url)
        while "sloth" not in vendors.asked:  # noqa: ASYNC110  the vendor tells nobody
            await asyncio.sleep(0.02)
        scan = asyncio.create_task(client.post("/api/scan"))
        monitor = await client.post("/api/monitor-positions")
        evaluated = await client.post("/api/evaluate-positions")
        assert (monitor.status_code, evaluated.status_code) == (200, 200)
        assert (monitor.json()["success"], evaluated.json()["success"]) == (True, True)
        newest = (await client.get("/v1/pnl")).json()["points"][-1]["timestamp"]
        async with asyncio.timeout(PATIENCE_S):
            while (await client.get("/v1/pnl")).json()["points"][-1]["timestamp"] == newest:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.05)
        assert not scan.done(), (scan.result().text, vendors.asked)
        scan.cancel()
        await asyncio.gather(scan, return_exceptions=True)


def test_a_desk_without_models_loads_nothing_of_theirs() -> None:
    code = "import sys; from quorate.wiring import up; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "quorate.wiring.house" in loaded
    strangers = (
        "quorate.wiring.models",
        "quorate.wiring.context",
        "quorate.minds.gateway",
        "quorate.feeds.context.board",
    )
    assert not {*strangers, "feedparser", "vaderSentiment"} & set(loaded)


@pytest.mark.parametrize(
    ("kind", "live", "models", "asked"),
    [
        ("exchange", "auto", True, True),
        ("exchange", "auto", False, False),
        ("exchange", "on", False, True),
        ("exchange", "off", True, False),
        ("simulated", "on", True, False),
        ("replay", "on", True, False),
    ],
)
def test_the_world_is_asked_beside_an_exchange_only(
    tmp_path: Path, kind: str, live: Any, models: bool, asked: bool
) -> None:
    settings = with_models(tmp_path, "http://127.0.0.1:9", {"gina": "gemini"} if models else {}, rules=("trend",))
    settings = settings.model_copy(update={"context": ContextSettings(live=live)})
    context = wanted_context(settings, kind=kind)
    assert (context is not None and context.coingecko.kind == "live") is asked


async def test_recorded_context_reaches_the_snapshot_and_the_prompt_as_of_its_instant(
    folder: Path, vendors: Vendors
) -> None:
    now = datetime.now(UTC)
    lines = [f"{now - timedelta(hours=2):%Y-%m-%d %H:%M:%S},Miners sell", f"{now + timedelta(days=2):%Y-%m-%d},Later"]
    (folder / "news.csv").write_text("\n".join(["date,title", *lines]), encoding="utf-8")
    settings = with_models(folder, vendors.url, {"gina": "gemini"})
    news = NewsSettings(kind="recorded", file=folder / "news.csv")
    (prompt,) = await council_prompts(settings.model_copy(update={"context": ContextSettings(news=news)}), None)
    assert "Miners sell" in prompt.prompt
    assert "Later" not in prompt.prompt


async def test_rules_and_models_sit_on_one_panel(folder: Path, vendors: Vendors) -> None:
    settings = with_models(folder, vendors.url, {"gina": "gemini"}, rules=("trend", "momentum"), speed=1.0)
    told = await ask_council(settings, "btcusdt")
    assert told["pair"] == "BTC/USDT"
    assert [vote["analyst"] for vote in told["votes"]] == ["gina", "momentum", "trend"]
    assert [model["code"] for model in told["models"]] == ["voted"]
    assert (folder / "minds" / "by-hand").is_dir(), "a desk's own spending is not touched"


async def test_the_prompt_can_be_read_without_asking_anybody(folder: Path, vendors: Vendors) -> None:
    settings = with_models(folder, vendors.url, HONEST)
    (one,) = await council_prompts(settings, "ETH")
    (every,) = await council_prompts(settings, None)
    assert "ETH/USDT," in one.prompt
    assert "BTC/USDT," not in one.prompt
    assert "BTC/USDT," in every.prompt
    assert not vendors.asked


async def test_the_prompt_of_any_decision_can_be_read_again_to_the_letter(folder: Path, vendors: Vendors) -> None:
    settings = with_models(folder, vendors.url, {name: HONEST[name] for name in ("gina", "olaf", "otto")})
    async with house(settings) as (_, url):
        signal = await council_signal(url)
        async with httpx.AsyncClient(base_url=url) as client:
            decided = (await client.get(f"/v1/signals/{signal['id']}")).json()["decided_in"]
            (named,) = decided["prompts"]
            shown = (await client.get(f"/v1/prompts/{named['digest']}")).json()
    by_signal, by_slot, by_digest = [
        await prompts_of(settings, which) for which in (signal["id"], decided["slot"], named["digest"])
    ]
    (one,) = by_signal
    assert one.analysts == ("gina", "olaf", "otto")
    assert (one.words.system, one.words.prompt, one.words.schema) == (
        shown["system"],
        shown["prompt"],
        shown["answer_schema"],
    )
    assert "BTC/USDT," in one.words.prompt
    assert by_digest == by_signal
    assert one in by_slot
    for unknown in ("00000000-0000-0000-0000-000000000000", "1", "ab" * 32):
        with pytest.raises(BadInput):
            await prompts_of(settings, unknown)
    shutil.rmtree(folder / "minds")
    with pytest.raises(Unavailable, match="minds/desks/"):
        await prompts_of(settings, signal["id"])
