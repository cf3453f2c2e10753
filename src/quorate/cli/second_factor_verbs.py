"""The verbs of the second factor."""

import os
from typing import Any

import click

from quorate.cli.asking import ask_code, key_place, master_key_option, now_ms
from quorate.cli.options import DATA_DIR, setting_options, settings_from


@click.group("second-factor", short_help="A code from an authenticator, for acts that matter.")
def second_factor() -> None:
    """Six digits from an authenticator app, each good for one act: live mode, undoing a panic, keys, looser limits."""


@second_factor.command(short_help="Begin: show the secret, ask for a code.")
@master_key_option
@setting_options(DATA_DIR)
def enroll(*, master_key_file: str | None, **given: Any) -> int:
    """Show a secret for an authenticator, once, and keep it sealed when a code proves that the authenticator has it.

    Begins the sealed file where there is none, under the master key that is given, else under a new passphrase. Write
    the secret down where this machine is not: it is the only way back when the authenticator is lost.
    """
    from quorate.accounts import second_factor as factor
    from quorate.wiring.keys import begin_sealed

    settings = settings_from(given)
    file = begin_sealed(key_place(settings.data_dir, master_key_file))
    if factor.is_enrolled(file):
        raise factor.SecondFactorRefused(
            "There is a second factor already.", hint="`quorate second-factor remove` takes it away first."
        )
    secret = factor.new_secret(os.urandom)
    click.echo(f"Secret:  {secret.reveal()}")
    click.echo(f"Address: {factor.enrolment_uri(secret, owner=settings.account or 'desk').reveal()}")
    click.echo("Add it to an authenticator (time-based, 6 digits, 30 s), then give the code that it shows.", err=True)
    factor.enrol(file, secret, ask_code(), now_ms=now_ms())
    click.echo("The second factor is enrolled. The code is used up; the next act takes the next one.", err=True)
    return 0


@second_factor.command(short_help="Try a code; it is used up.")
@master_key_option
@setting_options(DATA_DIR)
def check(*, master_key_file: str | None, **given: Any) -> int:
    """Say whether a code is right. It is used up by that."""
    from quorate.accounts.second_factor import require_code
    from quorate.wiring.keys import open_sealed

    file = open_sealed(key_place(settings_from(given).data_dir, master_key_file))
    require_code(file, ask_code(), now_ms=now_ms())
    click.echo("The code is right.", err=True)
    return 0


@second_factor.command(short_help="Take it away, by a last code.")
@master_key_option
@setting_options(DATA_DIR)
def remove(*, master_key_file: str | None, **given: Any) -> int:
    """Take the second factor away. Live trading is disarmed, and starts no more until one is enrolled again."""
    from quorate.accounts.second_factor import withdraw
    from quorate.wiring.keys import open_sealed

    file = open_sealed(key_place(settings_from(given).data_dir, master_key_file))
    withdraw(file, ask_code(), now_ms=now_ms())
    click.echo("The second factor is gone, and live trading is disarmed.", err=True)
    return 0
