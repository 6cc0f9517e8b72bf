"""An order as text."""

from shop.money import show
from shop.orders import Order

WIDTH = 44


def _row(label: str, amount: int) -> str:
    shown = show(amount)
    room = WIDTH - len(shown) - 1
    return f"{label[:room]:<{room}} {shown}"


def receipt(order: Order) -> str:
    """Return the receipt, one line an item, then what was taken off, tax, shipping and the total."""
    quote = order.quote
    rows = [f"Order {order.number:06d}  {order.placed:%d.%m.%Y}", "-" * WIDTH]
    for line in quote.lines:
        rows.append(_row(f"{line.quantity} x {line.product.name}", line.price))
        if line.saved:
            rows.append(f"    you save {show(line.saved)}")
    rows.append("-" * WIDTH)
    if quote.discount:
        rows.append(_row("Coupon", -quote.discount))
    rows.append(_row("Tax", quote.tax))
    if quote.shipping:
        rows.append(_row("Shipping", quote.shipping))
    rows.append(_row("Total", quote.total))
    return "\n".join(rows) + "\n"
