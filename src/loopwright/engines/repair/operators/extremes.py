"""The largest, the least and the order: what they are where there is nothing, and which way a key sorts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.scope import set_together
from loopwright.engines.repair.site import Edit, Site, insertable

_BESIDE = 5  # names that one set to itself may be joined with
_HEAPS, _KEYED = ("heappush", "heappushpop", "heapreplace"), 2  # and how many elements decide
_KEYS_OF = (("lambda item: item[1]", 1.0), ("lambda item: item[0]", 0.7), ("len", 0.7), ("lambda item: -item", 0.3),
            ("lambda item: item[-1]", 0.3), ("abs", 0.3), ("lambda item: -item[1]", 0.3),
            ("lambda item: (-item[1], item[0])", 0.3), ("lambda item: (item[1], item[0])", 0.3),
            ("str", 0.1))  # fmt: skip


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
        share = 2.0 if name == node.func.id else 0.2 if node.func.id == "sum" else 1.0
        yield site.put("extreme", f"{name}({given}, default=0)", share)


def of_all(site: Site) -> Iterator[Edit]:
    """The least or the largest of all where the first or the last one stands: `min(free)` for `free[0]`."""
    node = site.node
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    if site.of(node.slice) in ("0", "-1") and isinstance(node.value, ast.Name | ast.Attribute):
        names = ("min", "max") if site.of(node.slice) == "0" else ("max", "min")
        for rank, name in enumerate(names):
            yield site.put("of-all", f"{name}({site.of(node.value)})", 1 / (1 + rank / 2))


def sorted_by(site: Site) -> Iterator[Edit]:
    """What a key sorts by taken with the other sign: the most first."""
    node, parent = site.node, site.parent
    if isinstance(parent, ast.Tuple) and len(site.parents) > 1 and isinstance(site.parents[-2], ast.Lambda):
        pass
    elif not isinstance(parent, ast.Lambda) or parent.body is not node or isinstance(node, ast.Tuple):
        return
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        yield site.put("negate-key", f"-{site.of(node)}")


def first_out(site: Site) -> Iterator[Edit]:
    """What a heap orders by taken with the other sign, on its way in or out: the most comes first."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.BinOp | ast.UnaryOp):
        return
    if isinstance(parent, ast.Tuple) and len(site.parents) > 1:
        parent = site.parents[-2] if parent.elts and node in parent.elts[:_KEYED] else None
    into = isinstance(parent, ast.Call) and called(parent) in _HEAPS and parent.func is not node
    out = isinstance(node, ast.Call) and called(node) == "heappop" and not isinstance(parent, ast.Expr | ast.Assign)
    if into and isinstance(parent, ast.Call) and node is parent.args[0]:
        return
    if isinstance(node, ast.UnaryOp):
        if into and isinstance(node.op, ast.USub):
            yield site.put("other-sign", site.of(node.operand))
    elif into or out:
        yield site.put("other-sign", f"-{site.atom(node)}")


def turned_inside_out(site: Site) -> Iterator[Edit]:
    """Two calls, one within the other, exchanged: `max(low, min(high, x))` for `min(low, max(high, x))`."""
    node = site.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    for inner in node.args:
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id != node.func.id:
            share = 2.0 if {inner.func.id, node.func.id} == {"min", "max"} else 0.5
            yield site.swap("exchange-calls", node.func, inner.func, share)


def only_better(site: Site) -> Iterator[Edit]:
    """The best so far, set only by what is better: `if len(run) > len(best)` ahead of `best = run`."""
    node = site.node
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not insertable(site):
        return
    target, given = node.targets[0], node.value
    loop = any(isinstance(p, ast.For | ast.While) for p in site.parents)
    if not loop or not isinstance(target, ast.Name | ast.Attribute) or isinstance(given, ast.Constant):
        return
    best, new = site.of(target), site.of(given)
    if node.lineno != node.end_lineno or names_of(target) & names_of(given):
        return
    text, indent = site.of(node), site.source.indent(node)
    for check, share in ((f"{new} > {best}", 1.0), (f"{new} < {best}", 1.0), (f"len({new}) > len({best})", 0.8),
                         (f"len({new}) < len({best})", 0.4), (f"{best} is None or {new} > {best}", 0.5),
                         (f"{best} is None or {new} < {best}", 0.5)):  # fmt: skip
        yield site.put("only-better", f"if {check}:\n{indent}    {text}", share)


def started(site: Site) -> Iterator[Edit]:
    """What the best so far begins with: nothing is less, or more, or the first element."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float) or not isinstance(parent, ast.Assign):
        return
    if site.function is None or not isinstance(parent.targets[0], ast.Name) or parent.value is not node:
        return
    name = parent.targets[0].id
    if not any(name in names_of(n) for n in ast.walk(site.function) if _compares(n)):
        return
    yield site.put("start-extreme", 'float("inf")')
    yield site.put("start-extreme", '-float("inf")')
    for other in [
        a.arg for a in site.function.args.args if a.arg in site.pool.subscripted or _gone_through(site, a.arg)
    ]:
        yield site.put("start-extreme", f"{other}[0]")


def _compares(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and called(node) in ("min", "max"))


def _gone_through(site: Site, name: str) -> bool:
    nodes = ast.walk(site.function) if site.function else ()
    return any(isinstance(n, ast.For | ast.comprehension) and name in names_of(n.iter) for n in nodes)


def keyed(site: Site) -> Iterator[Edit]:
    """What is sorted, or the largest or the least of it, by a key: an element's entry, its length, the other way."""
    node = site.node
    if not isinstance(node, ast.Call) or called(node) not in ("sorted", "min", "max", "sort") or node.keywords:
        return
    method = called(node) == "sort"
    if len(node.args) != (0 if method else 1) or isinstance(node.args[0] if node.args else None, ast.GeneratorExp):
        return
    close = site.source.span(node)[1] - 1
    lead = "" if method else ", "
    for key, share in _KEYS_OF:
        yield site.splice("add-key", close, close, f"{lead}key={key}", share)
    for rank, attr in enumerate(a for a in site.pool.attributes if a not in site.pool.methods):
        yield site.splice("add-key", close, close, f"{lead}key=lambda item: item.{attr}", 0.5 / (1 + rank))
    if called(node) in ("sorted", "sort"):
        yield site.splice("add-key", close, close, f"{lead}reverse=True", 0.7)
    for rank, table in enumerate(n for n in site.scope.near(site.line) if n in site.pool.subscripted):
        yield site.splice("add-key", close, close, f"{lead}key=lambda item: {table}[item]", 0.5 / (1 + rank))


def first_best(site: Site) -> Iterator[Edit]:
    """The first one found is the best so far: `best is None or size < best`, `best == 0 or size < best`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Compare) or not isinstance(parent, ast.If) or site.function is None:
        return
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Lt | ast.Gt | ast.LtE | ast.GtE):
        return
    done = {site.of(t) for s in parent.body if isinstance(s, ast.Assign) for t in s.targets}
    starts = [s for s in ast.walk(site.function) if isinstance(s, ast.Assign) and s.lineno < site.line]
    for side in (node.left, node.comparators[0]):
        name = site.of(side)
        if not isinstance(side, ast.Name) or name not in done:
            continue
        values = [v for s in starts for n, v in set_together(s) if n == name and isinstance(v, ast.Constant)]
        for value in values[:1]:
            check = f"{name} is None" if value.value is None else f"{name} == {site.of(value)}"
            yield site.put_loose("first-best", f"{check} or {site.of(node)}")


def kept_as_it_is(site: Site) -> Iterator[Edit]:
    """A name set to itself beside others that change: it was meant to be the best, or the sum, of itself and one."""
    node, statement = site.node, site.statement
    if not isinstance(node, ast.Name) or not isinstance(statement, ast.Assign) or site.parent is not statement.value:
        return
    target = statement.targets[0]
    if not isinstance(target, ast.Tuple) or not isinstance(statement.value, ast.Tuple):
        return
    pairs = zip(target.elts, statement.value.elts, strict=False)
    if not any(value is node and isinstance(one, ast.Name) and one.id == node.id for one, value in pairs):
        return
    near = [n for n in site.scope.near(site.line) if n != node.id]
    beside = [n for n in near if n in names_of(statement.value)]
    for rank, other in enumerate([*beside, *(n for n in near if n not in beside)][:_BESIDE]):
        for form, share in (("max({}, {})", 1.0), ("min({}, {})", 1.0), ("{} + {}", 0.7), ("{} - {}", 0.4)):
            yield site.put("not-itself", form.format(node.id, other), share / (1 + rank / 3))
    yield site.put("not-itself", f"{node.id} + 1", 0.7)
