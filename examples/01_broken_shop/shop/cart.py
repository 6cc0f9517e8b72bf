"""What a customer has picked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shop.catalogue import Catalogue, Product
from shop.discounts import QuantityDiscount, line_price

Discounts = Mapping[str, Sequence[QuantityDiscount]]


@dataclass(frozen=True)
class Line:
    """One product in a cart; `price` is for the whole quantity, its discount taken off."""

    product: Product
    quantity: int
    price: int

    @property
    def saved(self) -> int:
        """What the quantity discount took off, in cents."""
        return self.product.price * self.quantity - self.price

    @property
    def weight(self) -> int:
        return self.product.weight * self.quantity


class Cart:
    """Quantities of products, in the order they were picked."""

    def __init__(self, catalogue: Catalogue, discounts: Discounts | None = None) -> None:
        self._catalogue = catalogue
        self._discounts = discounts or {}
        self._quantities: dict[str, int] = {}

    def add(self, sku: str, quantity: int = 1) -> None:
        if quantity <= 0:
            raise ValueError("the quantity must be positive")
        product = self._catalogue.get(sku)
        self._quantities[product.sku] = self._quantities.get(product.sku, 0) + quantity

    def remove(self, sku: str, quantity: int | None = None) -> None:
        """Take pieces out, all of them where no quantity is given."""
        present = self._quantities.get(sku, 0)
        if quantity is None or quantity >= present:
            self._quantities.pop(sku, None)
        else:
            self._quantities[sku] = present - quantity

    def lines(self) -> list[Line]:
        made = []
        for sku, quantity in self._quantities.items():
            product = self._catalogue.get(sku)
            price = line_price(product.price, quantity, self._discounts.get(sku, ()))
            made.append(Line(product, quantity, price))
        return made

    @property
    def subtotal(self) -> int:
        return sum(line.price for line in self.lines())

    @property
    def weight(self) -> int:
        return sum(line.weight for line in self.lines())

    def __bool__(self) -> bool:
        return bool(self._quantities)
