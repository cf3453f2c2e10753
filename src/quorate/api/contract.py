"""The OpenAPI document: what FastAPI finds out by itself, and what it cannot know, the live streams."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from quorate.api.examples import example_of
from quorate.api.problems import INVALID_PARAMETERS, STREAM_ID_MALFORMED, STREAMS_FULL, documented
from quorate.api.schemas.common import Problem
from quorate.api.schemas.queries import PnlStreamQuery, StreamQuery
from quorate.api.schemas.results import EquityPoint
from quorate.api.schemas.signals import Signal
from quorate.api.schemas.status import Bye, Hello, Reset
from quorate.api.schemas.trading import Trade

REF = "#/components/schemas/{model}"
DESCRIPTION = """\
Signals, results, portfolios, market data and risk of a Quorate desk.

Times are ISO 8601 in UTC; prices, quantities and money are exact decimal strings; names ending in `_pct` are percent
(except `final_risk_pct`, a share). Errors are RFC 9457 problems with a stable `code`. A parameter that does not exist
or makes no sense is answered with 422 and the list of fields; a malformed body or event id with 400.
"""
TAGS = [
    {"name": "signals", "description": "What was decided, live and in the past."},
    {"name": "results", "description": "Equity, performance, books, records of analysts, lessons."},
    {"name": "backtests", "description": "Strategies over recorded candles, each run in a process of its own."},
    {"name": "council", "description": "Votes, agreement, the four agents, and the words behind a decision."},
    {"name": "jobs", "description": "The four jobs, by hand or by an outside scheduler, and what the optimizer set."},
    {"name": "market", "description": "Quotes, candles, indicators, news and context."},
    {"name": "trading", "description": "Risk and its limits, orders, trades, and the venue they go to."},
    {"name": "operations", "description": "Health, metrics, facts about this desk."},
]
EXTRA_MODELS: tuple[type[BaseModel], ...] = (Problem, Signal, EquityPoint, Trade, Hello, Reset, Bye)
PROMISE = """\
Server-sent events. Every event carries its id, `epoch-seq`. The first event is `hello` and tells whether the resume
found every event. Resume by the header `Last-Event-ID` or by `last_event_id`; a gap is an explicit `reset`, after which
the state should be fetched anew. A comment comes every 15 s. The server ends a stream after about ten minutes, or when
the subscriber takes nothing or falls far behind, with `bye` and a `retry:` to come back after.
"""
SIGNAL_EXAMPLE = (
    'event: hello\ndata: {"epoch":1,"first":"1-1","last":"1-48213","resumed":true}\n\n'
    'id: 1-48214\nevent: signal\ndata: {"id":"6f1e2c9a-0f0b-5d3e-9a54-0a86f2f4c1d7","mode":"paper", ...}\n\n: beat\n\n'
)
PNL_EXAMPLE = (
    'event: hello\ndata: {"epoch":1,"first":"1-1","last":"1-48213","resumed":false}\n\n'
    'id: 1-48215\nevent: equity\ndata: {"id":"1-48215","timestamp":"2025-03-01T12:00:00Z",'
    '"portfolio":"aggressive", ...}\n\n'
)


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The document, made once and kept."""
    if app.openapi_schema is None:
        app.openapi_schema = _complete(
            get_openapi(
                title=app.title,
                version=app.version,
                openapi_version="3.1.0",
                description=DESCRIPTION,
                routes=app.routes,
                tags=TAGS,
            )
        )
    return app.openapi_schema


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {}).setdefault("schemas", {})
    _, extra = models_json_schema([(model, "serialization") for model in EXTRA_MODELS], ref_template=REF)
    for name, schema in extra["$defs"].items():
        components.setdefault(name, schema)
    paths = document["paths"]
    paths["/v1/signals/stream"] = {
        "get": _stream(
            "signals",
            "Signals as they are published",
            {"hello": Hello, "signal": Signal, "reset": Reset, "bye": Bye},
            query=StreamQuery,
            example=SIGNAL_EXAMPLE,
        )
    }
    paths["/v1/pnl/stream"] = {
        "get": _stream(
            "results",
            "Equity and closed trades as they happen",
            {"hello": Hello, "equity": EquityPoint, "trade": Trade, "reset": Reset, "bye": Bye},
            query=PnlStreamQuery,
            example=PNL_EXAMPLE,
        )
    }
    for methods in paths.values():
        for operation in methods.values():
            # FastAPI adds its own validation shape to every operation; ours are problems.
            faults = operation["responses"].get("422", {}).get("content", {})
            faults.pop("application/json", None)
            answer = operation["responses"]["200"]["content"].get("application/json")
            if answer is not None:
                answer["example"] = example_of(answer["schema"], components)
    components.pop("HTTPValidationError", None)
    components.pop("ValidationError", None)
    document["paths"] = dict(sorted(paths.items()))
    document["components"]["schemas"] = dict(sorted(components.items()))
    document["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Needed where the API listens beyond loopback; for job calls, CRON_SECRET where it is set.",
        }
    }
    document["security"] = [{}, {"token": []}]
    return document


def _stream(
    tag: str, summary: str, events: dict[str, type[BaseModel]], *, query: type[BaseModel], example: str
) -> dict[str, Any]:
    shapes = {name: REF.format(model=model.__name__) for name, model in events.items()}
    words = "\n".join(f"- `{name}`: `{model.__name__}`" for name, model in events.items())
    problems = {
        str(status): answer
        for status, answer in documented(STREAM_ID_MALFORMED, INVALID_PARAMETERS, STREAMS_FULL).items()
    }
    return {
        "tags": [tag],
        "summary": summary,
        "description": f"{PROMISE}\nEvents and the shape of their data:\n\n{words}\n",
        "operationId": f"stream_{tag}",
        "parameters": [*_parameters(query), _HEADER],
        "responses": {
            "200": {
                "description": "The stream",
                "content": {
                    "text/event-stream": {
                        "schema": {"type": "string", "x-events": shapes},
                        "example": example,
                    }
                },
            },
            **problems,
        },
    }


_HEADER = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": r"^[0-9]+-[0-9]+$"},
    "description": "Resume after this event; wins over `last_event_id`.",
}


def _parameters(query: type[BaseModel]) -> list[dict[str, Any]]:
    schema = query.model_json_schema(ref_template=REF)
    found: list[dict[str, Any]] = []
    for name, field in schema["properties"].items():
        about = {"name": name, "in": "query", "required": name in schema.get("required", [])}
        if "description" in field:
            about["description"] = field.pop("description")
        found.append({**about, "schema": field})
    return found
