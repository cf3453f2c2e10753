"""The OpenAPI document says everything, and what the desk publishes has the shape that it says."""

import json

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from quorate.api.app import ROUTERS
from quorate.api.openapi import document
from quorate.api.schemas.results import EquityPoint
from quorate.api.schemas.signals import Signal
from quorate.api.schemas.trading import Trade
from quorate.journal import published
from tests.journal import samples

OPENAPI = json.loads(document())
OPERATIONS = [
    (path, method, operation) for path, methods in OPENAPI["paths"].items() for method, operation in methods.items()
]


def test_the_document_is_openapi_3_1_and_always_the_same():
    assert OPENAPI["openapi"].startswith("3.1")
    assert document() == document()


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[f"{m} {p}" for p, m, _ in OPERATIONS])
def test_every_operation_is_documented(path, method, operation):
    assert operation["summary"]
    assert operation["tags"]
    assert operation["description"]
    answers = operation["responses"]
    assert "content" in answers["200"]
    if path != "/metrics":
        assert "500" in answers
        assert "429" in answers
    for status, answer in answers.items():
        if status.startswith(("4", "5")) and "application/problem+json" in answer.get("content", {}):
            assert answer["content"]["application/problem+json"]["examples"]
    assert "HTTPValidationError" not in json.dumps(operation)


def test_every_answer_has_an_example_that_fits_its_shape():
    answers = {
        (route.path, method.lower()): TypeAdapter(route.response_model)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.response_model is not None
        for method in route.methods or ()
    }
    for path, method, operation in OPERATIONS:
        content = operation["responses"]["200"]["content"]
        if "application/json" in content:
            answers[path, method].validate_python(content["application/json"]["example"])
        else:
            assert path in (
                "/metrics",
                "/v1/signals/stream",
                "/v1/pnl/stream",
                "/v1/backtests/{backtest_id}/events",
                "/v1/backtests/{backtest_id}/report",
            )


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere():
    known = OPENAPI["components"]["schemas"]

    def walk(value):
        if isinstance(value, dict):
            if "$ref" in value:
                assert value["$ref"].rpartition("/")[2] in known
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(OPENAPI)


def test_the_committed_document_is_the_present_one():
    from pathlib import Path

    committed = Path(__file__).parents[2] / "web" / "openapi.json"
    assert committed.read_text(encoding="utf-8") == document(), "run `python -m quorate.api.openapi > web/openapi.json`"


def test_published_messages_have_the_documented_shape():
    signal = Signal.model_validate_json(published.signal_json(samples.signal().signal))
    assert signal.position_size_usd == 0
    EquityPoint.model_validate_json(published.equity_json(samples.equity(3).point, "1-5"))
    Trade.model_validate_json(published.trade_json(samples.trade().trade))
