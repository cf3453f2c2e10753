"""What may be backtested here and now, strategies and candles with their ranges; and whether a wish fits that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from pydantic import JsonValue

from quorate.analysts.registry import BadParameters, BadStrategyFile, UnknownStrategy
from quorate.api.answers.rows import instant, moment
from quorate.api.backtests import BadWish
from quorate.api.schemas.backtests import (
    BacktestOffer,
    BacktestWanted,
    CandleSource,
    OfferedCandles,
    OfferedCost,
    OfferedParameter,
    OfferedSeries,
    OfferedStrategy,
)
from quorate.api.schemas.common import Timeframe
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import QuorateError
from quorate.domain.money import PPM, plain
from quorate.feeds.candle_files import CandleFile, open_folder
from quorate.feeds.candles.parts import read_stamps
from quorate.feeds.estimates import pair_of
from quorate.feeds.timerange import day_text
from quorate.settings import FeedSettings, Settings
from quorate.wiring.analysts import strategy, strategy_classes
from quorate.wiring.data import STORE_FOLDER

if TYPE_CHECKING:
    from quorate.analysts.base import Strategy
    from quorate.analysts.registry import StrategyClass

DAY_MS = 86_400_000
SHOWN_MAX = 8
FAULTS_MAX = 20
EQUITY_MAX = Decimal(1_000_000_000_000)
COSTS = (
    OfferedCost(name="fees", about="maker and taker fees"),
    OfferedCost(name="spread", about="half the spread whenever the market is taken"),
    OfferedCost(name="slippage", about="what taking the market costs beyond the spread"),
    OfferedCost(name="latency", about="entries that come late"),
    OfferedCost(name="funding", about="recorded funding of perpetuals"),
    OfferedCost(name="liquidation", about="isolated margin at the book's leverage"),
    OfferedCost(name="queue", about="resting orders wait until price trades through them"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Recorded candles of one exchange in one folder."""

    source: CandleSource
    path: Path
    exchange: str
    files: tuple[CandleFile, ...]


class Offering:
    """Knows what there is. Ranges of files that have not changed are remembered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._spans: dict[Path, tuple[tuple[int, int], tuple[int, int, int]]] = {}

    def offer(self, *, running: int, running_max: int) -> BacktestOffer:
        """Everything that may be started. Blocks."""
        settings = self._settings
        faults: list[str] = []
        costs = settings.desk.costs
        book = next((one for one in settings.desk.portfolios if one.risk_per_trade is not None), None)
        return BacktestOffer(
            strategies=self._strategies(faults),
            candles=[self._told(place, faults) for place in self._places(faults)],
            costs=list(COSTS),
            maker_fee=plain(Decimal(costs.maker_fee_ppm) / PPM),
            taker_fee=plain(Decimal(costs.taker_fee_ppm) / PPM),
            start_equity=None if book is None else plain(book.start_equity),
            running=running,
            running_max=running_max,
            limit_s=settings.api.backtest_limit_s,
            faults=faults[:FAULTS_MAX],
        )

    def settled(self, wanted: BacktestWanted) -> tuple[BacktestWanted, Settings]:
        """The wish with its candles named, and settings to run it with. Blocks. Errors: BadWish."""
        self._check_terms(wanted)
        settings = self._with_parameters(wanted)
        place = self._place_of(wanted)
        first_ms, last_ms = self._range_of(wanted, place)
        _check_range(wanted, first_ms, last_ms)
        feed = FeedSettings(
            kind="replay",
            data=place.path,
            exchange=place.exchange,
            pairs=tuple(wanted.pairs),
            timeframe=wanted.timeframe,
            timerange=_timerange(wanted),
        )
        settled = wanted.model_copy(update={"source": place.source, "exchange": place.exchange})
        return settled, settings.model_copy(update={"feed": feed})

    def _strategies(self, faults: list[str]) -> list[OfferedStrategy]:
        settings = self._settings
        found: list[OfferedStrategy] = []
        for name in sorted(classes := self._classes(faults)):
            try:
                one = strategy(settings, classes, name)
            except QuorateError as error:
                faults.append(str(error))
                continue
            found.append(
                OfferedStrategy(
                    name=name,
                    about=_first_sentence(type(one).__doc__ or ""),
                    timeframe=cast("Timeframe", one.timeframe),
                    warm_up=one.warm_up,
                    publishes=name in settings.desk.strategies,
                    parameters=[_parameter(key, value) for key, value in asdict(one.parameters).items()],
                )
            )
        return found

    def _classes(self, faults: list[str]) -> dict[str, StrategyClass]:
        try:
            return strategy_classes(self._settings)
        except BadStrategyFile as error:
            faults.append(str(error))
            alone = self._settings.strategies.model_copy(update={"folder": None})
            return strategy_classes(self._settings.model_copy(update={"strategies": alone}))

    def _places(self, faults: list[str]) -> Iterator[Place]:
        """Folders with candles: the one that the feed replays, then the store; each exchange by itself."""
        feed = self._settings.feed
        sources: list[tuple[CandleSource, Path | None]] = [
            ("folder", feed.data),
            ("store", self._settings.data_dir / STORE_FOLDER),
        ]
        for source, path in sources:
            if path is None or not path.is_dir():
                continue
            for exchange in _exchanges(path):
                try:
                    files = tuple(file for file in open_folder(path, exchange).files if file.timeframe in TIMEFRAME_MS)
                except QuorateError as error:
                    faults.append(str(error))
                    continue
                if files:
                    yield Place(source, path, exchange, files)

    def _told(self, place: Place, faults: list[str]) -> OfferedCandles:
        series: list[OfferedSeries] = []
        for file in place.files:
            pair = _pair(file)
            if pair is None:
                continue
            try:
                first_ms, last_ms, count = self._span(file)
            except QuorateError as error:
                faults.append(str(error))
                continue
            if count:
                series.append(
                    OfferedSeries(
                        pair=pair,
                        timeframe=cast("Timeframe", file.timeframe),
                        first=instant(moment(first_ms)),
                        last=instant(moment(last_ms + TIMEFRAME_MS[file.timeframe])),
                        candles=count,
                    )
                )
        series.sort(key=lambda one: (one.pair, TIMEFRAME_MS[one.timeframe]))
        label = "candle store" if place.source == "store" else f"folder {place.path.name}"
        return OfferedCandles(source=place.source, label=label, exchange=place.exchange, series=series)

    def _span(self, file: CandleFile) -> tuple[int, int, int]:
        """First and last opening, and how many candles."""
        paths = file.parts or (file.path,)
        stats = [path.stat() for path in paths]
        stamp = (max(one.st_mtime_ns for one in stats), sum(one.st_size for one in stats))
        known = self._spans.get(file.path)
        if known is not None and known[0] == stamp:
            return known[1]
        stamps = read_stamps(file.parts) if file.parts else file.read().open_ms
        stamps = stamps[stamps > 0]
        span = (int(np.min(stamps)), int(np.max(stamps)), len(stamps)) if len(stamps) else (0, 0, 0)
        self._spans[file.path] = (stamp, span)
        return span

    def _check_terms(self, wanted: BacktestWanted) -> None:
        names = [one.name for one in wanted.strategies]
        for field, values in (("strategies", names), ("pairs", wanted.pairs), ("without", wanted.without)):
            if len(set(values)) < len(values):
                raise BadWish(field, "Something is named twice.")
        if wanted.start_equity is not None and not 0 < Decimal(wanted.start_equity) <= EQUITY_MAX:
            raise BadWish("start_equity", f"It has to be over 0 and at most {EQUITY_MAX:,}.")
        if wanted.fee is not None and not 0 <= Decimal(wanted.fee) < 1:
            raise BadWish("fee", "It is a share of the value: write 0.001 for 0.1 %.")
        if wanted.engine == "event":
            alone = "The desk trades by its own conventions and pays every cost; choose the compiled engine for others."
            for field, differs in (
                ("entry", wanted.entry != "next_open"),
                ("tie", wanted.tie != "pessimistic"),
                ("without", bool(set(wanted.without) - {"funding", "liquidation"})),
                ("start_equity", wanted.start_equity is not None),
            ):
                if differs:
                    raise BadWish(field, alone)

    def _with_parameters(self, wanted: BacktestWanted) -> Settings:
        """Settings with the parameters that are wanted. Errors: BadWish naming the strategy at fault."""
        settings = self._settings
        laid = {name: dict(values) for name, values in settings.strategies.parameters.items()}
        for one in wanted.strategies:
            laid[one.name] = {**laid.get(one.name, {}), **one.parameters}
        strategies = settings.strategies.model_copy(update={"parameters": laid})
        settings = settings.model_copy(update={"strategies": strategies})
        classes = self._classes([])
        for place, one in enumerate(wanted.strategies):
            try:
                made = strategy(settings, classes, one.name)
            except UnknownStrategy as error:
                raise BadWish(f"strategies.{place}.name", str(error)) from error
            except BadParameters as error:
                raise BadWish(f"strategies.{place}.parameters", str(error)) from error
            _check_bars(made, wanted.timeframe)
        return settings

    def _place_of(self, wanted: BacktestWanted) -> Place:
        places = list(self._places([]))
        if not places:
            hint = "Fill the store with `quorate data download` or `quorate data import`."
            raise BadWish("pairs", "No candles are recorded here.", hint=hint)
        fitting = [
            place
            for place in places
            if wanted.source in (None, place.source) and wanted.exchange in (None, place.exchange)
        ]
        if not fitting:
            there = ", ".join(f"{place.exchange} ({place.source})" for place in places)
            field = "source" if wanted.exchange is None else "exchange"
            raise BadWish(field, f"No candles of that kind are recorded. There are {there}.")
        return fitting[0]

    def _range_of(self, wanted: BacktestWanted, place: Place) -> tuple[int, int]:
        """First opening and last close of any of the pairs."""
        files = {_pair(file): file for file in place.files if file.timeframe == wanted.timeframe}
        if not files:
            there = sorted({file.timeframe for file in place.files}, key=TIMEFRAME_MS.__getitem__)
            raise BadWish(
                "timeframe",
                f"No {wanted.timeframe} candles of {place.exchange} are recorded. There are {', '.join(there)}.",
            )
        missing = [pair for pair in wanted.pairs if pair not in files]
        if missing:
            there = sorted(pair for pair in files if pair is not None)
            raise BadWish(
                "pairs",
                f"No {wanted.timeframe} candles of {_listed(missing)} from {place.exchange} are recorded. "
                f"There are {_listed(there)}.",
            )
        try:
            spans = [self._span(files[pair]) for pair in wanted.pairs]
        except QuorateError as error:
            raise BadWish("pairs", str(error)) from error
        length_ms = TIMEFRAME_MS[wanted.timeframe]
        return min(first for first, _, _ in spans), max(last for _, last, _ in spans) + length_ms


def _check_bars(made: Strategy, timeframe: str) -> None:
    if TIMEFRAME_MS[made.timeframe] < TIMEFRAME_MS[timeframe]:
        raise BadWish(
            "timeframe", f"{made.name} reads {made.timeframe} bars, which cannot be made of {timeframe} candles."
        )


def _check_range(wanted: BacktestWanted, first_ms: int, last_ms: int) -> None:
    start_ms = None if wanted.start is None else _midnight_ms(wanted.start)
    end_ms = None if wanted.end is None else _midnight_ms(wanted.end)
    told = f"The candles reach from {day_text(first_ms)} to {day_text(last_ms - 1)}."
    if start_ms is not None and end_ms is not None and start_ms >= end_ms:
        raise BadWish("end", "It has to be after the first day.")
    if start_ms is not None and start_ms >= last_ms:
        raise BadWish("start", f"There are no candles that late. {told}")
    if end_ms is not None and end_ms <= first_ms:
        raise BadWish("end", f"There are no candles that early. {told}")


def _timerange(wanted: BacktestWanted) -> str | None:
    if wanted.start is None and wanted.end is None:
        return None
    start, end = (None if day is None else f"{day:%Y%m%d}" for day in (wanted.start, wanted.end))
    return f"{start or ''}-{end or ''}"


def _midnight_ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_MS


def _exchanges(path: Path) -> list[str]:
    """Whose candles lie in a folder of files, or else in a candle store."""
    named = {file.stem.partition("_")[0] for file in path.glob("*_*_*.parquet")}
    kept = {folder.parent.name for kind in ("spot", "perp") for folder in path.glob(f"*/{kind}")}
    found = sorted(named or kept)
    return sorted(found, key=lambda name: (name != "binance", name))


def _pair(file: CandleFile) -> str | None:
    return file.pair or pair_of(file.symbol)


def _parameter(name: str, value: object) -> OfferedParameter:
    kind: Literal["whole", "number", "decimal", "text", "yes_no", "list"]
    match value:
        case bool():
            kind = "yes_no"
        case int():
            kind = "whole"
        case float():
            kind = "number"
        case Decimal():
            kind = "decimal"
        case tuple() | list():
            kind = "list"
        case _:
            kind = "text"
    return OfferedParameter(name=name, kind=kind, value=_plain(cast("object", value)))


def _plain(value: object) -> JsonValue:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [_plain(each) for each in cast("Sequence[object]", value)]
    return str(value)


def _first_sentence(text: str) -> str:
    """The first sentence of a docstring, with its line breaks smoothed out."""
    smooth = " ".join(text.strip().split("\n\n")[0].split())
    # Where it is laid down is the developers' business.
    plain_words = re.sub(r"\s*\((?:SPEC|RULES)[^)]*\)", "", smooth)
    return re.split(r"[.;](?:\s|$)", plain_words)[0] + "."


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN_MAX])
    return shown if len(names) <= SHOWN_MAX else f"{shown} and {len(names) - SHOWN_MAX} more"


def without_secrets(settings: Settings) -> Settings:
    """Settings as a run needs them: what opens databases, the API or models stays at home."""
    plain_settings = Settings(data_dir=settings.data_dir)
    kept = {"api": plain_settings.api, "store": plain_settings.store, "minds": plain_settings.minds}
    derivatives = settings.context.derivatives
    context = replace(plain_settings.context, derivatives=derivatives)
    return settings.model_copy(update={**kept, "context": context})
