import pytest

from shop.shipping import TooHeavy, parcel_fee, shipping


@pytest.mark.parametrize(("weight", "fee"), [(1, 4_90), (1_000, 4_90), (1_001, 6_90), (10_000, 9_90), (31_500, 17_90)])
def test_the_fee_depends_on_the_weight(weight: int, fee: int) -> None:
    assert parcel_fee(weight) == fee


def test_a_parcel_has_a_greatest_weight() -> None:
    with pytest.raises(TooHeavy):
        parcel_fee(31_501)


def test_large_purchases_are_sent_free() -> None:
    assert shipping(49_99, 500) == 4_90
    assert shipping(50_00, 500) == 0


def test_what_weighs_nothing_is_not_sent() -> None:
    assert shipping(10_00, 0) == 0
