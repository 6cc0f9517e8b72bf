"""A change as rule checks see it: both texts of each changed file, and which lines of the new one are new."""

from __future__ import annotations

import difflib
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from loopwright.core.checks import Change, FileChange, Finding
from loopwright.core.errors import StoreError, ToolFailure
from loopwright.core.expression import expression
from loopwright.core.ports import Blobs, Files
from loopwright.core.rules import Directive
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import below, in_scope, strings

#: A file larger than this is generated or data: its text is not judged.
LARGEST = 1 << 20
#: Lines beyond which added lines are told apart by their text alone instead of a diff.
_LONG = 5000

LANGUAGES = {
    ".py": "python",
    ".pyi": "python",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".kt": "kotlin",
    ".rb": "ruby",
    ".php": "php",
    ".cs": "csharp",
    ".c": "c",
    ".h": "c",
    ".cpp": "cpp",
    ".cc": "cpp",
    ".hpp": "cpp",
    ".swift": "swift",
    ".scala": "scala",
    ".vue": "vue",
    ".svelte": "svelte",
    ".sh": "shell",
    ".dart": "dart",
    ".ex": "elixir",
    ".exs": "elixir",
    ".sql": "sql",
    ".lua": "lua",
    **dict.fromkeys((".cxx", ".hxx", ".hh", ".cu", ".cuh"), "cpp"),
    ".kts": "kotlin",
    ".gd": "gdscript",
    **dict.fromkeys((".tf", ".hcl"), "hcl"),
    ".r": "r",
    ".jl": "julia",
    ".zig": "zig",
    ".hs": "haskell",
    ".fs": "fsharp",
    ".groovy": "groovy",
    ".sol": "solidity",
    ".nix": "nix",
    ".pl": "perl",
    **dict.fromkeys((".m", ".mm"), "objc"),
}


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

    @property
    def removed(self) -> int:
        """How many lines of the old text are gone."""
        return max(0, len(self.before.splitlines()) - (len(self.after.splitlines()) - len(self.added)))

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
    """All changed files, and the tree after the change; `base` is the same with nothing changed yet."""

    def __init__(self, change: Change, blobs: Blobs, tree: Files | None = None) -> None:
        self.files = tuple(File(f, blobs) for f in change.files)
        self.whole = not change.base  # a tree with nothing to compare it with: all of it counts as new
        self._changed = {f.path: f for f in self.files}
        self._tree = tree
        self._old = False

    def base(self) -> Delta:
        """The tree before the change, as a change of nothing."""
        old = Delta(Change("", ""), _NoBlobs(), self._tree)
        old._changed = self._changed
        old._old = True
        return old

    def of(self, rule: Directive) -> tuple[File, ...]:
        """Files of the change in the rule's scope and place."""
        return tuple(f for f in self.files if in_scope(rule, f.path) and in_place(rule, f.path))

    def written(self, rule: Directive) -> tuple[File, ...]:
        """Files in scope whose text is new or changed and still there."""
        return tuple(f for f in self.of(rule) if f.kind != "delete" and f.moves_text)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        if self._tree is None:
            return tuple(sorted(f.path for f in self.files if f.kind != "delete"))
        paths = {e.path for e in self._tree.walk()}
        if self._old:
            paths -= {f.path for f in self._changed.values() if f.kind == "add"}
            paths |= {f.path for f in self._changed.values() if f.kind == "delete"}
        return tuple(sorted(paths))

    def tree(self) -> tuple[str, ...]:
        """Every path of the tree, sorted; without a tree those of the change."""
        return self._paths

    @cached_property
    def _directories(self) -> frozenset[str]:
        return frozenset(d for path in self._paths for d in _parents(path))

    def new_directories(self) -> tuple[str, ...]:
        """Directories that exist only since the change, sorted."""
        return self._new_directories

    @cached_property
    def _new_directories(self) -> tuple[str, ...]:
        added = {d for f in self.files if f.kind == "add" for d in _parents(f.path)}
        kept = {
            d
            for path in self._paths
            if path not in self._changed or self._changed[path].kind != "add"
            for d in _parents(path)
        }
        return tuple(sorted(added - kept))

    def exists(self, path: str) -> bool:
        return path in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self._paths)

    def read(self, path: str) -> str | None:
        """The text of a file of the tree, None where it is not there."""
        if path in self._changed and (self._old or self._changed[path].kind != "delete"):
            file = self._changed[path]
            return None if self._old and file.kind == "add" else file.before if self._old else file.after
        if self._tree is None or not self.exists(path):
            return None
        try:
            return self._tree.read(path, LARGEST).decode("utf-8", "replace")
        except ToolFailure:
            return None


class _NoBlobs:
    """Blobs of a change that has none."""

    def put(self, data: bytes) -> str:
        raise StoreError("nothing is stored while a base tree is judged")

    def get(self, address: str) -> bytes:
        raise StoreError("nothing is stored while a base tree is judged")


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rsplit("/", 1)[0]
        yield path


_TEST_PATH = expression(
    r"(?:^|/)(?:tests?|__tests__|specs?|e2e|testing|(?:common|jvm|js|native|ios|android|desktop)(?:Unit|Instrumented)?Test)/|(?:^|/)(?:test_[^/]+|[^/]+_test|[^/]+_spec|"
    r"[^/]+[.-](?:test|spec|cy)|conftest|[^/]*[a-z]Tests?)\.[a-z]+$"
)


def is_test(path: str) -> bool:
    """True where a path is a test or lies among tests."""
    return bool(_TEST_PATH.search(path))


def in_place(rule: Directive, path: str) -> bool:
    """True where a path lies where the rule's own words put it: in or outside of tests and directories."""
    if (rule.params.get("where") == "tests" and not is_test(path)) or (
        rule.params.get("except") == "tests" and is_test(path)
    ):
        return False
    seen = below(rule, path)
    if any(path_matches(seen, glob) for glob in strings(rule, "outside")):
        return False
    within = strings(rule, "within")
    return not within or any(path_matches(seen, glob) for glob in within)


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
