"""The core flows, through the application."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

ADA = {"name": "Ada", "email": "ada@example.com", "password": "a long password"}


def sign_up(client: TestClient) -> str:
    return str(client.post("/api/customers", json=ADA).json()["id"])


def order(client: TestClient, **parts: Any) -> Any:
    lines = [{"product": "tea", "quantity": 2}]
    return client.post("/api/orders", json={"lines": lines, **parts})


def test_a_customer_signs_up_and_orders_what_is_there(client: TestClient) -> None:
    placed = order(client, customer=sign_up(client))
    assert (placed.status_code, placed.json()["total"]) == (201, 900)
    assert client.get("/api/products/tea").json()["stock"] == 18
    assert len(client.get("/api/products").json()["products"]) == 2


@pytest.mark.parametrize(
    ("status", "code", "parts"),
    [
        (404, "not_found", {"lines": [{"product": "moon", "quantity": 1}]}),
        (409, "out_of_stock", {"lines": [{"product": "mug", "quantity": 99}]}),
        (400, "invalid", {"lines": []}),
        (400, "invalid", {"customer": {"$gt": ""}}),
        (404, "not_found", {"customer": "6f0c1a5e-3f0e-4a63-9f57-0d0b6f7b6d10"}),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    client: TestClient, status: int, code: str, parts: dict[str, Any]
) -> None:
    answer = order(client, **{"customer": sign_up(client), **parts})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_errors_are_told_in_the_language_asked_for(client: TestClient) -> None:
    answer = client.get("/nothing", headers={"Accept-Language": "de"})
    assert answer.json()["error"]["message"] == "Hier ist nichts"


def test_a_foreign_origin_is_not_allowed(client: TestClient) -> None:
    answer = client.get("/api/products", headers={"Origin": "https://foreign.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert "strict-transport-security" in answer.headers


def test_requests_are_counted(client: TestClient) -> None:
    client.get("/api/products")
    text = client.get("/metrics").text
    assert 'http_requests_total{method="GET",status="200"}' in text


def test_too_many_requests_are_refused(client: TestClient) -> None:
    statuses = [client.get("/api/products").status_code for _ in range(40)]
    assert statuses[-1] == 429
