"""Backtests as they are told: pages of them, their finished files piece by piece, and a stream while one runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from quorate.api.answers.rows import instant, milliseconds, moment
from quorate.api.backtests import CURVES_FILE, RESULT_FILE, TRADES_FILE
from quorate.api.problems import NOT_FOUND, RECORD_DAMAGED, STREAMS_FULL, ProblemRaised, field_problem
from quorate.api.schemas.backtests import BacktestCurve, BacktestFacts, BacktestPage, BacktestPoint
from quorate.api.schemas.status import Bye, Hello
from quorate.api.stream import frames
from quorate.domain.money import plain, to_money

if TYPE_CHECKING:
    from quorate.api.resources import Resources
    from quorate.api.schemas.queries import BacktestTradesQuery
    from quorate.api.stream.hub import Hub

LOOK_S = 0.25
"""How often a stream looks whether a run has come further."""
TRADE_BYTES_MAX = 4_096
"""Longest line of a trade."""
SCAN_LINES_MAX = 200_000
"""Trades looked through for one page of some of them."""
EVENT = "backtest"


class _Sought(msgspec.Struct):
    """What trades may be looked for by."""

    strategy: str
    pair: str


_sought = msgspec.json.Decoder(_Sought).decode
_curves = msgspec.json.Decoder(dict[str, tuple[list[int], list[float]]]).decode


class Following:
    """Streams of progress that are open, by client."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, client: str, *, most: int, retry_after_s: int) -> None:
        """One more; a problem where this client has as many as it may."""
        if self._open[client] >= most:
            detail = f"{most} streams of backtests are open from here, as many as one client may have."
            raise ProblemRaised(STREAMS_FULL, detail, headers={"Retry-After": str(retry_after_s)})
        self._open[client] += 1

    def leave(self, client: str) -> None:
        """One less."""
        self._open[client] -= 1
        if self._open[client] <= 0:
            del self._open[client]


async def page_of(given: Resources, limit: int, before: str | None) -> BacktestPage:
    """Backtests, newest first, from after the cursor on."""
    every = await asyncio.to_thread(given.backtests.every)
    marked = [(_mark(one), one) for one in every]
    after = [(mark, one) for mark, one in marked if before is None or mark < before]
    shown = after[:limit]
    return BacktestPage(
        backtests=[one for _, one in shown],
        next=shown[-1][0] if len(after) > limit else None,
        running=sum(one.state == "running" for one in every),
        running_max=given.backtests.running_max,
    )


async def found(given: Resources, backtest: str) -> BacktestFacts:
    """One of them, or a problem."""
    facts = await asyncio.to_thread(given.backtests.find, backtest)
    if facts is None:
        raise ProblemRaised(NOT_FOUND, f"There is no backtest {backtest}.")
    return facts


async def detail_of(given: Resources, backtest: str) -> str:
    """JSON of one of them, with its result once it is done. The result is put in as it lies there."""
    facts = await found(given, backtest)
    result = "null"
    if facts.state == "done":
        made = await _made(given, backtest)
        result = (await asyncio.to_thread(_bytes, made / RESULT_FILE)).decode()
    return f'{{"backtest":{facts.model_dump_json()},"result":{result}}}'


async def file_of(given: Resources, backtest: str, name: str) -> bytes:
    """A finished file of one that is done; a problem says why there is none."""
    await found(given, backtest)
    return await asyncio.to_thread(_bytes, await _made(given, backtest) / name)


async def curve_of(given: Resources, backtest: str | None, curve: str, points_max: int) -> BacktestCurve:
    """A curve, evenly thinned; its last point always stays."""
    key = await _named(given, backtest)
    body = await file_of(given, key, CURVES_FILE)
    try:
        curves = await asyncio.to_thread(_curves, body)
    except msgspec.MsgspecError as error:
        raise _damaged(CURVES_FILE) from error
    if curve not in curves:
        known = ", ".join(list(curves)[:20])
        raise field_problem("curve", f"This backtest has no such curve. It has {known}.")
    at_ms, equity = curves[curve]
    return BacktestCurve(id=key, curve=curve, points=_points(at_ms, equity, points_max))


async def trades_of(given: Resources, query: BacktestTradesQuery) -> str:
    """JSON of a page of trades, newest first: lines of the file as they are."""
    key = await _named(given, query.id)
    await found(given, key)
    path = await _made(given, key) / TRADES_FILE
    lines, following = await asyncio.to_thread(_lines, path, query)
    after = "null" if following is None else f'"{following}"'
    return f'{{"id":"{key}","trades":[{",".join(lines)}],"next":{after}}}'


async def events_of(given: Resources, hub: Hub, first: BacktestFacts) -> AsyncGenerator[bytes]:
    """Server-sent events of one backtest until it has ended: each is all there is to know, so none can be missed."""
    settings = given.settings.stream
    loop = asyncio.get_running_loop()
    expires_s, told_s, count = loop.time() + hub.age_s(), loop.time(), 1
    yield frames.hello(Hello(epoch=1, first=None, last=None, resumed=False), None)
    yield frames.event(EVENT, first.model_dump_json().encode(), (1, count))
    facts: BacktestFacts | None = first
    while facts is not None and facts.state == "running":
        await asyncio.sleep(LOOK_S)
        if hub.closing or loop.time() >= expires_s:
            yield frames.bye(Bye(reason="shutdown" if hub.closing else "max_age", retry_ms=hub.retry_ms()))
            return
        newer = await asyncio.to_thread(given.backtests.find, first.id)
        if newer is not None and newer != facts:
            count, told_s = count + 1, loop.time()
            yield frames.event(EVENT, newer.model_dump_json().encode(), (1, count))
        elif loop.time() - told_s >= settings.heartbeat_s:
            told_s = loop.time()
            yield frames.BEAT
        facts = newer
    yield frames.bye(Bye(reason="ended", retry_ms=hub.retry_ms()))


def _mark(facts: BacktestFacts) -> str:
    """Where it stands among all: its birth to the millisecond, then its id."""
    return f"{milliseconds(datetime.fromisoformat(facts.created_at)):013d}-{facts.id}"


async def _named(given: Resources, backtest: str | None) -> str:
    """The backtest that is meant: the one named, else the newest that is done."""
    if backtest is not None:
        return backtest
    every = await asyncio.to_thread(given.backtests.every)
    done = next((one.id for one in every if one.state == "done"), None)
    if done is None:
        raise ProblemRaised(NOT_FOUND, "No backtest is done yet. Start one with POST /v1/backtests.")
    return done


async def _made(given: Resources, backtest: str) -> Path:
    made = await asyncio.to_thread(given.backtests.made, backtest)
    if made is None:
        raise ProblemRaised(NOT_FOUND, f"Backtest {backtest} has no result: it is not done.")
    return made


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _damaged(path.name) from error


def _damaged(name: str) -> ProblemRaised:
    return ProblemRaised(RECORD_DAMAGED, f"{name} of this backtest cannot be read. Remove it and run it again.")


def _points(at_ms: Sequence[int], equity: Sequence[float], most: int) -> list[BacktestPoint]:
    step = -(-len(at_ms) // most)
    points: list[BacktestPoint] = []
    peak = float("-inf")
    for place, (instant_ms, value) in enumerate(zip(at_ms, equity, strict=True)):
        peak = max(peak, value)
        if (len(at_ms) - 1 - place) % step == 0:
            fall = 100.0 * (1.0 - value / peak) if peak > 0 else 0.0
            points.append(
                BacktestPoint(
                    timestamp=instant(moment(instant_ms)),
                    equity=plain(to_money(Decimal(str(value)))),
                    drawdown_pct=round(fall, 6),
                )
            )
    return points


def _lines(path: Path, query: BacktestTradesQuery) -> tuple[list[str], int | None]:
    """Lines from the cursor on that are wanted, and where the next ones begin; None at the end."""
    try:
        with path.open("rb") as file:
            return _scanned(file, query)
    except OSError as error:
        raise _damaged(path.name) from error


def _scanned(file: BinaryIO, query: BacktestTradesQuery) -> tuple[list[str], int | None]:
    start = int(query.before or 0)
    if start:
        file.seek(start - 1)
        if file.read(1) != b"\n":
            raise field_problem("before", "It is not the `next` of any page.")
    lines: list[str] = []
    for _ in range(SCAN_LINES_MAX):
        line = file.readline(TRADE_BYTES_MAX)
        if not line:
            return lines, None
        if _wanted(line, query.strategy, query.pair):
            lines.append(line.rstrip(b"\n").decode())
            if len(lines) == query.limit:
                break
    following = file.tell()
    return lines, following if file.read(1) else None


def _wanted(line: bytes, strategy: str | None, pair: str | None) -> bool:
    if strategy is None and pair is None:
        return True
    try:
        sought = _sought(line)
    except msgspec.MsgspecError as error:
        raise _damaged(TRADES_FILE) from error
    return strategy in (None, sought.strategy) and pair in (None, sought.pair)


def report_headers(name: str, *, download: bool) -> Mapping[str, str]:
    """What keeps a report by itself: it runs its own script and reaches nothing, not even this desk."""
    place = "attachment" if download else "inline"
    return {
        "Content-Security-Policy": REPORT_POLICY,
        "Cache-Control": "no-store",
        "Content-Disposition": f'{place}; filename="{name}"',
    }


REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts"
)
"""The report carries a stricter one inside, with the digests of its own style and script; both hold."""
