"""The verbs before live money: give the second factor, see what is missing, let a limit loosen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from quorate.cli.asking import ask_code, key_place, master_key_option, now_ms
from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import ACCOUNT, DATA_DIR, FEED, setting_options, settings_from

if TYPE_CHECKING:
    from quorate.accounts.settings_record import Changed

HOURS_DEFAULT, HOURS_MAX = 12, 168
CHANGES_SHOWN = 3


@click.group(short_help="What stands before live money.")
def live() -> None:
    """Live trading takes three deliberate acts: the settings, a key without withdrawal right, and a second factor."""


@live.command(short_help="Give the second factor for a while.")
@click.option(
    "--hours", type=click.IntRange(1, HOURS_MAX), default=HOURS_DEFAULT, show_default=True, help="How long it holds."
)
@master_key_option
@setting_options(ACCOUNT, *FEED, DATA_DIR)
def arm(*, hours: int, master_key_file: str | None, **given: Any) -> int:
    """Let a live desk start, and start again by itself, for some hours: this account, this key, these settings.

    A desk that trades goes on when the time is over; it cannot be started any more.
    """
    from quorate.journal.published import timestamp
    from quorate.wiring import live as gate
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    gate.require_settings(settings)
    file = open_sealed(key_place(settings.data_dir, master_key_file))
    gate.key_for(settings, file)
    armed = gate.arm(settings, file, ask_code(), now_ms=now_ms(), hours=hours)
    click.echo(
        f"Live trading of account {armed.subject.account} at {armed.subject.venue} may start until "
        f"{timestamp(armed.expires_ms)}.",
        err=True,
    )
    return 0


@live.command(short_help="Take that back.")
@master_key_option
@setting_options(ACCOUNT, *FEED, DATA_DIR)
def disarm(*, master_key_file: str | None, **given: Any) -> int:
    """Let no live desk start any more. One that trades goes on: `quorate panic` stops it."""
    from quorate.accounts.arming import disarm as take_back
    from quorate.wiring import live as gate
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    file = open_sealed(key_place(settings.data_dir, master_key_file))
    gone = take_back(file, gate.live_account(settings))
    click.echo("Live trading is disarmed." if gone else "Live trading was not armed.", err=True)
    return 0


@live.command(short_help="See which act is missing.")
@master_key_option
@setting_options(ACCOUNT, *FEED, DATA_DIR)
@as_json_option
def status(*, master_key_file: str | None, as_json: bool, **given: Any) -> int:
    """Look at the three acts and at the limits, without asking the venue. Ends with 4 while one is missing."""
    from quorate.cli.console import Console
    from quorate.reporting import Health
    from quorate.wiring.venue_findings import act_findings, opened

    settings = settings_from(given)
    findings = act_findings(settings, opened(key_place(settings.data_dir, master_key_file)), now_ms=now_ms())
    with Console(as_json=as_json) as console:
        console.findings(findings)
    return 4 if any(finding.health is Health.FAULT for finding in findings) else 0


@live.command(short_help="List the signed versions of settings.")
@master_key_option
@setting_options(ACCOUNT, *FEED, DATA_DIR)
@as_json_option
def versions(*, master_key_file: str | None, as_json: bool, **given: Any) -> int:
    """Check every signature, and list which settings live trading was armed with, what changed, and who reviewed them.

    The record is `settings-versions.jsonl` in the data directory; with the public key anybody can check it.
    """
    from quorate.accounts import settings_record
    from quorate.cli.console import Console
    from quorate.journal.published import timestamp
    from quorate.wiring import live as gate
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    file = open_sealed(key_place(settings.data_dir, master_key_file))
    rows = [
        {
            "version": each.version.number,
            "at": timestamp(each.version.at_ms),
            "kind": each.version.kind,
            "by": each.version.by,
            "said": each.version.note or changes_said(each.version.changes),
        }
        for each in settings_record.verified(file, gate.record_path(settings))
    ]
    with Console(as_json=as_json) as console:
        console.rows(("version", "at", "kind", "by", "said"), rows, name="versions")
    click.echo(f"Public key: {settings_record.public_key(file) or 'none yet'}", err=True)
    return 0


@live.command(short_help="Say that you have looked at the settings.")
@click.option("--by", required=True, metavar="NAME", help="Who has looked.")
@click.option("--note", required=True, metavar="TEXT", help="What was found; it is signed and kept.")
@master_key_option
@setting_options(ACCOUNT, *FEED, DATA_DIR)
def review(*, by: str, note: str, master_key_file: str | None, **given: Any) -> int:
    """Sign that a person has looked at the settings that hold and at every change since the last time: once a year.

    Asks for the second factor. `quorate live versions` lists what there is to look at.
    """
    from quorate.wiring import live as gate
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    file = open_sealed(key_place(settings.data_dir, master_key_file))
    said = gate.review_settings(settings, file, ask_code(), by=by, note=note, now_ms=now_ms())
    click.echo(f"Signed as version {said.number}.", err=True)
    return 0


@live.command(short_help="Allow looser limits; they wait.")
@master_key_option
@setting_options(ACCOUNT, *FEED, DATA_DIR)
@as_json_option
def loosen(*, master_key_file: str | None, as_json: bool, **given: Any) -> int:
    """Allow every number in the settings that lets more through than the last live desk was allowed to.

    It holds at a start after the cool-down (venue.cool_down_hours). Tighter numbers need nothing, and hold at once.
    """
    from quorate.cli.console import Console
    from quorate.journal.published import timestamp
    from quorate.wiring import live as gate
    from quorate.wiring.keys import open_sealed

    settings = settings_from(given)
    gate.require_settings(settings)
    file = open_sealed(key_place(settings.data_dir, master_key_file))
    governed = gate.changed_limits(settings, file, ask_code(), now_ms=now_ms())
    rows = [
        {
            "setting": held.change.name,
            "now": held.change.before,
            "then": held.change.after,
            "from": "" if held.ready_ms is None else timestamp(held.ready_ms),
        }
        for held in governed.held
    ]
    with Console(as_json=as_json) as console:
        console.rows(("setting", "now", "then", "from"), rows, name="waiting")
    return 0


def changes_said(changes: "Sequence[Changed]") -> str:
    """What a version changed, in short: `desk.limits.collar_bps 200 → 300`."""
    told = [f"{each.name} {each.before or 'none'} → {each.after or 'none'}" for each in changes[:CHANGES_SHOWN]]
    more = len(changes) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")
