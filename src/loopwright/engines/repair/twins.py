"""Operands that stand twice where two different ones are meant: `a - a`, `f(n - 1) + f(n - 1)`, `parent[b] = b`.

Linters report them as identical expressions; one of the two is likelier at fault than what stands around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator


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
