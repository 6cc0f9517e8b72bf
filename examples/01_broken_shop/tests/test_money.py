import pytest

from shop.money import parse, percent_of, round_half_up, show, spread


@pytest.mark.parametrize(("numerator", "denominator", "expected"), [(5, 2, 3), (4, 2, 2), (-5, 2, -3), (1, 3, 0)])
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, expected: int) -> None:
    assert round_half_up(numerator, denominator) == expected


def test_a_denominator_must_be_positive() -> None:
    with pytest.raises(ValueError, match="denominator"):
        round_half_up(1, 0)


def test_percent_of_an_amount_is_rounded_to_cents() -> None:
    assert percent_of(19_99, 19) == 3_80


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [(6_00, [20_00, 40_00], [2_00, 4_00]), (1_00, [1, 1, 1], [33, 34, 33]), (0, [5, 5], [0, 0]), (5, [0, 0], [0, 0])],
)
def test_an_amount_is_spread_by_weight_to_the_last_cent(amount: int, weights: list[int], parts: list[int]) -> None:
    assert spread(amount, weights) == parts


@pytest.mark.parametrize(("text", "amount"), [("12.50", 12_50), (" 12,50 ", 12_50), ("12", 12_00), ("-0.05", -5)])
def test_amounts_are_parsed(text: str, amount: int) -> None:
    assert parse(text) == amount


@pytest.mark.parametrize("text", ["", "1.5", "1.234", "ten"])
def test_other_texts_are_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse(text)


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (123456_78, "123,456.78"), (-1_00, "-1.00")])
def test_amounts_are_shown_with_two_decimals(amount: int, text: str) -> None:
    assert show(amount) == text
