"""A change as rule checks see it: both texts of each changed file, and which lines of the new one are new."""

from __future__ import annotations

import difflib
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from loopwright.core.checks import Change, FileChange, Finding
from loopwright.core.ports import Blobs
from loopwright.core.rules import Directive
from loopwright.guard.policy_directives import in_scope

#: A file larger than this is generated or data: its text is not judged.
LARGEST = 1 << 20
#: Lines beyond which added lines are told apart by their text alone instead of a diff.
_LONG = 5000

LANGUAGES = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript", ".go": "go", ".rs": "rust",
    ".java": "java", ".kt": "kotlin", ".rb": "ruby", ".php": "php", ".cs": "csharp", ".c": "c", ".h": "c", ".cpp": "cpp",
    ".cc": "cpp", ".hpp": "cpp", ".swift": "swift", ".scala": "scala", ".vue": "vue", ".svelte": "svelte", ".sh": "shell",
    ".dart": "dart", ".ex": "elixir", ".exs": "elixir", ".sql": "sql", ".lua": "lua",
}  # fmt: skip


class File:
    """One changed file, its texts read when first needed."""

    def __init__(self, change: FileChange, blobs: Blobs) -> None:
        self.path = change.path
        self.kind = change.kind
        self._change = change
        self._blobs = blobs

    @property
    def new(self) -> bool:
        return self.kind == "add"

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)

    @property
    def language(self) -> str:
        return LANGUAGES.get(posixpath.splitext(self.path)[1].lower(), "")

    @cached_property
    def before(self) -> str:
        return self._text(self._change.before)

    @cached_property
    def after(self) -> str:
        return self._text(self._change.after)

    @property
    def moves_text(self) -> bool:
        """False where only the mode or a link changed."""
        return self._change.before != self._change.after

    def _text(self, address: str | None) -> str:
        if address is None or self._change.link:
            return ""
        data = self._blobs.get(address)
        return "" if len(data) > LARGEST or b"\0" in data[:8192] else data.decode("utf-8", "replace")

    @cached_property
    def added(self) -> frozenset[int]:
        """Numbers of the lines of the new text that the old one does not have there."""
        return frozenset(_added(self.before.splitlines(), self.after.splitlines()))

    @cached_property
    def added_lines(self) -> tuple[tuple[int, str], ...]:
        lines = self.after.splitlines()
        return tuple((n, lines[n - 1]) for n in sorted(self.added))


def _added(before: list[str], after: list[str]) -> Iterator[int]:
    if not before:
        yield from range(1, len(after) + 1)
    elif len(before) > _LONG or len(after) > _LONG:
        left = Counter(before)
        for number, line in enumerate(after, 1):
            if left[line]:
                left[line] -= 1
            else:
                yield number
    else:
        for tag, _, _, start, end in difflib.SequenceMatcher(None, before, after).get_opcodes():
            if tag in ("insert", "replace"):
                yield from range(start + 1, end + 1)


class Delta:
    """All changed files, those a rule holds for first asked by `of`."""

    def __init__(self, change: Change, blobs: Blobs) -> None:
        self.files = tuple(File(f, blobs) for f in change.files)

    def of(self, rule: Directive) -> tuple[File, ...]:
        """Files of the change in the rule's scope."""
        return tuple(f for f in self.files if in_scope(rule, f.path))

    def written(self, rule: Directive) -> tuple[File, ...]:
        """Files in scope that are still there after the change."""
        return tuple(f for f in self.of(rule) if f.kind != "delete" and f.moves_text)


def fresh(
    before: Iterable[tuple[int, str]], after: Iterable[tuple[int, str]], old: str, new: str
) -> list[tuple[int, str]]:
    """Return the violations of the new text that the old one did not have: old violations do not block.

    A violation is told by its reason and the text of its line, so that it stays old when it moves.
    """
    old_lines, new_lines = old.splitlines(), new.splitlines()
    known = Counter((reason, _line(old_lines, number)) for number, reason in before)
    found = []
    for number, reason in after:
        key = (reason, _line(new_lines, number))
        if known[key]:
            known[key] -= 1
        else:
            found.append((number, reason))
    return found


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def finding(rule: Directive, file: str, line: int, reason: str) -> Finding:
    """Return the finding of a broken rule, with the rule's own words and place."""
    return Finding(
        check=rule.check,
        name=rule.kind,
        reason=f"{reason}. Rule: {rule.text[:300]}",
        level=rule.level,
        file=file,
        line=line,
        source=rule.source,
    )
