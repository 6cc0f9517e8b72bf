"""Quotes and orders."""

from dataclasses import dataclass
from datetime import date
from itertools import count

from shop.cart import Cart, Line
from shop.discounts import Coupon
from shop.inventory import Inventory, OutOfStock
from shop.money import spread
from shop.shipping import shipping
from shop.tax import tax_on


class EmptyCart(ValueError):
    """There is nothing to order."""


@dataclass(frozen=True)
class Quote:
    """What a cart would cost, in cents. The coupon comes off before tax; shipping is free of tax."""

    lines: tuple[Line, ...]
    subtotal: int
    discount: int
    tax: int
    shipping: int

    @property
    def net(self) -> int:
        return self.subtotal - self.discount

    @property
    def total(self) -> int:
        return self.net + self.tax + self.shipping


@dataclass
class Order:
    """A quote that was accepted."""

    number: int
    quote: Quote
    placed: date
    status: str = "placed"


def quote(cart: Cart, country: str, today: date, coupon: Coupon | None = None) -> Quote:
    """Return what the cart costs; a coupon's value is spread over the lines by their share of the subtotal."""
    if not cart:
        raise EmptyCart("the cart is empty")
    lines = tuple(cart.lines())
    subtotal = sum(line.price for line in lines)
    discount = coupon.value(subtotal, today) if coupon else 0
    shares = spread(discount, [line.price for line in lines])
    tax = sum(
        tax_on(line.price + share, country, line.product.category) for line, share in zip(lines, shares, strict=True)
    )
    return Quote(lines, subtotal, discount, tax, shipping(subtotal - discount, cart.weight))


class Desk:
    """Takes orders against one inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._numbers = count(1)

    def place(self, cart: Cart, country: str, today: date, coupon: Coupon | None = None) -> Order:
        """Reserve every line or none, and return the order."""
        made = quote(cart, country, today, coupon)
        reserved: list[Line] = []
        try:
            for line in made.lines:
                self._inventory.reserve(line.product.sku, line.quantity)
                reserved.append(line)
        except OutOfStock:
            for line in reserved:
                self._inventory.release(line.product.sku, line.quantity)
            raise
        return Order(next(self._numbers), made, today)

    def cancel(self, order: Order) -> None:
        self._leave(order, "cancelled")
        for line in order.quote.lines:
            self._inventory.release(line.product.sku, line.quantity)

    def ship(self, order: Order) -> None:
        self._leave(order, "shipped")
        for line in order.quote.lines:
            self._inventory.ship(line.product.sku, line.quantity)

    def _leave(self, order: Order, status: str) -> None:
        if order.status != "placed":
            raise ValueError(f"order {order.number} is {order.status} already")
        order.status = status
