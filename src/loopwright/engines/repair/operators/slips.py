"""Slips of the language: `or` that takes 0 for nothing, a method named and not called, a name that is read too late."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.calls import value
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site


def defaulted(site: Site) -> Iterator[Edit]:
    """A default for None alone, where `or` gives it for 0 and "" as well."""
    node = site.node
    if not isinstance(node, ast.BoolOp) or not isinstance(node.op, ast.Or) or len(node.values) != 2:
        return
    given, default = node.values
    if isinstance(given, ast.Name | ast.Attribute | ast.Subscript):
        text = site.of(given)
        yield site.put_loose("none-only", f"{site.of(default)} if {text} is None else {text}")


def called(site: Site) -> Iterator[Edit]:
    """A method that is called where it was only named, or the other way round."""
    node = site.node
    if not value(site):
        return
    if isinstance(node, ast.Attribute) and node.attr not in site.pool.stored:
        yield site.put("call-it", f"{site.of(node)}()")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        yield site.put("drop-call", site.of(node.func))


def bound_early(site: Site) -> Iterator[Edit]:
    """A name of a loop that a lambda keeps as it is now: read when it is called, it is the last one."""
    node = site.node
    if not isinstance(node, ast.Lambda) or node.args.vararg or node.args.kwonlyargs or node.args.kwarg:
        return
    loops = [p for p in site.parents if isinstance(p, ast.For | ast.ListComp | ast.SetComp | ast.DictComp)]
    targets = [t for p in loops for t in ([p.target] if isinstance(p, ast.For) else [g.target for g in p.generators])]
    turning = {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    kept = sorted(turning & names_of(node))
    if kept:
        text = ", ".join([*([ast.unparse(node.args)] if node.args.args else []), *(f"{name}={name}" for name in kept)])
        yield site.put_loose("bind-early", f"lambda {text}: {site.of(node.body)}")
