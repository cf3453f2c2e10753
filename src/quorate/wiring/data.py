"""The candle store's verbs as functions: settings and choices in, what was done out. Time and chance enter here."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from quorate.clock import SystemClock
from quorate.domain.errors import BadInput, QuorateError
from quorate.feeds.candles.agreement import disagreements
from quorate.feeds.candles.candle_store import STORE_FOLDER, CandleStore, SeriesFacts, Wanted
from quorate.feeds.candles.checking import Checked, check_series, early_ends
from quorate.feeds.candles.download_plan import Reach
from quorate.feeds.candles.downloading import Downloaded, DownloadOptions, Told, download
from quorate.feeds.candles.exporting import Exported, ExportFormat, export_series, plan_export
from quorate.feeds.candles.faults import Damaged
from quorate.feeds.candles.gathering import Holes
from quorate.feeds.candles.importers.names import CONTRACTS_ONLY
from quorate.feeds.candles.importing import Imported, ImportRules, find_files, import_file
from quorate.feeds.candles.resampling import Resampled, resample_series
from quorate.feeds.candles.series import Series, SeriesKind, contract_of
from quorate.feeds.candles.timeframes import length_of, spelled
from quorate.feeds.timerange import TimeRange
from quorate.settings import Settings

Step = Callable[[str, int, int], None]
"""Told before each piece of work: what it is about, how many are done, how many there are."""


def store_of(settings: Settings, folder: Path | None) -> CandleStore:
    """The candle store in `folder`; by default the one in the data directory."""
    return CandleStore(settings.data_dir / STORE_FOLDER if folder is None else folder.expanduser().absolute())


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadChoice:
    """What a user wants downloaded. Without pairs: whatever is stored of the exchange and the timeframes."""

    exchange: str
    pairs: Sequence[str]
    kinds: Sequence[SeriesKind]
    timeframes: Sequence[str]
    reach: Reach


async def download_candles(
    settings: Settings, store: CandleStore, choice: DownloadChoice, tell: Told
) -> list[Downloaded]:
    """Bring series up to date from an exchange. Errors: those of `download`, and BadInput where nothing is named."""
    options = DownloadOptions(
        exchange=choice.exchange, series=_wanted_series(store, choice), reach=choice.reach, urls=settings.feed.urls
    )
    clock = SystemClock()
    return await download(options, store, clock=clock, sleep=asyncio.sleep, chance=random.random, tell=tell)


def _wanted_series(store: CandleStore, choice: DownloadChoice) -> list[Series]:
    timeframes = [spelled(timeframe) for timeframe in choice.timeframes]
    if not choice.pairs:
        wanted = Wanted(exchange=choice.exchange, kinds=tuple(choice.kinds), timeframes=tuple(timeframes))
        stored = store.series(wanted)
        if not stored:
            raise BadInput(
                f"Nothing of {choice.exchange} in {', '.join(timeframes)} is stored that could be brought up to date.",
                hint="Say which --pairs to download.",
            )
        return stored
    found: list[Series] = []
    for pair in choice.pairs:
        contract = ":" in pair or choice.exchange in CONTRACTS_ONLY
        for kind in choice.kinds or ((SeriesKind.PERP if contract else SeriesKind.SPOT),):
            named = pair if kind is SeriesKind.SPOT else contract_of(pair)
            lengths = [""] if kind is SeriesKind.FUNDING else timeframes
            found += [Series(choice.exchange, kind, named, timeframe) for timeframe in lengths]
    return list(dict.fromkeys(found))


def import_files(store: CandleStore, paths: Sequence[Path], rules: ImportRules, step: Step) -> Iterator[Imported]:
    """Bring files into the store, one after the other. Errors: BadInput for paths, and those of the store itself."""
    files = find_files(paths)
    now_ms = SystemClock().now_ms()
    for place, path in enumerate(files):
        step(path.name, place, len(files))
        yield from import_file(path, store, rules, now_ms=now_ms)


def list_series(store: CandleStore, wanted: Wanted) -> tuple[list[SeriesFacts], list[tuple[Series, QuorateError]]]:
    """What is stored, and of which series that cannot be told since a part is damaged."""
    facts: list[SeriesFacts] = []
    damaged: list[tuple[Series, QuorateError]] = []
    for series in store.series(wanted):
        try:
            facts.append(store.facts(series))
        except QuorateError as error:
            damaged.append((series, error))
    return facts, damaged


def check_stored(store: CandleStore, wanted: Wanted, *, sigmas: float, step: Step) -> list[Checked]:
    """Look at every number of these series, and at how they fit one another. Errors: BadInput where there is none."""
    found = store.find(wanted)
    checked: list[Checked] = []
    for place, series in enumerate(found):
        step(series.label, place, len(found))
        one = check_series(store, series, sigmas=sigmas)
        with suppress(Damaged):  # told already, of the series it is in
            one = one.with_flaws(disagreements(store, series))
        checked.append(one)
    return early_ends(checked)


def export_stored(
    store: CandleStore,
    wanted: Wanted,
    *,
    folder: Path,
    form: ExportFormat,
    timerange: TimeRange,
    overwrite: bool,
    step: Step,
) -> list[Exported]:
    """Write these series into files. Errors: BadInput, Refused where a file is there, and those of the store."""
    planned = plan_export(store.find(wanted), folder, form, overwrite=overwrite)
    written: list[Exported] = []
    for place, (path, series) in enumerate(planned.items()):
        step(series.label, place, len(planned))
        one = export_series(store, series, path, form, timerange)
        if one is not None:
            written.append(one)
    if not written:
        raise BadInput("None of these series has a row in that time range.", hint="`quorate data list` shows theirs.")
    return written


def resample_stored(
    store: CandleStore,
    wanted: Wanted,
    *,
    targets: Sequence[str],
    source: str | None,
    holes: Holes,
    overwrite: bool,
    step: Step,
) -> list[Resampled]:
    """Make longer candles of these series and store them. Errors: BadInput, Conflict, and those of the store."""
    kinds = tuple(wanted.kinds) or (SeriesKind.SPOT, SeriesKind.PERP, SeriesKind.MARK)
    stored = store.find(replace(wanted, kinds=kinds, timeframes=(source,) if source else ()))
    lengths = {spelled(target): length_of(target) for target in targets}
    about = {
        replace(series, timeframe=target)
        for target, length_ms in lengths.items()
        for series in stored
        if series.length_ms < length_ms and length_ms % series.length_ms == 0
    }
    if not about:
        raise BadInput(
            f"Nothing shorter than {', '.join(lengths)} that divides it is stored.",
            hint="`quorate data list` shows what is.",
        )
    made: list[Resampled] = []
    for place, series in enumerate(sorted(about, key=lambda one: one.rank)):
        step(series.label, place, len(about))
        target = series.timeframe
        made.append(resample_series(store, series, target, source=source, holes=holes, overwrite=overwrite))
    return made
