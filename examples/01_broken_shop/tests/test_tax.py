import pytest

from shop.tax import UnknownCountry, rate, tax_on, tax_within


def test_the_rate_depends_on_country_and_category() -> None:
    assert rate("DE") == 19
    assert rate("de", "books") == 7
    assert rate("NL", "food") == 9


def test_an_unknown_country_is_an_error() -> None:
    with pytest.raises(UnknownCountry, match="XX"):
        rate("XX")


def test_tax_is_added_to_net_amounts() -> None:
    assert tax_on(100_00, "DE") == 19_00
    assert tax_on(9_99, "FR", "books") == 50


def test_tax_is_found_within_gross_amounts() -> None:
    assert tax_within(119_00, "DE") == 19_00
    assert tax_within(10_70, "DE", "food") == 70
