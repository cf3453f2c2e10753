"""Verifications as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from quorate.cli.console import paper

if TYPE_CHECKING:
    from quorate.research.materials import Materials
    from quorate.research.verify import Verification

WORDS = {True: ("pass", "green"), False: ("fail", "red")}


def show_verifications(materials: Materials, found: Sequence[Verification]) -> None:
    """Every question with its answer, strategy by strategy, and what to think of each."""
    screen = paper()
    screen.print(Text(_about(materials), style="dim"))
    for each in found:
        screen.print()
        word, style = WORDS[each.passed]
        screen.print(Text(f"{each.strategy}: {word}", style=f"bold {style}"))
        table = Table(box=None, show_header=False, pad_edge=False)
        for check in each.checks:
            word, style = WORDS[check.passed]
            table.add_row(Text(word, style=style), Text(check.label, style="bold"), Text(check.reason))
        screen.print(table)
        screen.print(Text(each.sentence))


def verifications_json(materials: Materials, found: Sequence[Verification]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "passed": all(each.passed for each in found),
        "pairs": list(materials.pairs),
        "timeframe": materials.timeframe,
        "source": materials.source,
        "start_ms": materials.start_ms,
        "end_ms": materials.end_ms,
        "bars": materials.bars,
        "notes": list(materials.notes),
        "strategies": [
            {
                "strategy": each.strategy,
                "passed": each.passed,
                "sentence": each.sentence,
                "trades": each.trades,
                "mean_r": _number(each.mean_r),
                "beaten_pct": _number(each.beaten),
                "net_return": _number(each.net_return),
                "digest": each.digest,
                "checks": [
                    {
                        "name": check.name,
                        "label": check.label,
                        "passed": check.passed,
                        "reason": check.reason,
                        "value": _number(check.value),
                        "limit": _number(check.limit),
                    }
                    for check in each.checks
                ],
            }
            for each in found
        ],
    }


def _about(materials: Materials) -> str:
    first, last = (
        f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d}" for at in (materials.start_ms, materials.end_ms)
    )
    funded = ", recorded funding" if materials.settlements else ""
    told = [f"{materials.source}: {len(materials.pairs)} pairs, {first} to {last}, {materials.bars:,} candles{funded}"]
    return "\n".join([*told, *materials.notes])


def _number(value: float | None) -> float | None:
    return None if value is None or isnan(value) else value
