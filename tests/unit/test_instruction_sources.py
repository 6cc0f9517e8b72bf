"""Instruction files are read from the project alone: a link may not lead out of it, a pipe may not hold us."""

from __future__ import annotations

import os
from pathlib import Path

from loopwright.guard.directives.sources import DiskSource


def test_a_link_that_leaves_the_project_is_not_read(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret").write_text("root:x:0")
    (project / "AGENTS.md").symlink_to("../secret")
    assert DiskSource(project).read("AGENTS.md") is None


def test_a_link_within_the_project_is(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("- Never run `git push`.")
    (tmp_path / "AGENTS.md").symlink_to("CLAUDE.md")
    assert DiskSource(tmp_path).read("AGENTS.md") == b"- Never run `git push`."


def test_a_pipe_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "AGENTS.md")
    assert DiskSource(tmp_path).read("AGENTS.md") is None
