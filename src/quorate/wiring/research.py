"""Backtests over recorded candles: candles and funding read, strategies made, the engine chosen, results examined."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.domain.market import MarketKind
from quorate.domain.policy import STRATEGIES
from quorate.domain.signals import COUNCIL
from quorate.domain.snapshot import Settlement
from quorate.feeds.candles.candle_store import STORE_FOLDER, CandleStore
from quorate.feeds.candles.candle_store import Wanted as WantedSeries
from quorate.feeds.candles.series import SeriesKind
from quorate.feeds.context.derivatives import FundingRates, read_funding_folder
from quorate.research.backtesting import Tested, backtest_legs
from quorate.research.conventions import Conventions, CostName
from quorate.research.examining import Wanted, examine
from quorate.research.findings import Findings
from quorate.research.materials import Materials
from quorate.research.report import write_report
from quorate.research.spans import Terms
from quorate.research.verify import Examination, Verification, verify
from quorate.wiring.analysts import rule_records, strategy, strategy_classes
from quorate.wiring.sweep import read_materials, terms_of

if TYPE_CHECKING:
    from quorate.analysts.base import Strategy
    from quorate.desk.turn import Charter
    from quorate.domain.policy import PortfolioPolicy
    from quorate.research.council_votes import RecordedVotes
    from quorate.research.result import Engine
    from quorate.settings import Settings

ALL = "all"
Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a user wants run, beyond the settings."""

    strategies: Sequence[str]
    """Names; `all` is every one that the candles allow, none those that publish."""
    funding: Path | None = None
    """Folder of recorded rates; None: the candle store's, or those beside the candles."""
    without: Sequence[CostName] = ()
    """Parts of the costs that are switched off."""
    fee: Decimal | None = None
    """Share of the value, for makers and takers alike; None: the settings'."""
    entry: Literal["next_open", "this_close"] = "next_open"
    tie: Literal["pessimistic", "optimistic"] = "pessimistic"
    finer: str | None = None
    """Timeframe of the shorter candles that tell what came first inside a candle; None: `tie` alone does."""
    start_equity: Decimal | None = None
    """Of each strategy and pair, of each portfolio on the desk; None: the settings'."""
    leverage: Decimal | None = None
    """Of perpetuals; None: the settings'."""
    impact: Decimal | None = None
    """Times the square-root law of what an order itself moves the market by; None: not modelled."""
    latency_ms: int = 0
    """How late entries come."""
    council: str | None = None
    """Whose recorded votes are heard: an account of the journal, or a file of `quorate journal export`."""
    tainted: Literal["abstain", "count"] = "abstain"
    """What becomes of votes whose outcome a model may have known (`research.council_votes`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything a run needs, read and made."""

    settings: Settings
    asked: Asked
    strategies: tuple[Strategy, ...]
    materials: Materials
    terms: Terms
    council: RecordedVotes | None = None


def prepare(settings: Settings, asked: Asked) -> Prepared:
    """Read candles and make strategies. Errors: BadInput, and those of strategies, their files, and the journal."""
    settings = _with_fee(settings, asked.fee)
    terms = terms_of(settings)
    book = _book(settings, council=asked.council is not None)
    perp = book.market is MarketKind.PERP
    off: tuple[CostName, ...] = (*asked.without, *(() if perp else ("funding", "liquidation")))
    materials = read_materials(settings, finer=asked.finer)
    members, notes = _strategies(settings, asked, materials.timeframe)
    if perp and "funding" not in off:
        materials = replace(materials, settlements=recorded_settlements(settings, materials, asked.funding))
    costs = replace(
        terms.costs.without(*off),
        leverage=asked.leverage or book.leverage,
        perps=settings.desk.perps,
        settlements=materials.settlements,
        slippage="constant" if asked.impact is None else "square_root",
        impact=terms.costs.impact if asked.impact is None else asked.impact,
        latency_ms=asked.latency_ms,
    )
    sizing = replace(terms.sizing, by_confidence="yes", start_equity=asked.start_equity or terms.sizing.start_equity)
    return Prepared(
        settings=settings,
        asked=asked,
        strategies=members,
        materials=replace(materials, source=_source(settings, materials), notes=(*materials.notes, *notes)),
        terms=Terms(conventions=Conventions(entry=asked.entry, tie=asked.tie), costs=costs, sizing=sizing),
        council=_council(settings, asked, materials),
    )


def backtest(prepared: Prepared, engine: Engine, wanted: Wanted, *, step: Step) -> tuple[Tested, Findings]:
    """Run what was prepared and examine it. Errors: BadInput, StrategyFault."""
    return examine(run_prepared(prepared, engine, step=step), prepared.terms.costs, wanted)


def run_prepared(prepared: Prepared, engine: Engine, *, step: Step) -> Tested:
    """Run what was prepared. Errors: BadInput, StrategyFault."""
    if engine == "compiled":
        if prepared.council is not None:
            raise BadInput("A council trades on the desk only.", hint="Add --engine desk.")
        return backtest_legs(
            prepared.strategies, prepared.materials, prepared.terms, monotonic=time.monotonic, step=step
        )
    return _on_desk(prepared, step)


def verify_each(prepared: Prepared, examination: Examination, *, step: Step) -> list[Verification]:
    """Ask everything about each of the strategies that were prepared. Errors: BadInput, StrategyFault."""
    found: list[Verification] = []
    for place, member in enumerate(prepared.strategies):
        step(member.name, place, len(prepared.strategies))
        found.append(
            verify(
                member,
                prepared.materials,
                prepared.terms,
                examination,
                monotonic=time.monotonic,
                step=lambda _about, _done, _total: None,
            )
        )
    return found


def report(tested: Tested, findings: Findings, path: Path) -> None:
    """Write the HTML report, with trades drawn on the candles. Errors: OSError."""
    candles = {pair: columns.bars for pair, columns in tested.materials.columns.items()}
    write_report(tested.backtest, findings, path, candles=candles)


def _on_desk(prepared: Prepared, step: Step) -> Tested:
    # The desk and its state are loaded only where it runs: they are a third of a short command's time.
    from quorate.research.desk_backtesting import NOBODY, backtest_desk

    charter = _charter(prepared)
    council = prepared.council or NOBODY
    return backtest_desk(
        prepared.strategies, prepared.materials, charter, monotonic=time.monotonic, step=step, council=council
    )


def _charter(prepared: Prepared) -> Charter:
    """What the desk of a backtest is told. BadInput where it cannot do what was asked."""
    from quorate.desk.turn import Charter
    from quorate.domain.signals import Mode
    from quorate.venues.paper import PaperVenue

    settings, asked, terms = prepared.settings, prepared.asked, prepared.terms
    own_costs = terms.costs.slippage == "constant" and not terms.costs.latency_ms and set(asked.without) <= {"funding"}
    if terms.conventions != Conventions() or asked.finer is not None or not own_costs:
        raise BadInput(
            "The desk trades by its own conventions and pays every cost.",
            hint="Choose --engine compiled for others, or set the costs in desk.costs.",
        )
    books = tuple(
        replace(
            one,
            start_equity=asked.start_equity or one.start_equity,
            leverage=one.leverage if asked.leverage is None or one.market is MarketKind.SPOT else asked.leverage,
        )
        for one in settings.desk.portfolios
        if _trades(one, prepared)
    )
    if not books:
        raise BadInput("No portfolio trades any of these.", hint="Name them in the `sources` of one in the settings.")
    policy = replace(
        settings.desk,
        portfolios=books,
        strategies=tuple(one.name for one in prepared.strategies),
        breakers=replace(settings.desk.breakers, rearm="weekly"),
    )
    return Charter(
        account="backtest",
        mode=Mode.PAPER,
        feed_kind="replay",
        timeframe=prepared.materials.timeframe,
        paced=False,
        policy=policy,
        pacing={one.name: one.pacing for one in prepared.strategies},
        venue=PaperVenue(policy.costs),
        scanner_cron=settings.jobs.scanner,
        monitor_cron=settings.jobs.monitor,
        evaluator_cron=settings.jobs.evaluator,
        optimizer_cron=settings.jobs.optimizer,
        records=rule_records(settings),
    )


def _trades(book: PortfolioPolicy, prepared: Prepared) -> bool:
    if prepared.council is not None and COUNCIL in book.sources:
        return True
    names = [one.name for one in prepared.strategies]
    return bool(names) and bool({STRATEGIES, *names} & set(book.sources))


def _council(settings: Settings, asked: Asked, materials: Materials) -> RecordedVotes | None:
    if asked.council is None:
        return None
    from quorate.research.council_votes import ballots_in, recorded_votes
    from quorate.wiring.stories import VOTING, read_story

    story = read_story(settings, asked.council, kinds=VOTING)
    ballots = ballots_in(entry.event for entry in story.entries)
    return recorded_votes(ballots, start_ms=materials.start_ms, end_ms=materials.end_ms, tainted=asked.tainted)


def _book(settings: Settings, *, council: bool) -> PortfolioPolicy:
    """The portfolio that trades strategies' own signals, else, for a council, its first. BadInput without any."""
    books = settings.desk.portfolios
    book = next((one for one in books if one.risk_per_trade is not None), None)
    if book is None and council:
        book = next((one for one in books if COUNCIL in one.sources), None)
    if book is None:
        raise BadInput(
            "No portfolio sizes by risk, so no strategy has a book.", hint="Give one `risk_per_trade` in the settings."
        )
    return book


def _with_fee(settings: Settings, fee: Decimal | None) -> Settings:
    if fee is None:
        return settings
    if not 0 <= fee < 1:
        raise BadInput(f"A fee of {fee} is no share of the value.", hint="Write 0.001 for 0.1 %.")
    ppm = int(fee * 1_000_000)
    costs = replace(settings.desk.costs, maker_fee_ppm=ppm, taker_fee_ppm=ppm)
    return settings.model_copy(update={"desk": replace(settings.desk, costs=costs)})


def _strategies(settings: Settings, asked: Asked, timeframe: str) -> tuple[tuple[Strategy, ...], list[str]]:
    """The strategies asked for, and which of `all` these candles are too long for. A council may do without any."""
    names = asked.strategies
    if asked.council is not None and not names:
        return (), []
    classes = strategy_classes(settings)
    everyone = ALL in names or not names
    chosen = (sorted(classes) if ALL in names else settings.desk.strategies) if everyone else dict.fromkeys(names)
    members = [strategy(settings, classes, name) for name in chosen]
    short = [one for one in members if TIMEFRAME_MS[one.timeframe] < TIMEFRAME_MS[timeframe]]
    if short and (not everyone or len(short) == len(members)):
        raise BadInput(
            f"{short[0].name} reads {short[0].timeframe} bars; the candles are {timeframe}.",
            hint=f"Give --timeframe {short[0].timeframe} or shorter.",
        )
    kept = tuple(one for one in members if one not in short)
    return kept, [f"{one.name} was left out: it reads {one.timeframe} bars." for one in short]


def recorded_settlements(settings: Settings, materials: Materials, folder: Path | None) -> tuple[Settlement, ...]:
    """Recorded funding: of the folder named, else of the store, else beside the candles, else the context's folder."""
    rates = _rates(settings, materials, folder)
    return rates.settlements.between(materials.start_ms, materials.end_ms, materials.pairs)


def _rates(settings: Settings, materials: Materials, folder: Path | None) -> FundingRates:
    if folder is not None:
        return read_funding_folder(folder.expanduser())
    place = settings.feed.data or settings.data_dir / STORE_FOLDER
    stored = _stored_rates(CandleStore(place), materials.pairs)
    if stored.settlements.between(materials.start_ms, materials.end_ms, materials.pairs):
        return stored
    for beside in (place, settings.context.derivatives.folder):
        if beside is not None and any(beside.glob("*_funding.parquet")):
            return read_funding_folder(beside)
    return stored


def _stored_rates(store: CandleStore, pairs: Sequence[str]) -> FundingRates:
    found = FundingRates()
    for series in store.series(WantedSeries(kinds=(SeriesKind.FUNDING,), pairs=pairs)):
        rows = store.rows(series)
        points = zip(rows.stamps.tolist(), rows.values[0].tolist(), strict=True)
        found.settlements.take(series.pair.partition(":")[0], ((at_ms, Decimal(str(rate))) for at_ms, rate in points))
    return found


def _source(settings: Settings, materials: Materials) -> str:
    """Where the candles came from, for people: never a path."""
    place = settings.feed.data or settings.data_dir / STORE_FOLDER
    return f"{materials.source}, from {place.name}"
