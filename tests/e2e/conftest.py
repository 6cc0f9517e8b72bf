"""A project, a home of its own, and the command line run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TEST = "python -m pytest -q"

WRONG = "def double(x):\n    return x * 3\n"
RIGHT = "def double(x):\n    return x * 2\n"
CHECKED = "from twice import double\n\n\ndef test_double():\n    assert double(2) == 4\n\n\ndef test_zero():\n    assert double(0) == 0\n"


@dataclass(frozen=True)
class Ran:
    """One finished command."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def proof(self) -> dict[str, Any]:
        return self.lines[-1]


class User:
    """A person with a home and a project directory."""

    def __init__(self, home: Path, project: Path) -> None:
        self.home, self.project = home, project
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")},
            "LOOPWRIGHT_HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "160",
        }

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        given = {"cwd": self.project, "env": self.env, "text": True, "stdin": subprocess.DEVNULL, **options}
        command = [sys.executable, "-m", "loopwright", *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **given)

    def run(self, *words: str, stdin: str = "", **options: Any) -> Ran:
        given = {"cwd": self.project, "env": self.env, "timeout": 100, **options}
        command = [sys.executable, "-m", "loopwright", *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, **given)
        return Ran(done.returncode, done.stdout, done.stderr)

    def script(self, *lines: dict[str, Any]) -> str:
        """Write a script and return what --engine is given for it."""
        path = self.home / f"script-{len(list(self.home.glob('script-*')))}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return f"scripted:{path}"

    def tree(self) -> dict[str, bytes]:
        """Every file of the project but git's own."""
        return {
            str(p.relative_to(self.project)): p.read_bytes() if not p.is_symlink() else os.readlink(p).encode()
            for p in sorted(self.project.rglob("*"))
            if (p.is_file() or p.is_symlink()) and ".git" not in p.relative_to(self.project).parts
        }


def edit(old: str = "x * 3", new: str = "x * 2", path: str = "twice.py") -> dict[str, Any]:
    return {"tool": "edit", "args": {"path": path, "old": old, "new": new}}


def shell(command: str) -> dict[str, Any]:
    return {"tool": "shell", "args": {"command": command}}


@pytest.fixture
def user(tmp_path: Path) -> User:
    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    project.mkdir()
    (project / "twice.py").write_text(WRONG)
    (project / "test_twice.py").write_text(CHECKED)
    (project / ".gitignore").write_text("__pycache__/\n")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost"]
    subprocess.run([*git, "init", "-q"], cwd=project, check=True)
    subprocess.run([*git, "add", "-A"], cwd=project, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "start"], cwd=project, check=True)
    return User(home, project)
