"""What a call gives and nobody heeds: returned where it says no, added to what is gathered; a list with one more."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.calls import value
from loopwright.engines.repair.pool import called
from loopwright.engines.repair.site import Edit, Site, insertable
from loopwright.engines.repair.source import Function

_NAMES = 5  # names that a list may lack


def heeded(site: Site) -> Iterator[Edit]:
    """A call of a function of the file, as a statement, whose answer decides or is gathered."""
    node = site.node
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call) or not insertable(site):
        return
    function = _called(site, node.value)
    if function is None:
        return
    text, indent = site.of(node), site.source.indent(node)
    answers = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
    truths = [v.value for v in answers if isinstance(v, ast.Constant) and isinstance(v.value, bool)]
    if truths or any(isinstance(v, ast.BoolOp | ast.Compare | ast.UnaryOp) for v in answers):
        yield site.put("heed", f"if not {text}:\n{indent}    return False")
        yield site.put("heed", f"if {text}:\n{indent}    return True")
        yield site.put("heed", f"if {text}:\n{indent}    break", 0.2)
    elif answers:
        for rank, name in enumerate(site.scope.near(site.line)[:_NAMES]):
            listed = site.scope.collections.get(name) == "append"
            forms = (f"{name}.extend({text})", f"{name}.append({text})") if listed else (f"{name} += {text}",)
            for form in (*forms, f"{name} = {text}"):
                yield site.put("heed", form, 1 / (1 + rank))


def _called(site: Site, call: ast.Call) -> Function | None:
    """The function of the file that is called, by its name."""
    nodes = ast.walk(site.source.tree) if called(call) in site.pool.parameters else ()
    return next((n for n in nodes if isinstance(n, Function) and n.name == called(call)), None)


def with_element(site: Site) -> Iterator[Edit]:
    """A list with one element more, ahead of it or behind it: `[first] + found` for `found`."""
    node, parent = site.node, site.parent
    given = isinstance(parent, ast.Return | ast.Assign | ast.Call | ast.IfExp | ast.ListComp | ast.Yield)
    if not given or not value(site) or isinstance(node, ast.BinOp | ast.IfExp) or site.function is None:
        return
    if not _lists(site) or (isinstance(parent, ast.Call) and called(parent) not in site.pool.parameters):
        return
    text = site.of(node)
    for rank, name in enumerate(n for n in site.scope.near(site.line)[: _NAMES + 1] if n != text):
        share = 1 / (1 + rank / 2)
        yield site.put_loose("with-element", f"[{name}] + {text}", share)
        yield site.put_loose("with-element", f"{text} + [{name}]", share)


def _lists(site: Site) -> bool:
    """True where the function makes lists."""
    nodes = ast.walk(site.function) if site.function else ()
    return any(isinstance(n, ast.List | ast.ListComp) for n in nodes)
