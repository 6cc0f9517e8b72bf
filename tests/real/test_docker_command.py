"""`loopwright sandbox --backend docker … -- CMD` as a user calls it: what the command line promises on every backend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_sandbox_command import *  # noqa: F403 - the suite itself, on another backend
from tests.e2e.test_sandbox_command import Sandbox
from tests.real.daemon import Daemon

# What a container does not offer: it is refused, see below.
del test_a_trace_names_the_files_of_a_command  # noqa: F821

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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--trace",), "--trace does not reach"),
        (("--network", "ask", "-c", "docker.runtime=runsc"), "Docker's own runtime"),
        (("--network", "open"), "is not understood"),
    ],
)
def test_what_a_container_does_not_offer_is_refused(sandbox: Sandbox, options: tuple[str, ...], said: str) -> None:
    ran = sandbox(*options, "--", "true")
    assert ran.returncode == 125 and said in ran.stderr
