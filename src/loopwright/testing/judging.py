"""Judges a change of a small project with given checks: for tests of checks, built-in or a plugin's."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from loopwright.core.calls import Delta
from loopwright.core.checks import Change, Verdict
from loopwright.core.plan import Requirement
from loopwright.core.ports import Blobs, Check, CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.core.running import Limits
from loopwright.testing.copied_workspace import CopiedWorkspace
from loopwright.testing.memory import MemoryBlobs


def drop(delta: Delta) -> None:
    """Nobody is watching."""


def clean_environment() -> dict[str, str]:
    """What a sandbox would give a command here: this interpreter first on the path, and no variable of ours."""
    folder = str(Path(sys.executable).parent)
    return {"PATH": f"{folder}:{os.environ.get('PATH', os.defpath)}", "HOME": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108


def write_tree(root: Path, files: Mapping[str, str]) -> None:
    """Write each file below root, making the directories it needs."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


async def judge_change(
    root: Path,
    change: Mapping[str, str | bytes | None],
    checks: Sequence[Check],
    requirement: Requirement,
    directives: tuple[Directive, ...] = (),
    limits: Limits = Limits(timeout=60.0),
) -> tuple[Verdict, ...]:
    """Lay `change` over a copy of root (None deletes a file) and return all verdicts on it, cheap checks first."""
    blobs = MemoryBlobs()
    workspace = CopiedWorkspace(root, blobs, clean_environment())
    try:
        return await judge_in(workspace, blobs, change, checks, requirement, directives, limits)
    finally:
        await workspace.aclose()


async def judge_in(
    workspace: Workspace,
    blobs: Blobs,
    change: Mapping[str, str | bytes | None],
    checks: Sequence[Check],
    requirement: Requirement,
    directives: tuple[Directive, ...] = (),
    limits: Limits = Limits(timeout=60.0),
) -> tuple[Verdict, ...]:
    """As `judge_change`, in a view that is already open and unchanged."""
    base = await workspace.checkpoint()
    for path, content in change.items():
        if content is None:
            workspace.files.delete(path)
        else:
            workspace.files.write(path, content.encode() if isinstance(content, str) else content)
    ref = await workspace.checkpoint()
    made: Change = await workspace.change(ref)
    context = CheckContext(requirement, directives, workspace, ref, base, blobs, limits, drop)
    verdicts: list[Verdict] = []
    for check in sorted(checks, key=lambda c: c.cost):
        verdicts += await check.run(made, context)
    return tuple(verdicts)
