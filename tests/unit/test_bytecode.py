"""The programs a sandbox starts with are carried into it, compiled and in the order they need each other in."""

from __future__ import annotations

import ast
import marshal
from pathlib import Path

import loopwright.inside
from loopwright.sandbox.bytecode import PROGRAMS, bundle

INSIDE = Path(loopwright.inside.__file__).parent
NEIGHBOURS = {path.stem for path in INSIDE.glob("*.py")}


def _needs(name: str) -> set[str]:
    """The neighbours a program imports as soon as it is loaded."""
    body = ast.parse((INSIDE / f"{name}.py").read_text()).body
    plain = {alias.name for node in body if isinstance(node, ast.Import) for alias in node.names}
    return (plain | {node.module or "" for node in body if isinstance(node, ast.ImportFrom)}) & NEIGHBOURS


def test_a_program_needs_none_but_those_before_it() -> None:
    for number, name in enumerate(PROGRAMS):
        assert _needs(name) <= set(PROGRAMS[:number]), name


def test_the_last_one_is_what_serves() -> None:
    *_, (name, code) = marshal.loads(bundle())

    assert name == "supervisor"
    assert "main" in code.co_names
