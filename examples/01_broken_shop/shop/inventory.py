"""Stock on hand, reserved and available."""

from dataclasses import dataclass


class OutOfStock(ValueError):
    """Fewer pieces are available than were asked for."""


@dataclass
class Level:
    """Pieces of one product: `reserved` ones are on hand but promised."""

    on_hand: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Inventory:
    """Levels by product number."""

    def __init__(self) -> None:
        self._levels: dict[str, Level] = {}

    def level(self, sku: str) -> Level:
        return self._levels.setdefault(sku, Level())

    def receive(self, sku: str, quantity: int) -> None:
        """Put pieces into stock."""
        self.level(sku).on_hand += _positive(quantity)

    def reserve(self, sku: str, quantity: int) -> None:
        """Promise pieces; raises OutOfStock where too few are available."""
        level = self.level(sku)
        if _positive(quantity) > level.available:
            raise OutOfStock(f"{sku}: {quantity} wanted, {level.available} available")
        level.reserved += quantity

    def release(self, sku: str, quantity: int) -> None:
        """Take a promise back."""
        level = self.level(sku)
        if _positive(quantity) > level.reserved:
            raise ValueError(f"{sku}: only {level.reserved} are reserved")
        level.reserved -= quantity

    def ship(self, sku: str, quantity: int) -> None:
        """Send promised pieces out."""
        self.release(sku, quantity)
        self.level(sku).on_hand -= quantity

    def to_reorder(self, threshold: int) -> list[str]:
        """Return the numbers of products with fewer pieces available than the threshold."""
        return sorted(sku for sku, level in self._levels.items() if level.available < threshold)


def _positive(quantity: int) -> int:
    if quantity <= 0:
        raise ValueError("the quantity must be positive")
    return quantity
