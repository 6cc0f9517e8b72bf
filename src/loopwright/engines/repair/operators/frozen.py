"""What is asked again and again and never changes: a counter that does not count, an entry that stays."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.scope import set_together
from loopwright.engines.repair.site import Edit, Site, insertable
from loopwright.engines.repair.source import Function

_LOOPS = (ast.For, ast.While)
_LEADING = 3  # names of a loop that a place may follow
_AWAY = 4  # lines between a question and what may be missing


def counted(site: Site) -> Iterator[Edit]:
    """A step of a number or an entry that is compared within a loop and that nothing changes there."""
    node = site.node
    loops = [p for p in site.parents if isinstance(p, _LOOPS)]
    if not isinstance(node, ast.stmt) or not loops or site.function is None or not insertable(site):
        return
    asked = node.test if isinstance(node, ast.If) else None
    for text, line in _stuck(site, loops[0]):
        away = abs(line - node.lineno)
        if away > _AWAY:
            continue
        here = asked is not None and text in site.of(asked)
        down = here and f"{text} == 0" in site.of(node)
        ones = ("-= 1", "+= 1") if down else ("+= 1", "-= 1")
        for rank, step in enumerate([*ones, *_steps(site, loops[0])]):
            share = (3.0 if here else 0.5) / ((1 + rank) * (1 + away / 2))
            yield site.insert_before("count", node, f"{text} {step}", share)
            if not here and not isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
                yield site.insert_after("count", node, f"{text} {step}", 0.8 * share)


def _steps(site: Site, loop: ast.AST) -> list[str]:
    """The steps by names that the loop makes elsewhere."""
    nodes = [n for n in ast.walk(loop) if isinstance(n, ast.AugAssign) and isinstance(n.op, ast.Add | ast.Sub)]
    named = [(n.op, n.value.id) for n in nodes if isinstance(n.value, ast.Name)]
    made = [f"{'+' if isinstance(op, ast.Add) else '-'}= {name}" for op, name in named]
    return list(dict.fromkeys(made))[:_LEADING]


def turned(site: Site) -> Iterator[Edit]:
    """A turn of what a loop reads and nothing changes there: a sign, a switch, a place that another one leads."""
    node = site.node
    loop = next((p for p in reversed(site.parents) if isinstance(p, _LOOPS)), None)
    if not isinstance(node, ast.stmt) or loop is None or site.function is None or not insertable(site):
        return
    body, changed = site.body_of(node) or [], _changed(loop)
    read = names_of(loop)
    last = body and body[-1] is node and not isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue)
    for name, begun in _starts(site.function, loop):
        if name in changed or name not in read:
            continue
        value = begun.value if isinstance(begun, ast.Constant) else None
        if isinstance(value, bool):
            ways = [("turn", f"{name} = not {name}", 1.0)]
        elif not isinstance(begun, ast.Constant):
            same = [n for n, made in _set_in(loop) if site.of(made) == site.of(begun)]
            ways = [("follow", f"{name} = {n}", 3.0) for n in same]
        else:
            near = [n for n in site.scope.near(site.line) if n in changed and n != name][:_LEADING]
            tails = (" + 1", "") if isinstance(value, int) else ("",)
            ways = [("turn", f"{name} = -{name}", 1.0)] if value in (1, -1) else []
            ways += [("follow", f"{name} = {n}{tail}", 1 / (1 + k)) for k, n in enumerate(near) for tail in tails]
        for kind, text, share in ways:
            if last:
                yield site.insert_after(kind, node, text, share)
            if body and body[0] is node:
                yield site.insert_before(kind, node, text, 0.5 * share)


def _starts(function: Function, loop: ast.For | ast.While) -> list[tuple[str, ast.expr]]:
    """Names set ahead of a loop, and to what."""
    nodes = [n for n in ast.walk(function) if isinstance(n, ast.Assign) and n.lineno < loop.lineno]
    return [pair for node in nodes for pair in set_together(node)]


def _set_in(loop: ast.For | ast.While) -> list[tuple[str, ast.expr]]:
    """Names set in a loop, and to what."""
    return [pair for node in ast.walk(loop) for pair in set_together(node)]


def _stuck(site: Site, loop: ast.AST) -> list[tuple[str, int]]:
    """What is compared in the loop, is a number by its look, and is set only ahead of it."""
    assert site.function is not None
    changed = _changed(loop)
    numbers = _numbers(site.function)
    found: dict[str, int] = {}
    for node in ast.walk(loop):
        if not isinstance(node, ast.Compare) or isinstance(node.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot):
            continue
        other = {type(s.value) for s in (node.left, *node.comparators) if isinstance(s, ast.Constant)}
        for side in (node.left, *node.comparators):
            if isinstance(side, ast.Name) and side.id in numbers and side.id not in changed:
                found.setdefault(side.id, node.lineno)
            elif isinstance(side, ast.Subscript) and isinstance(side.value, ast.Name) and int in other:
                given = side.value.id not in changed and side.value.id in set(site.scope.locals)
                if (given and names_of(side.slice)) or _entry_kept(loop, side.value.id):
                    found.setdefault(site.of(side), node.lineno)
    return list(found.items())


def _entry_kept(loop: ast.AST, name: str) -> bool:
    """True where a loop takes something by this name and sets no entry of it."""
    nodes = list(ast.walk(loop))
    stored = any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in nodes)
    entries = (n for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store))
    return stored and not any(isinstance(n.value, ast.Name) and n.value.id == name for n in entries)


def _changed(loop: ast.AST) -> set[str]:
    """Names that are set in the loop, and those of which an entry is."""
    found: set[str] = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found |= names_of(node.value)
    return found


def _numbers(function: Function) -> set[str]:
    """Locals that are set once, to a number."""
    values: dict[str, ast.expr] = {}
    count: Counter[str] = Counter()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            count[node.id] += 1
        if isinstance(node, ast.Assign):
            pairs = [(t, node.value) for t in node.targets]
            if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(node.targets[0].elts, node.value.elts, strict=False))
            values |= {t.id: v for t, v in pairs if isinstance(t, ast.Name)}
    return {n for n, v in values.items() if count[n] == 1 and isinstance(v, ast.Constant) and type(v.value) is int}
