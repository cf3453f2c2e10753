"""Stopping: a signal lets the work finish what it must, a second one does not wait."""

import os
import signal
import subprocess
import sys

import pytest

from quorate.cli.running import exit_code, run

PROGRAM = """
import asyncio, sys
from quorate.cli.running import exit_code, run

async def work():
    print("ready", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        {cleanup}
        print("let go", flush=True)

ended = run(work)
sys.exit(exit_code(ended.stopped_by) if ended.stopped_by else 0)
"""


def start(cleanup: str = "pass") -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(cleanup=cleanup)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    return program


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_the_work_end_in_order(by, code):
    program = start()
    os.kill(program.pid, by)
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out, err) == (code, "let go\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_second_signal_ends_the_process_at_once():
    program = start(cleanup="print('letting go', flush=True); await asyncio.sleep(60)")
    assert program.stdout is not None
    os.kill(program.pid, signal.SIGINT)
    assert program.stdout.readline() == "letting go\n"
    os.kill(program.pid, signal.SIGINT)
    out, _ = program.communicate(timeout=60)
    assert (program.returncode, out) == (130, "")


def test_a_result_comes_back_and_an_error_comes_out():
    async def well() -> int:
        return 7

    async def badly() -> int:
        raise ValueError("so")

    ended = run(well)
    assert (ended.result, ended.stopped_by) == (7, None)
    with pytest.raises(ValueError, match="so"):
        run(badly)
    assert exit_code(signal.SIGTERM) == 143
