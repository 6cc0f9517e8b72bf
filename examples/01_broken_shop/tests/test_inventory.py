import pytest

from shop.inventory import Inventory, OutOfStock


def test_reserved_pieces_are_not_available(inventory: Inventory) -> None:
    inventory.reserve("mug", 4)
    level = inventory.level("mug")
    assert (level.on_hand, level.reserved, level.available) == (10, 4, 6)


def test_the_last_piece_can_be_reserved_but_no_more(inventory: Inventory) -> None:
    inventory.reserve("pot", 2)
    with pytest.raises(OutOfStock, match="pot: 1 wanted, 0 available"):
        inventory.reserve("pot", 1)


def test_released_pieces_are_available_again(inventory: Inventory) -> None:
    inventory.reserve("mug", 4)
    inventory.release("mug", 3)
    assert inventory.level("mug").available == 9
    with pytest.raises(ValueError, match="only 1"):
        inventory.release("mug", 2)


def test_shipped_pieces_are_gone(inventory: Inventory) -> None:
    inventory.reserve("mug", 4)
    inventory.ship("mug", 4)
    level = inventory.level("mug")
    assert (level.on_hand, level.reserved) == (6, 0)


def test_products_below_the_threshold_are_to_be_reordered(inventory: Inventory) -> None:
    inventory.reserve("guide", 1)
    assert inventory.to_reorder(5) == ["guide", "pot"]


@pytest.mark.parametrize("quantity", [0, -1])
def test_quantities_are_positive(inventory: Inventory, quantity: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        inventory.reserve("mug", quantity)
