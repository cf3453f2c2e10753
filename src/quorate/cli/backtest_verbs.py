"""The verbs that try strategies on recorded candles: one backtest, and everything that should be asked about it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import CANDLES, DATA_DIR, DATABASE_URL, STRATEGY_PATH, candle_settings, setting_options

if TYPE_CHECKING:
    from quorate.research.conventions import CostName
    from quorate.research.findings import Study
    from quorate.wiring.research import Asked

Verb = TypeVar("Verb", bound=Callable[..., Any])
EXIT_FOUND = 1
"""It looks ahead, or a check was not passed."""
COSTS = ("fees", "spread", "slippage", "latency", "funding", "liquidation", "queue")
ENGINES = {"compiled": "compiled", "desk": "event"}
FULL = "full"
READING = "reading candles (and compiling, the first time)"


class Share(click.ParamType[Decimal]):
    """A decimal number, exact."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The number. Fails for a text that is none."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number < 0:
            self.fail(f"{value} is not a number of zero or more", param, ctx)
        return number


NUMBER = Share()


def assumption_options(verb: Verb) -> Verb:
    """Give a verb the options that say what is tried and what is assumed."""
    folder = click.Path(path_type=Path, file_okay=False, exists=True)
    for option in (
        click.option("--latency-ms", type=click.IntRange(0, 86_400_000), default=0, help="How late entries come."),
        click.option(
            "--impact", type=NUMBER, metavar="TIMES", help="Orders move the market by the square-root law (compiled)."
        ),
        click.option("--leverage", type=NUMBER, metavar="TIMES", help="Of perpetuals (default: the portfolio's)."),
        click.option("--start-equity", type=NUMBER, metavar="MONEY", help="Instead of the settings'."),
        click.option("--funding", type=folder, metavar="DIR", help="Recorded rates, where not beside the candles."),
        click.option("--fee", type=NUMBER, metavar="SHARE", help="Of makers and takers alike; 0.001 is 0.1 %."),
        click.option("--without", multiple=True, metavar="COST…", help=f"Switched off, of {', '.join(COSTS)}."),
        click.option(
            "--finer",
            type=click.Choice(("1m", "5m", "15m", "1h")),
            help="Shorter candles that tell what came first inside a candle (compiled); what they leave open, --tie.",
        ),
        click.option(
            "--tie",
            type=click.Choice(("pessimistic", "optimistic")),
            default="pessimistic",
            help="Stop and target in one candle: which comes first (default pessimistic: the stop).",
        ),
        click.option(
            "--entry",
            type=click.Choice(("next_open", "this_close")),
            default="next_open",
            help="Where an order at market fills (default next_open).",
        ),
    ):
        verb = option(verb)
    return setting_options(*CANDLES, STRATEGY_PATH, DATA_DIR, DATABASE_URL)(verb)


@click.command(short_help="Run strategies over recorded candles.")
@assumption_options
@click.option("--strategy", "strategies", multiple=True, metavar="NAME…", help="Default: those that publish; or all.")
@click.option(
    "--engine",
    type=click.Choice(tuple(ENGINES)),
    help="compiled (default): each strategy and pair by itself. desk: the real desk with its portfolios and breakers.",
)
@click.option("--council", metavar="ACCOUNT|FILE", help="Let the desk hear the council as it voted in this journal.")
@click.option(
    "--tainted",
    type=click.Choice(("abstain", "count")),
    default="abstain",
    help="Votes of models that may have known the outcome (default abstain: they count for nothing).",
)
@click.option("--no-baselines", is_flag=True, help="Without luck, holding and intervals: figures alone, at once.")
@click.option(
    "--look-ahead", metavar="BARS|full", default="20", help="Bars that the prefix test looks at (default 20)."
)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the report.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the JSON to a file."
)
@as_json_option
def backtest(
    *,
    engine: str | None,
    no_baselines: bool,
    look_ahead: str,
    html: Path | None,
    out: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Trade recorded candles with one or several strategies, or with a council from its record, and judge the result.

    \b
    quorate backtest --strategy breakout trend --pairs BTC/USDT ETH/USDT --timeframe 5m --timerange 20250101-20251001
    quorate backtest --strategy all --data DIR --html report.html
    quorate backtest --council paper --engine desk --data DIR --json

    Every run looks for look-ahead; one that is found ends it with exit code 1, after the report that says so.
    """
    from quorate.cli.data_progress import StepBar

    samples = _samples(look_ahead)
    with _loading():
        asked = _asked(given)
        settings = candle_settings(given)
        from quorate.research.examining import Wanted
        from quorate.research.findings import Study
        from quorate.wiring import research

    name = engine or ("desk" if asked.council is not None else "compiled")
    with StepBar() as bar:
        bar(READING, 0, 1)
        with _loading():
            prepared = research.prepare(settings, asked)
        wanted = Wanted(baselines=not no_baselines, samples=samples)
        tested, findings = research.backtest(prepared, "event" if name == "desk" else "compiled", wanted, step=bar)
    study = Study(backtest=tested.backtest, findings=findings)
    if html is not None:
        research.report(tested, findings, html)
    _show(study, as_json=as_json, out=out, written=html)
    found = findings.look_ahead
    return EXIT_FOUND if found is not None and found.verdict == "found" else 0


@click.command(short_help="Ask everything about strategies: pass or fail, with reasons.")
@click.argument("names", nargs=-1, required=True, metavar="STRATEGY…")
@assumption_options
@click.option("--look-ahead", metavar="BARS|full", default="100", help="Bars of the prefix test (default 100).")
@click.option("--traders", type=click.IntRange(200, 100_000), help="Random traders to be compared with (default 200).")
@click.option("--folds", type=click.IntRange(2, 50), help="Spans of time to fold into (default 5).")
@click.option(
    "--tries", type=click.IntRange(1), default=1, help="Variants that were tried to come to this one (default 1)."
)
@as_json_option
def verify(
    *,
    names: tuple[str, ...],
    look_ahead: str,
    traders: int | None,
    folds: int | None,
    tries: int,
    as_json: bool,
    **given: Any,
) -> int:
    """Put strategies to every test there is: look-ahead, luck, holding, dearer costs, folds of time, one lucky trade.

    \b
    quorate verify bar_reaction --data DIR --timeframe 5m
    quorate verify all --data DIR

    Ends with 0 when all of them pass everything, with 1 when one does not. Most strategies do not.
    """
    from quorate.cli import backtest_tables as tables
    from quorate.cli.console import Console
    from quorate.cli.data_progress import StepBar

    samples = _samples(look_ahead)
    asked = _asked({**given, "strategies": names, "council": None, "tainted": "abstain"}, left=given)
    settings = candle_settings(given)
    from quorate.research.verify import Examination
    from quorate.wiring import research

    usual = Examination()
    examination = Examination(
        samples=samples, traders=traders or usual.traders, folds=folds or usual.folds, tries=tries
    )
    with StepBar() as bar:
        bar(READING, 0, 1)
        prepared = research.prepare(settings, asked)
        found = research.verify_each(prepared, examination, step=bar)
    with Console(as_json=as_json) as console:
        if as_json:
            console.facts(tables.verifications_json(prepared.materials, found))
        else:
            tables.show_verifications(prepared.materials, found)
    return 0 if all(each.passed for each in found) else EXIT_FOUND


@contextmanager
def _loading() -> Generator[None]:
    """While modules and candles are loaded nothing becomes garbage: looking for it is a tenth of a short command."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _asked(given: dict[str, Any], *, left: dict[str, Any] | None = None) -> Asked:
    """What the options ask for; those of the settings are left in `given` (in `left` where that is another one)."""
    names = (
        "strategies", "entry", "tie", "finer", "without", "fee", "funding", "start_equity", "leverage", "impact",
        "latency_ms", "council", "tainted",
    )  # fmt: skip
    from quorate.wiring.research import Asked

    chosen = {name: given[name] for name in names}
    for name in names:
        (given if left is None else left).pop(name, None)
    chosen["strategies"] = listed(chosen["strategies"])
    chosen["without"] = _costs(chosen["without"])
    return Asked(**chosen)


def listed(given: Sequence[str]) -> tuple[str, ...]:
    """What stood in several words, between commas, or both."""
    return tuple(dict.fromkeys(name.strip() for text in given for name in text.split(",") if name.strip()))


def _costs(given: Sequence[str]) -> tuple[CostName, ...]:
    known: dict[str, CostName] = {
        "fees": "fees", "spread": "spread", "slippage": "slippage", "latency": "latency", "funding": "funding",
        "liquidation": "liquidation", "queue": "queue",
    }  # fmt: skip
    unknown = [name for name in listed(given) if name not in known]
    if unknown:
        raise click.BadParameter(
            f"no cost is called {unknown[0]}; there are {', '.join(COSTS)}", param_hint="--without"
        )
    return tuple(known[name] for name in listed(given))


def _samples(text: str) -> int:
    """Bars to look at; 0 stands for all of them."""
    if text == FULL:
        return 0
    if not text.isdigit() or int(text) == 0:
        raise click.BadParameter(f"{text} is neither a number above zero nor full", param_hint="--look-ahead")
    return int(text)


def _show(study: Study, *, as_json: bool, out: Path | None, written: Path | None) -> None:
    import sys

    from quorate.research.reports.document import document_json, write_document

    if out is not None:
        write_document(study, out)
    if as_json:
        sys.stdout.write(document_json(study) + "\n")
    else:
        from quorate.cli.console import paper
        from quorate.research.reports.terminal import Summary

        paper().print(Summary(study))
    for path in (written, out):
        if path is not None:
            print(f"Wrote {path}.", file=sys.stderr)  # noqa: T201  the command line speaks
