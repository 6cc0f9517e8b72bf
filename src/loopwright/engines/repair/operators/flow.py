"""What belongs before, within and behind a loop or a call of itself: emptied, begun anew, taken back, left early."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.symbols import COMPARISONS
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.scope import set_together
from loopwright.engines.repair.site import Edit, Site, insertable
from loopwright.engines.repair.source import Function

_LOOPS = (ast.For, ast.While)
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "is": "is not", "is not": "is",
             "in": "not in", "not in": "in"}  # fmt: skip


def flush(site: Site) -> Iterator[Edit]:
    """What a loop puts away now and then is put away once more behind it: the last piece has no successor."""
    node = site.node
    if not isinstance(node, _LOOPS) or not insertable(site):
        return
    bound = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)} if isinstance(node, ast.For) else set()
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Expr | ast.AugAssign | ast.Assign) or inner.lineno != inner.end_lineno:
            continue
        if inner in node.body and isinstance(node, ast.For):
            continue  # done for each element: none is left over
        text = site.of(inner)
        share = 1.0 if isinstance(inner, ast.Expr) else 0.5
        share *= 0.3 if names_of(inner) & bound else 1.0
        yield site.insert_after("flush", node, text, share)
        given = inner.value.args if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call) else []
        if len(given) == 1 and isinstance(given[0], ast.Name):
            yield site.insert_after("flush", node, f"if {given[0].id}:\n    {text}", 0.7 * share)
    for rest in _rests(site, node):
        yield site.insert_after("flush", node, rest, 0.7)


def _rests(site: Site, loop: ast.For | ast.While) -> list[str]:
    """What is left of the sequences that a loop takes from, place by place, put where it puts the others."""
    grown = [n.func.value for n in ast.walk(loop) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
             and n.func.attr == "append"]  # fmt: skip
    taken = [n for n in ast.walk(loop) if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Name)]
    found = [f"{site.of(to)}.extend({site.of(n.value)}[{site.of(n.slice)}:])" for to in grown[:1] for n in taken]
    return list(dict.fromkeys(found))[:4]


def begin(site: Site) -> Iterator[Edit]:
    """A value that is gathered in a loop begins anew, as it began ahead of the loop."""
    node, function = site.node, site.function
    if not isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.If | ast.For) or function is None:
        return
    loops = [p for p in site.parents if isinstance(p, _LOOPS)]
    if not loops or not insertable(site):
        return
    changed = {n.id for n in ast.walk(loops[-1]) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    changed |= {n.func.value.id for n in ast.walk(loops[-1]) if isinstance(n, ast.Call)
                and isinstance(n.func, ast.Attribute) and isinstance(n.func.value, ast.Name)}  # fmt: skip
    body = site.body_of(node) or []
    asked = names_of(site.parent.test) if isinstance(site.parent, ast.If) and body[-1] is node else frozenset()
    for name, text in _starts(site, function, loops[-1]):
        if name not in changed:
            continue
        if (name in names_of(node) and not isinstance(node, ast.If | ast.For)) or name in asked:
            yield site.insert_after("begin", node, text, 1.0)
        if body[0] is node and site.parent is loops[-1]:
            yield site.insert_before("begin", node, text, 0.7)


def _starts(site: Site, function: Function, loop: ast.For | ast.While) -> list[tuple[str, str]]:
    """Names that begin ahead of a loop, each with the statement by which it does."""
    found: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and node.lineno < loop.lineno and node.lineno == node.end_lineno:
            for name, value in set_together(node):
                if _beginning(value):
                    found[name] = f"{name} = {site.of(value)}"
    return list(found.items())


def together(site: Site) -> Iterator[Edit]:
    """Where one value begins anew within a loop, another one does as well that began beside it ahead of the loop."""
    node, function = site.node, site.function
    loop = next((p for p in reversed(site.parents) if isinstance(p, _LOOPS)), None)
    if loop is None or function is None or not isinstance(node, ast.Assign) or not insertable(site):
        return
    starts = _starts(site, function, loop)
    if not any(text == site.of(node) for _, text in starts):
        return
    here = {site.of(s) for s in site.body_of(node) or []}
    for _, text in starts:
        if text not in here:
            yield site.insert_after("begin", node, text, 1.0)


def begin_again(site: Site) -> Iterator[Edit]:
    """What was set ahead of a loop is set once more ahead of a later loop: `slow = first`."""
    node, function = site.node, site.function
    if not isinstance(node, _LOOPS) or function is None or not insertable(site):
        return
    loops = [n for n in ast.walk(function) if isinstance(n, _LOOPS) and (n.end_lineno or n.lineno) < node.lineno]
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    changed = {
        n.id for loop in loops for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign) and loops and statement.lineno < loops[-1].lineno:
            for name, value in set_together(statement):
                if name in used & changed:
                    yield site.insert_before("begin-again", node, f"{name} = {site.of(value)}")


def restart(site: Site) -> Iterator[Edit]:
    """What a method does not speak of, or what an `if` of it asks for, begins anew as the class began with it."""
    node, function = site.node, site.function
    owner = next((p for p in reversed(site.parents) if isinstance(p, ast.ClassDef)), None)
    if owner is None or function is None or not isinstance(node, ast.stmt) or not insertable(site):
        return
    if function.name == "__init__" or isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
        return
    block, body = site.parent, site.body_of(node) or [node]
    asked = isinstance(block, ast.If) and body is block.body
    if body[-1] is not node or not (asked or block is function):
        return
    about = block.test if isinstance(block, ast.If) else function
    known = {n.attr for n in ast.walk(about) if isinstance(n, ast.Attribute)}
    set_here = {t.attr for s in body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Attribute)}
    made = next((f for f in owner.body if isinstance(f, Function) and f.name == "__init__"), None)
    for start in made.body if made else ():
        if not isinstance(start, ast.Assign) or isinstance(start.value, ast.Name) or not _beginning(start.value):
            continue
        target = start.targets[0]
        if isinstance(target, ast.Attribute) and (target.attr in known) == asked and target.attr not in set_here:
            yield site.insert_after("restart", node, site.of(start))


def _beginning(value: ast.expr) -> bool:
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return len(value.elts) <= 1
    if isinstance(value, ast.Dict | ast.Call):
        return not (value.keys if isinstance(value, ast.Dict) else value.args)
    return isinstance(value, ast.Constant | ast.Name)


def undo(site: Site) -> Iterator[Edit]:
    """What was done ahead of a call of the function itself is taken back behind it."""
    node = site.node
    if not isinstance(node, ast.stmt) or isinstance(node, Function | ast.Return) or not insertable(site):
        return
    mine = {f.name for f in site.parents if isinstance(f, Function)}
    called = {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    body = site.body_of(node) or []
    if not mine & called:
        return
    index = next(i for i, s in enumerate(body) if s is node)
    behind = {site.of(s) for s in body[index + 1 :]}
    for done in body[:index]:
        for text, share in _inverse(site, done):
            if text not in behind:
                yield site.insert_after("undo", node, text, share)


def _inverse(site: Site, node: ast.stmt) -> Iterator[tuple[str, float]]:
    """Statements that take this one back."""
    text = site.of(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        base = site.of(node.value.func.value)
        if node.value.func.attr == "append":
            yield f"{base}.pop()", 1.0
        elif node.value.func.attr == "add" and node.value.args:
            yield f"{base}.remove({site.of(node.value.args[0])})", 1.0
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        other = "-=" if isinstance(node.op, ast.Add) else "+="
        yield f"{site.of(node.target)} {other} {site.of(node.value)}", 1.0
    elif isinstance(node, ast.Assign):
        target = node.targets[0]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield text, 1.0
        elif isinstance(node.value, ast.Constant) and isinstance(target, ast.Subscript | ast.Attribute):
            if isinstance(node.value.value, bool):
                yield f"{site.of(target)} = {not node.value.value}", 1.0
            else:
                yield f"{site.of(target)} = 0", 0.3
                yield f"{site.of(target)} = None", 0.2


def leave(site: Site) -> Iterator[Edit]:
    """A loop left in its middle once what it goes on for no longer holds."""
    node = site.node
    loop = site.parent
    if not isinstance(loop, ast.While) or not isinstance(node, ast.stmt) or not insertable(site):
        return
    if loop.body[0] is node or node not in loop.body or isinstance(loop.test, ast.Constant):
        return
    yield site.insert_before("leave", node, f"if {opposite(site, loop.test)}:\n    break")


def stopped(site: Site) -> Iterator[Edit]:
    """A loop left, or its next turn begun, once what a condition asked for was done."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Expr | ast.Assign | ast.AugAssign) or not insertable(site):
        return
    if not isinstance(parent, ast.If) or node not in (*parent.body[-1:], *parent.orelse[-1:]):
        return
    if any(isinstance(p, _LOOPS) for p in site.parents):
        yield site.insert_after("add-jump", node, "break")
        yield site.insert_after("add-jump", node, "continue", 0.4)


def opposite(site: Site, test: ast.expr) -> str:
    """The condition that holds where this one does not."""
    if isinstance(test, ast.BoolOp):
        word = " or " if isinstance(test.op, ast.And) else " and "
        parts = [opposite(site, value) for value in test.values]
        return word.join(f"({p})" if isinstance(v, ast.BoolOp) else p for p, v in zip(parts, test.values, strict=True))
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        symbol = _OPPOSITE[COMPARISONS[type(test.ops[0])]]
        return f"{site.of(test.left)} {symbol} {site.of(test.comparators[0])}"
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return site.of(test.operand)
    return f"not {site.atom(test)}"
