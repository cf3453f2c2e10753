"""The verb for when everything has to stop: through the running desk, or past everything that is broken."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quorate.cli.asking import ask_code, key_place, master_key_option, now_ms
from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import ACCOUNT, STORES, setting_options, settings_from
from quorate.domain.errors import BadInput, QuorateError, Unavailable

if TYPE_CHECKING:
    from quorate.accounts.panic import Leg, Report
    from quorate.cli.console import Console
    from quorate.wiring.offline_panic import OfflinePanic

NOT_CLEAN = 3


@click.command(short_help="Stop everything, now.")
@click.option("--flatten", is_flag=True, help="Close every position too; on spot, sell the coins.")
@click.option("--offline", is_flag=True, help="Past the desk: needs the data directory, the key and the venue alone.")
@click.option("--undo", is_flag=True, help="Let the desk trade again. Needs the second factor.")
@click.option("--yes", is_flag=True, help="With --offline --flatten: sell without asking.")
@click.option("--key", "key_name", metavar="NAME", help="With --offline: the key, where there are several.")
@click.option("--pairs", multiple=True, metavar="BTC/USDT…", help="With --offline --flatten: only these pairs' coins.")
@click.option(
    "--budget",
    type=click.FloatRange(1, 3_600),
    default=60.0,
    metavar="SECONDS",
    help="With --offline: how long to try.",
)
@master_key_option
@setting_options(ACCOUNT, *STORES)
@as_json_option
def panic(*, flatten: bool, offline: bool, undo: bool, as_json: bool, **given: Any) -> int:
    """Stop openings at once, cancel orders, and close positions if asked.

    \b
    quorate panic                       the running desk does it; protective stops stay while their positions do
    quorate panic --offline --flatten   no desk, no Postgres, no Redis: cancels everything at the venue, sells, and
                                        asks the venue what is left; 0 only when that is nothing
    quorate panic --undo                by the second factor
    """
    if undo and (offline or flatten):
        raise BadInput("`quorate panic --undo` goes with neither --offline nor --flatten.")
    own = {name: given.pop(name) for name in ("yes", "key_name", "pairs", "budget", "master_key_file")}
    if not offline and (own["yes"] or own["key_name"] or own["pairs"]):
        raise BadInput("--yes, --key and --pairs go with --offline.")
    if offline:
        return _offline(own, given, flatten=flatten, as_json=as_json)
    if undo:
        return _undo(own["master_key_file"], given, as_json=as_json)
    try:
        return _ask_desk(given, "panic", {"flatten": flatten, "by": "cli"}, as_json=as_json)
    except QuorateError as error:
        hint = "`quorate panic --offline` needs neither a desk nor its databases."
        raise Unavailable(error.message, hint=hint) from error


def _ask_desk(given: dict[str, Any], kind: str, body: dict[str, object], *, as_json: bool) -> int:
    from quorate import wiring
    from quorate.cli.desk_verbs import tell

    return tell(given, lambda settings: wiring.ask_desk(settings, kind, body), as_json=as_json)


def _undo(key_file: str | None, given: dict[str, Any], *, as_json: bool) -> int:
    from quorate.accounts.halt_marker import lift_halt
    from quorate.accounts.second_factor import require_code
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    require_code(open_sealed(key_place(settings.data_dir, key_file)), ask_code(), now_ms=now_ms())
    lifted = lift_halt(settings.data_dir)
    if lifted:
        click.echo("The mark that an offline panic had left is lifted.", err=True)
    try:
        return _ask_desk(given, "resume", {"by": "cli"}, as_json=as_json)
    except QuorateError as error:
        if not lifted or error.code != "no_desk":
            raise
        return 0


def _offline(own: dict[str, Any], given: dict[str, Any], *, flatten: bool, as_json: bool) -> int:
    import os

    from quorate.cli.console import Console
    from quorate.cli.running import run
    from quorate.clock import SystemClock
    from quorate.settings_salvage import salvage
    from quorate.wiring.offline_panic import OfflinePanic, key_of, offline_panic, report_json

    if flatten and not own["yes"] and (as_json or not sys.stdin.isatty()):
        raise BadInput("Nobody is there to be asked whether to sell.", hint="Add --yes.")
    data_dir = None if given.get("data_dir") is None else Path(given["data_dir"])
    salvaged = salvage(environment=os.environ, folder=Path.cwd(), config=given.get("config"), data_dir=data_dir)
    pairs = tuple(pair.strip().upper() for text in own["pairs"] for pair in text.split(",") if pair.strip())
    with Console(as_json=as_json) as console:
        for fault in salvaged.faults:
            console.warning(fault)
        credentials = key_of(salvaged, key_place(salvaged.data_dir, own["master_key_file"]), own["key_name"])
        wanted: OfflinePanic = OfflinePanic(
            flatten=flatten,
            pairs=pairs,
            agree=_yes if own["yes"] else _agree,
            budget_s=own["budget"],
            warn=console.warning,
        )
        report = run(lambda: offline_panic(salvaged, credentials, wanted, SystemClock())).result
        if report is None:
            return NOT_CLEAN
        if as_json:
            console.facts(report_json(report))
        else:
            _show(console, report)
    return 0 if report.clean else NOT_CLEAN


async def _yes(_: Sequence[Leg]) -> bool:
    return True


async def _agree(legs: Sequence[Leg]) -> bool:
    import asyncio

    for leg in legs:
        click.echo(f"  {leg.action} {leg.quantity:f} of {leg.pair} at market", err=True)
    return await asyncio.to_thread(click.confirm, "Do all this?", err=True)


def _show(console: Console, report: Report) -> None:
    """The report for a person, what is left first."""
    rows = [{"what": each.what, "quantity": f"{each.quantity:f}", "why": "still open"} for each in report.orders_left]
    rows += [{"what": each.what, "quantity": f"{each.quantity:f}", "why": each.reason} for each in report.left]
    if rows:
        console.rows(("what", "quantity", "why"), rows, name="left")
    told = {"Venue": report.venue, "Orders": _orders(report)}
    if report.sold:
        told["Closed"] = ", ".join(f"{leg.action} {leg.quantity:f} {leg.pair}" for leg in report.sold)
    if not report.flatten and report.positions_open:
        console.warning(
            f"{report.positions_open} positions are open, and no stop protects them: --flatten closes them."
        )
    for fault in report.faults:
        console.warning(fault)
    told["Verdict"] = _verdict(report)
    console.facts(told)


def _orders(report: Report) -> str:
    if report.no_orders_s is None:
        return "not known to be gone"
    return f"none open {report.no_orders_s * 1_000:,.0f} ms after the beginning"


def _verdict(report: Report) -> str:
    if not report.verified:
        return "NOT VERIFIED: the venue did not answer. Look there by hand, and run this again."
    if report.clean:
        return f"clean, by {report.venue}'s own word"
    return "NOT CLEAN: see what is left. Run this again, or act at the venue by hand."
