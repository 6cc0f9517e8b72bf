"""The last message as JSON of a wanted shape."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from loopwright.core.errors import BadProposal, ConfigError
from loopwright.core.expression import expression

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
FENCE = expression(r"\A```\w*\n(.*)\n```\Z", re.DOTALL)


def read_schema(text: str) -> dict[str, Any]:
    """Return the JSON schema in `text`, empty for "". Raises ConfigError where it is none."""
    try:
        schema = msgspec.json.decode(text) if text else {}
    except msgspec.DecodeError as error:
        raise ConfigError(f"the output schema is not JSON: {error}") from None
    if not isinstance(schema, dict):
        raise ConfigError("the output schema must be a JSON object")
    return schema


def instruction(schema: dict[str, Any]) -> str:
    """Return what the model is told about its last message."""
    shown = msgspec.json.encode(schema).decode()
    return f"Your last message, the one without a tool call, is one JSON value and nothing else. Its schema:\n{shown}"


def fitted(text: str, schema: dict[str, Any]) -> str:
    """Return the message as bare JSON, a code fence around it taken off. Raises BadProposal where it does not fit.

    Looked at: type, enum, const, required, properties, additionalProperties, items. Other keywords are left to the
    reader of the message.
    """
    bare = FENCE.sub(r"\1", text.strip())
    try:
        value = msgspec.json.decode(bare)
    except msgspec.DecodeError as error:
        raise BadProposal(f"Your last message must be one JSON value and nothing else: {error}.") from None
    if wrong := _wrong(value, schema, "the value"):
        raise BadProposal(f"Your last message does not fit the schema: {wrong}.")
    return bare


def _wrong(value: Any, schema: Any, where: str) -> str:
    if not isinstance(schema, dict):
        return "" if schema is not False else f"{where} is not allowed"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return f"{where} must be of type {' or '.join(kinds)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} must be one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        return f"{where} must be {schema['const']!r}"
    if isinstance(value, dict):
        return _wrong_object(value, schema, where)
    if isinstance(value, list) and "items" in schema:
        return next((w for n, item in enumerate(value) if (w := _wrong(item, schema["items"], f"{where}[{n}]"))), "")
    return ""


def _wrong_object(value: dict[str, Any], schema: dict[str, Any], where: str) -> str:
    missing = [name for name in schema.get("required", []) if name not in value]
    if missing:
        return f"{where} lacks {', '.join(missing)}"
    properties = schema.get("properties", {})
    for name, inner in value.items():
        allowed = properties.get(name, schema.get("additionalProperties", True))
        if wrong := _wrong(inner, allowed, f"{where}.{name}"):
            return wrong
    return ""


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES.get(kind, (object,)))
