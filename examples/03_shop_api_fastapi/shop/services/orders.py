"""Orders are priced, and what is ordered is taken from the stock."""

from typing import Any

from shop.repositories import customers, orders, products
from shop.services import catalogue
from shop.services.problem import Problem


def place(customer: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    if not customers.exists(customer):
        raise Problem(404, "not_found")
    total = 0
    taken = []
    for line in lines:
        product = catalogue.find(line["product"])
        if product["stock"] < line["quantity"]:
            raise Problem(409, "out_of_stock")
        total += product["cents"] * line["quantity"]
        taken.append((product["id"], product["stock"] - line["quantity"]))
    for id, left in taken:
        products.set_stock(id, left)
    return orders.add({"customer": customer, "lines": lines, "total": total})
