"""Repository metadata a command must not change: hooks and configuration there would run later, outside."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from loopwright.core.ports import Mount

_MOST_DIRECTORIES = 20_000
_SKIPPED = frozenset({"node_modules", ".venv", "venv", "__pycache__"})


def metadata_binds(mount: Mount, root: str, undo: list[Callable[[], None]]) -> list[str]:
    """bubblewrap arguments that make every `.git` read-only and keep an absent one at the root absent.

    The directory that masks an absent `.git` has to exist in the tree: `undo` is given what removes it again.
    """
    relative = {_relative(path, mount) for path in mount.git_dirs}
    if mount.mount_namespace is None:
        _remove_empty(Path(mount.path, ".git"))  # the mask that a killed host left
        relative |= find_metadata(mount.path)
    words: list[str] = []
    for path in sorted(relative):
        words += ["--ro-bind-try", f"{mount.path}/{path}", f"{root}/{path}"]
    if ".git" not in relative:
        words += ["--perms", "0555", "--tmpfs", f"{root}/.git", "--remount-ro", f"{root}/.git"]
        if mount.mount_namespace is None:
            mask = Path(mount.path, ".git")
            undo.append(lambda: _remove_empty(mask))
    return words


def find_metadata(root: str) -> set[str]:
    """Paths of every `.git` below root, relative to it."""
    found = set()
    for count, (directory, names, files) in enumerate(os.walk(root)):
        if count > _MOST_DIRECTORIES:
            break
        if ".git" in names or ".git" in files:
            found.add(os.path.relpath(f"{directory}/.git", root))
        names[:] = [n for n in names if n != ".git" and n not in _SKIPPED]
    return found


def _relative(path: str, mount: Mount) -> str:
    for top in (mount.path, mount.at):
        if top and path.startswith(top.rstrip("/") + "/"):
            return path[len(top.rstrip("/")) + 1 :]
    return path


def _remove_empty(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.rmdir()
