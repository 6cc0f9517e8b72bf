"""Conditions whose parts leave one another no room: `x is None and x < 0`, `x is not None or x.ready`.

Such a condition is never met, or fails where it is. Of an edit that makes one, tests that never come to its last part
cannot tell.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.engines.repair.source import Source, Splice

_OF_NONE = expression(r"\b(?:is|None|not|and|or|if)\b|[=!]=")
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def junctions(parents: tuple[ast.AST, ...]) -> list[ast.BoolOp]:
    """The outermost of each `and` or `or` around a node."""
    found = [node for node in parents if isinstance(node, ast.BoolOp)]
    return found[:1]


def contradicts(source: Source, around: list[ast.BoolOp], splices: tuple[Splice, ...]) -> bool:
    """True where an edit makes a contradiction of a junction that is none."""
    for junction in around:
        start, end = source.span(junction)
        inside = [s for s in splices if start <= s.start and s.end <= end]
        if len(inside) != len(splices) or not any(
            _OF_NONE.search(s.text) or _OF_NONE.search(source.text[s.start : s.end]) for s in inside
        ):
            continue
        text = source.text[start:end]
        for splice in sorted(inside, key=lambda s: -s.start):
            text = text[: splice.start - start] + splice.text + text[splice.end - start :]
        try:
            made = ast.parse(f"({text})", mode="eval").body
        except (SyntaxError, ValueError):
            continue
        if _impossible(made) and not _impossible(junction):
            return True
    return False


def _impossible(node: ast.expr) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.BoolOp):
            of_none = isinstance(inner.op, ast.And)
            for place, part in enumerate(inner.values):
                name = _none(part, of_none)
                if name and any(name in _needed(other) for other in inner.values[place + 1 :]):
                    return True
    return False


def _none(node: ast.expr, itself: bool) -> str:
    """The name of which the rest of a junction is asked only where it is None, "" where there is no such name."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.comparators[0], ast.Constant):
        same = ast.Is if itself else ast.IsNot
        if node.comparators[0].value is None and isinstance(node.ops[0], same):
            return ast.unparse(node.left)
    return ""


def _needed(node: ast.expr) -> Iterator[str]:
    """What a part needs to be something else than None: it has an order, an attribute, an element, a length."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Compare) and isinstance(inner.ops[0], _ORDER):
            yield from (ast.unparse(side) for side in (inner.left, inner.comparators[0]))
        elif isinstance(inner, ast.Compare) and isinstance(inner.ops[0], ast.Eq):
            constant = inner.comparators[0]
            if isinstance(constant, ast.Constant) and constant.value is not None:
                yield ast.unparse(inner.left)
        elif isinstance(inner, ast.Attribute | ast.Subscript):
            yield ast.unparse(inner.value)
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "len":
            yield from map(ast.unparse, inner.args)
