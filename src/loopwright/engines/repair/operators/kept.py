"""What collections are there to keep: an element that is asked for is put in, one that is put in is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.conditions import is_condition
from loopwright.engines.repair.operators.guards import ways_out
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.scope import Kept
from loopwright.engines.repair.site import Edit, Site, insertable

_NEVER = 3.0  # share where nothing is ever put into what is asked
_OUT = 2  # ways out of what was met before
_TABLES, _NAMES = 3, 5  # tables of true and false, and places in each, that a condition may lack


def marked(site: Site) -> Iterator[Edit]:
    """What is looked for in a collection is put into it."""
    node = site.node
    if not isinstance(node, ast.stmt) or not insertable(site):
        return
    for kept, made in _marks(site):
        away = node.lineno - kept.line
        if away < 0 or away > 8:
            continue
        share = (0.3 if kept.name in site.scope.grown else _NEVER) / (1 + away / 3)
        for rank, text in enumerate(made):
            yield site.insert_before("mark", node, text, share / (1 + rank))
            if not isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
                yield site.insert_after("mark", node, text, 0.8 * share / (1 + rank))


def taken(site: Site) -> Iterator[Edit]:
    """What a collection was asked for and holds is taken out of it, so that it is met once."""
    node = site.node
    if not isinstance(node, ast.stmt) or not insertable(site) or not isinstance(site.parent, ast.If):
        return
    test = site.parent.test
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    body = site.parent.body
    for part in parts if any(s is node for s in body) else ():
        if not isinstance(part, ast.Compare) or len(part.ops) != 1 or not isinstance(part.ops[0], ast.In):
            continue
        where, element = site.of(part.comparators[0]), site.of(part.left)
        if not isinstance(part.comparators[0], ast.Name | ast.Attribute):
            continue
        kind = site.scope.collections.get(where, "")
        for text, share in ((f"{where}.remove({element})", 1.0), (f"del {where}[{element}]", 0.5)):
            if (kind == "update") == text.startswith("del") or not kind:
                yield site.insert_before("take-out", node, text, share if body[0] is node else 0.3 * share)
                if body[-1] is node and not isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
                    yield site.insert_after("take-out", node, text, 0.5 * share)


def _marks(site: Site) -> Iterator[tuple[Kept, list[str]]]:
    """What each collection that is asked for something would be told."""
    ways = {"add": "{}.add({})", "append": "{}.append({})", "update": "{}[{}] = True"}
    for kept in site.scope.kept:
        if kept.asked and (kept.names <= set(site.scope.locals)):
            kind = site.scope.collections.get(kept.name)
            order = [kind] if kind else ["add", "append"]
            yield kept, [ways[k].format(kept.name, kept.element) for k in order]


def asked(site: Site) -> Iterator[Edit]:
    """One more part in a condition: whether a collection holds what is put into it elsewhere."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    text = site.of(node)
    disjunction = isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
    conjunction = isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And)
    for rank, kept in enumerate(k for k in site.scope.kept if not k.asked):
        if kept.names <= set(site.scope.locals) and f"in {kept.name}" not in text:
            share = 1 / (1 + rank / 3)
            if not conjunction:
                yield site.put_loose("ask", f"{text} or {kept.element} in {kept.name}", share)
            if not disjunction:
                yield site.put_loose("ask", f"{text} and {kept.element} not in {kept.name}", share)


def settled(site: Site) -> Iterator[Edit]:
    """One more part in a condition: an entry of a table of true and false."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    text = site.atom(node) if isinstance(node, ast.BoolOp) else site.of(node)
    near = site.scope.near(site.line)
    for table in [n for n in near if n in site.scope.flags][:_TABLES]:
        for rank, name in enumerate([n for n in near if n != table][:_NAMES]):
            if f"{table}[{name}]" not in text:
                yield site.put_loose("ask", f"{table}[{name}] and {text}", 1 / (1 + rank / 3))
                yield site.put_loose("ask", f"not {table}[{name}] and {text}", 0.7 / (1 + rank / 3))


def met(site: Site) -> Iterator[Edit]:
    """What is put into a collection is passed over where it is in it already."""
    node = site.node
    if not isinstance(node, ast.stmt) or not insertable(site):
        return
    if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
        return
    body = site.body_of(node) or []
    behind = body[next(i for i, s in enumerate(body) if s is node) :]
    for kept in site.scope.kept:
        if kept.asked or site.scope.collections.get(kept.name) not in ("add", "update"):
            continue
        if not kept.names <= set(site.scope.locals) or not any(s.lineno == kept.line for s in behind):
            continue
        share = 1 / (1 + (kept.line - node.lineno) / 3)
        for place, end in enumerate(ways_out(site)[:_OUT]):
            text = f"if {kept.element} in {kept.name}:\n    {end}"
            yield site.insert_before("passed-over", node, text, share / (1 + place))


def saved(site: Site) -> Iterator[Edit]:
    """An entry that is about to be overwritten is put into a collection first."""
    node = site.node
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Subscript) or not insertable(site):
        return
    entry = site.of(node.targets[0])
    for rank, name in enumerate(n for n in site.scope.near(site.line) if n not in names_of(node)):
        used = site.pool.by_base.get(name, ())
        way = site.scope.collections.get(name) or ("append" if "append" in used else "add" if "add" in used else "")
        if way in ("append", "add"):
            yield site.insert_before("save", node, f"{name}.{way}({entry})", 1 / (1 + rank))


def cleared(site: Site) -> Iterator[Edit]:
    """An entry of a table goes once what is counted there has come to nothing."""
    node = site.node
    if not isinstance(node, ast.AugAssign) or not isinstance(node.op, ast.Sub) or not insertable(site):
        return
    if not isinstance(node.target, ast.Subscript) or isinstance(node.target.slice, ast.Slice):
        return
    entry = site.of(node.target)
    yield site.insert_after("clear", node, f"if {entry} == 0:\n    del {entry}")
    yield site.insert_after("clear", node, f"if {entry} <= 0:\n    del {entry}", 0.4)


def cut(site: Site) -> Iterator[Edit]:
    """What lies behind the place that is looked at goes before something is put at the end."""
    node = site.node
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call) or not insertable(site):
        return
    func = node.value.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("append", "extend"):
        return
    base = site.of(func.value)
    looked = (n for n in ast.walk(site.source.tree) if isinstance(n, ast.Subscript) and site.of(n.value) == base)
    places = (site.of(n.slice) for n in looked if isinstance(n.slice, ast.Name | ast.Attribute))
    for place in dict.fromkeys(places):
        yield site.insert_before("cut", node, f"del {base}[{place} + 1:]", 1.0)
        yield site.insert_before("cut", node, f"del {base}[{place}:]", 0.7)
