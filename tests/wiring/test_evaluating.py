"""Who looks after open trades in a whole house: a model of the panel on this machine, or the rules."""

import asyncio
import io
import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from loguru import logger
from pydantic import ValidationError

from quorate.domain.evaluation import Advice
from quorate.domain.policy import CouncilPolicy, DeskPolicy
from quorate.minds.settings import MindSettings, ModelSettings, ProviderSettings
from quorate.settings import JobSettings, Settings
from quorate.wiring import export_journal, run_job
from quorate.wiring.evaluating import LATE, TimelyEvaluator, evaluating_model
from tests.analysts.evaluations import Bureau, advice, answer, position
from tests.analysts.prompting import AT_MS, HOUR_MS, as_of_in, says
from tests.minds.vendors import wrap
from tests.wiring.houses import PATIENCE_S, house, settings_in

EVERY_BAR = JobSettings(evaluator="*/5 * * * *")


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    assert match is not None, pattern
    return match[1]


@dataclass
class Vendor:
    """A model that wants to be long on BTC, gets out of everything, and has something to say about it."""

    url: str = ""
    asked: list[str] = field(default_factory=list[str])
    worded: asyncio.Event = field(default_factory=asyncio.Event)
    """It has put a lesson into words, and was asked something else since."""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        text = "\n".join(texts_in(body))
        said = self._manage(text) if "# Open trades" in text else self._vote(text)
        return web.json_response(wrap("compatible", json.dumps(said), model=body["model"], usage=(1_000, 50)))

    def _vote(self, prompt: str) -> dict[str, Any]:
        # The first vote after a lesson may overtake it on its way into the journal; the second comes a bar later.
        if "lesson" in self.asked and "vote" in self.asked[self.asked.index("lesson") :]:
            self.worded.set()
        self.asked.append("vote")
        price = Decimal(found(r"^BTC/USDT,([0-9.]+),", prompt))
        prices = {"entry": price, "stop": price * Decimal("0.97"), "target": price * Decimal("1.06")}
        vote = {"pair": "BTC/USDT", "side": "LONG", "confidence": 0.7, "reason": "it rises"}
        shown = {name: float(f"{value:.8g}") for name, value in prices.items()}
        return {"as_of": found(r"^as_of: (\S+)$", prompt), "votes": [{**vote, **shown}]}

    def _manage(self, prompt: str) -> dict[str, Any]:
        trades = re.findall(r"^(t\d+),", prompt, re.MULTILINE)
        closed = re.findall(r"^- (c\d+):", prompt, re.MULTILINE)
        self.asked.append("lesson" if closed else "trades")
        return {
            "as_of": found(r"^as_of: (\S+)$", prompt),
            "trades": [advice(trade, "EXIT", reason="out of all of it") for trade in trades],
            "lessons": [{"trade": each, "lesson": "Getting out at once earns nothing."} for each in closed],
        }


@asynccontextmanager
async def served() -> AsyncGenerator[Vendor]:
    vendor = Vendor()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/{path:.*}", vendor.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    vendor.url = f"http://{host}:{port}/v1"
    try:
        yield vendor
    finally:
        await runner.cleanup()


def with_models(settings: Settings, *names: str, panel: tuple[str, ...], evaluator: str | None = None) -> Settings:
    """The settings with these models, all at a vendor that answers nobody."""
    models = tuple(
        ModelSettings(analyst=name, provider="near", model=f"{name}-1", input_price=Decimal(1), output_price=Decimal(4))
        for name in names
    )
    near = ProviderSettings(kind="compatible", base_url="http://127.0.0.1:9/v1", key="key-of-nobody-0123456789")
    return settings.model_copy(
        update={
            "desk": DeskPolicy(council=CouncilPolicy(panel=panel, evaluator=evaluator)),
            "minds": MindSettings(models=models, providers={"near": near}, cycle_s=30.0, call_s=20.0),
            "jobs": EVERY_BAR,
        }
    )


async def bodies(settings: Settings, kind: str) -> list[dict[str, Any]]:
    """What the journal holds of a kind."""
    stream = io.StringIO()
    await export_journal(settings, None, stream)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [
        line["body"] if isinstance(line["body"], dict) else json.loads(line["body"])
        for line in lines
        if line["kind"] == kind
    ]


@pytest.mark.timeout(400)
async def test_a_model_of_the_panel_looks_after_trades_and_the_journal_tells_what_it_did(folder: Path) -> None:
    async with served() as vendor:
        settings = with_models(settings_in(folder), "gina", panel=("gina",))
        near = replace(settings.minds.providers["near"], base_url=vendor.url)
        minds = replace(settings.minds, providers={"near": near})
        settings = settings.model_copy(update={"minds": minds})
        async with house(settings), asyncio.timeout(PATIENCE_S):
            await vendor.worded.wait()
    looked = [body for body in await bodies(settings, "PositionsEvaluated") if body["by"] == "gina"]
    exited = [each for body in looked for each in body["trades"] if each["advice"] == "EXIT" and not each["ignored"]]
    assert {each["portfolio"] for each in exited} >= {"aggressive", "conservative"}
    assert {each["reason"] for each in exited} == {"out of all of it"}
    assert looked[0]["asked"]["template"] == "evaluate-1"
    assert looked[0]["asked"]["code"] == "advised"
    assert looked[0]["asked"]["askings"][0]["cost_usd"] != "0"
    trades = [body["trade"] for body in await bodies(settings, "TradeClosed") if body["trade"]["source"] == "council"]
    assert {trade["reason"] for trade in trades} == {"advice"}
    purposes = {body["intent"]["purpose"] for body in await bodies(settings, "OrderIntended")}
    assert "advice" in purposes
    lessons = [body["lesson"] for body in await bodies(settings, "LessonLearned")]
    worded = [lesson for lesson in lessons if lesson["by"] == "gina"]
    assert {lesson["lesson"] for lesson in worded} == {"Getting out at once earns nothing."}
    assert {lesson["by"] for lesson in lessons} == {"rules", "gina"}
    slots = [body for body in await bodies(settings, "JobCompleted") if body["job"] == "evaluator"]
    assert len({body["slot"] for body in slots}) == len(slots), "each slot once"


@pytest.mark.timeout(400)
async def test_without_a_model_the_rules_look_after_trades_by_hand_too(folder: Path) -> None:
    reply = await run_job(settings_in(folder), "evaluate-positions")
    assert reply["success"]
    assert reply["evaluated"] == reply["held"] + reply["tightened"] + reply["exited"]
    (looked,) = [
        body for body in await bodies(settings_in(folder), "PositionsEvaluated") if body["slot"] == reply["cycle"]
    ]
    assert (looked["by"], looked["asked"]) == ("rules", None)


@pytest.mark.parametrize(
    ("panel", "evaluator", "wanted"),
    [
        (("trend", "otto", "gina"), None, "otto"),
        (("gina", "otto"), None, "gina"),
        (("gina", "otto"), "otto", "otto"),
        (("gina", "otto"), "rules", None),
        (("trend",), None, None),
    ],
)
def test_who_looks_is_who_is_named_or_the_panels_first_model(
    tmp_path: Path, panel: tuple[str, ...], evaluator: str | None, wanted: str | None
) -> None:
    settings = with_models(settings_in(tmp_path), "gina", "otto", panel=panel, evaluator=evaluator)
    spec = evaluating_model(settings)
    assert (None if spec is None else spec.analyst) == wanted


@pytest.mark.parametrize("evaluator", ["otto", "trend", ""])
def test_somebody_who_does_not_sit_on_the_panel_as_a_model_is_refused(tmp_path: Path, evaluator: str) -> None:
    settings = with_models(settings_in(tmp_path), "gina", "otto", panel=("trend", "gina"), evaluator=evaluator)
    with pytest.raises(ValidationError, match="neither rules nor a model on the panel"):
        Settings(desk=settings.desk, minds=settings.minds)


@dataclass
class Clocked:
    """A feed of which only the clock is known."""

    at_ms: int
    paced: bool = True
    timeframe: str = "1h"

    def now_ms(self) -> int:
        return self.at_ms


@pytest.mark.parametrize(
    ("behind_h", "paced", "heard"), [(0, True, True), (1, True, True), (2, True, False), (9, False, True)]
)
async def test_a_desk_that_is_catching_up_does_not_pay_for_looking_at_the_past(
    behind_h: int, paced: bool, heard: bool
) -> None:
    bureau = Bureau(lambda model, request: answer(advice("t1", "EXIT"), as_of=as_of_in(request)))
    source: Any = Clocked(AT_MS + behind_h * HOUR_MS, paced)
    timely = TimelyEvaluator(bureau.evaluator, bureau.rules, source)
    made = await timely.evaluate(bureau.snapshot, slot="1", positions=[position()], lessons=[])
    assert (made.by, made.fault) == (("gina", "") if heard else ("rules", LATE))
    assert made.advices[0].advice is (Advice.EXIT if heard else Advice.HOLD)
    assert len(bureau.asked) == heard


async def test_a_model_that_is_not_heard_is_told_of_in_the_log_and_the_rules_speak() -> None:
    bureau, source = Bureau(says("nonsense")), Clocked(AT_MS)
    timely = TimelyEvaluator(bureau.evaluator, bureau.rules, source)  # pyright: ignore[reportArgumentType]
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}")
    try:
        made = await timely.evaluate(bureau.snapshot, slot="1", positions=[position()], lessons=[])
    finally:
        logger.remove(sink)
    assert (made.by, made.fault[:8]) == ("rules", "not_json")
    assert lines == [f"Evaluator 1: 1 open trades, the rules spoke ({made.fault}); 0.002 USD.\n"]
