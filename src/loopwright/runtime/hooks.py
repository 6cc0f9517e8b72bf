"""Installs the hook that runs the checks before every commit, with no agent."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from loopwright.core.errors import UsageError
from loopwright.scaffold.templates import fill

_COMMAND = "loopwright check --base HEAD"


def write_hook(directory: Path) -> Path:
    """Write .git/hooks/pre-commit and return its path. Raises UsageError where a hook is there, or no repository."""
    root = directory.resolve()
    path = _hooks(root) / "pre-commit"
    if _runs_the_check(path):
        raise UsageError(f"{path} runs the check already")
    if os.path.lexists(path):
        raise UsageError(f"{path} exists already: add the line `{_COMMAND}` to it")
    if (root / ".pre-commit-config.yaml").is_file() or (root / ".husky").is_dir():
        manager = "pre-commit" if (root / ".pre-commit-config.yaml").is_file() else "husky"
        raise UsageError(f"{manager} writes the hooks here: add `{_COMMAND}` to its configuration")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(fill("pre-commit", {}))
        path.chmod(0o755)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return path


def _runs_the_check(path: Path) -> bool:
    try:
        return "loopwright check" in path.read_text(errors="replace")
    except OSError:
        return False


def _hooks(root: Path) -> Path:
    """The directory of hooks as git itself finds it: worktrees share one, `core.hooksPath` moves it."""
    command = ["git", "-c", "safe.directory=*", "rev-parse", "--git-path", "hooks"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False, text=True)
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        raise UsageError(f"{root} is no git repository: a hook needs one")
    hooks = Path(os.path.normpath(root / done.stdout.strip()))
    top = subprocess.run(
        ["git", "-c", "safe.directory=*", "rev-parse", "--path-format=absolute", "--git-common-dir"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()
    if not hooks.resolve().is_relative_to(Path(top).resolve()):
        raise UsageError(f"core.hooksPath is {hooks}: add `{_COMMAND}` to the pre-commit hook there")
    return hooks
