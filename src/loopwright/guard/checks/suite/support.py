"""What judges without being a test file: scripts that commands run, modules tests assert with, examples in texts."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from loopwright.core.checks import Change, FileChange
from loopwright.core.errors import ToolFailure
from loopwright.core.expression import expression
from loopwright.core.ports import CheckContext
from loopwright.guard.checks.suite.commands import entrances
from loopwright.guard.checks.suite.files import belongs
from loopwright.guard.checks.suite.python import Weakening

_RUNNERS = frozenset({"pytest", "hypothesis", "nose"})
_JUDGING = expression(r"^_?(?:assert|check|expect|verify|should|ensure|compare|require)", re.IGNORECASE)
_DOCTEST = expression(r"\bdoctest\b|--doctest-")
_SETTINGS = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
_EXAMPLES = (".py", ".rst", ".txt", ".md")


class Support:
    """What of the tree before the change stands behind its tests."""

    def __init__(self, change: Change, ctx: CheckContext) -> None:
        self._change = {file.path: file for file in change.files}
        self._ctx = ctx
        self._tests: str | None = None
        self.run = entrances(ctx.requirement.acceptance, self._before)

    def judges(self, file: FileChange) -> bool:
        """True for a module that only a test would have: it imports pytest, or tests import its assertions."""
        if file.before is None or not file.path.endswith(".py"):
            return False
        try:
            tree = ast.parse(self._before(file.path) or "")
        except (SyntaxError, ValueError):
            return False
        if any(name.split(".")[0] in _RUNNERS for name in _imports(tree)):
            return True
        names = [f.name for f in tree.body if isinstance(f, ast.FunctionDef) and _JUDGING.match(f.name) and _asserts(f)]
        return any(
            re.search(rf"import[^\n]*\b{re.escape(name)}\b|\.{re.escape(name)}\(", self._texts()) for name in names
        )

    def _texts(self) -> str:
        if self._tests is None:
            paths = [e.path for e in self._ctx.workspace.files.walk() if e.path.endswith(".py")]
            paths += [path for path, file in self._change.items() if file.kind == "delete"]
            self._tests = "\n".join(self._before(p) or "" for p in paths if belongs(p) in ("test", "configuration"))
        return self._tests

    def _before(self, path: str) -> str | None:
        file = self._change.get(path)
        if file is not None:
            return self._ctx.blobs.get(file.before).decode("utf-8", "replace") if file.before is not None else None
        try:
            entry = self._ctx.workspace.files.stat(path)
            if entry is None or entry.kind == "dir":
                return None
            return self._ctx.workspace.files.read(path).decode("utf-8", "replace")
        except ToolFailure:
            return None


def runs_examples(ctx: CheckContext) -> bool:
    """True where a command, or pytest's settings, run the examples in docstrings and texts."""
    if any(_DOCTEST.search(command) for command in ctx.requirement.acceptance):
        return True
    for name in _SETTINGS:
        try:
            if ctx.workspace.files.stat(name) and b"--doctest-" in ctx.workspace.files.read(name):
                return True
        except ToolFailure:
            continue
    return False


def examples_lost(path: str, before: str, after: str) -> Iterator[Weakening]:
    """The examples of a file that are gone, expect something else or are skipped."""
    if not path.endswith(_EXAMPLES):
        return
    for (source, _), _times in (_examples(path, before) - _examples(path, after)).items():
        yield Weakening(1, f"the example `{source.strip()[:80]}` is gone or expects something else")


def _examples(path: str, text: str) -> Counter[tuple[str, str]]:
    import doctest  # with unittest behind it, two megabytes that most runs have no use for

    found: Counter[tuple[str, str]] = Counter()
    for part in _docstrings(text) if path.endswith(".py") else (text,):
        try:
            examples = doctest.DocTestParser().get_examples(part)
        except ValueError:
            continue
        found.update((e.source, e.want) for e in examples if not e.options)
    return found


def _docstrings(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def _asserts(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(n, ast.Assert) or (isinstance(n, ast.Raise) and n.exc and "AssertionError" in ast.unparse(n.exc))
        for n in ast.walk(function)
    )
