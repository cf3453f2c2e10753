"""A browser for the browser tests: the machine's own Chromium, or Debian's where we may install it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from prepare.trouble import ROOT, Trouble, run, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
TRY_AGAIN_AFTER_S = 24 * 3600
TRIED = ROOT / ".cache" / "chromium-tried"


def find() -> str | None:
    """Return the browser's path: QUORATE_CHROMIUM, else the first known name on PATH."""
    named = os.environ.get("QUORATE_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def prepare() -> None:
    """See to it that a Chromium is there, as far as that is ours to do; without one the browser tests skip."""
    if find():
        return
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        say("no Chromium found, so the browser tests will be skipped: install one (`sudo apt-get install chromium`).")
        return
    if TRIED.is_file() and time.time() - TRIED.stat().st_mtime < TRY_AGAIN_AFTER_S:
        say("no Chromium found and installing one failed within the last day: the browser tests will be skipped.")
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(["apt-get", "update", "-qq"], doing="reading Debian's package lists", env=quiet, seconds=180)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        run(install, doing="installing Chromium for the browser tests", env=quiet, seconds=600)
    except Trouble as trouble:
        TRIED.parent.mkdir(parents=True, exist_ok=True)
        TRIED.touch()
        say(f"{trouble} Until then the browser tests will be skipped.")
