"""Nothing but the store in memory, whatever the machine's environment says."""

import os
from collections.abc import Iterator

os.environ.update(STORE="memory", MONGO_URI="", BCRYPT_COST="4", RATE_LIMIT="30/minute")

import pytest
from fastapi.testclient import TestClient

from shop.app import create_app
from shop.repositories import memory_store


@pytest.fixture
def client() -> Iterator[TestClient]:
    memory_store.clear()
    with TestClient(create_app(), raise_server_exceptions=False) as client:
        yield client
