"""Ignored files that checks can see are named with a digest that changes when they do."""

from __future__ import annotations

import subprocess
from pathlib import Path

from loopwright.workspace.inputs import ignored_inputs


def test_an_ignored_environment_is_named_and_told_apart(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text(".venv/\n.env\n__pycache__/\n")
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    (tmp_path / ".venv" / "lib" / "a.py").write_text("1")
    (tmp_path / ".env").write_text("X=1")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("")
    (tmp_path / "a.py").write_text("")
    before = ignored_inputs(str(tmp_path))
    assert set(before) == {".venv", ".env"}
    assert ignored_inputs(str(tmp_path)) == before
    (tmp_path / ".venv" / "lib" / "a.py").write_text("12")
    after = ignored_inputs(str(tmp_path))
    assert after[".venv"] != before[".venv"] and after[".env"] == before[".env"]


def test_without_git_the_usual_places_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "src").mkdir()
    assert set(ignored_inputs(str(tmp_path))) == {"node_modules"}
