"""Running other people's programs, and turning their failures into one sentence that says what to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOG = ROOT / ".cache" / "bootstrap.log"
LOG_TAIL_LINES = 12

STACK_FRAME = re.compile(r"\s+at .*:\d+:\d+")
UNREACHABLE = re.compile(
    r"name resolution|dns error|failed to lookup address|error sending request|failed to establish a new connection"
    r"|connection (refused|reset)|timed out|network is unreachable|no route to host|could not connect"
    r"|tunnel (connection failed|error)|from versions: none"
    r"|\b(eai_again|enotfound|econnrefused|econnreset|etimedout|enetunreach)\b"
)
"""What pip, uv and npm write when a registry cannot be reached, in lower case."""


class Trouble(Exception):
    """A failure of the preparation. Its text is one sentence that says what to do."""


def say(sentence: str) -> None:
    """Tell the person at the terminal; kept off stdout, which belongs to the command that runs afterwards."""
    print(f"quorate: {sentence}", file=sys.stderr, flush=True)


def diagnose(output: str, *, doing: str) -> str:
    """Say in one sentence what went wrong while `doing`, from what the program wrote."""
    text = output.lower()
    if "ensurepip" in text:
        return (
            "this Python cannot make virtual environments: install its venv module "
            f"(Debian, Ubuntu: `apt-get install python3.{sys.version_info.minor}-venv`) and run the command again."
        )
    if "no space left" in text or "enospc" in text or "disk quota exceeded" in text:
        return f"the disk is full while {doing}: free about 2 GB (the .venv needs 1 GB) and run the command again."
    if UNREACHABLE.search(text):
        return (
            f"a package registry could not be reached while {doing}: check the network "
            "(behind a proxy set HTTPS_PROXY, with a mirror PIP_INDEX_URL and npm_config_registry) "
            "and run the command again; it goes on where it stopped."
        )
    if "hash mismatch" in text or "do not match the hashes" in text or "eintegrity" in text:
        return (
            f"a download did not match its pinned hash while {doing}: nothing of it was installed; "
            "run the command again, and if it happens twice the mirror you use serves changed files."
        )
    if "permission denied" in text or "eacces" in text or "read-only file system" in text:
        return f"a file could not be written while {doing}: make this folder and your cache folder writable for you."
    if "has no wheels" in text or "no matching distribution" in text or "no wheels with a matching" in text:
        return (
            f"a package has no ready-made wheel for this machine while {doing}: "
            "Quorate runs on Linux (glibc; x86-64, arm64) and macOS 14 or newer (arm64), with CPython 3.11 to 3.14."
        )
    return f"{doing} failed: read the end of {LOG.relative_to(ROOT)} and run the command again."


def run(
    command: Sequence[str | Path],
    *,
    doing: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    seconds: int = 1200,
) -> None:
    """Run `command` quietly, its words going to the log; when it fails show the log's end and raise Trouble."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    say(f"{doing} …")
    began = time.monotonic()
    environment = {**os.environ, **(env or {})}
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Trouble(
            f"{doing} took more than {seconds // 60} minutes and was stopped: run the command again."
        ) from late
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(words)}\n{done.stdout}\n")
    if done.returncode != 0:
        told = [line for line in done.stdout.strip().splitlines() if not STACK_FRAME.match(line)]
        tail = told[-LOG_TAIL_LINES:]
        print("\n".join(f"    {line}" for line in tail), file=sys.stderr)
        raise Trouble(diagnose(done.stdout, doing=doing))
    say(f"{doing}: done in {time.monotonic() - began:.1f} s")
