"""Paths as engines write them, brought to the form a view takes."""

from __future__ import annotations

import difflib
import posixpath

from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Entry, Files, Workspace
from loopwright.tools.document import Document, binary, decode


def relative(workspace: Workspace, path: str) -> str:
    """Return path relative to the root. Raises ToolFailure where it is empty, leads outside or holds a NUL."""
    if not path.strip() or "\0" in path:
        raise ToolFailure("path is empty: name a file of the workspace")
    root = workspace.root.rstrip("/")
    whole = posixpath.normpath(posixpath.join(root, path))
    if whole == root:
        return ""
    if not whole.startswith(root + "/"):
        raise ToolFailure(f"{path} is outside the workspace {workspace.root}")
    return whole[len(root) + 1 :]


def existing(files: Files, path: str) -> Entry:
    """Return the entry at path. Raises ToolFailure naming entries like it where there is none."""
    entry = files.stat(path) if path else Entry(path="", kind="dir")
    if entry is not None:
        return entry
    folder = posixpath.dirname(path)
    near: list[str] = []
    parent = files.stat(folder) if folder else Entry(path="", kind="dir")
    if parent is not None and parent.kind == "dir":
        names = {posixpath.basename(e.path): e.path for e in files.entries(folder)}
        near = [names[name] for name in difflib.get_close_matches(posixpath.basename(path), names, n=3, cutoff=0.7)]
    name = posixpath.basename(path)
    near = near or [e.path for e in files.walk() if posixpath.basename(e.path) == name][:3]
    raise ToolFailure(f"no such file: {path}" + (f"; did you mean {' or '.join(near)}?" if near else ""))


def load(files: Files, path: str) -> Document:
    """Return the text file at path. Raises ToolFailure where it is missing, no file, or binary."""
    entry = existing(files, path)
    if entry.kind == "dir":
        raise ToolFailure(f"{path or '.'} is a directory")
    data = files.read(path)
    if kind := binary(data):
        raise ToolFailure(f"{path} is binary ({kind}, {len(data)} bytes), not text: look at it through the shell")
    return decode(data)
