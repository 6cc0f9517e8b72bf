"""What a parcel costs."""

FREE_FROM = 50_00
HEAVIEST = 31_500
_STEPS = ((1_000, 4_90), (5_000, 6_90), (10_000, 9_90), (HEAVIEST, 17_90))


class TooHeavy(ValueError):
    """No single parcel may weigh this much."""


def parcel_fee(weight: int) -> int:
    """Return the fee for a weight in grams; a step's limit still belongs to the step."""
    if weight < 0:
        raise ValueError("the weight is negative")
    for limit, fee in _STEPS:
        if weight <= limit:
            return fee
    raise TooHeavy(f"{weight} g is more than {HEAVIEST} g")


def shipping(net: int, weight: int) -> int:
    """Return the fee for a purchase: none where nothing is sent or the purchase is large enough."""
    if weight == 0:
        return 0
    fee = parcel_fee(weight)
    return 0 if net >= FREE_FROM else fee
