"""The verbs of the promotion ladder: what has to be shown before a source trades real money."""

from pathlib import Path
from typing import Any

import click

from quorate.cli.asking import ask_code, key_place, master_key_option, now_ms
from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import ACCOUNT, LOG_LEVEL, STORES, setting_options, settings_from

GATES = ("backtest", "walk-forward", "paper", "canary")
GUARDED = ("paper", "canary")
"""Gates that lead to real money: they need the second factor, however well they are passed."""
COLUMNS = ("source", "rung", "live", "next gate", "since", "why")


@click.group(short_help="Who may trade real money, and how much.")
def ladder() -> None:
    """A strategy, or the council, trades real money after a backtest, a walk-forward and paper days; small at first.

    Every step is an event in the journal of the live account. docs/promotion.md says what each gate asks for.
    """


@ladder.command(short_help="See where every source stands.")
@setting_options(ACCOUNT, *STORES, LOG_LEVEL)
@as_json_option
def show(*, as_json: bool, **given: Any) -> int:
    """Show the rung of every source, since when, why, and the gate before it."""
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.wiring.ladder import show_ladder

    settings = settings_from(given)
    with Console(as_json=as_json) as console:
        ended = run(lambda: show_ladder(settings))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        console.rows(COLUMNS, ended.result, name="sources")
    return 0


@ladder.command(short_help="Pass a gate, with evidence.")
@click.argument("source")
@click.argument("gate", type=click.Choice(GATES))
@click.option(
    "--evidence", type=click.Path(path_type=Path), metavar="FILE", help="A backtest, or a walk-forward's JSON."
)
@click.option("--paper-account", default="paper", show_default=True, help="Whose trades count for the paper days.")
@click.option("--waive", metavar="WHY", help="Pass it all the same; the journal keeps why. Needs the second factor.")
@master_key_option
@setting_options(ACCOUNT, *STORES, LOG_LEVEL)
@as_json_option
def record(*, as_json: bool, source: str, gate: str, **given: Any) -> int:
    """Hold what SOURCE has shown against GATE; where it passes, write the step into the journal.

    The gates to real money (paper, canary) need the second factor. Ends with 4 where the gate stays shut.
    """
    from quorate.accounts.second_factor import require_code
    from quorate.cli.running import exit_code, run
    from quorate.domain.promotion import Gate
    from quorate.wiring.keys import open_sealed
    from quorate.wiring.ladder import Wish, record_gate

    own = {name: given.pop(name) for name in ("evidence", "paper_account", "waive", "master_key_file")}
    settings = settings_from(given)
    if gate in GUARDED or own["waive"]:
        file = open_sealed(key_place(settings.data_dir, own["master_key_file"]))
        require_code(file, ask_code(), now_ms=now_ms())
    wish = Wish(
        source=source,
        gate=Gate(gate),
        evidence=own["evidence"],
        paper_account=own["paper_account"],
        waived=own["waive"],
        by="cli",
    )
    ended = run(lambda: record_gate(settings, wish))
    if ended.result is None:
        return exit_code(ended.stopped_by) if ended.stopped_by else 1
    return _told(ended.result, as_json=as_json)


@ladder.command(short_help="Take a source down.")
@click.argument("source")
@click.option("--because", required=True, metavar="WHY", help="The journal keeps it.")
@setting_options(ACCOUNT, *STORES, LOG_LEVEL)
@as_json_option
def demote(*, source: str, because: str, as_json: bool, **given: Any) -> int:
    """Take SOURCE off real money; what it holds is looked after to its end. Needs no second factor: it makes safer."""
    from quorate.cli.running import exit_code, run
    from quorate.wiring.ladder import demote as take_down

    settings = settings_from(given)
    ended = run(lambda: take_down(settings, source, reason=because, by="cli"))
    if ended.result is None:
        return exit_code(ended.stopped_by) if ended.stopped_by else 1
    return _told(ended.result, as_json=as_json)


def _told(step: Any, *, as_json: bool) -> int:
    from quorate.cli.console import Console

    facts = {"source": step.source, "before": step.before, "rung": step.rung, "gate": step.gate, "why": step.reason}
    with Console(as_json=as_json) as console:
        console.facts(facts)
    return 0
