import pytest

from shop.cart import Cart
from shop.catalogue import UnknownProduct


def test_quantities_of_a_product_add_up(cart: Cart) -> None:
    cart.add("mug")
    cart.add("pot")
    cart.add("mug", 2)
    assert [(line.product.sku, line.quantity) for line in cart.lines()] == [("mug", 3), ("pot", 1)]


def test_pieces_are_taken_out(cart: Cart) -> None:
    cart.add("mug", 3)
    cart.remove("mug")
    assert not cart
    cart.add("mug", 3)
    cart.remove("mug", 1)
    assert cart.lines()[0].quantity == 2
    cart.remove("mug", 2)
    assert not cart


def test_only_products_of_the_catalogue_can_be_picked(cart: Cart) -> None:
    with pytest.raises(UnknownProduct):
        cart.add("spoon")


def test_quantities_are_positive(cart: Cart) -> None:
    with pytest.raises(ValueError, match="positive"):
        cart.add("mug", 0)


def test_subtotal_and_weight_are_those_of_all_lines(cart: Cart) -> None:
    cart.add("mug", 2)
    cart.add("guide")
    assert cart.subtotal == 36_00
    assert cart.weight == 1_100


def test_three_packets_of_tea_are_cheaper(cart: Cart) -> None:
    cart.add("tea", 3)
    line = cart.lines()[0]
    assert (line.price, line.saved) == (13_50, 1_50)


def test_the_discount_of_one_product_is_not_that_of_another(cart: Cart) -> None:
    cart.add("mug", 5)
    cart.add("tea", 5)
    assert [line.saved for line in cart.lines()] == [0, 2_50]
