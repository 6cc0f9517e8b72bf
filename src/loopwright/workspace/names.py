"""Names of files: bytes as the kernel has them, text as the log and engines have them, and the names never kept."""

from __future__ import annotations

import re

from loopwright.core.errors import ToolFailure
from loopwright.core.expression import expression

#: What test runners, type checkers and interpreters leave behind: never part of a tree, never in a checkpoint.
_CACHE = expression(
    rb"(?:^|/)(?:__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.hypothesis|\.pytype|\.import_linter_cache"
    rb"|\.nyc_output|\.loopwright-[0-9a-f]{16}|\.coverage(?:\.[^/]+)?)(?:/|$)|\.py[co]$"
)
#: Folders of dependencies, left out of the tree where no git says what is ignored.
_DEPENDENCIES = expression(rb"(?:^|/)(?:\.venv|venv|node_modules|\.tox|\.nox|\.hg|\.svn|\.eggs|[^/]+\.egg-info)(?:/|$)")
_GIT = expression(rb"(?:^|/)\.git(?:/|$)", re.IGNORECASE)


def is_cache(path: bytes) -> bool:
    """True for well-known caches and everything in them."""
    return _CACHE.search(path) is not None


def is_dependency(path: bytes) -> bool:
    """True for well-known folders of dependencies and everything in them."""
    return _DEPENDENCIES.search(path) is not None


def is_git(path: bytes) -> bool:
    """True for repository metadata, whatever its case: some file systems do not tell .GIT from .git."""
    return _GIT.search(path) is not None


def to_text(path: bytes) -> str:
    r"""The name as text that can be logged; bytes that are not UTF-8 appear as \xNN."""
    return path.decode("utf-8", "backslashreplace")


def parents(path: bytes) -> list[bytes]:
    """The directories above a path, nearest first, the root left out."""
    found: list[bytes] = []
    while b"/" in path:
        path = path.rpartition(b"/")[0]
        found.append(path)
    return found


def to_path(name: str, root: str) -> bytes:
    """The path relative to root that an engine means. Raises ToolFailure for one that cannot be inside."""
    if "\0" in name:
        raise ToolFailure("a path cannot contain a NUL character")
    if name == root or name.startswith(root.rstrip("/") + "/"):
        name = name[len(root.rstrip("/")) :].lstrip("/")
    if name.startswith("/"):
        raise ToolFailure(f"{name} is outside the workspace {root}")
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            if not parts:
                raise ToolFailure(f"{name} is outside the workspace {root}")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    try:
        return "/".join(parts).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ToolFailure(f"{name!r} is not a file name") from None
