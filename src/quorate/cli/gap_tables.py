"""The gap between an account and the backtester as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from quorate.domain.money import plain
from quorate.research.gap import Cause, Gap, Line

COLUMNS = ("decided", "portfolio", "source", "pair", "side", "account", "backtest", "difference", "by cause", "why")
CENT = Decimal("0.01")


def gap_rows(gap: Gap, top: int) -> list[dict[str, Any]]:
    """The largest differences first; all of them for 0."""
    lines: Sequence[Line] = sorted(gap.lines, key=lambda line: (-abs(line.difference), line.decided_ms))
    return [
        {
            "decided": _minute(line.decided_ms),
            "portfolio": line.portfolio,
            "source": line.source,
            "pair": line.pair,
            "side": line.side,
            "account": _money(line.account),
            "backtest": _money(line.backtest),
            "difference": f"{line.difference:+.2f}",
            "by cause": ", ".join(f"{cause} {part:+.2f}" for cause, part in line.parts.items()),
            "why": line.why,
        }
        for line in (lines[:top] if top else lines)
    ]


def gap_facts(account: str, gap: Gap) -> dict[str, str]:
    """What it comes to."""
    only = [f"{gap.account_only:,} only in the account", f"{gap.backtest_only:,} only in the backtest"]
    causes = {cause: amount for cause, amount in gap.by_cause.items() if amount}
    told = ", ".join(f"{cause} {amount:+.2f}" for cause, amount in causes.items()) or "none"
    differs = (
        f"{gap.other_candles:,} of them differ or are missing on one side" if gap.other_candles else "all the same"
    )
    facts = {
        "Account": account,
        "Trades": f"{gap.trades:,} made by both, {gap.same:,} of them the same to the last digit; {', '.join(only)}",
        "Profit": f"{gap.account_pnl:,.2f} in the account, {gap.backtest_pnl:,.2f} in the backtest",
        "Difference": f"{gap.account_pnl - gap.backtest_pnl:+,.2f}",
        "By cause": told,
        "Candles": f"{gap.candles:,} seen by both; {differs}",
    }
    if not gap.lines:
        facts["Verdict"] = "The backtester made every trade of the account, and no other."
    return facts | {f"Note {place}": note for place, note in enumerate(gap.notes, 1)}


def gap_json(account: str, gap: Gap) -> dict[str, Any]:
    """Everything for programs; money is exact text."""
    return {
        "account": account,
        "same": not gap.lines,
        "trades_of_both": gap.trades,
        "trades_the_same": gap.same,
        "account_only": gap.account_only,
        "backtest_only": gap.backtest_only,
        "account_pnl": plain(gap.account_pnl),
        "backtest_pnl": plain(gap.backtest_pnl),
        "difference": plain(gap.account_pnl - gap.backtest_pnl),
        "by_cause": _parts(gap.by_cause),
        "candles": gap.candles,
        "other_candles": gap.other_candles,
        "trades": [
            {
                "portfolio": line.portfolio,
                "source": line.source,
                "pair": line.pair,
                "side": line.side,
                "decided_ms": line.decided_ms,
                "account_pnl": None if line.account is None else plain(line.account),
                "backtest_pnl": None if line.backtest is None else plain(line.backtest),
                "difference": plain(line.difference),
                "by_cause": _parts(line.parts),
                "cause": line.cause.value,
                "why": line.why,
            }
            for line in gap.lines
        ],
        "notes": list(gap.notes),
    }


def _parts(parts: Mapping[Cause, Decimal]) -> dict[str, str]:
    return {cause.value: plain(amount) for cause, amount in parts.items()}


def _money(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount.quantize(CENT):+,}"


def _minute(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M}"
