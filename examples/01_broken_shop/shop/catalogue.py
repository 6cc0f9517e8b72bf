"""Products and how to find them."""

from collections.abc import Iterable
from dataclasses import dataclass


class UnknownProduct(LookupError):
    """No product has this number."""


@dataclass(frozen=True)
class Product:
    """Something to sell: `price` is in cents before tax, `weight` in grams."""

    sku: str
    name: str
    price: int
    category: str = "general"
    weight: int = 0

    def __post_init__(self) -> None:
        if not self.sku:
            raise ValueError("a product needs a number")
        if self.price < 0:
            raise ValueError(f"{self.sku}: the price is negative")
        if self.weight < 0:
            raise ValueError(f"{self.sku}: the weight is negative")


class Catalogue:
    """Products by their number."""

    def __init__(self, products: Iterable[Product] = ()) -> None:
        self._products: dict[str, Product] = {}
        for product in products:
            self.add(product)

    def __len__(self) -> int:
        return len(self._products)

    def __contains__(self, sku: object) -> bool:
        return sku in self._products

    def add(self, product: Product) -> None:
        if product.sku in self._products:
            raise ValueError(f"{product.sku} is in the catalogue already")
        self._products[product.sku] = product

    def get(self, sku: str) -> Product:
        try:
            return self._products[sku]
        except KeyError:
            raise UnknownProduct(sku) from None

    def search(self, words: str) -> list[Product]:
        """Return the products whose names hold every word, cheapest first."""
        wanted = words.casefold().split()
        found = [p for p in self._products.values() if all(word in p.name.casefold() for word in wanted)]
        return sorted(found, key=lambda p: (p.price, p.sku))

    def in_category(self, category: str) -> list[Product]:
        """Return the products of a category, by name."""
        return sorted((p for p in self._products.values() if p.category == category), key=lambda p: p.name)
