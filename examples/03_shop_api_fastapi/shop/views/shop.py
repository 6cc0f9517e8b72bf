"""What callers are shown of each thing."""

from typing import Any


def product(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("id", "name", "cents", "stock")}


def order(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("id", "lines", "total")}
