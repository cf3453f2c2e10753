"""The verbs of the journal: check that it is whole, and write it out for others to check."""

import sys
from pathlib import Path
from typing import Any

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import DATA_DIR, DATABASE_URL, setting_options, settings_from

EXIT_BROKEN = 5


REASON_CHARS_MAX = 500


@click.group(short_help="Verify or export the journal, or say that it was restored.")
def journal() -> None:
    """The journal is the truth: every vote, signal, order and fill, each tied to the one before by a hash."""


@journal.command(short_help="Check the hash chain.")
@setting_options(DATA_DIR, DATABASE_URL)
@click.option("--account", "only", metavar="NAME", help="Check this account's entries alone (default all).")
@as_json_option
def verify(*, only: str | None, as_json: bool, **given: Any) -> int:
    """Read the whole journal, compute every hash again, and name the first entry that does not fit.

    Ends with 0 when the journal is whole, with 5 when it is not.
    """
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run

    settings = settings_from(given)
    from quorate import wiring

    with Console(as_json=as_json) as console:
        ended = run(lambda: wiring.verify_journal(settings, only))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        console.facts(ended.result)
        return 0 if ended.result["ok"] else EXIT_BROKEN


@journal.command(short_help="Say that the database came out of a backup.")
@setting_options(DATA_DIR, DATABASE_URL)
@click.option("--reason", required=True, metavar="TEXT", help="What happened; it is kept in the journal.")
@click.option("--by", default="a person", show_default=True, metavar="NAME", help="Who says so.")
@as_json_option
def restored(*, reason: str, by: str, as_json: bool, **given: Any) -> int:
    """Begin a new epoch of the journal, after a backup was restored and before a desk is started on it.

    What was written after the backup is lost. Numbers are not given twice: readers and Redis begin anew under the new
    epoch, desks that still run on what was lost are refused, and accounts that trade live open nothing until you have
    looked at the venue and let them (`quorate panic --undo`).
    """
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.domain.errors import BadInput

    words, name = reason.strip(), by.strip()
    if not words or not name or len(words) > REASON_CHARS_MAX or len(name) > REASON_CHARS_MAX:
        raise BadInput(f"A reason and a name have 1 to {REASON_CHARS_MAX} characters.")
    settings = settings_from(given)
    from quorate import wiring

    with Console(as_json=as_json) as console:
        ended = run(lambda: wiring.journal_restored(settings, by=name, reason=words))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        console.facts(ended.result)
        return 0


@journal.command(short_help="Write the journal out as JSON lines.")
@setting_options(DATA_DIR, DATABASE_URL)
@click.option("--account", "only", metavar="NAME", help="This account's entries alone (default all).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Instead of stdout.")
def export(*, only: str | None, out: Path | None, **given: Any) -> int:
    """One entry a line, in order, with its hash and digest: enough for anybody to verify the chain."""
    from quorate.cli.running import exit_code, run
    from quorate.domain.errors import BadInput

    settings = settings_from(given)
    from quorate import wiring

    if out is None:
        ended = run(lambda: wiring.export_journal(settings, only, sys.stdout))
    else:
        try:
            stream = out.open("x", encoding="utf-8")
        except FileExistsError:
            raise BadInput(f"{out} exists already.", hint="Choose another --out.") from None
        except OSError as error:
            raise BadInput(f"{out} cannot be written: {(error.strerror or str(error)).lower()}.") from None
        with stream:
            ended = run(lambda: wiring.export_journal(settings, only, stream))
    if ended.result is None:
        return exit_code(ended.stopped_by) if ended.stopped_by else 1
    print(f"{ended.result:,} entries.", file=sys.stderr)  # noqa: T201  the command line speaks
    return 0
