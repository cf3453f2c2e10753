"""A backtest as one JSON document that programs read, and that can be read back.

Canonical: keys sorted, no spaces, one line. Money, prices and quantities are text with every digit; everything else is
numbers. A figure that cannot be told is null, one without bound the text "Infinity". Two runs of the same give the same
bytes but for `elapsed_s`. Its schema is docs/backtest.schema.json, made from the types below.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from math import isfinite, isnan
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from quorate.domain.errors import BadInput
from quorate.research.findings import Findings, Study
from quorate.research.reports.breakdowns import TOTAL, Breakdown, Money, Month, breakdowns, money_of, months_of
from quorate.research.reports.thinning import midnights
from quorate.research.result import Backtest, ClosedTrade, Curve, Engine

Format = Literal["quorate.backtest/1"]
FORMAT: Format = "quorate.backtest/1"
DOCUMENT_BYTES_MAX = 512_000_000
Plain = str | bool | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoints:
    """Equity at the first instant, at every 00:00 UTC, and at the last; both lists have the same length."""

    at_ms: tuple[int, ...]
    equity: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestDocument:
    """One backtest with what was found out about it. Instants are UTC milliseconds, money is in the quote currency."""

    format: Format
    """What this document is, and its version: a change that breaks readers gets a new number."""
    title: str
    engine: Engine
    """`compiled`: each strategy and pair on its own equity. `event`: the real desk with its portfolios."""
    strategies: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Plain]]
    """Of each strategy; decimals as text, lists as JSON text."""
    pairs: tuple[str, ...]
    timeframe: str
    """Of the candles."""
    source: str
    """Where the candles came from, for people."""
    start_ms: int
    end_ms: int
    bars: int
    """Candles of all pairs that were run."""
    start_equity: Decimal
    trades: tuple[ClosedTrade, ...]
    """By closing time."""
    open_trades: int
    """Trades that were still open at the end."""
    curves: Mapping[str, CurvePoints]
    """Of each portfolio or of each strategy and pair, and their sum under `total`."""
    costs: Mapping[str, str]
    """Every part of the cost model with what it was set to."""
    conventions: Mapping[str, str]
    """How orders meet the market, and how positions are sized."""
    estimated: tuple[str, ...]
    """What was modelled and not measured."""
    silent: Mapping[str, int]
    """Setups that became no trade, by why."""
    warnings: tuple[str, ...]
    variants_tried: int
    """How many variants were tried to come to this one."""
    elapsed_s: float
    """Time the run took; the only field in which two runs of the same differ."""
    digest: str
    """SHA-256 of what the result follows from: candles, strategies, parameters, conventions, costs."""
    findings: Findings
    months: tuple[Month, ...]
    """Months of the total."""
    breakdowns: tuple[Breakdown, ...]
    """All trades by what they have in common."""
    money: Money
    """Where the money of the closed trades went."""


DERIVED = ("format", "curves", "findings", "months", "breakdowns", "money")
"""Fields that are not those of a `Backtest` as they are."""


def document_of(study: Study) -> BacktestDocument:
    """The document of a backtest and its findings."""
    backtest = study.backtest
    total = backtest.curves.get(TOTAL)
    same: dict[str, Any] = {
        field.name: getattr(backtest, field.name) for field in fields(Backtest) if field.name not in DERIVED
    }
    same["parameters"] = {
        name: {key: _plain_value(value) for key, value in values.items()}
        for name, values in backtest.parameters.items()
    }
    baselines = tuple(replace(each, distribution=each.told) for each in study.findings.baselines)
    return BacktestDocument(
        **same,
        format=FORMAT,
        curves={name: _points(curve) for name, curve in backtest.curves.items() if len(curve.at_ms)},
        findings=replace(study.findings, baselines=baselines),
        months=() if total is None else months_of(total),
        breakdowns=breakdowns(backtest.trades),
        money=money_of(backtest),
    )


def document_json(study: Study) -> str:
    """The document as canonical JSON, one line with its end."""
    tree = _finite(_adapter().dump_python(document_of(study), mode="json"))
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"


def write_document(study: Study, path: Path) -> None:
    """Write the document. Raises OSError."""
    path.write_text(document_json(study), encoding="utf-8", newline="\n")


def read_document(text: str | bytes) -> Study:
    """The backtest and findings of a document; curves are as fine as the document has them. Raises BadInput."""
    if len(text) > DOCUMENT_BYTES_MAX:
        raise BadInput(f"A backtest of {len(text):,} bytes is too large to read.")
    try:
        document = _adapter().validate_json(text)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise BadInput(
            f"This is no backtest of Quorate: {place}: {first['msg']}.", hint=f"Its format must be {FORMAT}."
        ) from fault
    same = {field.name: getattr(document, field.name) for field in fields(Backtest) if field.name not in DERIVED}
    curves = {
        name: Curve(np.array(points.at_ms, np.int64), np.array(points.equity, np.float64))
        for name, points in document.curves.items()
    }
    return Study(backtest=Backtest(**same, curves=curves), findings=document.findings)


def schema() -> dict[str, Any]:
    """The JSON Schema of the document, with the meaning of each field."""
    # Settings are handed down from a list only: a class by itself would have to carry them.
    listed: TypeAdapter[list[BacktestDocument]] = TypeAdapter(
        list[BacktestDocument], config=ConfigDict(use_attribute_docstrings=True)
    )
    every = listed.json_schema(mode="serialization")["$defs"]
    found: dict[str, Any] = every.pop("BacktestDocument") | {"$defs": every}
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["title"] = "A backtest of Quorate"
    return found


def _adapter() -> TypeAdapter[BacktestDocument]:
    return TypeAdapter(BacktestDocument)


def _points(curve: Curve) -> CurvePoints:
    thin = midnights(curve)
    return CurvePoints(at_ms=tuple(thin.at_ms.tolist()), equity=tuple(thin.equity.tolist()))


def _plain_value(value: object) -> Plain:
    """A parameter as JSON has it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return json.dumps(value, sort_keys=True, default=str)


def _finite(tree: Any) -> Any:
    """The tree with what JSON has no number for in words: null for "cannot be told", "Infinity" for no bound."""
    match tree:
        case dict():
            named = cast("dict[str, Any]", tree)
            return {key: _finite(value) for key, value in named.items()}
        case list():
            return [_finite(value) for value in cast("list[Any]", tree)]
        case float() if not isfinite(tree):
            return None if isnan(tree) else "Infinity" if tree > 0 else "-Infinity"
        case _:
            return tree
