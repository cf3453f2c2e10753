"""Where settings come from: defaults, then `quorate.toml`, `.env`, the environment, and the options of a command.

Every value keeps its origin until it was accepted, so that a refusal can say which file, variable or option to mend;
pydantic-settings forgets it, and drops environment variables it does not know, which is how a limit with a slip of the
pen in its name stays unset without a word.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any, cast, get_args

from dotenv.parser import parse_stream
from pydantic import ValidationError

from quorate.api.settings import LOOPBACK_HOSTS
from quorate.domain.errors import BadInput, Refused
from quorate.domain.policy import DEFAULT_PORTFOLIOS
from quorate.minds.settings import complete
from quorate.settings import Settings
from quorate.settings_names import PORTFOLIOS, is_free_table, is_list, is_section, kind_at, nearest_name

PREFIX = "QUORATE__"
PLAIN_VARIABLES = {
    "DATABASE_URL": "store.database_url",
    "REDIS_URL": "store.redis_url",
    "CRONS_ENABLED": "api.crons_enabled",
    "CRON_SECRET": "api.cron_secret",
}
"""Names that other programs of such a system read too; QUORATE__SECTION__KEY goes before them."""
CONFIG_NAME = "quorate.toml"
FILE_BYTES_MAX = 1_000_000
FOLDERS = frozenset(
    {
        "data_dir",
        "feed.data",
        "strategies.folder",
        "api.page_dir",
        "context.derivatives.folder",
        "context.news.file",
        "context.fear_greed.file",
        "minds.replay_from",
    }
)
"""Paths, which a settings file gives relative to itself."""
SECRETS = frozenset(
    {
        "store.database_url",
        "store.redis_url",
        "api.token",
        "api.cron_secret",
        "context.coingecko.key",
        "context.news.key",
        "context.discord.token",
        "venue.key",
    }
)
SECRET_SECTIONS = (("minds", "providers"), ("minds", "models"), ("context",))
"""Where a value that was refused may be a key, put under a wrong name."""
SHOWN_CHARS_MAX = 80
PLAIN_WORDS = {
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_parsing": "should be a number",
    "decimal_parsing": "should be a number",
    "bool_parsing": "should be true or false",
}
"""Pydantic's kinds of fault in fewer words than its own."""


class SettingsFault(BadInput):
    """A setting that is unknown, malformed, or makes no sense."""

    code = "bad_setting"


@dataclass(frozen=True, slots=True)
class Given:
    """One value somebody gave, under its dotted name, and where they gave it."""

    name: str
    value: Any
    origin: str

    @property
    def path(self) -> tuple[str, ...]:
        """The name in its parts."""
        return tuple(self.name.split("."))


def load_settings(
    *, environment: Mapping[str, str], folder: Path, config: Path | None = None, options: Sequence[Given] = ()
) -> Settings:
    """Read and check all settings.

    `folder` is where `quorate.toml` and `.env` are looked for; `config` names another file instead of the first, which
    must then exist. Errors: SettingsFault with one sentence (exit code 2); Refused for what is understood and not done.
    """
    dotenv = _dotenv(folder / ".env")
    given = [
        *_from_file(config or folder / CONFIG_NAME, required=config is not None),
        *_from_variables(dotenv, where=" in .env"),
        *_from_variables(environment, where=""),
        *options,
    ]
    tree: dict[str, Any] = {}
    for item in given:
        _lay(tree, item)
    if _at(tree, "feed", "kind") == "replay" and _at(tree, "desk", "breakers", "rearm") is None:
        tree.setdefault("desk", {}).setdefault("breakers", {})["rearm"] = "weekly"
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise _fault(error, tree, {item.name: item.origin for item in given}) from None
    _permit(settings)
    return settings.model_copy(update={"minds": complete(settings.minds, {**dotenv, **environment})})


def variables(environment: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """The environment, over what `.env` says, for what is no setting: keys of vendors, the master key."""
    return {**_dotenv(folder / ".env"), **environment}


def _permit(settings: Settings) -> None:
    if settings.api.host not in LOOPBACK_HOSTS and settings.api.token is None:
        raise Refused(
            f"api.host = {settings.api.host} would let other machines in without asking who they are.",
            hint="Set api.token (QUORATE__API__TOKEN) too, or use 127.0.0.1.",
        )


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
        if len(raw) > FILE_BYTES_MAX:
            raise SettingsFault(f"{path} is larger than {FILE_BYTES_MAX // 1_000_000} MB: not a settings file.")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsFault(f"{path}, line {line}: this is not UTF-8 text.", hint="Save it as UTF-8.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingsFault(f"The settings file {path} cannot be read: {reason}.") from None


def _from_file(path: Path, *, required: bool) -> Iterator[Given]:
    if not required and not path.is_file():
        return
    try:
        tree = tomllib.loads(_text_of(path))
    except tomllib.TOMLDecodeError as error:
        text = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)$", text)
        reason = text[: place.start()] if place else text.removesuffix(" (at end of document)")
        where = f"line {place[1]}, column {place[2]}" if place else "at its end"
        raise SettingsFault(f"{path}, {where}: this is not TOML ({reason}).", hint="Mend that line.") from None
    for name, value in _leaves(tree, ()):
        home = path.absolute().parent
        moved = str(home / Path(value).expanduser()) if name in FOLDERS and isinstance(value, str) else value
        yield Given(name, moved, str(path))


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Values of a table by their dotted names; tables whose keys are free stay whole."""
    for key, value in tree.items():
        here = (*path, key)
        if isinstance(value, dict) and not is_free_table(kind_at(here)):
            yield from _leaves(cast("dict[str, Any]", value), here)
        else:
            yield ".".join(here), value


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(_text_of(path))):
        if binding.error:
            raise SettingsFault(f"{path}, line {binding.original.line}: this is not NAME=VALUE.")
        if binding.key is not None and binding.value is not None:
            found[binding.key] = binding.value
    return found


def _from_variables(variables: Mapping[str, str], *, where: str) -> Iterator[Given]:
    """Settings among environment variables. An empty one counts as not set, as compose files pass them."""
    for variable, name in PLAIN_VARIABLES.items():
        text = variables.get(variable, "").strip()
        if text:
            # SPEC: an outside scheduler is let in by the word "true" and no other.
            value = text.lower() == "true" if name == "api.crons_enabled" else text
            yield Given(name, value, variable + where)
    for variable, text in sorted(variables.items()):
        if not variable.upper().startswith(PREFIX) or not text.strip():
            continue
        path = tuple(variable[len(PREFIX) :].lower().split("__"))
        yield Given(".".join(path), _typed(path, text.strip(), variable + where), variable + where)


def _typed(path: tuple[str, ...], text: str, origin: str) -> Any:
    """A variable's text as the list or table its setting wants: JSON, or entries between commas or spaces."""
    kind = kind_at(path)
    if is_list(kind) and not text.startswith("["):
        return [entry for entry in re.split(r"[,\s]+", text) if entry]
    if is_list(kind) or is_free_table(kind):
        try:
            return json.loads(text)
        except ValueError:
            raise SettingsFault(f"{origin} is not JSON, which {'.'.join(path)} needs.") from None
    return text


def _lay(tree: dict[str, Any], item: Given) -> None:
    """Put one value into the tree over what is there, after its name was found to exist."""
    _require_known(item.path, item)
    if item.path[:2] == PORTFOLIOS:
        _lay_portfolio(tree, item)
        return
    kind = kind_at(item.path)
    if is_section(kind) and item.value != {}:
        raise SettingsFault(f"{item.name} is a section with keys of its own, not a value ({item.origin}).")
    *sections, key = item.path
    here = tree
    for section in sections:
        if not isinstance(here.get(section), dict):
            here[section] = {}
        here = here[section]
    here[key] = item.value


def _lay_portfolio(tree: dict[str, Any], item: Given) -> None:
    """Portfolios by name change one number of one of them; a list says which there are.

    Either way one that bears a default's name starts from that default, so that naming a number never silently loosens
    another one.
    """
    desk = tree.setdefault("desk", {})
    defaults = {portfolio.name: asdict(portfolio) for portfolio in DEFAULT_PORTFOLIOS}
    if item.path == PORTFOLIOS:
        value = item.value
        listed = cast("list[object]", value) if isinstance(value, list) else [value]
        if not all(isinstance(entry, dict) for entry in listed):
            raise SettingsFault(f"{item.name} is a list of tables: write [[desk.portfolios]] ({item.origin}).")
        entries = cast("list[dict[str, Any]]", listed)
        for entry in entries:
            for key in entry:
                _require_known((*PORTFOLIOS, str(entry.get("name", "")), key), item)
        desk["portfolios"] = [{**defaults.get(str(entry.get("name")), {}), **entry} for entry in entries]
        return
    if len(item.path) != len(PORTFOLIOS) + 2:
        raise SettingsFault(f"{item.name} is not a number of a portfolio ({item.origin}).")
    name, key = item.path[2:]
    portfolios = desk.setdefault("portfolios", [dict(portfolio) for portfolio in defaults.values()])
    for portfolio in portfolios:
        if portfolio.get("name") == name:
            portfolio[key] = item.value
            return
    portfolios.append({"name": name, key: item.value})


def _require_known(path: tuple[str, ...], item: Given) -> None:
    if kind_at(path) is not None:
        return
    near = nearest_name(path)
    hint = f"did you mean {near}?" if near else "`quorate doctor --settings` lists all of them."
    raise SettingsFault(f"unknown setting {'.'.join(path)} ({item.origin}): {hint}")


def _at(tree: Mapping[str, Any], *path: str) -> Any:
    here: Any = tree
    for name in path:
        here = cast("dict[str, Any]", here).get(name) if isinstance(here, dict) else None
    return here


def _fault(error: ValidationError, tree: Mapping[str, Any], origins: Mapping[str, str]) -> SettingsFault:
    """The first thing pydantic refused, as a sentence that names the setting, its value and its origin."""
    first, *others = error.errors(include_url=False)
    path = _named(first["loc"], tree)
    name = ".".join(path)
    said = first["msg"].removeprefix("Input ").removeprefix("Value error, ").rstrip(".")
    reason = PLAIN_WORDS.get(first["type"], said)
    more = len({_named(other["loc"], tree) for other in others} - {path})
    hint = f"{more} more of the settings {'are' if more > 1 else 'is'} wrong too." if more else ""
    if not path:
        origin = origins.get(reason.partition(" ")[0])
        return SettingsFault(f"{reason} ({origin})." if origin else f"{reason}.", hint=hint)
    origin = _origin(path, origins)
    if _is_list_of_sections(path):
        name = ".".join((name, *(str(part) for part in first["loc"][len(path) :])))
    if first["type"] == "missing":
        return SettingsFault(f"{name} is missing ({origin}).", hint=hint)
    hidden = name in SECRETS or any(path[: len(section)] == section for section in SECRET_SECTIONS)
    shown = "" if hidden else f" = {_shown(first['input'])}"
    return SettingsFault(f"{name}{shown} ({origin}): {reason[:1].lower()}{reason[1:]}.", hint=hint)


def _named(loc: Iterable[int | str], tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Pydantic's place of an error as the name a user knows: portfolios by name, no numbers, no inner types."""
    path: tuple[str, ...] = ()
    for part in loc:
        if path == PORTFOLIOS and isinstance(part, int):
            path = (*path, str(_at(tree, *PORTFOLIOS)[part].get("name", part)))
        elif isinstance(part, str) and kind_at((*path, part)) is not None:
            path = (*path, part)
        else:
            break
    return path


def _is_list_of_sections(path: tuple[str, ...]) -> bool:
    kind = kind_at(path)
    return path != PORTFOLIOS and is_list(kind) and is_section(get_args(kind)[0])


def _origin(path: tuple[str, ...], origins: Mapping[str, str]) -> str:
    while path:
        if ".".join(path) in origins:
            return origins[".".join(path)]
        path = path[:-1]
    return "default"


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, int | float) else repr(value)
    return text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "…"
