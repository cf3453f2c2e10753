"""The verbs of strategies: which there are, and what they can be told."""

from typing import Any

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import setting_options, settings_from


@click.group(short_help="Look at the strategies.")
def strategy() -> None:
    """Rule-based analysts: some sit on the council's panel, and each can publish signals of its own."""


@strategy.command("list", short_help="List strategies with their parameters.")
@setting_options()
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
