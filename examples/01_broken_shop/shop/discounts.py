"""Prices for larger quantities, and coupons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shop.money import percent_of


class InvalidCoupon(ValueError):
    """The coupon cannot be used for this purchase."""


@dataclass(frozen=True)
class QuantityDiscount:
    """`percent` off each piece when at least `minimum` pieces of a product are bought together."""

    minimum: int
    percent: int

    def __post_init__(self) -> None:
        if self.minimum < 2:
            raise ValueError("a quantity discount starts at two pieces")
        if not 0 < self.percent <= 100:
            raise ValueError("percent must be between 1 and 100")

    def applies_to(self, quantity: int) -> bool:
        return quantity > self.minimum


@dataclass(frozen=True)
class Coupon:
    """A percentage or a fixed amount off a whole purchase of at least `minimum` cents, up to and on `expires`."""

    code: str
    percent: int = 0
    amount: int = 0
    minimum: int = 0
    expires: date | None = None

    def __post_init__(self) -> None:
        if bool(self.percent) == bool(self.amount):
            raise ValueError(f"{self.code}: give either percent or amount")

    def value(self, subtotal: int, today: date) -> int:
        """Return what the coupon takes off, in cents; never more than the subtotal."""
        if self.expires is not None and today > self.expires:
            raise InvalidCoupon(f"{self.code} expired on {self.expires}")
        if subtotal < self.minimum:
            raise InvalidCoupon(f"{self.code} needs a purchase of {self.minimum} cents")
        off = self.amount or percent_of(subtotal, self.percent)
        return min(off, subtotal)


def best_percent(discounts: Iterable[QuantityDiscount], quantity: int) -> int:
    """Return the highest percentage that applies to a quantity, 0 if none does."""
    return max((d.percent for d in discounts if d.applies_to(quantity)), default=0)


def line_price(price: int, quantity: int, discounts: Iterable[QuantityDiscount] = ()) -> int:
    """Return the price of a quantity of one product, its quantity discount taken off."""
    full = price * quantity
    return full - percent_of(full, best_percent(discounts, quantity))
