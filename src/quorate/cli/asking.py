"""Asks a person for what is not shown: from the terminal, else line by line from stdin, never from the arguments."""

import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quorate.accounts.secret import Secret
from quorate.cli.options import SettingOption
from quorate.domain.errors import BadInput

if TYPE_CHECKING:
    from quorate.wiring.keys import KeyPlace

KEY_FILE = SettingOption("--master-key-file", "", "A file with the master key, instead of the environment.", "FILE")


def ask_secret(what: str) -> Secret:
    """What somebody types without seeing it, or the next line of stdin. Errors: BadInput where nothing comes."""
    try:
        text = getpass(f"{what}: ", stream=sys.stderr) if sys.stdin.isatty() else sys.stdin.readline()
    except EOFError:
        text = ""
    if not text.strip():
        raise BadInput(f"Nothing was given for: {what}.", hint="Type it, or give it as a line on stdin.")
    return Secret(text.rstrip("\r\n"))


def ask_code() -> Secret:
    """A code of the second factor."""
    return ask_secret("Code of the second factor")


def key_place(data_dir: Path, key_file: str | None) -> "KeyPlace":
    """Where the sealed file is, with a person to be asked for its passphrase."""
    import os

    from quorate.settings_sources import variables
    from quorate.wiring.keys import KeyPlace

    environment = variables(os.environ, Path.cwd())
    file = None if key_file is None else Path(key_file)
    return KeyPlace(data_dir=data_dir, environment=environment, key_file=file, ask=ask_secret)


def now_ms() -> int:
    """The wall clock, UTC milliseconds."""
    from quorate.clock import SystemClock

    return SystemClock().now_ms()


def master_key_option(verb: Any) -> Any:
    """Give a verb the option --master-key-file; its value arrives as `master_key_file`."""
    import click

    return click.option(KEY_FILE.flag, "master_key_file", metavar=KEY_FILE.metavar, help=KEY_FILE.help)(verb)
