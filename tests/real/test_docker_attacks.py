"""Every attack, in a container: through the command, over the layer and, for a session's kind of mount, in place."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from loopwright.sandbox.docker import DockerSandbox
from tests.real.daemon import Daemon
from tests.sandbox.attacks import SECRET, Attack
from tests.sandbox.test_attacks import ALL, Range, contained, place

__all__ = ["place"]

pytestmark = [
    pytest.mark.real,
    pytest.mark.anyio,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the system call numbers are those of x86_64"),
]


@pytest.mark.parametrize("attack", ALL, ids=lambda a: a.name.replace(" ", "-"))
async def test_contained(attack: Attack, daemon: Daemon, place: Range) -> None:
    sandbox = DockerSandbox({**daemon.env, "SOME_API_KEY": SECRET})
    await contained(attack, place, sandbox)


@pytest.mark.parametrize("attack", ALL[::6], ids=lambda a: a.name.replace(" ", "-"))
def test_contained_by_the_command(attack: Attack, daemon: Daemon, place: Range, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "loopwright", "sandbox", "--backend", "docker", "-C", str(place.workspace)]
    ran = subprocess.run(
        [*words, "--timeout", "20", "--", "sh", "-c", place.code(attack)],
        env={**os.environ, **daemon.env, "SOME_API_KEY": SECRET, "LOOPWRIGHT_HOME": str(tmp_path / "home")},
        capture_output=True,
        timeout=60,
        check=False,
        pass_fds=place.fds,
    )
    seen = place.look((ran.stdout + ran.stderr).decode(errors="replace"))
    assert not attack.worked(seen), seen
