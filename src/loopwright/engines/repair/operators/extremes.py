"""The largest, the least and the order: what they are where there is nothing, and which way a key sorts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.pool import called
from loopwright.engines.repair.site import Edit, Site


def extremes(site: Site) -> Iterator[Edit]:
    """The largest or the least, or the sum, with what it is where there is nothing: `max(found, default=0)`."""
    node = site.node
    if not isinstance(node, ast.Call) or called(node) not in ("max", "min", "sum") or len(node.args) != 1:
        return
    if node.keywords or not isinstance(node.func, ast.Name) or isinstance(node.args[0], ast.Starred):
        return
    given = site.of(node.args[0])
    given = f"({given})" if isinstance(node.args[0], ast.GeneratorExp) and not given.startswith("(") else given
    for name in ("max", "min"):
        yield site.put("extreme", f"{name}({given}, default=0)", 2.0 if name == node.func.id else 1.0)


def sorted_by(site: Site) -> Iterator[Edit]:
    """What a key sorts by taken with the other sign: the most first."""
    node, parent = site.node, site.parent
    if isinstance(parent, ast.Tuple) and len(site.parents) > 1 and isinstance(site.parents[-2], ast.Lambda):
        pass
    elif not isinstance(parent, ast.Lambda) or parent.body is not node or isinstance(node, ast.Tuple):
        return
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        yield site.put("negate-key", f"-{site.of(node)}")


def turned_inside_out(site: Site) -> Iterator[Edit]:
    """Two calls, one within the other, exchanged: `max(low, min(high, x))` for `min(low, max(high, x))`."""
    node = site.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    for inner in node.args:
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id != node.func.id:
            share = 2.0 if {inner.func.id, node.func.id} == {"min", "max"} else 0.5
            yield site.swap("exchange-calls", node.func, inner.func, share)
