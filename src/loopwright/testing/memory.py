"""A view and a blob store held in memory: enough for tests of tools, exact about what the ports promise."""

from __future__ import annotations

import hashlib
import posixpath

from loopwright.core.errors import StoreError, ToolFailure
from loopwright.core.ports import Entry, Files
from loopwright.core.running import Executor


class MemoryBlobs:
    """The Blobs port over a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Return the SHA-256 of data."""
        address = hashlib.sha256(data).hexdigest()
        self.kept[address] = data
        return address

    def get(self, address: str) -> bytes:
        """Raises StoreError where the address is unknown."""
        if address not in self.kept:
            raise StoreError(f"no blob {address}")
        return self.kept[address]


class MemoryFiles:
    """The Files port over a dictionary of path to content. `fail_on` names a path whose writing fails once."""

    def __init__(self, contents: dict[str, bytes] | None = None) -> None:
        self.contents = dict(contents or {})
        self.modes = dict.fromkeys(self.contents, 0o644)
        self.fail_on = ""

    def read(self, path: str, limit: int = 64 << 20) -> bytes:
        """Raises ToolFailure where there is no such file or it is larger than limit."""
        self._inside(path)
        if path not in self.contents:
            raise ToolFailure(f"no such file: {path}")
        if len(self.contents[path]) > limit:
            raise ToolFailure(f"{path} has {len(self.contents[path])} bytes; at most {limit} are read")
        return self.contents[path]

    def write(self, path: str, data: bytes, mode: int | None = None) -> None:
        """Raises ToolFailure where path is a directory or below a file."""
        self._inside(path)
        if path == self.fail_on:
            self.fail_on = ""
            raise ToolFailure(f"{path}: no space left")
        if self._is_dir(path):
            raise ToolFailure(f"{path} is a directory")
        self.contents[path] = data
        self.modes[path] = self.modes.get(path, 0o644) if mode is None else mode

    def delete(self, path: str) -> None:
        """Raises ToolFailure where there is no such file."""
        if path not in self.contents:
            raise ToolFailure(f"no such file: {path}")
        del self.contents[path], self.modes[path]

    def stat(self, path: str) -> Entry | None:
        """None where there is nothing at path."""
        self._inside(path)
        if path in self.contents:
            return Entry(path, "file", len(self.contents[path]), self.modes[path])
        return Entry(path, "dir") if self._is_dir(path) else None

    def entries(self, path: str = "") -> list[Entry]:
        """What lies directly in a directory."""
        prefix = f"{path}/" if path else ""
        names = {prefix + p[len(prefix) :].split("/")[0] for p in self.contents if p.startswith(prefix)}
        return [entry for name in sorted(names) if (entry := self.stat(name))]

    def walk(self, path: str = "") -> list[Entry]:
        """Every file below path."""
        prefix = f"{path}/" if path else ""
        return [
            Entry(p, "file", len(d), self.modes[p]) for p, d in sorted(self.contents.items()) if p.startswith(prefix)
        ]

    def _is_dir(self, path: str) -> bool:
        return any(p.startswith(f"{path}/") for p in self.contents)

    def _inside(self, path: str) -> None:
        if posixpath.normpath(path).startswith(("..", "/")):
            raise ToolFailure(f"{path} is outside the workspace")


class MemoryWorkspace:
    """As much of the Workspace port as tools need: a root, files and an executor."""

    def __init__(self, files: Files, executor: Executor, root: str = "/project") -> None:
        self.root, self.files, self.executor = root, files, executor
