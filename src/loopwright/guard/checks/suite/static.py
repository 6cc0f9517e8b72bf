"""A third source beside what ran and what was collected: whether tests that are new stand in the files at all."""

from __future__ import annotations

import ast

from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Files
from loopwright.guard.checks.suite.probe import Probed


def invented(base: Probed, new: Probed, files: Files) -> tuple[str, ...]:
    """Return what is wrong with tests that only `new` has: those whose Python file holds no function of their name."""
    before = {t.id.split("[", 1)[0] for s in base.sessions for t in s.collected}
    names: dict[str, frozenset[str]] = {}
    unknown: list[str] = []
    for test in sorted({t.split("[", 1)[0] for t in new.outcomes} - before):
        path, _, function = test.partition("::")
        if not path.endswith(".py") or not function or files.stat(path) is None:
            continue
        if path not in names:
            names[path] = _names(files, path)
        if names[path] and not names[path].issuperset(function.split("::")):
            unknown.append(test)
    return (f"tests are said to have run that stand in no file: {', '.join(unknown[:3])}",) if unknown else ()


def _names(files: Files, path: str) -> frozenset[str]:
    """Functions and classes of a file, and empty where more may come of it: it inherits or generates tests."""
    try:
        tree = ast.parse(files.read(path))
    except (SyntaxError, ValueError, ToolFailure):
        return frozenset()
    found = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    bases = {ast.unparse(b).split(".")[-1] for n in ast.walk(tree) if isinstance(n, ast.ClassDef) for b in n.bases}
    generated = any(isinstance(n, ast.Name) and n.id in ("setattr", "globals", "type", "exec") for n in ast.walk(tree))
    starred = any(isinstance(n, ast.ImportFrom) and any(a.name == "*" for a in n.names) for n in ast.walk(tree))
    imported = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    inherits = bool(bases - {"TestCase", "object", "IsolatedAsyncioTestCase"} - found)
    return frozenset() if generated or starred or inherits else frozenset(found | imported)
