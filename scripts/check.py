"""What `make check`, `check-web`, `test`, `test-long` and `bench` run, with the time each step took.

Every step runs even when one before it failed, so that one run tells everything; a failing step prints what it found.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from prepare import browser, node
from prepare.python import BIN, PYTHON
from prepare.trouble import ROOT

TOOLS = node.TOOLS / "node_modules"
WORKERS = os.environ.get("QUORATE_TEST_WORKERS", "2")
QUIET = {} if sys.stdout.isatty() else {"NO_COLOR": "1"}
QUICK_TESTS = "not slow and not browser and not real_data and not long"
PYTEST = [str(PYTHON), "-m", "pytest", "-q", "-n", WORKERS, "--dist", "worksteal"]


@dataclass(frozen=True)
class Step:
    """One command of a check, shown live when it is long, else only when it fails."""

    name: str
    command: Sequence[str]
    live: bool = False
    folder: str = "."
    environment: dict[str, str] = field(default_factory=dict)


def _gates(*names: str) -> list[str]:
    return [str(PYTHON), "scripts/gate.py", *names]


def _web(script: str, name: str, *options: str) -> Step | None:
    """Return the step that runs one of the page's own scripts, if the page has it."""
    package = node.WEB / "package.json"
    if not package.is_file() or f'"{script}":' not in package.read_text(encoding="utf-8"):
        return None
    found = node.find()
    command = [*found.npm, "run", "--silent", script, *(["--", *options] if options else [])]
    return Step(name, command, folder="web", environment=found.environment())


def _web_steps() -> list[Step | None]:
    return [_web("lint", "page: lint"), _web("typecheck", "page: types"), _web("test", "page: tests")]


def _check() -> list[Step | None]:
    ruff = str(BIN / "ruff")
    pyright = [node.find().program, str(TOOLS / "pyright" / "index.js")]
    quick = [*PYTEST, "tests", "-m", QUICK_TESTS]
    return [
        Step("format", [ruff, "format", "--check", "--quiet", "."]),
        Step("lint", [ruff, "check", "--quiet", "."]),
        Step("house rules", _gates("sizes", "purity", "leaks", "words", "locks", "contract")),
        Step("import directions", [str(BIN / "lint-imports")]),
        Step("dependencies", [str(BIN / "deptry"), "src"]),
        Step("dead code", [str(BIN / "vulture")]),
        Step("security lint", [str(BIN / "bandit"), "-q", "-r", "src", "-c", "pyproject.toml", "-lll"]),
        Step("types", pyright),
        _web("generate", "page: generated types are current", "--check"),
        Step("quick tests", quick, live=True),
    ]


def _test() -> list[Step | None]:
    """Coverage is counted on the quick tests: tracing makes whole houses and processes two to four times slower."""
    cover = [*PYTEST, "tests", "-m", QUICK_TESTS, "--cov", "--cov-report=term:skip-covered"]
    whole = [*PYTEST, "tests", "-m", f"not ({QUICK_TESTS}) and not long", "--durations=25"]
    return [
        Step("quick tests, with coverage", cover, live=True),
        Step("branches of the core", _gates("branches")),
        Step("whole houses, recorded data and the browser", whole, live=True),
        *_web_steps(),
    ]


def _long() -> list[Step | None]:
    more = {"QUORATE_EXAMPLES_FACTOR": os.environ.get("QUORATE_EXAMPLES_FACTOR", "50")}
    return [Step("all tests, many examples", [*PYTEST, "tests", "--timeout=7200"], live=True, environment=more)]


def _bench() -> list[Step | None]:
    found = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    return [Step(path.stem, [str(PYTHON), "-m", f"benchmarks.{path.stem}"], live=True) for path in found]


LISTS: dict[str, Callable[[], list[Step | None]]] = {
    "check": _check,
    "web": _web_steps,
    "test": _test,
    "long": _long,
    "bench": _bench,
}


def _run(step: Step) -> bool:
    print(f"── {step.name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=ROOT / step.folder,
        env={**os.environ, **QUIET, **step.environment},
        stdin=subprocess.DEVNULL,
        stdout=None if step.live else subprocess.PIPE,
        stderr=None if step.live else subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    passed = done.returncode == 0
    if done.stdout and (not passed or "warning" in done.stdout):
        print(done.stdout.rstrip())
    print(f"   {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.1f} s", flush=True)
    return passed


def main(arguments: Sequence[str]) -> int:
    """Run the named list of steps; return 1 when one failed."""
    if len(arguments) != 1 or arguments[0] not in LISTS:
        print(f"Name one of: {', '.join(LISTS)}.", file=sys.stderr)
        return 2
    began = time.monotonic()
    if arguments[0] in ("test", "long") and browser.find() is None:
        print("No Chromium was found: the browser tests are SKIPPED (see CONTRIBUTING.md).", flush=True)
    steps = [step for step in LISTS[arguments[0]]() if step is not None]
    failed = [step.name for step in steps if not _run(step)]
    seconds = time.monotonic() - began
    if failed:
        print(f"{arguments[0]}: {len(failed)} of {len(steps)} steps FAILED in {seconds:.0f} s: {', '.join(failed)}")
        return 1
    print(f"{arguments[0]}: all {len(steps)} steps passed in {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
