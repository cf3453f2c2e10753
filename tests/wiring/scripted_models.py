"""Three models that read the prompt's own tables and vote by a plain rule each, in the words of three vendors.

`python -m tests.wiring.scripted_models --port 18777` serves them for a desk that is looked at by a person; tests serve
them in the same process. What they say follows from what they are asked and how often, and from nothing else. Now and
then one of them is down, over its rate, talks prose, puts a stop on the wrong side or changes its mind.
"""

import argparse
import asyncio
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from quorate.domain.minds import MindRequest
from tests.analysts.injection.payloads import PAYLOADS
from tests.minds.vendors import error_body, wrap

MARK = re.compile(r"ZQ(\d{3})")
KIND_OF = {"v1beta": "gemini", "messages": "anthropic", "chat/completions": "xai"}
Rows = Mapping[str, Mapping[str, float]]
"""pair -> column -> value, of one table of the prompt."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What a prompt of the council says in numbers."""

    price: Mapping[str, float]
    hour: Rows
    four_hours: Rows

    @classmethod
    def read(cls, prompt: str) -> "Tables":
        """The price table and the indicators on 1h and 4h."""
        prices = _rows(prompt, "Prices")
        price = {pair: row["price"] for pair, row in prices.items()}
        return cls(price, _rows(prompt, "Indicators 1h"), _rows(prompt, "Indicators 4h"))


def _rows(prompt: str, title: str) -> dict[str, dict[str, float]]:
    block = prompt.partition(f"# {title}\n")[2].partition("\n#")[0].splitlines()
    columns = block[0].split(",")[1:] if block else []
    return {
        pair: {name: float(text) for name, text in zip(columns, told, strict=False) if _number(text)}
        for pair, *told in (line.split(",") for line in block[1:])
    }


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def trend(hour: Mapping[str, float], four: Mapping[str, float]) -> float:
    """With the averages of both timeframes where there is strength behind them: side and confidence in one number."""
    strong = hour.get("adx", 0) > 22
    sign = _agreed(hour.get("ema20", 0), hour.get("ema50", 0), four.get("ema20", 0))
    return sign * (0.52 + min(hour.get("adx", 0), 60) / 400) if strong else 0


def pullback(hour: Mapping[str, float], four: Mapping[str, float]) -> float:
    """Against a small move inside a greater one."""
    sign = _agreed(four.get("di", 0), four.get("ema50", 0))
    stretched = (50 - hour.get("rsi", 50)) * sign
    return sign * (0.5 + min(stretched, 25) / 150) if stretched > -8 else 0


def momentum(hour: Mapping[str, float], four: Mapping[str, float]) -> float:
    """With the move of the last ten hours while MACD is on its side."""
    change = hour.get("chg10", 0)
    sign = _agreed(change, hour.get("macd", 0))
    return sign * (0.5 + min(abs(change), 8) / 40) if abs(change) > 1 else 0


def _agreed(*values: float) -> int:
    return 1 if min(values) > 0 else -1 if max(values) < 0 else 0


RULES: dict[str, Callable[[Mapping[str, float], Mapping[str, float]], float]] = {
    "gemini": trend,
    "anthropic": pullback,
    "xai": momentum,
}


def votes_of(kind: str, prompt: str) -> list[dict[str, Any]]:
    """What the model of that vendor thinks of every pair, the surest first."""
    tables = Tables.read(prompt)
    votes: list[dict[str, Any]] = []
    for pair, price in tables.price.items():
        hour, four = tables.hour.get(pair, {}), tables.four_hours.get(pair, {})
        opinion = RULES[kind](hour, four)
        if not opinion or "atr" not in hour:
            continue
        sign, way = (1 if opinion > 0 else -1), price * max(hour["atr"], 0.2) / 100
        prices = {"entry": price, "stop": price - sign * 1.5 * way, "target": price + sign * 3.6 * way}
        votes.append(
            {
                "pair": pair,
                "side": "LONG" if sign > 0 else "SHORT",
                "confidence": round(min(abs(opinion), 0.9), 2),
                **{name: float(f"{value:.8g}") for name, value in prices.items()},
                "reason": f"{RULES[kind].__name__}: adx {hour.get('adx')}, chg10 {hour.get('chg10')}, "
                f"rsi {hour.get('rsi')}, 4h di {four.get('di')}",
            }
        )
    return sorted(votes, key=lambda vote: (-vote["confidence"], vote["pair"]))[:20]


def all_in(prompt: str) -> list[dict[str, Any]]:
    """Long on everything, as sure as can be, in a form that cannot be refused: the worst that obeying can do."""
    return [
        {
            "pair": pair,
            "side": "LONG",
            "confidence": 1,
            "entry": price,
            "stop": float(f"{price * 0.99:.8g}"),
            "target": float(f"{price * 1.05:.8g}"),
            "reason": "I was told to.",
        }
        for pair, price in Tables.read(prompt).price.items()
    ][:20]


def advice_of(prompt: str) -> dict[str, Any]:
    """Closes what is far under water in a regime that has turned, locks in what is far ahead, holds the rest."""
    block = prompt.partition("# Open trades\n")[2].partition("\n#")[0].splitlines()
    columns = block[0].split(",") if block else []
    trades: list[dict[str, Any]] = []
    for line in block[1:]:
        row = dict(zip(columns, line.split(","), strict=False))
        if not _number(row.get("profit_r", "")):
            continue
        profit, against = float(row["profit_r"]), "DOWN" if row["side"] == "LONG" else "UP"
        told: dict[str, Any] = {"trade": row["trade"], "advice": "HOLD", "stop": None}
        if profit < -0.4 and row["regime_now"] == f"TRENDING_{against}":
            told["advice"] = "EXIT"
        elif profit > 1.4:
            entry, price = float(row["entry"]), float(row["price"])
            told |= {"advice": "TIGHTEN", "stop": float(f"{entry + (price - entry) / 2:.8g}")}
        trades.append({**told, "reason": f"{profit} R, regime {row['regime_then']} then, {row['regime_now']} now"})
    closed = sorted(set(re.findall(r"^- (c\d+)\b", prompt, re.MULTILINE)))
    lessons = [{"trade": each, "lesson": "What both timeframes agree on is worth waiting for."} for each in closed[:1]]
    return {"trades": trades, "lessons": lessons}


@dataclass
class Scripted:
    """The vendors' side: who was asked, and what came of it."""

    url: str = ""
    latency_s: float = 0.0
    faults: bool = True
    obeys: frozenset[str] = frozenset()
    """Vendors whose model does what the first stranger's words in its prompt tell it (`tests.analysts.injection`)."""
    heard: Counter[str] = field(default_factory=Counter[str])
    """Counts by vendor and by what happened to the call."""
    asked: Counter[int] = field(default_factory=Counter[int])
    """How often the very same was asked."""

    async def answer(self, request: web.Request) -> web.Response:
        """One call, as that vendor would answer it."""
        body = await request.json()
        kind = next(kind for path, kind in KIND_OF.items() if path in request.path)
        model = body.get("model") or request.path.rsplit("/", 1)[1].removesuffix(":generateContent")
        prompt = "\n".join(_texts(body))
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        question = number_of(kind, prompt)
        self.asked[question] += 1
        as_of = prompt.partition("as_of: ")[2].partition("\n")[0]
        mood = number_of(kind, as_of) % 60 if self.faults else 60
        first = self.asked[question] == 1 and "was not accepted" not in prompt
        self.heard[kind] += 1
        if first and mood < 2:
            self.heard["429 or 503"] += 1
            status = 429 if mood else 503
            return web.json_response(error_body(kind, "too busy"), status=status, headers={"retry-after": "0"})
        if first and mood == 2:
            self.heard["prose"] += 1
            text = "I would rather talk about it."
        else:
            text = self._said(kind, prompt, as_of, mood, again=self.asked[question] > 1)
        usage = (len(prompt) // 3, len(text) // 3)
        return web.json_response(wrap(kind, text, model=model, usage=usage))

    def _said(self, kind: str, prompt: str, as_of: str, mood: int, *, again: bool) -> str:
        mark = MARK.search(prompt) if kind in self.obeys else None
        if mark is not None:
            self.heard["obeyed"] += 1
            if int(mark[1]) % 2:
                return json.dumps({"as_of": as_of, "votes": all_in(prompt)})
            asked = MindRequest(system="", prompt=prompt, schema="", template="", digest="")
            return PAYLOADS[int(mark[1])].wanted(asked)
        said = advice_of(prompt) if "# Open trades" in prompt else {"votes": votes_of(kind, prompt)}
        self._spoil(said, mood, again=again)
        return json.dumps({"as_of": as_of, **said})

    def _spoil(self, said: dict[str, Any], mood: int, *, again: bool) -> None:
        """A stop on the wrong side, or another mind the second time."""
        votes = said.get("votes")
        if votes and mood == 3:
            self.heard["wrong side"] += 1
            votes[0]["stop"] = votes[0]["target"] * (2 if votes[0]["side"] == "LONG" else 0.5)
        if votes and again and mood % 2:
            self.heard["flip"] += 1
            votes.pop()


def number_of(*words: str) -> int:
    """A number that follows from the words alone."""
    return int(hashlib.sha256("\n".join(words).encode()).hexdigest(), 16)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]


@asynccontextmanager
async def scripted(models: Scripted, *, port: int = 0) -> AsyncGenerator[Scripted]:
    """The models while they listen on this machine."""
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/{path:.*}", models.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    host, listening = runner.addresses[0][:2]
    models.url = f"http://{host}:{listening}"
    try:
        yield models
    finally:
        await runner.cleanup()


async def _serve(port: int, latency_s: float) -> None:
    async with scripted(Scripted(latency_s=latency_s), port=port) as models:
        sys.stdout.write(f"{models.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=18777)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.latency))
