"""Every attack, in a container."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator

import pytest

from loopwright.core.ports import Mount, OpenExecutor
from loopwright.core.running import Limits
from loopwright.sandbox.docker import DockerSandbox
from tests.real.daemon import Daemon
from tests.sandbox.attacks import SECRET
from tests.sandbox.test_attacks import Range, place, test_contained

__all__ = ["place", "test_contained"]

pytestmark = [
    pytest.mark.real,
    pytest.mark.anyio,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the system call numbers are those of x86_64"),
]


@pytest.fixture
async def executor(daemon: Daemon, place: Range) -> AsyncIterator[OpenExecutor]:
    sandbox = DockerSandbox({**daemon.env, "SOME_API_KEY": SECRET})
    opened = await sandbox.open(Mount(str(place.workspace)), "workspace-write", Limits(timeout=20))
    yield opened
    await opened.aclose()
