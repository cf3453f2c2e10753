"""Sweeps and walk-forwards over recorded candles: candles read, workers started, tries kept in the data directory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput, Refused
from quorate.feeds.candle_files import CandleFolder, open_folder
from quorate.feeds.candles.candle_store import STORE_FOLDER
from quorate.feeds.candles.faults import SeriesLocked
from quorate.feeds.candles.locks import writing
from quorate.feeds.estimates import estimate_market
from quorate.feeds.recording import judge
from quorate.feeds.timerange import parse_timerange
from quorate.research.columns import Columns, check_inside
from quorate.research.conventions import RunCosts, Sizing
from quorate.research.materials import Materials
from quorate.research.pools import OwnProcess, Pool, Processes, RayCluster
from quorate.research.space import Space, parse_space
from quorate.research.spans import Terms
from quorate.research.sweep import Choice, Sweep, SweepResult, run_sweep
from quorate.research.trial_log import TrialLog
from quorate.research.trials import StrategyMaker, StrategySpec, identity_of
from quorate.research.walk_forward import Walk, WalkResult, run_walk
from quorate.research.windows import Layout, windows_of
from quorate.wiring.machine_code import keep_machine_code

if TYPE_CHECKING:
    from quorate.domain.market import Market
    from quorate.research.trials import Task
    from quorate.research.trying import Told, Tried
    from quorate.settings import Settings

RESEARCH_FOLDER = "research"
BENCH_PREFIX = "bench-"
DIGEST_CHARS = 12
POOLED_BARS_MIN = 400_000_000
"""Candles times points from which on more processes are worth their start: about ten seconds of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Where points are tried."""

    count: int | None = None
    """Processes; 1 is this one alone. None: as many as there are processors, where the work is worth it."""
    ray: str | None = None
    """Address of a Ray cluster instead."""


def strategy_spec(settings: Settings, name: str) -> StrategySpec:
    """The strategy as the settings have it. Errors: UnknownStrategy, BadParameters, BadStrategyFile."""
    spec = StrategySpec(
        name=name,
        costs=settings.desk.costs,
        folder=settings.strategies.folder,
        parameters=settings.strategies.parameters.get(name) or {},
    )
    StrategyMaker(spec)
    return spec


def space_of(spec: StrategySpec, texts: Sequence[str], file: Path | None) -> Space:
    """The space that the options describe. BadSpace."""
    return parse_space(texts, file, StrategyMaker(spec).default.parameters)


def terms_of(settings: Settings) -> Terms:
    """What every run assumes: the desk's costs, and the risk for each trade of its strategies' portfolio."""
    book = next((one for one in settings.desk.portfolios if one.risk_per_trade is not None), None)
    sizing = Sizing()
    if book is not None and book.risk_per_trade is not None:
        sizing = Sizing(start_equity=book.start_equity, share=book.risk_per_trade, cap=book.position_cap)
    return Terms(costs=RunCosts(rates=settings.desk.costs), sizing=sizing)


def read_materials(settings: Settings, *, finer: str | None = None) -> Materials:
    """Candles of a folder of files or of the candle store; those before the time range are for warming up. BadInput.

    `finer`: a shorter timeframe whose candles are read beside them, as far as there are any.
    """
    keep_machine_code()
    feed = settings.feed
    place = feed.data or settings.data_dir / STORE_FOLDER
    folder = open_folder(place, feed.exchange if "exchange" in feed.model_fields_set else None)
    pairs = sorted(feed.pairs) or folder.pairs(feed.timeframe)
    asked = parse_timerange(feed.timerange)
    length_ms = TIMEFRAME_MS[feed.timeframe]
    if finer is not None:
        check_inside(finer, feed.timeframe)
    columns: dict[str, Columns] = {}
    markets: dict[str, Market] = {}
    notes: list[str] = []
    for pair in pairs:
        file = folder.file_of(pair, feed.timeframe)
        rows = file.read()
        if not len(rows.open_ms):
            raise BadInput(f"{file.path} holds no candles.", hint="Remove it or download it again.")
        recording = judge(rows, estimate_market(pair, rows.prices, settings.desk.costs), feed.timeframe)
        count = len(recording.open_ms) if asked.stop_ms is None else recording.position(asked.stop_ms)
        if recording.refused:
            notes.append(f"{len(recording.refused):,} candles of {pair} could not be true and were left out.")
        if recording.position(asked.start_ms or 0) < count:
            columns[pair] = Columns.of(recording.bars(0, count), recording.market)
            markets[pair] = recording.market
            notes += _holes(columns[pair], pair, first=recording.position(asked.start_ms or 0))
        else:
            notes.append(f"{pair} has no candle in this time.")
    if not columns:
        raise BadInput("No candle lies in this time range.", hint="`quorate data list` shows what there is.")
    first_ms = min(int(each.bars.open_ms[0]) for each in columns.values())
    return Materials(
        columns=columns,
        markets=markets,
        start_ms=first_ms if asked.start_ms is None else max(first_ms, -(-asked.start_ms // length_ms) * length_ms),
        end_ms=max(int(each.close_ms[-1]) for each in columns.values()),
        source=f"{folder.exchange} {feed.timeframe}, recorded",
        notes=tuple(notes),
        finer={} if finer is None else _finer(folder, finer, columns, markets, start_ms=asked.start_ms or 0),
    )


def _finer(
    folder: CandleFolder,
    timeframe: str,
    columns: Mapping[str, Columns],
    markets: Mapping[str, Market],
    *,
    start_ms: int,
) -> dict[str, Columns]:
    """Shorter candles inside those of `columns` from `start_ms` on, by pair. BadInput where no pair has any."""
    found: dict[str, Columns] = {}
    for pair, outer in columns.items():
        file = folder.find(pair, timeframe)
        if file is None:
            continue
        recording = judge(file.read(), markets[pair], timeframe)
        first = recording.position(max(start_ms, int(outer.bars.open_ms[0])))
        count = recording.position(int(outer.close_ms[-1]))
        if first < count:
            found[pair] = Columns.of(recording.bars(first, count), markets[pair])
    if not found:
        raise BadInput(
            f"There are no {timeframe} candles of these pairs in this time.",
            hint="`quorate data list` shows what there is.",
        )
    return found


def sweep(
    settings: Settings, spec: StrategySpec, choice: Choice, workers: Workers, *, told: Told, stop: Callable[[], bool]
) -> SweepResult:
    """Sweep a strategy. Errors: those of `run_sweep` and of the candles; Refused where the same is running already."""
    what = Sweep(strategy=spec, materials=read_materials(settings), terms=terms_of(settings), choice=choice)
    with _bench(settings, what.task, what.materials, choice, workers) as (pool, log):
        return run_sweep(what, pool, log, told=told, stop=stop)


def walk_forward(
    settings: Settings,
    spec: StrategySpec,
    choice: Choice,
    layout: Layout,
    workers: Workers,
    *,
    told: Told,
    stop: Callable[[], bool],
) -> WalkResult | Tried:
    """Walk a strategy forward. Errors: as `sweep`, and BadInput where there is too little time for the windows."""
    materials = read_materials(settings)
    step_ms = TIMEFRAME_MS[materials.timeframe]
    windows = windows_of(layout, start_ms=materials.start_ms, end_ms=materials.end_ms, step_ms=step_ms)
    what = Walk(strategy=spec, materials=materials, terms=terms_of(settings), choice=choice, windows=windows)
    with _bench(settings, what.task, materials, choice, workers) as (pool, log):
        return run_walk(what, pool, log, told=told, stop=stop)


def _holes(columns: Columns, pair: str, *, first: int) -> list[str]:
    """What is missing from the row `first` on: what lies before the time range is for warming up."""
    missing = int((np.diff(columns.bars.open_ms[first:]) // columns.length_ms - 1).sum())
    return [f"{missing:,} candles of {pair} are missing in between."] if missing else []


@contextmanager
def _bench(
    settings: Settings, task: Task, materials: Materials, choice: Choice, workers: Workers
) -> Generator[tuple[Pool, TrialLog]]:
    """Workers and the log of everything that was tried on the same; both are let go of at the end."""
    identity = identity_of(task, materials.columns)
    name = f"{identity.kind}-{task.strategy.name}-{identity.digest[:DIGEST_CHARS]}"
    folder = settings.data_dir / RESEARCH_FOLDER / name
    with _alone(folder):
        for left in folder.glob(f"{BENCH_PREFIX}*"):
            # Of one that was killed: nobody else is here.
            shutil.rmtree(left, ignore_errors=True)
        log = TrialLog(folder / "trials.jsonl", identity)
        try:
            with tempfile.TemporaryDirectory(prefix=BENCH_PREFIX, dir=folder, ignore_cleanup_errors=True) as own:
                pool = _pool(task, materials, choice, workers, Path(own))
                try:
                    yield pool, log
                finally:
                    pool.close()
        finally:
            log.close()


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    try:
        with writing(folder, wait_s=0.0):
            yield
    except SeriesLocked:
        raise Refused("The same search is running already.", hint="Let it finish, or end it.") from None


def _pool(task: Task, materials: Materials, choice: Choice, workers: Workers, folder: Path) -> Pool:
    if workers.ray is not None:
        return RayCluster(task, materials.columns, address=workers.ray)
    count = workers.count
    if count is None:
        points = choice.points or choice.space.size or 1
        worth = points * materials.bars >= POOLED_BARS_MIN
        count = (os.cpu_count() or 1) if worth else 1
    if count == 1:
        return OwnProcess(task, materials.columns)
    return Processes(task, materials.columns, workers=count, folder=folder)
