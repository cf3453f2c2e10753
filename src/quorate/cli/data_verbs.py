"""The verbs of the candle store: fill it, look at it, take things out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import DATA_DIR, setting_options, settings_from

if TYPE_CHECKING:
    from quorate.feeds.candles.candle_store import CandleStore, Wanted
    from quorate.feeds.candles.importing import ImportRules
    from quorate.settings import Settings
    from quorate.wiring.data import DownloadChoice

EXIT_FOUND = 1
"""Something is wrong with what was looked at, or with some of what was to be done."""
KINDS = ("spot", "perp", "mark", "funding")
Verb = TypeVar("Verb", bound=Callable[..., Any])

store_option = click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Default: candles in --data-dir."
)
overwrite_option = click.option("--overwrite", is_flag=True, help="New rows replace stored ones that differ.")
timerange_option = click.option("--timerange", metavar="FROM-TO", help="Days, e.g. 20250201-20250301.")


def filter_options(verb: Verb) -> Verb:
    """Give a verb the options that say which stored series are meant; none of them means all."""
    for option in (
        click.option("--timeframe", "timeframes", multiple=True, metavar="5m,1h…", help="Of these timeframes alone."),
        click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Of these kinds alone."),
        click.option("--pairs", multiple=True, metavar="BTC/USDT…", help="Of these alone; several may follow."),
        click.option("--exchange", metavar="ID", help="Of this exchange alone."),
        store_option,
    ):
        verb = option(verb)
    return verb


@click.group(short_help="Download, import, check and export candles.")
def data() -> None:
    """The candle store: recorded candles, mark prices and funding rates, for replays and research.

    \b
    quorate data download --pairs BTC/USDT ETH/USDT --timeframe 5m --days 365
    quorate data import user_data/data --exchange binance
    quorate data check
    quorate up --feed replay --data STORE
    """


@data.command(short_help="Download what is missing from an exchange.")
@setting_options(DATA_DIR)
@store_option
@click.option("--exchange", metavar="ID", help="A ccxt exchange (default: the feed's, binance).")
@click.option("--pairs", multiple=True, metavar="BTC/USDT…", help="Several may follow; none: whatever is stored.")
@click.option("--timeframe", "timeframes", multiple=True, metavar="5m,1h…", help="Default 5m.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Default: what the pair is.")
@timerange_option
@click.option("--days", type=click.IntRange(1, 10_000), help="So many days up to now, holes included.")
@overwrite_option
@as_json_option
def download(*, store: Path | None, as_json: bool, **given: Any) -> int:
    """Ask for candles that are not stored yet and store them, a month at a time. Stop it whenever you like.

    Without --timerange or --days it goes on after the last stored candle (30 days where nothing is stored). With one of
    them it asks for everything in that range that is not stored, holes included. Contracts are written BTC/USDT:USDT.
    """
    from quorate.cli import data_tables as tables
    from quorate.cli.console import Console
    from quorate.cli.data_progress import SeriesBars
    from quorate.cli.running import exit_code, run

    settings = _settings(given)
    from quorate.wiring import data as wired

    choice = _download_choice(given, default_exchange=settings.feed.exchange)
    place = wired.store_of(settings, store)
    with Console(as_json=as_json) as console:
        with SeriesBars() as bars:
            ended = run(lambda: wired.download_candles(settings, place, choice, bars))
        if ended.result is None:
            console.notice("Stopped. What came is stored; the same command goes on from there.")
            return exit_code(ended.stopped_by) if ended.stopped_by else EXIT_FOUND
        shown = [(tables.download_json if as_json else tables.download_row)(one) for one in ended.result]
        console.rows(tables.DOWNLOAD_COLUMNS, shown, name="series")
    failed = [one.error for one in ended.result if one.error is not None]
    return failed[0].exit_code if failed else 0


@data.command("import", short_help="Import files of other programs.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@setting_options(DATA_DIR)
@store_option
@click.option("--format", "layout", default="auto", metavar="NAME", help="How files are laid out (default auto).")
@click.option("--exchange", metavar="ID", help="Whose candles they are, where names do not say it.")
@click.option("--kind", type=click.Choice(KINDS), help="What they are, where names do not say it.")
@click.option("--pair", metavar="BTC/USDT", help="Of which pair, where names do not say it.")
@click.option("--timeframe", metavar="5m", help="Of which length; of trades, the candles to make.")
@click.option("--columns", metavar="ts=time,open=o,…", help="Which column is what; a number counts from 0.")
@click.option("--stamp-unit", default="auto", metavar="auto|s|ms|us|ns", help="What numbers that are times count.")
@click.option("--timezone", default="UTC", metavar="NAME", help="Of times written as text (default UTC).")
@click.option("--bad-rows-max", type=click.FloatRange(0, 100), default=1.0, help="Percent; more refuse a file.")
@click.option("--keep-edges", is_flag=True, help="Keep the first and last candle made of trades.")
@overwrite_option
@as_json_option
def import_(*, paths: tuple[Path, ...], store: Path | None, as_json: bool, **given: Any) -> int:
    """Bring candles from files, or folders of them, into the store.

    Formats: freqtrade, freqtrade-trades, binance, binance-funding, kraken, kraken-trades, lean, octobot, quorate,
    table. Each file is taken whole or not at all; rows that cannot be true are left out and counted.
    """
    from quorate.cli import data_tables as tables
    from quorate.cli.console import Console
    from quorate.cli.data_progress import StepBar

    rules = _import_rules(given)
    settings = _settings(given)
    from quorate.wiring import data as wired

    place = wired.store_of(settings, store)
    with StepBar() as bar:
        told = list(wired.import_files(place, paths, rules, bar))
    errors = [one.error for one in told if one.error is not None]
    if len(told) == 1 and errors:
        raise errors[0]
    with Console(as_json=as_json) as console:
        shown = [(tables.import_json if as_json else tables.import_row)(one) for one in told]
        console.rows(tables.IMPORT_COLUMNS, shown, name="files")
    return EXIT_FOUND if errors or not told else 0


@data.command("list", short_help="List what is stored.")
@setting_options(DATA_DIR)
@filter_options
@click.option("--gaps", is_flag=True, help="Every hole instead of their number.")
@as_json_option
def list_(*, gaps: bool, as_json: bool, **given: Any) -> int:
    """Every series with its first and last candle, how many there are, and how many are missing in between."""
    from quorate.cli import data_tables as tables
    from quorate.cli.console import Console

    place, wanted = _place_and_wanted(given)
    from quorate.wiring import data as wired

    facts, damaged = wired.list_series(place, wanted)
    with Console(as_json=as_json) as console:
        if as_json:
            rows = [*map(tables.list_json, facts), *(tables.damage_json(*one) for one in damaged)]
            console.rows((), rows, name="series")
        elif gaps:
            console.rows(tables.GAP_COLUMNS, tables.gap_rows(facts), name="gaps")
        elif facts:
            console.rows(tables.LIST_COLUMNS, [tables.list_row(one) for one in facts], name="series")
        else:
            console.notice(f"{place.root} holds nothing of that: `quorate data download` or `import` fills it.")
        for _, error in damaged:
            console.warning(str(error))
    return EXIT_FOUND if damaged else 0


@data.command(short_help="Look for what is wrong with it.")
@setting_options(DATA_DIR)
@filter_options
@click.option("--sigmas", type=click.FloatRange(1), default=50.0, help="Jumps beyond so many are told (default 50).")
@click.option("--strict", is_flag=True, help="End with 1 for warnings too.")
@as_json_option
def check(*, sigmas: float, strict: bool, as_json: bool, **given: Any) -> int:
    """Read every number and tell of damage, gaps, duplicates, impossible candles, jumps, and series that disagree.

    Ends with 1 where something cannot be true (error); what may well have happened is told too (warning).
    """
    from quorate.cli import data_tables as tables
    from quorate.cli.console import Console
    from quorate.cli.data_progress import StepBar

    place, wanted = _place_and_wanted(given)
    from quorate.wiring import data as wired

    with StepBar() as bar:
        checked = wired.check_stored(place, wanted, sigmas=sigmas, step=bar)
    verdicts = {one.verdict for one in checked}
    worst = next(grade for grade in ("error", "warning", "ok") if grade in verdicts)
    with Console(as_json=as_json) as console:
        if as_json:
            console.facts({"verdict": worst, "series": [tables.check_json(one) for one in checked]})
        else:
            console.rows(tables.CHECK_COLUMNS, [row for one in checked for row in tables.check_rows(one)], name="")
            console.notice(f"{len(checked):,} series: {worst}.")
    return EXIT_FOUND if worst == "error" or (strict and worst == "warning") else 0


@data.command(short_help="Write it into files.")
@setting_options(DATA_DIR)
@filter_options
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where to.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("parquet", "csv", "feather", "json")),
    default="parquet",
    help="parquet, csv: as replays name them; feather, json: freqtrade's (default parquet).",
)
@timerange_option
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@as_json_option
def export(*, out: Path, form: str, timerange: str | None, overwrite: bool, as_json: bool, **given: Any) -> int:
    """One file for each series: for `--data` of a replay, for freqtrade, or for anything that reads CSV."""
    from quorate.cli import data_tables as tables
    from quorate.cli.console import Console
    from quorate.cli.data_progress import StepBar
    from quorate.feeds.candles.exporting import ExportFormat
    from quorate.feeds.timerange import parse_timerange

    place, wanted = _place_and_wanted(given)
    reach = parse_timerange(timerange)
    from quorate.wiring import data as wired

    with StepBar() as bar:
        told = wired.export_stored(
            place, wanted, folder=out, form=ExportFormat(form), timerange=reach, overwrite=overwrite, step=bar
        )
    with Console(as_json=as_json) as console:
        shown = [(tables.export_json if as_json else tables.export_row)(one) for one in told]
        console.rows(tables.EXPORT_COLUMNS, shown, name="files")
    return 0


@data.command(short_help="Make longer timeframes of shorter ones.")
@setting_options(DATA_DIR)
@store_option
@click.option("--exchange", metavar="ID", help="Of this exchange alone.")
@click.option("--pairs", multiple=True, metavar="BTC/USDT…", help="Of these alone; several may follow.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS[:3]), help="Of these kinds alone.")
@click.option("--timeframe", "timeframes", multiple=True, required=True, metavar="1h,4h…", help="What to make.")
@click.option("--from", "source", metavar="1m", help="What to make it of (default: what covers most).")
@click.option(
    "--holes",
    type=click.Choice(("unknown", "quiet")),
    default="unknown",
    help="What a missing candle means: unknown (default), or quiet, no trade, as in Kraken's files.",
)
@overwrite_option
@as_json_option
def resample(
    *, timeframes: tuple[str, ...], source: str | None, holes: str, overwrite: bool, as_json: bool, **given: Any
) -> int:
    """Gather stored candles into longer ones and store them: exact, and only where every piece is there."""
    from quorate.cli import data_tables as tables
    from quorate.cli.console import Console
    from quorate.cli.data_progress import StepBar
    from quorate.feeds.candles.gathering import Holes
    from quorate.feeds.candles.timeframes import spelled

    place, wanted = _place_and_wanted(given)
    from quorate.wiring import data as wired

    with StepBar() as bar:
        told = wired.resample_stored(
            place,
            wanted,
            targets=_split(timeframes),
            source=spelled(source) if source else None,
            holes=Holes(holes),
            overwrite=overwrite,
            step=bar,
        )
    with Console(as_json=as_json) as console:
        shown = [(tables.resample_json if as_json else tables.resample_row)(one) for one in told]
        console.rows(tables.RESAMPLE_COLUMNS, shown, name="series")
    return 0


def _place_and_wanted(given: dict[str, Any]) -> tuple[CandleStore, Wanted]:
    """The store, and which of its series the options name."""
    from quorate.feeds.candles.candle_store import Wanted
    from quorate.feeds.candles.series import SeriesKind
    from quorate.feeds.candles.timeframes import spelled

    wanted = Wanted(
        exchange=given.pop("exchange"),
        kinds=tuple(SeriesKind(kind) for kind in given.pop("kinds")),
        pairs=tuple(_pairs(given.pop("pairs"))),
        timeframes=tuple(spelled(timeframe) for timeframe in _split(given.pop("timeframes", ()))),
    )
    folder = given.pop("store")
    settings = _settings(given)
    from quorate.wiring import data as wired

    return wired.store_of(settings, folder), wanted


def _settings(given: Mapping[str, Any]) -> Settings:
    return settings_from({key: value for key, value in given.items() if key in ("config", "data_dir")})


def _download_choice(given: dict[str, Any], *, default_exchange: str) -> DownloadChoice:
    """What the options of `download` ask for."""
    from quorate.domain.errors import BadInput
    from quorate.feeds.candles.download_plan import Reach
    from quorate.feeds.candles.series import SeriesKind
    from quorate.feeds.timerange import parse_timerange
    from quorate.wiring.data import DownloadChoice

    if given["timerange"] is not None and given["days"] is not None:
        raise BadInput("--timerange and --days say the same thing twice.", hint="Give one of them.")
    return DownloadChoice(
        exchange=given["exchange"] or default_exchange,
        pairs=_pairs(given["pairs"]),
        kinds=[SeriesKind(kind) for kind in given["kinds"]],
        timeframes=_split(given["timeframes"]) or ["5m"],
        reach=Reach(timerange=parse_timerange(given["timerange"]), days=given["days"], overwrite=given["overwrite"]),
    )


def _import_rules(given: dict[str, Any]) -> ImportRules:
    """What the options of `import` say about files; they are taken out of `given`."""
    from quorate.domain.errors import BadInput
    from quorate.feeds.candles.importers.names import Layout, Told
    from quorate.feeds.candles.importers.shapes import Mapped, parse_columns
    from quorate.feeds.candles.importers.stamps import StampUnit, check_timezone
    from quorate.feeds.candles.importing import ImportRules
    from quorate.feeds.candles.series import SeriesKind

    def one_of(words: Any, value: str, option: str) -> Any:
        if value not in [word.value for word in words]:
            raise BadInput(f"{option} {value!r} is not known.", hint=f"Use {', '.join(word.value for word in words)}.")
        return words(value)

    columns, kind = given.pop("columns"), given.pop("kind")
    timezone = given.pop("timezone")
    check_timezone(timezone)
    return ImportRules(
        choice=Told(
            layout=one_of(Layout, given.pop("layout"), "--format"),
            exchange=given.pop("exchange"),
            kind=SeriesKind(kind) if kind else None,
            pair=given.pop("pair"),
            timeframe=given.pop("timeframe"),
        ),
        mapped=Mapped(
            parse_columns(columns) if columns else {},
            one_of(StampUnit, given.pop("stamp_unit"), "--stamp-unit"),
            timezone,
        ),
        bad_rows_pct_max=given.pop("bad_rows_max"),
        overwrite=given.pop("overwrite"),
        keep_edges=given.pop("keep_edges"),
    )


def _pairs(words: Sequence[str]) -> list[str]:
    """Pairs as they are written here: "btc/usdt" and "BTCUSDT" are BTC/USDT."""
    from quorate.feeds.candles.importers.names import pair_of_symbol

    named = [word.upper() if word.islower() else word for word in _split(words)]
    return [word if "/" in word else pair_of_symbol(word) or word for word in named]


def _split(words: Sequence[str]) -> list[str]:
    """Values given after one option, between commas, or by giving it again; each once, in the order given."""
    return list(dict.fromkeys(word.strip() for text in words for word in text.split(",") if word.strip()))
