"""The verb that looks at everything and says what to do."""

import os
from typing import TYPE_CHECKING, Any

import click

from quorate.cli.asking import key_place, master_key_option, now_ms
from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import ACCOUNT, FEED, LISTENING, STORES, setting_options, settings_from

if TYPE_CHECKING:
    from quorate.cli.console import Console
    from quorate.settings import Settings


@click.command(short_help="Check everything and say what to do.")
@setting_options(*FEED, ACCOUNT, *LISTENING, *STORES)
@as_json_option
@click.option("--settings", "show_settings", is_flag=True, help="List every setting with its value instead.")
@click.option("--venue", is_flag=True, help="Prove the key of live trading at its venue instead; nothing is ordered.")
@master_key_option
def doctor(*, as_json: bool, show_settings: bool, venue: bool, master_key_file: str | None, **given: Any) -> int:
    """Look at the installation, the settings, the disk, the ports, the databases and the feed.

    With --venue: may the key trade, may it withdraw, are the clocks equal, what are the filters and balances.
    Ends with 0 when nothing is at fault (warnings do not count), with 3 otherwise.
    """
    from quorate.cli.checks import local_findings, setting_values
    from quorate.cli.console import Console
    from quorate.cli.running import exit_code, run
    from quorate.domain.errors import QuorateError
    from quorate.reporting import Finding, Health

    with Console(as_json=as_json) as console:
        if show_settings:
            values = setting_values(settings_from(given))
            console.rows(("setting", "value"), values, name="settings")
            return 0
        try:
            settings = settings_from(given)
        except QuorateError as error:
            findings = [*local_findings(None, os.environ), Finding("settings", Health.FAULT, error.message, error.hint)]
            console.findings(findings)
            return error.exit_code
        if venue:
            return _venue(console, settings, master_key_file)
        from quorate import wiring

        findings = local_findings(settings, os.environ)
        ended = run(lambda: wiring.check(settings))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        findings.extend(ended.result)
        console.findings(findings)
        return 3 if any(finding.health is Health.FAULT for finding in findings) else 0


def _venue(console: "Console", settings: "Settings", key_file: str | None) -> int:
    """The acts before live money as they stand, and what the venue says of the key."""
    from quorate.cli.running import exit_code, run
    from quorate.domain.errors import QuorateError
    from quorate.reporting import Health
    from quorate.wiring.live import key_for
    from quorate.wiring.venue_findings import act_findings, opened, venue_findings

    file = opened(key_place(settings.data_dir, key_file))
    findings = act_findings(settings, file, now_ms=now_ms())
    if not isinstance(file, QuorateError) and settings.venue.key is not None:
        try:
            credentials = key_for(settings, file)
        except QuorateError:
            pass  # a finding of its own, above
        else:
            ended = run(lambda: venue_findings(settings, credentials))
            if ended.result is None:
                return exit_code(ended.stopped_by) if ended.stopped_by else 1
            findings.extend(ended.result)
    console.findings(findings)
    return 3 if any(finding.health is Health.FAULT for finding in findings) else 0
