from datetime import date

import pytest

from shop.cart import Cart
from shop.discounts import Coupon
from shop.inventory import Inventory, OutOfStock
from shop.orders import Desk, EmptyCart, quote


def test_a_quote_adds_tax_and_shipping(cart: Cart, today: date) -> None:
    cart.add("mug", 2)
    made = quote(cart, "DE", today)
    assert (made.subtotal, made.discount, made.tax, made.shipping) == (16_00, 0, 3_04, 4_90)
    assert made.total == 23_94


def test_each_line_is_taxed_by_its_category(cart: Cart, today: date) -> None:
    cart.add("mug")
    cart.add("guide")
    assert quote(cart, "DE", today).tax == 1_52 + 1_40


def test_tax_is_due_on_what_is_left_after_the_coupon(cart: Cart, today: date) -> None:
    cart.add("pot")
    made = quote(cart, "DE", today, Coupon("HALF", percent=50))
    assert (made.net, made.tax) == (16_00, 3_04)


def test_a_coupon_is_spread_over_lines_of_different_rates(cart: Cart, today: date) -> None:
    cart.add("guide")
    cart.add("mug", 5)
    made = quote(cart, "DE", today, Coupon("SIX", amount=6_00))
    assert (made.subtotal, made.net) == (60_00, 54_00)
    assert made.tax == 1_26 + 6_84
    assert made.total == 54_00 + 8_10


def test_what_is_left_after_the_coupon_decides_on_free_shipping(cart: Cart, today: date) -> None:
    cart.add("pot", 2)
    assert quote(cart, "NL", today).shipping == 0
    assert quote(cart, "NL", today, Coupon("HALF", percent=50)).shipping == 6_90


def test_a_gift_card_is_not_sent(cart: Cart, today: date) -> None:
    cart.add("card")
    assert quote(cart, "IE", today).shipping == 0


def test_an_empty_cart_has_no_quote(cart: Cart, today: date) -> None:
    with pytest.raises(EmptyCart):
        quote(cart, "DE", today)


def test_an_order_reserves_its_lines(cart: Cart, inventory: Inventory, today: date) -> None:
    cart.add("mug", 3)
    desk = Desk(inventory)
    order = desk.place(cart, "DE", today)
    assert (order.number, order.status) == (1, "placed")
    assert inventory.level("mug").available == 7
    assert desk.place(cart, "DE", today).number == 2


def test_an_order_that_cannot_be_filled_reserves_nothing(cart: Cart, inventory: Inventory, today: date) -> None:
    cart.add("mug", 3)
    cart.add("pot", 3)
    with pytest.raises(OutOfStock, match="pot"):
        Desk(inventory).place(cart, "DE", today)
    assert inventory.level("mug").reserved == 0


def test_a_cancelled_order_gives_its_pieces_back(cart: Cart, inventory: Inventory, today: date) -> None:
    cart.add("mug", 3)
    desk = Desk(inventory)
    order = desk.place(cart, "DE", today)
    desk.cancel(order)
    assert inventory.level("mug").available == 10
    with pytest.raises(ValueError, match="cancelled already"):
        desk.ship(order)


def test_a_shipped_order_leaves_the_stock(cart: Cart, inventory: Inventory, today: date) -> None:
    cart.add("mug", 3)
    desk = Desk(inventory)
    desk.ship(desk.place(cart, "DE", today))
    assert inventory.level("mug").on_hand == 7
