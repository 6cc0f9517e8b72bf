"""Attacks that use something up, in a container."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopwright.core.ports import Mount, OpenExecutor
from loopwright.sandbox.docker import DockerSandbox
from tests.real.daemon import Daemon
from tests.sandbox import test_exhaustion as suite
from tests.sandbox.test_exhaustion import *  # noqa: F403 - the suite itself, on another sandbox

# What these look at is a child of this process or its processors: see test_docker_life.py for containers.
del test_a_sandbox_that_is_killed_is_built_anew  # noqa: F821
del test_a_killed_host_takes_its_sandbox_along  # noqa: F821
del test_closing_ends_everything_and_leaves_nothing_behind  # noqa: F821
del test_whole_processors_without_a_control_group_cannot_be_left  # noqa: F821

pytestmark = [pytest.mark.real, pytest.mark.anyio]


@pytest.fixture(autouse=True)
def in_docker(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that open a sandbox of their own get a container."""
    monkeypatch.setattr(suite, "BubblewrapSandbox", lambda: DockerSandbox(daemon.env))


@pytest.fixture
async def executor(daemon: Daemon, tmp_path: Path) -> AsyncIterator[OpenExecutor]:
    opened = await DockerSandbox(daemon.env).open(Mount(str(tmp_path)), "workspace-write", suite.LIMITS)
    yield opened
    await opened.aclose()
