"""The options that are settings: one table, from which every verb takes the ones that matter to it.

An option's value is checked where all settings are checked, so that a mistake reads the same wherever it was made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from quorate.settings import Settings
    from quorate.settings_sources import Given

SEVERAL = frozenset({"feed.pairs"})
"""Settings whose option takes several values."""

Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class SettingOption:
    """A flag and the setting it stands for. `fixed` is the value of a flag that takes none."""

    flag: str
    setting: str
    help: str
    metavar: str = "TEXT"
    fixed: str | None = None

    @property
    def key(self) -> str:
        """The name under which click hands the value on."""
        return self.flag.removeprefix("--").replace("-", "_")


DATA_DIR = SettingOption("--data-dir", "data_dir", "Where all state lives.", "DIR")
ACCOUNT = SettingOption("--account", "account", "The account to trade; by default the feed decides.", "NAME")
DATABASE_URL = SettingOption("--database-url", "store.database_url", "A Postgres instead of the embedded one.", "URL")
REDIS_URL = SettingOption("--redis-url", "store.redis_url", "A Redis instead of the embedded one.", "URL")
NO_REDIS = SettingOption("--no-redis", "store.redis", "Run without Redis.", fixed="off")
STORES = (DATA_DIR, DATABASE_URL, REDIS_URL, NO_REDIS)
HOST = SettingOption("--host", "api.host", "Address to listen on; other than this machine needs a token.", "ADDRESS")
PORT = SettingOption("--port", "api.port", "Port to listen on (default 8420; 0 is any free one).", "PORT")
LISTENING = (HOST, PORT)
FEED = (
    SettingOption(
        "--feed", "feed.kind", "Where market data comes from (default auto).", "auto|exchange|replay|simulated"
    ),
    SettingOption("--exchange", "feed.exchange", "A ccxt exchange (default binance).", "ID"),
    SettingOption("--data", "feed.data", "Folder of recorded candles, for a replay.", "DIR"),
    SettingOption("--pairs", "feed.pairs", "Pairs to trade; several may follow.", "BTC/USDT…"),
    SettingOption("--timeframe", "feed.timeframe", "Base timeframe (default 5m).", "1m|5m|15m|1h|4h|1d"),
    SettingOption("--timerange", "feed.timerange", "Days to replay or simulate, e.g. 20250201-20250301.", "FROM-TO"),
    SettingOption("--speed", "feed.speed", "Feed seconds per second; max is as fast as possible.", "NUMBER|max"),
    SettingOption("--seed", "feed.seed", "Which simulated market (default 7).", "NUMBER"),
)
CANDLES = tuple(
    option for option in FEED if option.flag in {"--exchange", "--data", "--pairs", "--timeframe", "--timerange"}
)
"""Those of verbs that read recorded candles (`candle_settings`)."""
REARM = SettingOption(
    "--rearm",
    "desk.breakers.rearm",
    "How a tripped kill switch comes back in a replay (default weekly there, else never).",
    "never|weekly",
)
STRATEGY_PATH = SettingOption("--strategy-path", "strategies.folder", "Folder of your own strategies.", "DIR")
LOG_LEVEL = SettingOption("--log-level", "log.level", "What is logged on stderr (default info).", "LEVEL")


ALL = {option.key: option for option in (*STORES, ACCOUNT, *LISTENING, *FEED, REARM, STRATEGY_PATH, LOG_LEVEL)}


def setting_options(*options: SettingOption) -> Callable[[Verb], Verb]:
    """Give a verb these options, and `--config`; their values arrive as keyword arguments for `settings_from`."""

    def decorate(verb: Verb) -> Verb:
        for option in reversed(options):
            if option.fixed is not None:
                verb = click.option(option.flag, option.key, is_flag=True, help=option.help)(verb)
                continue
            several = option.setting in SEVERAL
            verb = click.option(option.flag, option.key, multiple=several, metavar=option.metavar, help=option.help)(
                verb
            )
        path = click.Path(path_type=Path)
        return click.option("--config", type=path, metavar="FILE", help="Settings (default ./quorate.toml).")(verb)

    return decorate


def settings_from(given: Mapping[str, Any], *, on_paper: bool = False) -> Settings:
    """All settings, with the options a verb was called with over them. Errors: see `load_settings`.

    `on_paper` for a verb that trades nobody's money, wherever it is started: a live mode in the file does not bind it.
    """
    from quorate.settings_sources import Given, load_settings

    options = [*_options(given), *([Given("mode", "paper", "mode")] if on_paper else [])]
    return load_settings(environment=os.environ, folder=Path.cwd(), config=given.get("config"), options=options)


def _options(given: Mapping[str, Any]) -> list[Given]:
    from quorate.settings_sources import Given

    options: list[Given] = []
    for key, value in given.items():
        if key == "config" or value in (None, False, ()):
            continue
        option = ALL[key]
        listed = (
            [pair for text in value for pair in text.split(",") if pair.strip()] if option.setting in SEVERAL else None
        )
        options.append(Given(option.setting, listed or option.fixed or value, option.flag))
    return options


def candle_settings(given: Mapping[str, Any]) -> Settings:
    """As `settings_from`, for verbs that read candles: from --data, else the settings' folder, else the candle store.

    Errors: also BadInput where there is no such folder.
    """
    from quorate.domain.errors import BadInput
    from quorate.settings_sources import Given, load_settings

    of_candles = {option.key for option in CANDLES}
    known = settings_from({key: value for key, value in given.items() if key not in of_candles})
    named = given.get("data")
    place = Path(named).expanduser() if named else known.feed.data or known.data_dir / "candles"
    if not place.is_dir():
        hint = "Give the folder of your candles with --data, or fill the store: `quorate data download` or `import`."
        raise BadInput(f"There is no folder {place}.", hint=hint)
    given = {**given, "data": str(place)}
    options = [Given("feed.kind", "replay", "--data"), *_options(given)]
    return load_settings(environment=os.environ, folder=Path.cwd(), config=given.get("config"), options=options)


TAKING_SEVERAL = frozenset({"--pairs", "--strategy", "--without"})
"""Options that take all the words that follow them; whoever takes one only says so when it gets more."""


def several_after_one(arguments: Sequence[str]) -> list[str]:
    """Let such options take all the words up to the next option, as freqtrade does."""
    joined: list[str] = []
    gathering = False
    for argument in arguments:
        if argument.startswith("-"):
            gathering = argument.partition("=")[0] in TAKING_SEVERAL
            joined.append(argument)
        elif gathering and joined[-1] not in TAKING_SEVERAL:
            joined[-1] += f",{argument}"
        else:
            joined.append(argument)
    return joined
