"""What the shop sells."""

from typing import Any

from shop.repositories import products
from shop.services.problem import Problem

_WARES = [
    {"id": "tea", "name": "Tea", "cents": 450, "stock": 20},
    {"id": "mug", "name": "Mug", "cents": 1200, "stock": 5},
]


def stock() -> None:
    for ware in _WARES:
        products.add(ware)


def every() -> list[dict[str, Any]]:
    return products.all()


def find(id: str) -> dict[str, Any]:
    product = products.find(id)
    if product is None:
        raise Problem(404, "not_found")
    return product
