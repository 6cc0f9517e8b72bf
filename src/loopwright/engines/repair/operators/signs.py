"""`not` and the signs of numbers: put in, taken out, given to another one, and what something was taken from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations

from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site
from loopwright.engines.repair.source import Splice

_MINUENDS = 4  # names that something may have been taken from


def negation(site: Site) -> Iterator[Edit]:
    """`not` put in or taken out, unary operators exchanged or dropped."""
    node = site.node
    if isinstance(node, ast.UnaryOp):
        inner = site.of(node.operand) if isinstance(node.op, ast.Not) else site.atom(node.operand)
        name = "drop-not" if isinstance(node.op, ast.Not) else "drop-unary"
        yield site.put(name, inner)
        for symbol, kind in (("-", ast.USub), ("~", ast.Invert), ("not ", ast.Not), ("+", ast.UAdd)):
            if not isinstance(node.op, kind):
                yield site.put_loose("unary", symbol + site.atom(node.operand))
        return
    parent = site.parent
    test = isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert) and parent.test is node
    clause = isinstance(parent, ast.comprehension) and any(c is node for c in parent.ifs)
    if isinstance(node, ast.expr) and (test or clause or isinstance(parent, ast.BoolOp)):
        yield site.put_loose("add-not", f"not {site.atom(node)}", 0.3 if isinstance(node, ast.Compare) else 1.0)
    elif (
        isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
        and isinstance(parent, ast.Return | ast.Assign | ast.keyword | ast.Call)
        and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        and getattr(parent, "func", None) is not node
    ):
        yield site.put_loose("add-not-value", f"not {site.of(node)}")
        yield site.put_loose("negate-value", f"-{site.of(node)}")
    elif isinstance(node, ast.Name) and isinstance(parent, ast.Tuple) and isinstance(parent.ctx, ast.Load):
        yield site.put("negate-element", f"-{site.of(node)}", 1.0 if _signed(site) else 0.2)


def _signed(site: Site) -> bool:
    """True where the function takes something else with the other sign."""
    nodes = ast.walk(site.function) if site.function else ()
    return any(isinstance(n, ast.UnaryOp) and isinstance(n.op, ast.USub) for n in nodes)


def sign(site: Site) -> Iterator[Edit]:
    """The sign of one element given to another one: `dr, dc = dc, -dr` for `-dc, dr`."""
    node = site.node
    if not isinstance(node, ast.Tuple | ast.List) or not isinstance(getattr(node, "ctx", None), ast.Load):
        return
    for one, two in permutations(node.elts, 2):
        if isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub) and isinstance(two, ast.Name | ast.Attribute):
            a = Splice(*site.source.span(one), site.of(one.operand))
            b = Splice(*site.source.span(two), f"-{site.of(two)}")
            first, second = sorted((a, b), key=lambda splice: splice.start)
            yield Edit(site.source.path, site.line, "moved-sign", (first, second))


def minuend(site: Site) -> Iterator[Edit]:
    """What something was taken from: `cash - price` for `-price`."""
    node = site.node
    if not isinstance(node, ast.UnaryOp) or not isinstance(node.op, ast.USub) or isinstance(node.operand, ast.Constant):
        return
    near = [n for n in site.scope.near(site.line) if n not in site.pool.tables and n not in names_of(node)]
    for rank, name in enumerate(near[:_MINUENDS]):
        yield site.put_loose("minuend", f"{name} - {site.atom(node.operand)}", 1 / (1 + rank / 3))
