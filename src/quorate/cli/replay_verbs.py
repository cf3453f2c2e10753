"""The verbs that look back on an account: its decisions made again, and its trades beside the backtester's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import (
    ACCOUNT,
    CANDLES,
    DATA_DIR,
    DATABASE_URL,
    FEED,
    REARM,
    STRATEGY_PATH,
    candle_settings,
    setting_options,
    settings_from,
)

if TYPE_CHECKING:
    from quorate.wiring.replaying import Replayed

EXIT_DIFFERS = 5
"""What was recorded does not come out again; as for a journal that does not verify."""
EXIT_GAP = 1
"""Something differs."""


@click.command(short_help="Make an account's recorded decisions again and compare.")
@setting_options(ACCOUNT, *FEED, REARM, STRATEGY_PATH, DATA_DIR, DATABASE_URL)
@click.option("--verify", is_flag=True, help="Make them again and compare bit for bit: the one thing there is to do.")
@as_json_option
def replay(*, verify: bool, as_json: bool, **given: Any) -> int:
    """Make every decision of an account again, from its journal and the candles it saw, and compare bit for bit.

    \b
    quorate replay --verify
    quorate replay --verify --account paper --json

    Give the settings that the desk ran with. Rules are asked again; what models and people said is taken from the
    record. Ends with 0 when all comes out as it was journalled, with 5 and the first difference when it does not.
    """
    from quorate.cli.console import Console
    from quorate.cli.data_progress import StepBar
    from quorate.cli.running import exit_code, run
    from quorate.domain.errors import BadInput

    if not verify:
        raise BadInput(
            "`quorate replay` makes recorded decisions again: say --verify.",
            hint="To trade recorded candles anew: `quorate up --feed replay --data DIR --exit`.",
        )
    settings = settings_from(given)
    from quorate.wiring.replaying import replay_verified

    with StepBar() as bar:

        def told(at_ms: int, first_ms: int, last_ms: int) -> None:
            bar(_day(at_ms), (at_ms - first_ms) // 3_600_000, max((last_ms - first_ms) // 3_600_000, 1))

        ended = run(lambda: replay_verified(settings, told=told))
    if ended.result is None:
        return exit_code(ended.stopped_by) if ended.stopped_by else 1
    with Console(as_json=as_json) as console:
        console.facts(_facts(ended.result) if as_json else _told(ended.result))
    return 0 if ended.result.rerun.difference is None else EXIT_DIFFERS


def _facts(replayed: Replayed) -> dict[str, Any]:
    done = replayed.rerun
    parted = done.difference
    return {
        "ok": parted is None,
        "account": replayed.account,
        "feed": replayed.feed,
        "entries": done.entries,
        "made_again": done.checked,
        "taken": done.given,
        "steps": done.steps,
        "decisions": done.decisions,
        "ballots_asked_again": done.ballots_asked,
        "ballots_from_record": done.ballots_taken,
        "difference": None
        if parted is None
        else {
            "entry": parted.entry,
            "at_ms": parted.at_ms,
            "kind": parted.kind,
            "field": parted.field,
            "recorded": parted.recorded,
            "now": parted.now,
        },
        "notes": list(replayed.notes),
    }


def _told(replayed: Replayed) -> dict[str, str]:
    done = replayed.rerun
    facts = {
        "Account": replayed.account,
        "Market": replayed.feed,
        "Steps": f"{done.steps:,}",
        "Made again": f"{done.checked:,} entries, bit for bit the same; {done.decisions:,} decisions among them",
        "Taken": f"{done.given:,} entries of people, processes and models",
        "Ballots": f"{done.ballots_asked:,} asked again, {done.ballots_taken:,} from the record",
    }
    if done.difference is not None:
        facts["Differs"] = f"{_minute(done.difference.at_ms)} {done.difference.sentence}"
    else:
        facts["Verdict"] = "Everything came out as it was journalled."
    return facts | {f"Note {place}": note for place, note in enumerate(replayed.notes, 1)}


def _day(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"


def _minute(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC:"


@click.command(short_help="Explain what an account did otherwise than the backtester.")
@setting_options(ACCOUNT, *CANDLES, REARM, STRATEGY_PATH, DATA_DIR, DATABASE_URL)
@click.option(
    "--funding",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Recorded rates, where not beside the candles.",
)
@click.option("--top", type=click.IntRange(0), default=20, help="Differences to show (default 20; 0 shows all).")
@as_json_option
def gap(*, funding: Path | None, top: int, as_json: bool, **given: Any) -> int:
    """Run the backtester over the time that an account has traded, and explain every difference trade by trade.

    \b
    quorate gap --account paper --data DIR
    quorate gap --json

    Its candles come from --data or the candle store, its council's votes from the record. Causes are fee, spread,
    delay, missed fill, data and code, beside size and funding. Ends with 0 where nothing differs, with 1 where
    something does.
    """
    from quorate.cli import gap_tables as tables
    from quorate.cli.console import Console
    from quorate.cli.data_progress import StepBar
    from quorate.cli.running import exit_code, run

    account = given.pop("account")
    settings = candle_settings(given)
    if account is not None:
        settings = settings.model_copy(update={"account": account})
    from quorate.wiring.gap import gap_of

    with StepBar() as bar:
        ended = run(lambda: gap_of(settings, funding=funding, step=bar))
    if ended.result is None:
        return exit_code(ended.stopped_by) if ended.stopped_by else 1
    name, found = ended.result
    with Console(as_json=as_json) as console:
        if as_json:
            console.facts(tables.gap_json(name, found))
        else:
            if found.lines:
                console.rows(tables.COLUMNS, tables.gap_rows(found, top), name="trades")
            console.facts(tables.gap_facts(name, found))
    return EXIT_GAP if found.lines else 0
