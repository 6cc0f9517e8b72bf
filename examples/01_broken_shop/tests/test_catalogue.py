import pytest

from shop.catalogue import Catalogue, Product, UnknownProduct


def test_products_are_found_by_number(catalogue: Catalogue) -> None:
    assert catalogue.get("mug").name == "Blue mug"
    assert "mug" in catalogue
    assert len(catalogue) == 5


def test_an_unknown_number_is_an_error(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownProduct, match="spoon"):
        catalogue.get("spoon")


def test_a_number_is_used_once(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="already"):
        catalogue.add(Product("mug", "Another mug", 1_00))


def test_search_finds_every_word_cheapest_first(catalogue: Catalogue) -> None:
    assert [p.sku for p in catalogue.search("TEA")] == ["tea", "guide", "pot"]
    assert [p.sku for p in catalogue.search("tea blue")] == ["pot"]


def test_a_category_is_listed_by_name(catalogue: Catalogue) -> None:
    assert [p.sku for p in catalogue.in_category("general")] == ["mug", "pot", "card"]


@pytest.mark.parametrize("fields", [{"sku": ""}, {"price": -1}, {"weight": -1}])
def test_a_product_must_make_sense(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Product(**{"sku": "x", "name": "X", "price": 1, **fields})
