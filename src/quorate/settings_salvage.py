"""As much of the settings as a panic needs, out of whatever is there: a half-broken file must not keep orders alive.

Where all settings are in order they are simply those. Else each of the three that matter (the data directory, the
venue, the pairs) is taken on its own, and what could not be understood is told and left at its default.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from platformdirs import user_data_path
from pydantic import TypeAdapter, ValidationError

from quorate.accounts.settings import LiveVenueSettings
from quorate.domain.errors import QuorateError
from quorate.settings_sources import CONFIG_NAME, PREFIX, Given, load_settings, variables

_venue = TypeAdapter(LiveVenueSettings)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was understood, and a sentence on everything that was not."""

    data_dir: Path
    venue: LiveVenueSettings
    pairs: tuple[str, ...]
    faults: tuple[str, ...]


def salvage(*, environment: Mapping[str, str], folder: Path, config: Path | None, data_dir: Path | None) -> Salvaged:
    """The settings a panic needs. `data_dir` is the one of the command line. Never raises for what others wrote."""
    options = [] if data_dir is None else [Given("data_dir", str(data_dir), "--data-dir")]
    try:
        whole = load_settings(environment=environment, folder=folder, config=config, options=options)
    except (QuorateError, OSError) as error:
        return _piecewise(environment, folder, config, data_dir, str(error))
    return Salvaged(whole.data_dir, whole.venue, whole.feed.pairs, ())


def _piecewise(
    environment: Mapping[str, str], folder: Path, config: Path | None, data_dir: Path | None, fault: str
) -> Salvaged:
    faults = [fault]
    path = config or folder / CONFIG_NAME
    tree = _table(path, faults)
    known = _environment(environment, folder, faults)
    venue: dict[str, Any] = {**_section(tree, "venue")}
    for name, text in known.items():
        section, _, key = name.partition("__")
        if section == "venue" and key:
            venue[key] = _read(text) if key == "urls" else text
    place = data_dir or known.get("data_dir") or tree.get("data_dir")
    pairs = known.get("feed__pairs") or _section(tree, "feed").get("pairs") or ()
    listed = re.split(r"[,\s]+", pairs) if isinstance(pairs, str) else cast("list[object]", pairs)
    home = path.absolute().parent if "data_dir" in tree and place is tree["data_dir"] else folder
    return Salvaged(
        home / Path(str(place)).expanduser() if place else user_data_path("quorate", appauthor=False),
        _venue_of(venue, faults),
        tuple(sorted({str(pair).upper() for pair in listed if "/" in str(pair)})),
        tuple(faults),
    )


def _venue_of(told: dict[str, Any], faults: list[str]) -> LiveVenueSettings:
    """The venue, without each of its settings that makes no sense."""
    told = dict(told)
    while True:
        try:
            return _venue.validate_python(told)
        except ValidationError as error:
            wrong = str(error.errors(include_url=False)[0]["loc"][0])
            faults.append(f"venue.{wrong} makes no sense and is left out.")
            if told.pop(wrong, None) is None:
                return LiveVenueSettings()


def _table(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        faults.append(f"{path} cannot be read ({error}); where orders are is taken from the key alone.")
        return {}


def _section(tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = tree.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _environment(environment: Mapping[str, str], folder: Path, faults: list[str]) -> dict[str, str]:
    try:
        known = variables(environment, folder)
    except QuorateError as error:
        faults.append(error.message)
        known = environment
    return {
        name[len(PREFIX) :].lower(): text.strip()
        for name, text in known.items()
        if name.upper().startswith(PREFIX) and text.strip()
    }


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
