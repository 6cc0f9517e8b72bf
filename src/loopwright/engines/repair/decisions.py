"""The conditions of a function: what is asked by `if`, `while`, a choice or a filter, its parts, and comparisons."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loopwright.engines.repair.source import Source, Splice, Unit


@dataclass(frozen=True)
class Condition:
    """A condition by the place of its text."""

    file: str
    line: int
    start: int
    end: int
    unit: Unit

    def holds(self, splices: Sequence[Splice]) -> bool:
        """True where an edit changes nothing but this condition."""
        return all(self.start <= splice.start and splice.end <= self.end for splice in splices)


def conditions(source: Source, unit: Unit) -> list[Condition]:
    """All conditions in the body of a unit, each once, the smallest first."""
    found: dict[tuple[int, int], Condition] = {}
    for node in (n for statement in unit.node.body for n in ast.walk(statement)):
        for asked in _asked(node):
            start, end = source.span(asked)
            found.setdefault((start, end), Condition(source.path, asked.lineno, start, end, unit))
    return sorted(found.values(), key=lambda c: c.end - c.start)


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield from _parts(node.test)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield from _parts(test)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _parts(value)
    elif isinstance(node, ast.Compare):
        yield node


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    yield node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _parts(node.operand)
