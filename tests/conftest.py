"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples every time where nobody is there to look into a new one.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
