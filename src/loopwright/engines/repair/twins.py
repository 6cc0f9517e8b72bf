"""Operands that stand twice where two different ones are meant: `a - a`, `f(n - 1) + f(n - 1)`, `parent[b] = b`.

Linters report them as identical expressions; one of the two is likelier at fault than what stands around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from loopwright.engines.repair.source import Source, Splice

_NOTHING = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.BitXor)
_SPACES = str.maketrans("", "", "() \t\n")


def twins(tree: ast.AST) -> frozenset[int]:
    """The ids of the nodes that have an equal one beside them."""
    found: set[int] = set()
    for node in ast.walk(tree):
        seen: dict[str, ast.expr] = {}
        for operand in _operands(node):
            text = ast.dump(operand)
            if text in seen:
                found |= {id(operand), id(seen[text])}
            seen.setdefault(text, operand)
    return frozenset(found)


def _operands(node: ast.AST) -> Iterator[ast.expr]:
    """What stands beside each other in the node and is seldom the same; constants may well be."""
    if isinstance(node, ast.BinOp):
        sides = [node.left, node.right]
        plain = isinstance(node.op, ast.Add | ast.Mult) and isinstance(node.left, ast.Name)  # a square, a double
        yield from (side for side in sides if not isinstance(side, ast.Constant) and not plain)
    elif isinstance(node, ast.Compare):
        yield from (side for side in (node.left, *node.comparators) if not isinstance(side, ast.Constant))
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.Tuple | ast.List | ast.Call):
        parts = node.args if isinstance(node, ast.Call) else node.elts
        yield from (part for part in parts if not isinstance(part, ast.Constant | ast.Starred))
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        yield from (part for part in (node.targets[0].slice, node.value) if not isinstance(part, ast.Constant))


def paired(parents: tuple[ast.AST, ...]) -> list[tuple[ast.expr, ast.expr]]:
    """Each operation around a node that makes nothing of two equal operands, `a - a` and `a < a`, as its operands."""
    found: list[tuple[ast.expr, ast.expr]] = []
    for parent in parents:
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, _NOTHING):
            found.append((parent.left, parent.right))
        elif isinstance(parent, ast.Compare) and len(parent.ops) == 1:
            found.append((parent.left, parent.comparators[0]))
        elif isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in ("max", "min"):
            found += combinations(parent.args, 2)
    return found


def made_equal(source: Source, pairs: list[tuple[ast.expr, ast.expr]], splices: tuple[Splice, ...]) -> bool:
    """True where an edit makes two operands the same that were not."""
    if len(splices) != 1:
        return False
    splice = splices[0]
    for one, two in pairs:
        for side, other in ((one, two), (two, one)):
            start, end = source.span(side)
            if start <= splice.start and splice.end <= end:
                text = source.text[start : splice.start] + splice.text + source.text[splice.end : end]
                if text.translate(_SPACES).lstrip("-") == source.of(other).translate(_SPACES).lstrip("-"):
                    return True
    return False
