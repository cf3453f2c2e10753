"""The command `quorate`: finds the verb, and turns every failure into one sentence and an exit code.

Exit codes: 0 done, 1 an error, 2 what was asked for makes no sense, 3 something needed cannot be reached, 4 refused,
5 the journal does not verify, 130 stopped by Ctrl-C, 143 stopped by SIGTERM before the work was done.
"""

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Never, cast

import click

import quorate
from quorate.cli.backtest_verbs import backtest, verify
from quorate.cli.council_verbs import council
from quorate.cli.data_verbs import data
from quorate.cli.desk_verbs import api, evaluate, feed, monitor, optimize, scan, up, worker
from quorate.cli.doctor import doctor
from quorate.cli.exchange_verbs import exchange
from quorate.cli.journal_verbs import journal
from quorate.cli.key_verbs import keys
from quorate.cli.ladder_verbs import ladder
from quorate.cli.live_verbs import live
from quorate.cli.options import several_after_one
from quorate.cli.panic_verbs import panic
from quorate.cli.replay_verbs import gap, replay
from quorate.cli.second_factor_verbs import second_factor
from quorate.cli.strategy_verbs import strategy
from quorate.cli.sweep_verbs import sweep, walk_forward
from quorate.domain.errors import QuorateError

EXIT_ERROR = 1
EXIT_UNAVAILABLE = 3
EXIT_INTERRUPTED = 130

OS_ADVICE = {
    errno.EADDRINUSE: "Choose another --port, or end the program that uses it.",
    errno.ENOSPC: "Make room on the disk, or choose another --data-dir.",
    errno.EDQUOT: "Make room on the disk, or choose another --data-dir.",
    errno.EACCES: "Choose another --data-dir, or mend the permissions.",
    errno.EROFS: "Choose another --data-dir.",
    errno.EMFILE: "Raise the limit of open files (ulimit -n).",
}


class InOrder(click.Group):
    """Lists verbs in the order in which they were added: the one most wanted first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the verbs."""
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(quorate.__version__, prog_name="quorate")
def command() -> None:
    """Quorate: a self-hosted AI trading desk for crypto.

    Start with `quorate up`: everything in one process, and its page at http://127.0.0.1:8420.
    """


for verb in (up, api, feed, worker, scan, monitor, evaluate, optimize, council, data, journal, strategy, doctor):
    command.add_command(verb)
for verb in (backtest, verify, sweep, walk_forward, replay, gap):
    command.add_command(verb)

for verb in (panic, live, ladder, keys, second_factor, exchange):
    command.add_command(verb)


def main(arguments: Sequence[str] | None = None) -> Never:
    """Run the command line and end the process."""
    sys.exit(outcome(sys.argv[1:] if arguments is None else arguments))


def outcome(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; what went wrong is told on stderr."""
    try:
        code = command.main(several_after_one(arguments), prog_name="quorate", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.exceptions.NoArgsIsHelpError as wanted:
        wanted.show()
        return wanted.exit_code
    except click.ClickException as error:
        said = error.format_message()
        return _tell(said if said.endswith("?") else f"{said.rstrip('.')}.", _more_about(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _tell("Stopped.", "", EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except Exception as error:  # noqa: BLE001  the last place where it can be made readable
        return _operating_error(error)


def _operating_error(error: Exception) -> int:
    """Tell an operating error in its own words; any other is a fault of ours, whose traceback goes into a file."""
    leaves = list(_leaves(error))
    known = next((leaf for leaf in leaves if isinstance(leaf, QuorateError)), None)
    if known is not None:
        return _tell(known.message, known.hint, known.exit_code)
    system = next((leaf for leaf in leaves if isinstance(leaf, OSError) and leaf.errno in OS_ADVICE), None)
    if isinstance(system, OSError):
        where = f" ({system.filename})" if system.filename else ""
        return _tell(f"{system.strerror or system}{where}.", OS_ADVICE[system.errno or 0], EXIT_UNAVAILABLE)
    return _own_fault(error, leaves[0])


def _own_fault(error: Exception, cause: BaseException) -> int:
    import tempfile
    import traceback

    from quorate.ops.logs import scrub

    said = scrub("".join(traceback.format_exception_only(cause))).strip()
    hint = "Please report it."
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="quorate-fault-", suffix=".txt", delete=False
        ) as file:
            file.writelines(scrub(part) for part in traceback.format_exception(error))
    except OSError:
        pass  # no room for it: the sentence has to do
    else:
        hint = f"Please report it, with what {file.name} says."
    return _tell(f"A fault of ours ended this: {said.splitlines()[0].rstrip('.')}.", hint, EXIT_ERROR)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _more_about(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"See `{context.command_path} --help`." if context is not None else ""


def _tell(message: str, hint: str, code: int) -> int:
    print(f"quorate: {message} {hint}".rstrip(), file=sys.stderr)  # noqa: T201  the command line speaks
    return code
