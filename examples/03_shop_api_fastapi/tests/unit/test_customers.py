"""Customers."""

import pytest

from shop.repositories import memory_store
from shop.services import customers
from shop.services.problem import Problem

ADA = ("Ada", "ada@example.com", "a long password")


@pytest.fixture(autouse=True)
def _empty() -> None:
    memory_store.clear()


def test_a_customer_is_stored_with_a_hash_and_without_plain_text() -> None:
    id = customers.sign_up(*ADA)["id"]
    stored = memory_store.Collection("customers").find("id", id)
    assert stored is not None
    assert stored["password_hash"].startswith("$2b$")
    assert not {"Ada", "ada@example.com", "a long password"} & set(stored.values())


def test_an_address_has_one_account() -> None:
    customers.sign_up(*ADA)
    with pytest.raises(Problem) as raised:
        customers.sign_up(*ADA)
    assert (raised.value.status, raised.value.key) == (409, "taken")
