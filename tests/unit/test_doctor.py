"""Which backend serves is said from what the backends say of themselves."""

from __future__ import annotations

import pytest

from loopwright.core.ports import Capability
from loopwright.runtime.doctor import _serving


@pytest.mark.parametrize(
    ("here", "works", "said"),
    [
        ({"bubblewrap": True, "namespaces": True, "docker": False}, True, "bubblewrap serves here"),
        ({"bubblewrap": True, "namespaces": True, "docker": True}, True, "docker too"),
        ({"bubblewrap": True, "namespaces": False, "docker": True}, True, "--backend docker"),
        ({"bubblewrap": False, "namespaces": False, "docker": False}, False, "nothing will be run"),
    ],
)
def test_the_backend_that_serves_is_named(here: dict[str, bool], works: bool, said: str) -> None:
    found = _serving([Capability(name, there) for name, there in here.items()])
    assert found.works is works and said in found.detail
    assert bool(found.fix) is not works
