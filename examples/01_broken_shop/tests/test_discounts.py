from datetime import date

import pytest

from shop.discounts import Coupon, InvalidCoupon, QuantityDiscount, best_percent, line_price

STEPS = [QuantityDiscount(3, 10), QuantityDiscount(10, 20)]


@pytest.mark.parametrize(("quantity", "percent"), [(1, 0), (2, 0), (4, 10), (9, 10), (12, 20)])
def test_the_best_step_applies(quantity: int, percent: int) -> None:
    assert best_percent(STEPS, quantity) == percent


def test_a_step_starts_at_its_minimum() -> None:
    assert best_percent(STEPS, 3) == 10
    assert best_percent(STEPS, 10) == 20


def test_the_price_of_a_line_has_its_discount_taken_off() -> None:
    assert line_price(5_00, 4, STEPS) == 18_00
    assert line_price(5_00, 2, STEPS) == 10_00
    assert line_price(5_00, 2) == 10_00


@pytest.mark.parametrize(("minimum", "percent"), [(1, 10), (3, 0), (3, 101)])
def test_a_step_must_make_sense(minimum: int, percent: int) -> None:
    with pytest.raises(ValueError):
        QuantityDiscount(minimum, percent)


def test_a_coupon_takes_off_a_share_or_an_amount(today: date) -> None:
    assert Coupon("SPRING", percent=15).value(40_00, today) == 6_00
    assert Coupon("FIVER", amount=5_00).value(40_00, today) == 5_00


def test_a_coupon_never_takes_off_more_than_there_is(today: date) -> None:
    assert Coupon("FIVER", amount=5_00).value(3_00, today) == 3_00


def test_a_coupon_is_good_on_its_last_day_and_not_after(today: date) -> None:
    assert Coupon("MARCH", amount=1_00, expires=today).value(10_00, today) == 1_00
    with pytest.raises(InvalidCoupon, match="expired"):
        Coupon("MARCH", amount=1_00, expires=date(2026, 3, 1)).value(10_00, today)


def test_a_coupon_may_need_a_minimum_which_counts_itself(today: date) -> None:
    coupon = Coupon("BIG", percent=10, minimum=50_00)
    assert coupon.value(50_00, today) == 5_00
    with pytest.raises(InvalidCoupon, match="needs"):
        coupon.value(49_99, today)


@pytest.mark.parametrize("fields", [{}, {"percent": 10, "amount": 1_00}])
def test_a_coupon_is_a_share_or_an_amount(fields: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="either"):
        Coupon("ODD", **fields)
