"""The verbs that run the desk, whole or one role of it, and those that run one of its jobs by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import click

from quorate.cli.options import (
    ACCOUNT,
    FEED,
    LISTENING,
    LOG_LEVEL,
    REARM,
    STORES,
    setting_options,
    settings_from,
)

if TYPE_CHECKING:
    from quorate.cli.console import Console
    from quorate.settings import Settings

TABLES = {"adjustments": ("subject", "count", "before", "after", "reason"), "history": ("version", "timestamp", "by")}
"""Lists in a reply that are shown as tables, with their columns."""
VERSION_MAX = 2**31 - 1
as_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, all else on stderr.")


@click.command(short_help="Run the whole desk and its page.")
@setting_options(*FEED, ACCOUNT, REARM, *LISTENING, *STORES, LOG_LEVEL)
@click.option("--exit", "exit_at_end", is_flag=True, help="End when the replay does, and print its results.")
@as_json_option
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@click.option("--live", "arm_live", is_flag=True, help="Give the second factor for live trading now.")
def up(*, exit_at_end: bool, as_json: bool, open_page: bool, arm_live: bool, **given: Any) -> int:
    """Run feed, worker and page in one process.

    \b
    quorate up
    quorate up --feed simulated --seed 7
    quorate up --feed replay --data DIR --pairs BTC/USDT ETH/USDT --timerange 20250201-20250301 --exit --json
    """
    roles = frozenset({"feed", "worker", "api"})
    return _run_roles(
        given, roles=roles, exit_at_end=exit_at_end, as_json=as_json, open_page=open_page, arm_live=arm_live
    )


@click.command(short_help="Run the HTTP API and the page alone.")
@setting_options(*LISTENING, ACCOUNT, *STORES, LOG_LEVEL)
def api(**given: Any) -> int:
    """Serve readers from the databases that feed and worker write, on this machine or another one."""
    return _run_roles(given, roles=frozenset({"api"}))


@click.command(short_help="Run the market feed alone.")
@setting_options(*FEED, ACCOUNT, *STORES, LOG_LEVEL)
def feed(**given: Any) -> int:
    """Collect market data into the database, for a worker elsewhere."""
    return _run_roles(given, roles=frozenset({"feed"}))


@click.command(short_help="Run the trading desk alone.")
@setting_options(ACCOUNT, *FEED, REARM, *STORES, LOG_LEVEL)
def worker(**given: Any) -> int:
    """Hold the lease of an account and run its desk on the steps that a feed role writes."""
    return _run_roles(given, roles=frozenset({"worker"}))


@click.command(short_help="Scan the market once, now.")
@setting_options(ACCOUNT, *FEED, *STORES, LOG_LEVEL)
@as_json_option
def scan(*, as_json: bool, **given: Any) -> int:
    """Ask the council now, in a slot of its own; through the running desk if there is one."""
    return _run_job(given, job="scan", as_json=as_json)


@click.command(short_help="Look after open positions once, now.")
@setting_options(ACCOUNT, *FEED, *STORES, LOG_LEVEL)
@as_json_option
def monitor(*, as_json: bool, **given: Any) -> int:
    """Run the monitor now, in a slot of its own; through the running desk if there is one."""
    return _run_job(given, job="monitor-positions", as_json=as_json)


@click.command(short_help="Judge open positions once, now.")
@setting_options(ACCOUNT, *FEED, *STORES, LOG_LEVEL)
@as_json_option
def evaluate(*, as_json: bool, **given: Any) -> int:
    """Run the evaluator now, in a slot of its own: it may tighten stops and close trades, nothing else.

    Through the running desk if there is one. Where a model looks after open trades it is asked, and costs money.
    """
    return _run_job(given, job="evaluate-positions", as_json=as_json)


@click.command(short_help="Weigh analysts, portfolios and regimes once, now.")
@setting_options(ACCOUNT, *FEED, *STORES, LOG_LEVEL)
@click.option("--show", is_flag=True, help="Run nothing: show what holds now, and the versions before it.")
@click.option(
    "--revert", type=click.IntRange(0, VERSION_MAX), metavar="N", help="Go back to version N; 0 is the settings."
)
@as_json_option
def optimize(*, show: bool, revert: int | None, as_json: bool, **given: Any) -> int:
    """Run the optimizer now, in a slot of its own; through the running desk if there is one."""
    from quorate.domain.errors import BadInput

    if show and revert is not None:
        raise BadInput("`quorate optimize` takes either --show or --revert.")
    if show:
        return _show_optimizer(given, as_json=as_json)
    if revert is not None:
        return _run_job(given, job="optimize-revert", as_json=as_json, body={"version": revert, "by": "cli"})
    return _run_job(given, job="optimize", as_json=as_json)


def _run_roles(
    given: dict[str, Any],
    *,
    roles: frozenset[str],
    exit_at_end: bool = False,
    as_json: bool = False,
    open_page: bool = False,
    arm_live: bool = False,
) -> int:
    from quorate.cli.console import Console
    from quorate.cli.ports import require_free
    from quorate.cli.running import exit_code, run
    from quorate.domain.errors import BadInput
    from quorate.ops.logs import configure_logs

    settings = settings_from(given)
    if exit_at_end and not settings.feed.ends:
        raise BadInput(
            f"--exit waits for the end of the feed, and this one never ends (feed.kind is {settings.feed.kind}).",
            hint="Add --feed replay --data DIR, or --feed simulated with a --timerange that ends.",
        )
    if "api" in roles:
        require_free(settings.api.host, settings.api.port)
    leave = _leave(settings) if arm_live else {}
    from quorate import wiring

    with Console(as_json=as_json, open_page=open_page) as console:
        configure_logs(level=settings.log.level, as_json=settings.log.format == "json", write=console.write_log)
        ended = run(lambda: wiring.up(settings, roles=roles, console=console, exit_at_end=exit_at_end, **leave))
        cut_short = exit_at_end and ended.stopped_by is not None
        if ended.result is not None and (exit_at_end or as_json) and not cut_short:
            console.summary(ended.result)
        if ended.stopped_by is None:
            return 0
        console.notice("Stopped.")
        # A service that is told to end has done well; a run that was to come to an end has not.
        return exit_code(ended.stopped_by) if cut_short or ended.stopped_by.name == "SIGINT" else 0


def _leave(settings: Settings) -> dict[str, Any]:
    """Leave to trade live, by a code that is asked for now; it also lets the desk start again by itself for a while."""
    from quorate.accounts.arming import HOURS_DEFAULT
    from quorate.cli.asking import ask_code, key_place, now_ms
    from quorate.clock import SystemClock
    from quorate.wiring import live
    from quorate.wiring.keys import open_sealed

    live.require_settings(settings)
    file = open_sealed(key_place(settings.data_dir, None))
    live.key_for(settings, file)
    live.arm(settings, file, ask_code(), now_ms=now_ms(), hours=HOURS_DEFAULT)
    return {"leave": live.licence_from(settings, SystemClock(), file)}


def _run_job(given: dict[str, Any], *, job: str, as_json: bool, body: dict[str, object] | None = None) -> int:
    def ask(settings: Settings) -> Awaitable[dict[str, Any]]:
        from quorate import wiring

        return wiring.run_job(settings, job, body)

    return tell(given, ask, as_json=as_json)


def _show_optimizer(given: dict[str, Any], *, as_json: bool) -> int:
    def ask(settings: Settings) -> Awaitable[dict[str, Any]]:
        from quorate import wiring

        return wiring.optimizer_config(settings)

    return tell(given, ask, as_json=as_json)


def tell(given: dict[str, Any], ask: Callable[[Settings], Awaitable[dict[str, Any]]], *, as_json: bool) -> int:
    """Ask the house for a reply and show it; the exit code."""
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.ops.logs import configure_logs

    settings = settings_from(given)
    with Console(as_json=as_json) as console:
        configure_logs(level=settings.log.level, as_json=settings.log.format == "json", write=console.write_log)
        ended = run(lambda: ask(settings))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        _show(console, ended.result, as_json=as_json)
        return 0 if ended.result.get("success", True) else 1


def _show(console: Console, reply: dict[str, Any], *, as_json: bool) -> None:
    """Names and values; where a person reads it, lists with columns of their own as tables before them."""
    facts = dict(reply)
    for name, columns in TABLES.items():
        if not as_json and (listed := facts.pop(name, None)):
            console.rows(columns, listed, name=name)
    console.facts(facts)
