"""The decision core stays portable: it also runs in a browser tab, as a witness of the server.

import-linter says which way imports point; this says what may be imported at all.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from gates.source import ROOT, Finding, files

PACKAGE = Path("src/quorate")
COUNCIL = (
    "council/consensus.py",
    "council/evidence.py",
    "council/optimizing.py",
    "council/plan.py",
    "council/records.py",
    "council/validation.py",
)
CORE = ("domain", "rules", "risk", *COUNCIL, "desk")
"""The portable core, relative to the package. It may use the standard library and itself."""

FORBIDDEN = {"asyncio.subprocess", "http", "multiprocessing", "socket", "sqlite3", "ssl", "subprocess", "urllib"}
"""Modules of the standard library that do I/O to the outside: adapters have them, the core is handed what it needs."""

DESK_MAY_ALSO = ("quorate.council", "quorate.analysts", "quorate.kernel")
"""The desk's jobs sit above these packages; whether the direction holds is import-linter's question."""


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module in ("quorate", "quorate.council"):
                for alias in node.names:
                    yield node.lineno, f"{node.module}.{alias.name}"
            else:
                yield node.lineno, node.module


def _is_core(module: str) -> bool:
    names = [f"quorate.{part.removesuffix('.py').replace('/', '.')}" for part in CORE]
    return any(module == name or module.startswith(f"{name}.") for name in names)


def _objection(module: str, *, in_desk: bool) -> str | None:
    top = module.partition(".")[0]
    if top == "quorate":
        if _is_core(module) or (in_desk and module.startswith(DESK_MAY_ALSO)):
            return None
        return f"the decision core may not import {module}: have the value handed in."
    if module in FORBIDDEN or top in FORBIDDEN:
        return f"the decision core may not import {module}: I/O belongs to an adapter."
    if top in sys.stdlib_module_names:
        return None
    return f"the decision core may not import {module}: it runs where only Python's standard library is."


def find() -> Iterator[Finding]:
    """Yield every import of the decision core that would not work in a browser tab."""
    for path in files(".py"):
        if not path.is_relative_to(PACKAGE):
            continue
        inside = path.relative_to(PACKAGE).as_posix()
        if not any(inside == part or inside.startswith(f"{part}/") for part in CORE):
            continue
        for line, module in _imports(ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))):
            objection = _objection(module, in_desk=inside.startswith("desk/"))
            if objection:
                yield Finding(path, line, objection)
