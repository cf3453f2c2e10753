"""The terminal tells the same as the page, in any width, and obeys no name."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from quorate.research.findings import Study
from quorate.research.reports import words
from quorate.research.reports.comparing import compare
from quorate.research.reports.comparison_page import ComparedSummary
from quorate.research.reports.terminal import Summary
from tests.research.made_backtests import made_study, without_trades

EVIL = "[bold]x[/bold] \x1b[31m"


def printed(what: object, *, width: int) -> str:
    paper = io.StringIO()
    Console(file=paper, width=width, highlight=False).print(what)
    return paper.getvalue()


@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_figure_is_there_in_any_width_and_nothing_is_wider(width: int) -> None:
    study = made_study()
    text = printed(Summary(study), width=width)
    assert max(len(line) for line in text.splitlines()) <= width
    flat = " ".join(text.split())
    for each in study.findings.figures:
        assert " ".join(words.told(each, "USDT").split()) in flat, each.name
    assert "Does not beat luck." in flat
    assert "Jan" in flat
    assert "taker 5 bps" in flat


def test_names_are_neither_markup_nor_commands() -> None:
    study = made_study(title=EVIL)
    text = printed(Summary(study), width=120)
    assert "[bold]x[/bold]" in text
    assert "\x1b" not in text


def test_a_backtest_without_anything_is_told_too() -> None:
    text = printed(Summary(without_trades(made_study())), width=80)
    assert "there is nothing to judge" in " ".join(text.split())


def test_equal_backtests_are_said_to_be_equal() -> None:
    found = compare(made_study(), made_study())
    assert found.same == 120
    assert (found.only_first, found.only_second, found.changed, found.assumptions) == ((), (), (), ())
    assert all(pair.difference in (0.0, None) for pair in found.figures)
    assert "they must be equal" in found.sentences[0]


def test_a_comparison_finds_what_differs_and_warns_of_other_candles() -> None:
    first, second = made_study(), made_study()
    trades = list(second.backtest.trades)
    trades[5] = replace(trades[5], pnl=trades[5].pnl + Decimal(100), reason="target")
    other = replace(second.backtest, trades=tuple(trades[1:]), source="elsewhere", digest="cd" * 32)
    found = compare(first, Study(backtest=other, findings=second.findings))
    assert [trade.opened_ms for trade in found.only_first] == [first.backtest.trades[0].opened_ms]
    assert len(found.changed) == 1
    assert found.same == 118
    assert "not run on the same candles" in found.sentences[0]
    text = printed(ComparedSummary(found), width=100)
    assert "Only in the first" in text
    assert "elsewhere" in text


def test_two_trades_of_one_instant_are_told_apart() -> None:
    study = made_study(trades=3)
    twice = replace(study.backtest, trades=(*study.backtest.trades, study.backtest.trades[-1]))
    found = compare(study, Study(backtest=twice, findings=study.findings))
    assert (found.same, len(found.only_second)) == (3, 1)
