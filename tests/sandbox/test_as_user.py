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
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
@pytest.mark.parametrize("variables", [{}, {"PYENV_VERSION": "3.99.0"}], ids=["plain", "version"])
def test_a_user_with_the_environment_of_another_whose_home_is_closed(variables: dict[str, str]) -> None:
    python = _python_for_all()
    packages = [str(Path(loopwright.__file__).parent.parent), str(Path(pytest.__file__).parent.parent)]
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as tree:
        for part in (".pyenv/shims", ".pyenv/versions/3.99.0/bin", ".config/loopwright"):
            Path(home, part).mkdir(parents=True)
        Path(home, ".config/loopwright/config.toml").write_text("")
        Path(home).chmod(0o700)
        os.chown(tree, _UID, _UID)
        path = f"{home}/.pyenv/shims:{home}/bin:/usr/local/bin:/usr/bin:/bin"
        ran = subprocess.run(
            ["setpriv", f"--reuid={_UID}", f"--regid={_UID}", "--clear-groups", python, "-m", "loopwright", "sandbox",
             "--cpus", "0.5", "--", "sh", "-c", "echo kept > f; python3 -c 'print(1)'"],
            cwd=tree,
            env={"HOME": home, "PATH": path, "PYTHONPATH": ":".join(packages), **variables},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1\n", "")
        assert Path(tree, "f").read_text() == "kept\n"


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
