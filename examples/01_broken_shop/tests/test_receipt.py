from datetime import date

from shop.cart import Cart
from shop.inventory import Inventory
from shop.orders import Desk
from shop.receipt import WIDTH, receipt


def test_a_receipt_lists_lines_savings_and_total(cart: Cart, inventory: Inventory, today: date) -> None:
    cart.add("tea", 4)
    cart.add("mug")
    text = receipt(Desk(inventory).place(cart, "DE", today))
    assert text.splitlines() == [
        "Order 000001  02.03.2026",
        "-" * WIDTH,
        "4 x Green tea                          18.00",
        "    you save 2.00",
        "1 x Blue mug                            8.00",
        "-" * WIDTH,
        "Tax                                     2.78",
        "Shipping                                4.90",
        "Total                                  33.68",
    ]


def test_no_row_is_wider_than_the_receipt(cart: Cart, inventory: Inventory, today: date) -> None:
    cart.add("guide", 5)
    assert max(len(row) for row in receipt(Desk(inventory).place(cart, "DE", today)).splitlines()) <= WIDTH
