"""A change as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from loopwright.core.checks import Change, FileChange


def unified(change: Change, contents: Mapping[str, bytes]) -> str:
    """Return the change as `git apply` reads it; binary files are named, not shown."""
    return "".join(line for file in change.files for line in _file(file, contents))


def _file(file: FileChange, contents: Mapping[str, bytes]) -> Iterator[str]:
    before = contents.get(file.before or "", b"")
    after = contents.get(file.after or "", b"")
    yield f"diff --git a/{file.path} b/{file.path}\n"
    if file.kind == "add":
        yield f"new file mode {_mode(file, file.mode_after)}\n"
    elif file.kind == "delete":
        yield f"deleted file mode {_mode(file, file.mode_before)}\n"
    elif file.mode_before and file.mode_after and file.mode_before & 0o111 != file.mode_after & 0o111:
        yield f"old mode {_mode(file, file.mode_before)}\nnew mode {_mode(file, file.mode_after)}\n"
    if before == after:
        return
    old = "/dev/null" if file.kind == "add" else f"a/{file.path}"
    new = "/dev/null" if file.kind == "delete" else f"b/{file.path}"
    try:
        left, right = (data.decode("utf-8").splitlines(keepends=True) for data in (before, after))
    except UnicodeDecodeError:
        yield f"Binary files {old} and {new} differ\n"
        return
    for line in difflib.unified_diff(left, right, old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _mode(file: FileChange, mode: int) -> str:
    return "120000" if file.link else "100755" if mode & 0o111 else "100644"
