"""How a tool is described to an engine."""

from __future__ import annotations

from typing import Any

import msgspec

from loopwright.core.calls import ToolSpec
from loopwright.core.fact import JsonValue
from loopwright.core.ports import Tool


def spec(tool: Tool[Any]) -> ToolSpec:
    """Return the tool's name, description and the JSON schema of its arguments, references put in place."""
    schema = msgspec.json.schema(tool.args)
    definitions = schema.pop("$defs", {})
    return ToolSpec(name=tool.name, description=tool.description, schema=_inline(schema, definitions))


def _inline(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, JsonValue]:
    """Put each definition where it is named, and leave out what an engine has no use for."""
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    kept: dict[str, JsonValue] = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: _inline(part, definitions) for name, part in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            kept[key] = _inline(value, definitions)
        elif key in ("anyOf", "oneOf", "prefixItems"):
            kept[key] = [_inline(part, definitions) for part in value]
        elif key not in ("title", "default") and not (key == "description" and "properties" in schema):
            kept[key] = value
    return kept
