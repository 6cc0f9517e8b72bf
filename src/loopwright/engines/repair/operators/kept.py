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
