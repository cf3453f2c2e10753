"""The verbs of the council: ask it once, or see what its models would be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import ACCOUNT, FEED, LOG_LEVEL, STORES, setting_options, settings_from
from quorate.domain.errors import BadInput
from quorate.domain.money import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from quorate.domain.minds import MindRequest
    from quorate.settings import Settings
    from quorate.wiring.context_now import ContextNow
    from quorate.wiring.decided import PromptAsked

Found = TypeVar("Found")
COLUMNS = ("analyst", "side", "confidence", "entry", "stop", "target", "reason")
PROMPT_FIELDS = ("template", "digest", "system", "prompt", "schema")


@click.group(short_help="Ask the council, or see what it is asked.")
def council() -> None:
    """The panel that votes: rules, models, or both. Nothing here trades or publishes."""


@council.command(short_help="Ask the panel about one pair, now.")
@click.argument("symbol")
@setting_options(ACCOUNT, *FEED, *STORES, LOG_LEVEL)
@as_json_option
def ask(*, symbol: str, as_json: bool, **given: Any) -> int:
    """Every vote on SYMBOL (BTC, BTCUSDT or BTC/USDT) at the newest close, from models too: that may cost money."""
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.ops.logs import configure_logs
    from quorate.wiring.asking import ask_council

    settings = settings_from(given)
    with Console(as_json=as_json) as console:
        configure_logs(level=settings.log.level, as_json=settings.log.format == "json", write=console.write_log)
        ended = run(lambda: ask_council(settings, symbol))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        if as_json:
            console.facts(ended.result)
            return 0
        shown = [{name: vote[name] or "" for name in COLUMNS} for vote in ended.result["votes"]]
        console.rows(COLUMNS, shown, name="votes")
        tier, side = ended.result["tier"], ended.result["side"]
        verdict = f"{tier} {side}" if tier else ended.result["refused"] or "no quorum"
        console.facts({"Pair": ended.result["pair"], "Price": ended.result["price"], "Verdict": verdict})
    return 0


@council.command(short_help="Print what the models are asked now, or were asked then.")
@click.argument("symbol", required=False)
@click.option("--all", "every_pair", is_flag=True, help="About every pair of the feed, as the desk asks.")
@click.option(
    "--of", "decision", metavar="DECISION", help="What was asked for a past one: a signal's id, a slot, a digest."
)
@setting_options(ACCOUNT, *FEED, *STORES, LOG_LEVEL)
@as_json_option
def prompt(*, symbol: str | None, every_pair: bool, decision: str | None, as_json: bool, **given: Any) -> int:
    """The exact prompt about SYMBOL, or with --all about every pair, for each class of models on the panel.

    With --of, word for word what models were asked for a decision of the past, from the records in the data directory.
    """
    if sum((symbol is not None, every_pair, decision is not None)) != 1:
        raise BadInput("`quorate council prompt` takes a symbol, --all or --of DECISION: one of them.")
    settings = settings_from(given)
    rows = _past(settings, decision, as_json) if decision else _present(settings, symbol, as_json)
    if isinstance(rows, int):
        return rows
    if not as_json:
        for row in rows:
            click.echo(f"{row['system']}\n\n{row['prompt']}")
    return 0


@council.command(short_help="Ask every source of context, now.")
@click.argument("coin", required=False)
@click.option("--days", type=click.IntRange(1, 365), default=7, help="Of the coin's price history.")
@setting_options(*FEED, LOG_LEVEL)
@as_json_option
def context(*, coin: str | None, days: int, as_json: bool, **given: Any) -> int:
    """What sources say of the world just now, and which of them are missing and why; of COIN its price history too."""
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.ops.logs import configure_logs
    from quorate.wiring.context_now import context_now

    settings = settings_from(given)
    with Console(as_json=as_json) as console:
        configure_logs(level=settings.log.level, as_json=settings.log.format == "json", write=console.write_log)
        ended = run(lambda: context_now(settings, coin=coin, days=days))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        told = context_told(ended.result)
        if as_json:
            console.facts(told)
            return 0
        console.rows(("name", "state", "age", "why"), told["parts"], name="parts")
        console.rows(("name", "of", "value", "unit"), told["figures"], name="figures")
        if told["coin"] is not None:
            console.facts({name: value for name, value in told["coin"].items() if name != "points"})
    return 0


def context_told(now: ContextNow) -> dict[str, Any]:
    """What sources said, as it is printed: exact values as text, ages in seconds."""
    coin = now.coin
    return {
        "parts": [
            {"name": part.name, "state": part.state, "age": _seconds(part.age_ms), "why": part.why}
            for part in now.parts
        ],
        "figures": [
            {"name": each.name, "of": each.pair or "market", "value": plain(each.value), "unit": each.unit}
            for each in now.figures
        ],
        "coin": None
        if coin is None
        else {
            "coin": coin.coin,
            "id": coin.id,
            "price_usd": plain(coin.price),
            "days": coin.days,
            "change_percent": plain(coin.change_percent),
            "lowest_usd": plain(min(point.price for point in coin.points)),
            "highest_usd": plain(max(point.price for point in coin.points)),
            "points": [{"at": point.at_ms, "price_usd": plain(point.price)} for point in coin.points],
        },
    }


def _seconds(age_ms: int | None) -> str:
    return "" if age_ms is None else f"{age_ms // 1_000} s"


def _present(settings: Settings, symbol: str | None, as_json: bool) -> list[dict[str, Any]] | int:
    from quorate.wiring.asking import council_prompts

    def shown(request: MindRequest) -> dict[str, Any]:
        return {name: getattr(request, name) for name in PROMPT_FIELDS}

    return _listed(settings, lambda: council_prompts(settings, symbol), shown, as_json=as_json)


def _past(settings: Settings, decision: str, as_json: bool) -> list[dict[str, Any]] | int:
    from quorate.wiring.decided import prompts_of

    def shown(asked: PromptAsked) -> dict[str, Any]:
        words = {name: getattr(asked.words, name) for name in PROMPT_FIELDS}
        return {"slot": asked.slot, "analysts": list(asked.analysts), "record": asked.words.record, **words}

    return _listed(settings, lambda: prompts_of(settings, decision), shown, as_json=as_json)


def _listed(
    settings: Settings,
    look: Callable[[], Coroutine[Any, Any, Sequence[Found]]],
    shown: Callable[[Found], dict[str, Any]],
    *,
    as_json: bool,
) -> list[dict[str, Any]] | int:
    """The prompts that were found, told as JSON where that is wanted; an exit code where it came to nothing."""
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.ops.logs import configure_logs

    with Console(as_json=as_json) as console:
        configure_logs(level=settings.log.level, as_json=settings.log.format == "json", write=console.write_log)
        ended = run(look)
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        rows = [shown(each) for each in ended.result]
        if as_json:
            console.rows((), rows, name="prompts")
        return rows
