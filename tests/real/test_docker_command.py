"""`loopwright sandbox --backend docker … -- CMD` as a user calls it: what the command line promises on every backend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_sandbox_command import *  # noqa: F403 - the suite itself, on another backend
from tests.e2e.test_sandbox_command import Sandbox
from tests.real.daemon import Daemon

pytestmark = pytest.mark.real


@pytest.fixture
def environment(tmp_path: Path, daemon: Daemon) -> dict[str, str]:
    return {**daemon.env, "LOOPWRIGHT_HOME": str(tmp_path / "home")}


@pytest.fixture
def sandbox(tree: Path, environment: dict[str, str]) -> Sandbox:
    def call(*words: str, input: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "loopwright", "sandbox", "--backend", "docker", "-C", str(tree), *words]
        env = {**environment, **variables}
        return subprocess.run(argv, input=input, env=env, capture_output=True, text=True, check=False, timeout=60)

    return call
