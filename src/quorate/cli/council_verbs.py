"""The verbs of the council: ask it once, or see what its models would be asked."""

from typing import Any

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import ACCOUNT, FEED, LOG_LEVEL, STORES, setting_options, settings_from
from quorate.domain.errors import BadInput

COLUMNS = ("analyst", "side", "confidence", "entry", "stop", "target", "reason")


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


@council.command(short_help="Print what the models would be asked now.")
@click.argument("symbol", required=False)
@click.option("--all", "every_pair", is_flag=True, help="About every pair of the feed, as the desk asks.")
@setting_options(ACCOUNT, *FEED, *STORES, LOG_LEVEL)
@as_json_option
def prompt(*, symbol: str | None, every_pair: bool, as_json: bool, **given: Any) -> int:
    """The exact prompt about SYMBOL, or with --all about every pair, for each class of models on the panel."""
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.ops.logs import configure_logs
    from quorate.wiring.asking import council_prompts

    if (symbol is None) is not every_pair:
        raise BadInput("`quorate council prompt` takes either a symbol or --all.")
    settings = settings_from(given)
    with Console(as_json=as_json) as console:
        configure_logs(level=settings.log.level, as_json=settings.log.format == "json", write=console.write_log)
        ended = run(lambda: council_prompts(settings, symbol))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        if as_json:
            fields = ("template", "digest", "system", "prompt", "schema")
            rows = [{name: getattr(request, name) for name in fields} for request in ended.result]
            console.rows((), rows, name="prompts")
            return 0
    for request in ended.result:
        click.echo(f"{request.system}\n\n{request.prompt}")
    return 0
