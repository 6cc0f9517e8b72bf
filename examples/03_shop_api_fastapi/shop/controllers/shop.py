"""From what was asked to what is answered."""

from typing import Any

from shop.models.customer import NewCustomer
from shop.models.order import NewOrder
from shop.services import catalogue, customers, orders
from shop.views import shop as view


def create_customer(new: NewCustomer) -> dict[str, str]:
    return customers.sign_up(new.name, new.email, new.password)


def list_products() -> dict[str, Any]:
    return {"products": [view.product(p) for p in catalogue.every()]}


def show_product(id: str) -> dict[str, Any]:
    return view.product(catalogue.find(id))


def create_order(new: NewOrder) -> dict[str, Any]:
    lines = [line.model_dump() for line in new.lines]
    return view.order(orders.place(str(new.customer), lines))
