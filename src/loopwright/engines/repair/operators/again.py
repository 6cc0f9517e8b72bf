"""What is done once where it is to be done as long as a condition holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site, insertable
from loopwright.engines.repair.source import Function


def repeated(site: Site) -> Iterator[Edit]:
    """What a condition asks for and a statement under it changes: the statement again, while the condition holds."""
    node = site.node
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) or not insertable(site):
        return
    if node.lineno != node.end_lineno:
        return
    changed = _changed(node)
    text, indent = site.of(node), site.source.indent(node)
    for parent in reversed(site.parents):
        if isinstance(parent, Function):
            return
        if isinstance(parent, ast.If | ast.While) and changed & names_of(parent.test):
            yield site.put("repeat", f"while {site.of(parent.test)}:\n{indent}    {text}")
            return


def _changed(node: ast.Assign | ast.AugAssign | ast.Expr) -> set[str]:
    """Names that a statement sets or calls a method of."""
    bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        bound |= names_of(node.value.func.value)
    return bound


def as_long_as(site: Site) -> Iterator[Edit]:
    """A condition whose block changes what it asks for holds the block to it: `while` for `if`."""
    node = site.node
    if not isinstance(node, ast.If) or node.orelse or site.function is None:
        return
    start = site.source.span(node)[0]
    if site.source.text[start : start + 3] != "if ":
        return
    if any(isinstance(s, ast.Return | ast.Raise | ast.Break | ast.Continue) for s in node.body):
        return
    plain = [s for s in node.body if isinstance(s, ast.Assign | ast.AugAssign | ast.Expr)]
    if any(_changed(s) & names_of(node.test) for s in plain):
        yield site.splice("as-long-as", start, start + 2, "while")
