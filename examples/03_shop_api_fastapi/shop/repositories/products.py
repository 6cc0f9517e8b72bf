"""Products and how many of each are there."""

from typing import Any

from shop.repositories.store import Collection


def add(product: dict[str, Any]) -> None:
    Collection("products").insert(product)


def find(id: str) -> dict[str, Any] | None:
    return Collection("products").find("id", id)


def all() -> list[dict[str, Any]]:
    return Collection("products").all()


def set_stock(id: str, stock: int) -> None:
    Collection("products").update(id, {"stock": stock})
