"""What a vendor's grammar can hold an answer to is less than JSON Schema says: bounds are taken out before sending.

Nothing is lost by it: whoever reads the answer checks the whole schema again.
"""

import json
from typing import cast

BOUNDS = frozenset(
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "pattern", "format", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "default",
        "$schema", "$id", "title", "examples",
    }
)  # fmt: skip
NAMED = frozenset({"properties", "$defs", "definitions"})
"""Keys whose own keys are names, not keywords."""


def as_sent(schema: str) -> dict[str, object]:
    """The schema as an object, whole; empty where the text is none."""
    try:
        parsed: object = json.loads(schema)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", parsed) if isinstance(parsed, dict) else {}


def unbounded(schema: object) -> object:
    """The schema without bounds and notes, every object closed: what grammars of vendors take."""
    if isinstance(schema, list):
        return [unbounded(item) for item in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, object] = {}
    for key, value in cast("dict[str, object]", schema).items():
        if key in NAMED and isinstance(value, dict):
            kept[key] = {name: unbounded(part) for name, part in cast("dict[str, object]", value).items()}
        elif key in {"enum", "const", "required"}:
            kept[key] = value
        elif key not in BOUNDS:
            kept[key] = unbounded(value)
    if kept.get("type") == "object" and "properties" in kept:
        kept["additionalProperties"] = False
    return kept


def closed(schema: object) -> bool:
    """Whether every object in it names all its properties as required, as OpenAI's strict mode wants."""
    if isinstance(schema, list):
        return all(closed(item) for item in cast("list[object]", schema))
    if not isinstance(schema, dict):
        return True
    parts = cast("dict[str, object]", schema)
    names, required = parts.get("properties"), parts.get("required", [])
    if parts.get("type") == "object" and (not isinstance(names, dict) or not isinstance(required, list)):
        return False
    if isinstance(names, dict) and set(cast("dict[str, object]", names)) != set(cast("list[str]", required)):
        return False
    return all(closed(part) for part in parts.values())
