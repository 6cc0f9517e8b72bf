"""The whole of this directory and the executor's contract once more, as an ordinary user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import loopwright

_UID = 54_321
_WHOLE = "import os, sys; os.stat(sys._base_executable)"


def _python_for_all() -> str:
    """An interpreter of this version that an ordinary user may start."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(name, path="/usr/local/bin:/usr/bin:/bin") or ""):
        words = ["setpriv", f"--reuid={_UID}", f"--regid={_UID}", "--clear-groups", candidate, "-c", _WHOLE]
        if candidate and subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return candidate
    pytest.skip(f"an ordinary user can start no {name} here")


@pytest.mark.real
@pytest.mark.timeout(900)
@pytest.mark.skipif(os.geteuid() != 0, reason="the tests run as an ordinary user already")
@pytest.mark.parametrize(
    ("which", "named"), [("not real", ""), ("real", "by_the_command")], ids=["over-the-layer", "by-the-command"]
)
def test_all_of_it_as_an_ordinary_user(which: str, named: str) -> None:
    python = _python_for_all()
    tests = Path(__file__).parent
    packages = [str(Path(loopwright.__file__).parent.parent), str(Path(pytest.__file__).parent.parent)]
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, _UID, _UID)
        ran = subprocess.run(
            ["setpriv", f"--reuid={_UID}", f"--regid={_UID}", "--clear-groups", python, "-m", "pytest", "-q",
             "-m", which, "-k", named,
             "-p", "no:cacheprovider", "--basetemp", f"{home}/pytest", str(tests), str(tests.parent / "contract" / "test_executor.py")],
            cwd=tests.parent.parent,
            env={"HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": ":".join(packages), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
