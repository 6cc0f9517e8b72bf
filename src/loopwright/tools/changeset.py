"""Changes to several files, planned in memory and then made whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from loopwright.core.calls import ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.fact import JsonValue
from loopwright.core.ports import Entry, Files
from loopwright.tools.document import binary, decode

_COMPARED = 250_000  # pairs of lines compared in order; beyond this lines are counted without their order
_VERBS = {"add": "created", "delete": "deleted", "update": "updated"}


@dataclass(frozen=True)
class _Content:
    """A file as it is: its bytes and its mode."""

    data: bytes
    mode: int | None


class Changeset:
    """A plan over files: what is read through it already shows what was planned."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._before: dict[str, _Content | None] = {}
        self._after: dict[str, _Content | None] = {}
        self._moved: dict[str, str] = {}
        self.remarks: list[str] = []

    def get(self, path: str) -> bytes | None:
        """The planned content; None where there is no file. Raises ToolFailure where path is a directory."""
        content = self._look(path)
        return None if content is None else content.data

    def put(self, path: str, data: bytes) -> None:
        """Plan path to hold data; a file that is there keeps its mode."""
        was = self._look(path)
        for parent in _parents(path):
            entry = self._files.stat(parent)
            if entry is not None and entry.kind == "file" and self._after.get(parent, True) is not None:
                raise ToolFailure(f"{path}: {parent} is a file, not a directory")
        self._after[path] = _Content(data, was.mode if was else None)

    def remove(self, path: str) -> None:
        """Plan path to be gone."""
        self._look(path)
        self._after[path] = None

    def move(self, path: str, to: str, data: bytes) -> None:
        """Plan `to` to hold data with the mode of path, and path to be gone."""
        was = self._look(path)
        self.put(to, data)
        if to != path:
            self._after[to] = _Content(data, was.mode if was else None)
            self._after[path] = None
            self._moved[to] = path

    def apply(self, call: str) -> ToolResult:
        """Make the planned changes and return what was done. Raises ToolFailure with every file as it was before."""
        changed = [path for path in self._after if self._after[path] != self._before[path]]
        done: list[str] = []
        try:
            for path in sorted(changed, key=lambda p: self._after[p] is not None):  # deletions make room first
                done.append(path)
                self._set(path, self._after[path])
        except BaseException as error:
            lost = [path for path in reversed(done) if not self._restored(path)]
            if isinstance(error, ToolFailure):
                state = f"could not restore {', '.join(lost)}" if lost else "nothing was changed"
                raise ToolFailure(f"{error}; {state}") from None
            raise
        return self._summary(call, changed)

    def _look(self, path: str) -> _Content | None:
        if path not in self._before:
            entry = self._files.stat(path) if path else None
            if not path or (entry is not None and entry.kind not in ("file", "link")):
                raise ToolFailure(f"{path or '.'} is a directory, not a file")
            now = None if entry is None else _Content(self._files.read(path), _mode(entry))
            self._before[path] = self._after[path] = now
        return self._after[path]

    def _set(self, path: str, content: _Content | None) -> None:
        if content is not None:
            self._files.write(path, content.data, content.mode)
        elif self._files.stat(path) is not None:
            self._files.delete(path)

    def _restored(self, path: str) -> bool:
        try:
            self._set(path, self._before[path])
        except ToolFailure:
            return False
        return True

    def _summary(self, call: str, changed: list[str]) -> ToolResult:
        if not changed:
            return ToolResult(call, True, "Nothing to change: the files already hold this.", {"changes": []})
        sources = set(self._moved.values())
        lines: list[str] = []
        changes: list[JsonValue] = []
        for path in changed:
            before, after = self._before[path], self._after[path]
            source = self._moved.get(path)
            old = self._before[source] if source else before
            added, removed = count(old.data if old else b"", after.data if after else b"")
            kind = "add" if before is None else "delete" if after is None else "update"
            change: dict[str, JsonValue] = {"path": path, "kind": kind, "added": added, "removed": removed}
            changes.append({**change, "from": source} if source else change)
            if path in sources and after is None:
                continue
            verb = f"moved {source} to" if source else _VERBS[kind]
            lines.append(f"{verb} {path} (+{added} -{removed})")
        return ToolResult(call, True, "\n".join([*lines, *self.remarks]), {"changes": changes})


def _mode(entry: Entry) -> int | None:
    """The permission bits to write back; a link has none of its own."""
    return None if entry.kind == "link" else entry.mode & 0o7777


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def count(before: bytes, after: bytes) -> tuple[int, int]:
    """Return lines added and removed between two contents; a binary one counts as no lines."""
    old = [] if binary(before) else decode(before).text.splitlines(keepends=True)
    new = [] if binary(after) else decode(after).text.splitlines(keepends=True)
    start = _common(old, new)
    old, new = old[start:], new[start:]
    end = _common(old[::-1], new[::-1])
    old, new = old[: len(old) - end], new[: len(new) - end]
    if len(old) * len(new) > _COMPARED:
        kept = (Counter(old) & Counter(new)).total()
        return len(new) - kept, len(old) - kept
    kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return len(new) - kept, len(old) - kept


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length
