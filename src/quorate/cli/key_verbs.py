"""The verbs of the sealed keys: entered once, sealed, and never shown again."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quorate.accounts.settings import TITLES
from quorate.cli.asking import ask_code, ask_secret, key_place, master_key_option, now_ms
from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import DATA_DIR, setting_options, settings_from

if TYPE_CHECKING:
    from quorate.accounts.venue_keys import Credentials
    from quorate.settings import Settings

KEY_VARIABLE, SECRET_VARIABLE = "QUORATE_VENUE_KEY", "QUORATE_VENUE_SECRET"
COLUMNS = ("name", "venue", "key", "added", "opens")


@click.group(short_help="Keys of venues, sealed.")
def keys() -> None:
    """Keys of venues, in a file that opens with the master key alone.

    The master key comes from QUORATE_MASTER_KEY, from a file (QUORATE_MASTER_KEY_FILE or --master-key-file), or from a
    passphrase. Keys, secrets and codes are typed, or read line by line from stdin; never given as arguments.
    """


@keys.command(short_help="Seal a key.")
@click.argument("name")
@click.option("--venue", type=click.Choice(tuple(TITLES)), required=True, help="The venue the key is for.")
@click.option("--unchecked", is_flag=True, help="Keep it though the venue cannot be asked now.")
@master_key_option
@setting_options(DATA_DIR)
def add(*, name: str, venue: str, unchecked: bool, master_key_file: str | None, **given: Any) -> int:
    """Seal a key as NAME. Its key and secret are asked for, or taken from QUORATE_VENUE_KEY and QUORATE_VENUE_SECRET.

    The venue is asked what the key may do: one that can withdraw is refused. Needs the second factor.
    """
    from quorate.accounts import venue_keys
    from quorate.accounts.second_factor import require_code
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    file = open_sealed(key_place(settings.data_dir, master_key_file))
    require_code(file, ask_code(), now_ms=now_ms())
    key = _from_environment(KEY_VARIABLE) or ask_secret("Key")
    secret = _from_environment(SECRET_VARIABLE) or ask_secret("Secret")
    credentials = venue_keys.credentials_of(name=name, venue=venue, key=key, secret=secret)
    if not unchecked:
        _prove(settings, credentials)
    venue_keys.keep(file, credentials, now_ms=now_ms())
    click.echo(f"The key {name!r} of {venue} is sealed in {file.path}.", err=True)
    return 0


@keys.command("list", short_help="List keys; never what they are.")
@master_key_option
@setting_options(DATA_DIR)
@as_json_option
def list_keys(*, master_key_file: str | None, as_json: bool, **given: Any) -> int:
    """List every key with its venue and its last four characters; whether it opens, where a master key is at hand."""
    from dataclasses import replace

    from quorate.accounts import venue_keys
    from quorate.accounts.sealed_file import SealedFile, read_contents
    from quorate.cli.console import Console
    from quorate.journal.published import timestamp
    from quorate.wiring.keys import given_key

    settings = settings_from(given)
    place = replace(key_place(settings.data_dir, master_key_file), ask=None)
    master = given_key(place)
    closed = (
        {}
        if master is None
        else {(each.kind, each.name): each.reason for each in SealedFile(place.path, master, os.urandom).unopened()}
    )
    rows = [
        {
            "name": entry.name,
            "venue": entry.venue,
            "key": f"…{entry.hint}" if entry.hint else "",
            "added": timestamp(entry.added_ms),
            "opens": "not tried" if master is None else "no" if (entry.kind, entry.name) in closed else "yes",
        }
        for entry in read_contents(place.path).of_kind(venue_keys.KIND)
    ]
    with Console(as_json=as_json) as console:
        console.rows(COLUMNS, rows, name="keys")
        for reason in closed.values():
            console.warning(reason)
    return 4 if closed else 0


@keys.command(short_help="Take a key out of the file.")
@click.argument("name")
@master_key_option
@setting_options(DATA_DIR)
def remove(*, name: str, master_key_file: str | None, **given: Any) -> int:
    """Take the key NAME out of the sealed file. It lives on at the venue: revoke it there. Needs the second factor."""
    from quorate.accounts import venue_keys
    from quorate.accounts.second_factor import require_code
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    file = open_sealed(key_place(settings.data_dir, master_key_file))
    venue_keys.open_key(file, name)
    require_code(file, ask_code(), now_ms=now_ms())
    venue_keys.forget(file, name)
    click.echo(f"The key {name!r} is gone from {file.path}. Revoke it at the venue too.", err=True)
    return 0


@keys.command(short_help="Ask the venue what a key may do.")
@click.argument("name")
@master_key_option
@setting_options(DATA_DIR)
@as_json_option
def check(*, name: str, master_key_file: str | None, as_json: bool, **given: Any) -> int:
    """Ask the venue about the key NAME: may it trade or withdraw, is it bound to addresses, are the clocks equal."""
    from quorate.accounts import venue_keys
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.reporting import Health
    from quorate.wiring.keys import open_sealed
    from quorate.wiring.venue_findings import key_findings

    settings = settings_from(given)
    credentials = venue_keys.open_key(open_sealed(key_place(settings.data_dir, master_key_file)), name)
    ended = run(lambda: key_findings(settings, credentials))
    if ended.result is None:
        return exit_code(ended.stopped_by) if ended.stopped_by else 1
    with Console(as_json=as_json) as console:
        console.findings(ended.result)
    return 4 if any(finding.health is Health.FAULT for finding in ended.result) else 0


@keys.command("rotate-master", short_help="Seal everything under another master key.")
@click.option(
    "--new-key-file", metavar="FILE", help="A file with the new master key; without it a passphrase is asked for."
)
@master_key_option
@setting_options(DATA_DIR)
def rotate_master(*, new_key_file: str | None, master_key_file: str | None, **given: Any) -> int:
    """Seal everything under another master key, all or nothing. The old one opens nothing afterwards.

    Needs the second factor. Copies of the old file still open with the old key: destroy them.
    """
    from quorate.accounts.master_key import load_master_key
    from quorate.accounts.second_factor import require_code
    from quorate.wiring.keys import new_passphrase, open_sealed

    settings = settings_from(given)
    place = key_place(settings.data_dir, master_key_file)
    file = open_sealed(place)
    require_code(file, ask_code(), now_ms=now_ms())
    new, how = (load_master_key(Path(new_key_file)), None) if new_key_file else new_passphrase(place)
    file.rotate(new, stretching=how)
    click.echo(f"{file.path} opens with master key {new.fingerprint} now, and with no other.", err=True)
    return 0


@keys.command("make-master", short_help="Write a new master key into a file.")
@click.argument("file", type=click.Path(path_type=Path))
def make_master(*, file: Path) -> int:
    """Write a new master key into FILE, which only its owner can read. Without it everything that it seals is lost."""
    from quorate.accounts.master_key import make_master_key

    made = make_master_key(file, os.urandom)
    click.echo(f"Master key {made.fingerprint} is in {file}. Keep a copy where this machine is not.", err=True)
    return 0


def _from_environment(name: str) -> Any:
    from quorate.accounts.secret import Secret

    text = os.environ.get(name, "").strip()
    return Secret(text) if text else None


def _prove(settings: "Settings", credentials: "Credentials") -> None:
    """Ask the venue what the key may do before it is kept. Errors: KeyCanWithdraw, KeyFault, Unavailable."""
    from quorate.cli.running import run
    from quorate.wiring.venue_findings import key_rights

    rights = run(lambda: key_rights(settings, credentials)).result
    if rights is None:
        raise click.Abort
    if rights.withdraw is None:
        venue = credentials.venue
        click.echo(f"Warning: {venue} does not tell whether this key can withdraw. Make sure that it cannot.", err=True)
