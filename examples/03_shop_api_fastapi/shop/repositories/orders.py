"""Orders that were placed."""

from typing import Any
from uuid import uuid4

from shop.repositories.store import Collection


def add(order: dict[str, Any]) -> dict[str, Any]:
    document = {"id": str(uuid4()), **order}
    Collection("orders").insert(document)
    return document
