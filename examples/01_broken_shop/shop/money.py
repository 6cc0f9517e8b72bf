"""Amounts of money: integers in cents."""

import re
from collections.abc import Sequence

_AMOUNT = re.compile(r"(-?)(\d+)(?:[.,](\d{2}))?")


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide two integers and round to the nearest cent, halves away from zero."""
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def percent_of(amount: int, percent: int) -> int:
    """Return a share of an amount, in cents."""
    return round_half_up(amount * percent, 100)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to weights; the parts add up to it exactly."""
    parts = []
    left, weight_left = amount, sum(weights)
    for weight in weights:
        part = round_half_up(left * weight, weight_left) if weight_left else 0
        parts.append(part)
        left -= part
        weight_left -= weight
    return parts


def parse(text: str) -> int:
    """Read an amount such as `12.50`, `12,50` or `12`."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an amount: {text!r}")
    sign, whole, cents = match.groups()
    amount = int(whole) * 100 + int(cents or 0)
    return -amount if sign else amount


def show(amount: int) -> str:
    """Write an amount with two decimals and separators between thousands."""
    sign = "-" if amount < 0 else ""
    whole, cents = divmod(abs(amount), 100)
    return f"{sign}{whole:,}.{cents:02d}"
