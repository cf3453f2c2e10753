"""Write the tables of docs/settings.md anew from the settings' own types, defaults and docstrings.

python scripts/settings_page.py          write them
python scripts/settings_page.py --check  end with 1 when they are not current
"""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from quorate.settings import Settings
from quorate.settings_names import PORTFOLIOS, is_free_table, is_list, is_section, kind_at, parts_of

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
BEGIN, END = "<!-- tables: begin, made by scripts/settings_page.py -->\n", "<!-- tables: end -->\n"
OWN_DEFAULTS = {
    "data_dir": "the platform's user data folder",
    "minds.providers": "every vendor at its own address",
    "context.news.feeds": "CoinDesk and Cointelegraph",
}


def meanings(section: Any) -> dict[str, str]:
    """What the docstring under each field of a class says, in one line; what it inherits comes first."""
    found: dict[str, str] = {}
    for base in section.__bases__:
        if is_section(base):
            found |= meanings(base)
    if section is BaseModel:
        return {}
    body = ast.parse(inspect.getsource(section)).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, text in zip(body.body, body.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[field.target.id] = (
                " ".join(str(text.value.value).split()).replace("|", "\\|").replace("None", "Not set")
            )
    return found


def shown(value: Any) -> str:
    """A default as one would write it in quorate.toml."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Decimal | int | float):
        return f"`{value}`"
    if isinstance(value, tuple | dict):
        return f"`{json.dumps(value)}`"
    return f'`"{value}"`'


def section_lines(kind: Any, value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """The table of one section, and of those under it."""
    told, inner, entries = meanings(kind), [], []
    rows: list[str] = []
    for name, part in parts_of(kind).items():
        here = (*path, name)
        if here == PORTFOLIOS or is_section(part):
            inner.append((part, getattr(value, name), here))
            continue
        default = OWN_DEFAULTS.get(".".join(here)) or shown(getattr(value, name))
        rows.append(f"| `{name}` | {default} | {told.get(name, '')} |")
        entry = entry_of(part)
        if entry is not None:
            entries.append((entry, f"[{'.'.join(here)}.NAME]" if is_free_table(part) else f"[[{'.'.join(here)}]]"))
    if rows:
        title = f"`[{'.'.join(path)}]`" if path else "At the top of the file"
        yield from (
            f"### {title}",
            "",
            first_line(kind),
            "",
            "| setting | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        )
    for entry, title in entries:
        yield from entry_lines(entry, title)
    for part, held, here in inner:
        yield from portfolio_lines(held, here) if here == PORTFOLIOS else section_lines(part, held, here)


def entry_of(part: Any) -> Any:
    """The section that each entry of a list or of a table with free keys is; None where entries are plain values."""
    inside = [kind for kind in get_args(part) if is_section(kind)] if is_list(part) or is_free_table(part) else []
    return inside[0] if inside else None


def entry_lines(kind: Any, title: str) -> Iterator[str]:
    """The table of one entry of a list or of a table with free keys, and of those under it."""
    told = meanings(kind)
    yield from (f"### `{title}`", "", first_line(kind), "", "| setting | default | meaning |", "|---|---|---|")
    inner: list[tuple[Any, str]] = []
    for field in fields(kind):
        default = "required" if field.default is MISSING else shown(field.default)
        yield f"| `{field.name}` | {default} | {told.get(field.name, '')} |"
        entry = entry_of(parts_of(kind)[field.name])
        if entry is not None:
            inner.append((entry, f"{title[:-2]}.{field.name}]]"))
    yield ""
    for entry, name in inner:
        yield from entry_lines(entry, name)


def portfolio_lines(portfolios: Any, path: tuple[str, ...]) -> Iterator[str]:
    """The table of the portfolios, side by side."""
    kind = get_args(kind_at(path))[0]
    told = meanings(kind)
    names = [portfolio.name for portfolio in portfolios]
    yield from (f"### `[{'.'.join(path)}.NAME]`", "", first_line(kind), "")
    yield from (f"| setting | {' | '.join(names)} | meaning |", f"|---|{'---|' * len(names)}---|")
    for name in parts_of(kind):
        if name != "name":
            cells = " | ".join(shown(getattr(portfolio, name)) for portfolio in portfolios)
            yield f"| `{name}` | {cells} | {told.get(name, '')} |"
    yield ""


def first_line(kind: Any) -> str:
    """The first line of a class's docstring."""
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def page() -> str:
    """The page as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    tables = "\n".join(section_lines(Settings, Settings(), ()))
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def main() -> int:
    """Write the page, or with --check only look at it."""
    wanted = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text(encoding="utf-8") == wanted else 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
