"""Names carry meaning: no class called after nothing, and no unfinished work in what is committed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gates.source import ROOT, Finding, files

EMPTY_NAMES = re.compile(r"(Manager|Helper|Helpers|Util|Utils|Service)$")
EMPTY_MODULES = {"helper", "helpers", "manager", "service", "util", "utils"}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|NotImplemented" + r"Error)\b|\bXX" + r"X:|[Cc]oming " + "soon")


def find() -> Iterator[Finding]:
    """Yield empty names in Python, and marks of unfinished work in Python and TypeScript."""
    for path in files(".py", ".ts", ".tsx"):
        text = (ROOT / path).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            if UNFINISHED.search(line):
                yield Finding(path, number, "finish it or leave it out: open work belongs to the issue tracker.")
        if path.suffix != ".py":
            continue
        if path.stem in EMPTY_MODULES:
            yield Finding(path, 1, f"the name {path.stem} says nothing: name the file after the noun it is about.")
        for node in ast.walk(ast.parse(text, filename=str(path))):
            if isinstance(node, ast.ClassDef) and EMPTY_NAMES.search(node.name):
                yield Finding(path, node.lineno, f"the name {node.name} says nothing: name the class after what it is.")
