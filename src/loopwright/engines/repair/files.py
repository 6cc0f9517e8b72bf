"""Which files may be edited, and the syntax of the failing tests."""

from __future__ import annotations

import ast
import os
import re
from pathlib import PurePosixPath

from loopwright.core.errors import ToolFailure
from loopwright.core.expression import expression
from loopwright.core.ports import Workspace
from loopwright.engines.repair.baseline import Baseline

_TEST_FILE = expression(r"(test_.*|.*_test|tests?|conftest|setup|noxfile|tasks|sitecustomize)\.py$")
_TEST_DIRECTORIES = {"tests", "test", "testing"}


def editable(path: str, baseline: Baseline) -> bool:
    """False for tests, their fixtures, configuration, and whatever lies outside the root."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] in ("..", "/"):
        return False
    if os.path.join(baseline.root, path) in baseline.files:
        return False
    return not of_tests(path)


def of_tests(path: str) -> bool:
    """True for a file of tests, or one that sets them up, by its name or its directory."""
    *above, name = PurePosixPath(path).parts or ("",)
    return bool(_TEST_FILE.match(name)) or not _TEST_DIRECTORIES.isdisjoint(above)


def syntax(workspace: Workspace, baseline: Baseline) -> list[ast.AST]:
    """The functions of the failing tests, or their whole files where the functions are not found."""
    wanted: dict[str, set[str]] = {}
    for test in baseline.failing:
        if baseline.files[test]:
            name = re.split(r"::|\.", baseline.tests[test].split("[")[0])[-1]
            wanted.setdefault(baseline.files[test], set()).add(name)
    found: list[ast.AST] = []
    for file, names in wanted.items():
        path = os.path.relpath(file, baseline.root)
        try:
            tree = ast.parse(workspace.files.read(path))
        except (ToolFailure, SyntaxError, ValueError, RecursionError):
            continue
        inside = [
            n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name in names
        ]
        found += inside or [tree]
    return found
