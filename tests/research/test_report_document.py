"""The JSON document of a backtest is canonical, complete, described, and can be read back."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quorate.domain.errors import BadInput
from quorate.research.findings import Findings, Study
from quorate.research.reports.document import (
    DERIVED,
    BacktestDocument,
    document_json,
    document_of,
    read_document,
    schema,
    write_document,
)
from quorate.research.result import Backtest
from tests.research.made_backtests import made_backtest, made_study, without_trades

ROOT = Path(__file__).parents[2]


def test_a_document_is_canonical_and_holds_no_number_json_has_not() -> None:
    text = document_json(made_study())
    read = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert text == json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    figures = {each["name"]: each["value"] for each in read["findings"]["figures"]}
    assert figures["profit_factor"] == "Infinity"
    assert figures["deflated_sharpe"] is None
    assert figures["net_profit"] == "-12.345"
    assert figures["trades"] == 120
    assert len(read["findings"]["baselines"][0]["distribution"]) == 200, "draws that cannot be told are left out"


def test_a_document_reads_back_to_what_it_was(tmp_path: Path) -> None:
    study = made_study()
    write_document(study, tmp_path / "run.json")
    read = read_document((tmp_path / "run.json").read_bytes())
    assert read.backtest.trades == study.backtest.trades
    assert read.backtest.start_equity == study.backtest.start_equity
    assert read.findings.verdict == study.findings.verdict
    assert read.findings.monte_carlo == study.findings.monte_carlo
    assert document_json(read) == document_json(study)


def test_a_document_without_trades_reads_back() -> None:
    study = without_trades(made_study())
    assert document_json(read_document(document_json(study))) == document_json(study)


def test_only_the_time_it_took_differs_between_equal_runs() -> None:
    one = made_backtest()
    other = replace(one, elapsed_s=99.0)
    ours, theirs = (json.loads(document_json(Study(backtest=each, findings=Findings()))) for each in (one, other))
    assert {key for key in ours if ours[key] != theirs[key]} == {"elapsed_s"}


def test_its_money_adds_up_to_the_cent() -> None:
    study = made_study()
    money = document_of(study).money
    assert money.gross - money.fees - money.spread_and_slippage - money.funding == money.net
    assert money.net == sum(trade.pnl for trade in study.backtest.trades)
    assert money.still_open is not None
    assert abs(money.still_open) < Decimal("0.01"), "the curve ends where the trades lead"


def test_a_document_carries_every_field_of_a_backtest() -> None:
    ours, theirs = ({field.name for field in fields(each)} for each in (BacktestDocument, Backtest))
    assert ours - set(DERIVED) == theirs - {"curves"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not json", "the document"),
        ("[]", "the document"),
        ('{"format":"quorate.backtest/2"}', "format"),
    ],
)
def test_what_is_no_backtest_is_refused_in_words(text: str, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        read_document(text)


def test_a_wrong_value_is_named_by_its_place() -> None:
    tree: dict[str, Any] = json.loads(document_json(made_study()))
    tree["trades"][3]["pnl"] = "a lot"
    with pytest.raises(BadInput, match=r"trades\.3\.pnl"):
        read_document(json.dumps(tree))


def test_the_published_schema_is_current_and_describes_what_it_names() -> None:
    script = ROOT / "scripts" / "backtest_schema.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    found = schema()
    document = json.loads(document_json(made_study()))
    assert set(document) == set(found["properties"]) == set(found["required"])
    trade = found["$defs"]["ClosedTrade"]["properties"]
    assert set(document["trades"][0]) == set(trade)
    assert trade["pnl"]["description"] == "Net of every cost."
