"""The verbs of strategies: which there are, what they can be told, and a new one to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import STRATEGY_PATH, setting_options, settings_from

FOLDER = "strategies"
"""Where a new strategy goes when no folder is set: in the present folder."""


@click.group(short_help="List strategies, begin a new one.")
def strategy() -> None:
    """Rule-based analysts: some sit on the council's panel, and each can publish signals of its own."""


@strategy.command("list", short_help="List strategies with their parameters.")
@setting_options(STRATEGY_PATH)
@as_json_option
def list_strategies(*, as_json: bool, **given: Any) -> int:
    """Every strategy: its timeframe, whether it votes on the panel, whether it publishes, and its parameters.

    Parameters are set in quorate.toml under [strategies.parameters.NAME].
    """
    from quorate.cli.console import Console

    settings = settings_from(given)
    from quorate import wiring

    policy = settings.desk
    rows: list[dict[str, Any]] = [
        {
            "name": facts.name,
            "timeframe": facts.timeframe,
            "warmup": facts.warmup,
            "votes": facts.name in policy.council.panel,
            "publishes": facts.name in policy.strategies,
            "parameters": dict(facts.parameters),
        }
        for facts in wiring.strategies(settings)
    ]
    with Console(as_json=as_json) as console:
        if as_json:
            console.rows((), rows, name="strategies")
            return 0
        for row in rows:
            row["votes"], row["publishes"] = ("yes" if row[key] else "–" for key in ("votes", "publishes"))
            row["parameters"] = ", ".join(f"{name}={value}" for name, value in row["parameters"].items())
        console.rows(("name", "timeframe", "warmup", "votes", "publishes", "parameters"), rows, name="strategies")
    return 0


@strategy.command(short_help="Write a strategy that works, with its test.")
@click.argument("name")
@setting_options(STRATEGY_PATH)
@click.option("--no-test", is_flag=True, help="Write the test, but do not run it.")
@as_json_option
def new(*, name: str, no_test: bool, as_json: bool, **given: Any) -> int:
    """Write a strategy called NAME and its test into your folder of strategies, and run the test.

    \b
    quorate strategy new my_idea
    quorate strategy new my_idea --strategy-path ~/strategies

    The folder is strategies.folder of the settings, else ./strategies. Ends with 1 when the test fails.
    """
    from quorate.cli.console import Console
    from quorate.research.new_strategy import write_strategy

    folder, taken, is_set = _folder(given)
    written = write_strategy(name, folder, taken=taken)
    with Console(as_json=as_json) as console:
        console.notice(f"Wrote {written.strategy} and {written.test}.")
        failed = None if no_test else _failed(written.test)
        if failed:
            console.warning(f"Its test fails.\n{failed}")
        facts: dict[str, Any] = {"strategy": str(written.strategy), "test": str(written.test)}
        if as_json:
            console.facts({**facts, "tested": not no_test, "passed": None if no_test else not failed})
        else:
            console.facts(
                {
                    "Strategy": str(written.strategy),
                    "Test": f"{written.test}, {'not run' if no_test else 'fails' if failed else 'passes'}",
                    "Try it": f"quorate backtest --strategy {name}" + ("" if is_set else f" --strategy-path {folder}"),
                    **({} if is_set else {"Keep it": f'strategies.folder = "{folder}" in quorate.toml'}),
                }
            )
    return 1 if failed else 0


def _folder(given: dict[str, Any]) -> tuple[Path, list[str], bool]:
    """The folder of the user's strategies, the names that are taken, and whether the settings know the folder.

    A folder that is named, and is not there yet, is one that shall be made.
    """
    from quorate.analysts.registry import STRATEGIES, load_strategies

    named = given.pop("strategy_path")
    settings = settings_from(given)
    known = settings.strategies.folder
    folder = Path(named).expanduser() if named else known or Path(FOLDER)
    taken = list(load_strategies(folder) if folder.is_dir() else STRATEGIES)
    return folder, taken, known is not None and folder == known


def _failed(test: Path) -> str:
    """What a test says that fails; empty where it passes. It runs by itself, as a user would run it."""
    import subprocess
    import sys

    ended = subprocess.run([sys.executable, str(test)], capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else ended.stderr.strip()
