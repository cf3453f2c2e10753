"""Example answers for the OpenAPI document, put together from the examples of single fields."""

from __future__ import annotations

from typing import Any

DEPTH_MAX = 24
"""Deeper than any shape of ours: a shape that contained itself would end here."""


def example_of(schema: dict[str, Any], shapes: dict[str, Any], *, name: str = "", depth: int = 0) -> Any:
    """A value that fits `schema`; `shapes` are the document's components, `name` stands in for other text."""
    assert depth < DEPTH_MAX, f"the shape of {name} contains itself"
    if "$ref" in schema:
        return example_of(shapes[schema["$ref"].rpartition("/")[2]], shapes, name=name, depth=depth + 1)
    for given in ("examples", "example", "const", "enum", "default"):
        if given in schema:
            value = schema[given]
            return value[0] if given in ("examples", "enum") else value
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example_of(schema[choice][0], shapes, name=name, depth=depth + 1)
    if schema.get("type") == "object":
        return _object(schema, shapes, name, depth)
    if schema.get("type") == "array":
        items = schema.get("items")
        return [] if items is None else [example_of(items, shapes, name=name, depth=depth + 1)]
    return {"integer": 1, "number": 0.5, "boolean": False, "null": None}.get(schema.get("type", "string"), name)


def _object(schema: dict[str, Any], shapes: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
    if "properties" in schema:
        fields: dict[str, Any] = schema["properties"]
        return {field: example_of(about, shapes, name=field, depth=depth + 1) for field, about in fields.items()}
    inner: Any = schema.get("additionalProperties")
    # True and an empty schema both mean "anything": the honest example of that is nothing.
    return {name: example_of(inner, shapes, name=name, depth=depth + 1)} if inner and inner is not True else {}
