"""A file fits a mind and a function fits a screen: over the aim is a warning, over the limit fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from gates.source import ROOT, Finding, files

FILE_LINES_AIM, FILE_LINES_MAX = 400, 600
FUNCTION_LINES_AIM, FUNCTION_LINES_MAX = 50, 60
TSX_LINES_AIM, TSX_LINES_MAX = 250, 300


def _judge(path: Path, line: int, *, what: str, lines: int, aim: int, limit: int) -> Iterator[Finding]:
    if lines > limit:
        yield Finding(path, line, f"{what} has {lines} lines, the limit is {limit}: split it along a noun.")
    elif lines > aim:
        yield Finding(path, line, f"{what} has {lines} lines, the aim is {aim}.", warning=True)


def _functions(path: Path, text: str) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(text, filename=str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            what = f"the function {node.name}"
            yield from _judge(
                path, node.lineno, what=what, lines=lines, aim=FUNCTION_LINES_AIM, limit=FUNCTION_LINES_MAX
            )


def find() -> Iterator[Finding]:
    """Yield every file and function over its aim or limit; generated files count for nothing."""
    for path in files(".py", ".ts", ".tsx"):
        text = (ROOT / path).read_text(encoding="utf-8")
        if text.startswith("// Generated") or path.name.endswith(".d.ts"):
            continue
        lines = text.count("\n")
        if path.suffix == ".py":
            yield from _judge(path, 1, what="the file", lines=lines, aim=FILE_LINES_AIM, limit=FILE_LINES_MAX)
            yield from _functions(path, text)
        else:
            yield from _judge(path, 1, what="the file", lines=lines, aim=TSX_LINES_AIM, limit=TSX_LINES_MAX)
