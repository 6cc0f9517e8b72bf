"""Where instruction text is read from: the user's disk above the workspace, the view below its root."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Files

#: Bytes of one instruction file that are read at most; the rest is said to be left out.
LARGEST = 8 << 20

_SKIPPED = frozenset(
    {".git", "node_modules", ".venv", "venv", "__pycache__", "target", "dist", "build", ".tox", "vendor"}
)


class Source(Protocol):
    """Reads files by paths relative to the workspace root."""

    def read(self, path: str) -> bytes | None:
        """None where there is no such file, or it cannot be read."""
        ...

    def names(self, path: str) -> list[str]:
        """Names of the files directly in a directory, sorted; [] where there is none."""
        ...

    def paths(self) -> list[str]:
        """Every file below the root, sorted."""
        ...


class ViewSource:
    """Files of a workspace view."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        try:
            return self._files.read(path, LARGEST)
        except ToolFailure:
            return None

    def names(self, path: str) -> list[str]:
        try:
            entries = self._files.entries(path)
        except ToolFailure:
            return []
        return sorted(e.path.rsplit("/", 1)[-1] for e in entries if e.kind in ("file", "link"))

    def paths(self) -> list[str]:
        try:
            return [e.path for e in self._files.walk()]
        except ToolFailure:
            return []


class DiskSource:
    """Files on disk below a root."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        try:
            place = (self._root / path).resolve(strict=True)
            # A link may name another file of the project, never one outside; a pipe would hold us for ever.
            if not place.is_relative_to(self._root.resolve()) or not place.is_file():
                return None
            with place.open("rb") as file:
                return file.read(LARGEST)
        except (OSError, RuntimeError):
            return None

    def names(self, path: str) -> list[str]:
        try:
            return sorted(e.name for e in (self._root / path).iterdir() if e.is_file())
        except OSError:
            return []

    def paths(self) -> list[str]:
        found: list[str] = []
        pending = [""]
        while pending:
            above = pending.pop()
            try:
                with os.scandir(self._root / above) as entries:
                    for entry in entries:
                        if not entry.is_dir():
                            found.append(above + entry.name)
                        elif not entry.is_symlink() and entry.name not in _SKIPPED:
                            pending.append(f"{above}{entry.name}/")
            except OSError:
                continue
        return sorted(found)
