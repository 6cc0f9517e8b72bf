"""What every executor promises, kept by containers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopwright.core.ports import Mount, OpenExecutor
from loopwright.core.running import Limits
from loopwright.sandbox.docker import DockerSandbox
from tests.contract.test_executor import *  # noqa: F403 - the suite itself, on another executor
from tests.real.daemon import Daemon

pytestmark = [pytest.mark.real, pytest.mark.anyio]


@pytest.fixture
async def executor(daemon: Daemon, tmp_path: Path) -> AsyncIterator[OpenExecutor]:
    opened = await DockerSandbox(daemon.env).open(Mount(str(tmp_path)), "workspace-write", Limits(timeout=20))
    yield opened
    await opened.aclose()
    assert daemon.ours() == []
