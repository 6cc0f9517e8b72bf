from datetime import date

import pytest

from shop.cart import Cart
from shop.catalogue import Catalogue, Product
from shop.discounts import QuantityDiscount
from shop.inventory import Inventory


@pytest.fixture
def today() -> date:
    return date(2026, 3, 2)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(
        [
            Product("mug", "Blue mug", 8_00, weight=350),
            Product("tea", "Green tea", 5_00, category="food", weight=100),
            Product("pot", "Blue tea pot", 32_00, weight=900),
            Product("guide", "The tea guide", 20_00, category="books", weight=400),
            Product("card", "Gift card", 25_00),
        ]
    )


@pytest.fixture
def cart(catalogue: Catalogue) -> Cart:
    return Cart(catalogue, {"tea": [QuantityDiscount(3, 10), QuantityDiscount(10, 20)]})


@pytest.fixture
def inventory() -> Inventory:
    stock = Inventory()
    for sku, quantity in {"mug": 10, "tea": 40, "pot": 2, "guide": 5, "card": 100}.items():
        stock.receive(sku, quantity)
    return stock
