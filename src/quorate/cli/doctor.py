"""The verb that looks at everything and says what to do."""

import os
from typing import Any

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import ACCOUNT, FEED, LISTENING, STORES, setting_options, settings_from


@click.command(short_help="Check everything and say what to do.")
@setting_options(*FEED, ACCOUNT, *LISTENING, *STORES)
@as_json_option
@click.option("--settings", "show_settings", is_flag=True, help="List every setting with its value instead.")
def doctor(*, as_json: bool, show_settings: bool, **given: Any) -> int:
    """Look at the installation, the settings, the disk, the ports, the databases and the feed.

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
        from quorate import wiring

        findings = local_findings(settings, os.environ)
        ended = run(lambda: wiring.check(settings))
        if ended.result is None:
            return exit_code(ended.stopped_by) if ended.stopped_by else 1
        findings.extend(ended.result)
        console.findings(findings)
        return 3 if any(finding.health is Health.FAULT for finding in findings) else 0
