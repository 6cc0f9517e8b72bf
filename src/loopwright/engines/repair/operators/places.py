"""Places in sequences: a check that one is within, and how many elements are left behind it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.calls import value
from loopwright.engines.repair.operators.conditions import is_condition
from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, nearest

_BOUNDS = 4  # limits of other places that a missing check may be about
_ASKED = 0.2  # share of a place in its entry's stead where the entry is asked what it holds
_SEQUENCES = 6
_INDICES, _SHORT = 4, 20  # other places of a table, and the characters of the longest
_MODULI = 4  # what a place may be taken modulo of


def within(site: Site) -> Iterator[Edit]:
    """A check ahead of a condition that a place it looks at is within what other places are held below."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    mixed = isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
    text = site.atom(node) if mixed or isinstance(node, ast.IfExp | ast.Lambda) else site.of(node)
    checks: dict[str, float] = {}
    for child in ast.walk(node):
        if isinstance(child, ast.Subscript) and isinstance(child.slice, ast.Slice | ast.Constant):
            base = site.of(child.value)
            checks.setdefault(f"len({base}) > 1", 0.7)
            checks.setdefault(base, 0.3)
        if not isinstance(child, ast.Subscript) or not isinstance(child.slice, ast.Name | ast.BinOp):
            continue
        place, whole = site.of(child.slice), site.of(child)
        measured = f"len({site.of(child.value)})"
        bounds = [measured, *(b for b in site.scope.bounds if b not in (measured, place) and b not in whole)]
        for rank, bound in enumerate(bounds[: _BOUNDS + 1]):
            checks.setdefault(f"{place} < {bound}", 1 / (1 + rank / 3))
        less = _taken_from(child.slice)
        if less is not None:  # below it the entry would be one from the end
            name, by = (site.of(part) for part in less)
            checks.setdefault(f"{name} > 0" if by == "1" else f"{name} >= {by}", 1.0)
            below = f"{name} == 0" if by == "1" else f"{name} < {by}"
            if below not in text:
                yield site.put_loose("within", f"{below} or {text}", 0.7)
            continue
        checks.setdefault(f"{place} >= 0", 0.5)
        checks.setdefault(f"{place} > 0", 0.3)
    for check, share in checks.items():
        if check not in text:
            yield site.put_loose("within", f"{check} and {text}", share)
    for check in _of_the_body(site):
        if check not in text:
            yield site.put_loose("within", f"{text} and {check}", 1.0)


def scanned(site: Site) -> Iterator[Edit]:
    """What a loop along a text stops at: `while i < len(text) and text[i].isdigit()` for the end alone."""
    node, loop = site.node, site.parent
    if not isinstance(loop, ast.While) or loop.test is not node or not isinstance(node, ast.Compare):
        return
    end = node.comparators[0]
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Lt) or not isinstance(end, ast.Call) or len(end.args) != 1:
        return
    if called(end) != "len" or not isinstance(node.left, ast.Name | ast.Attribute):
        return
    entry, text = f"{site.of(end.args[0])}[{site.of(node.left)}]", site.of(node)
    asked = [m for m in site.pool.methods if m.startswith("is")]
    asked += [m for m in ("isdigit", "isalpha", "isspace", "isalnum") if m not in asked]
    for rank, method in enumerate(asked[:_BOUNDS]):
        yield site.put_loose("scan", f"{text} and {entry}.{method}()", 1 / (1 + rank / 2))
    marks = [s for s in site.pool.strings if len(s) == 1]
    for rank, mark in enumerate(marks[:_BOUNDS]):
        yield site.put_loose("scan", f"{text} and {entry} != {mark!r}", 1 / (1 + rank))
        yield site.put_loose("scan", f"{text} and {entry} == {mark!r}", 0.5 / (1 + rank))
    for rank, name in enumerate(n for n in site.scope.near(site.line) if n not in names_of(node)):
        if rank < _BOUNDS:
            yield site.put_loose("scan", f"{text} and {entry} == {name}", 0.5 / (1 + rank))


def _taken_from(place: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """The two parts of a place that is so many before another one."""
    if isinstance(place, ast.BinOp) and isinstance(place.op, ast.Sub) and isinstance(place.left, ast.Name):
        return (place.left, place.right) if isinstance(place.right, ast.Constant | ast.Name) else None
    return None


def _of_the_body(site: Site) -> list[str]:
    """Checks that the places which a loop moves in its body stay within what it takes from there."""
    loop = site.parent
    if not isinstance(loop, ast.While):
        return []
    nodes = [n for statement in loop.body for n in ast.walk(statement)]
    moved = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    taken = [n for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load)]
    found = [
        f"{site.of(n.slice)} < len({site.of(n.value)})"
        for n in taken
        if isinstance(n.slice, ast.Name) and n.slice.id in moved and not names_of(n.value) & moved
    ]
    return list(dict.fromkeys(found))[:_BOUNDS]


def remaining(site: Site) -> Iterator[Edit]:
    """How many elements are left from a place on, where a number or a name stands."""
    node, parent = site.node, site.parent
    if not isinstance(parent, ast.Assign | ast.AugAssign | ast.Return) or parent.value is not node:
        return
    if not isinstance(node, ast.Constant | ast.Name) or site.function is None:
        return
    if isinstance(node, ast.Constant) and type(node.value) is not int:
        return
    places = [n for n in ast.walk(site.function) if isinstance(n, ast.Subscript)]
    named = [n for n in places if isinstance(n.value, ast.Name) and isinstance(n.slice, ast.Name)]
    pairs = dict.fromkeys((site.of(n.value), site.of(n.slice)) for n in named)
    for sequence, place in list(pairs)[:_SEQUENCES]:
        if names_of(node) != {sequence}:
            for text, share in ((f"len({sequence}) - {place}", 1.0), (f"len({sequence}) - {place} - 1", 0.4)):
                yield site.put_loose("remaining", text, share)


def looked_up(site: Site) -> Iterator[Edit]:
    """The entry at a place in the place's stead, or the place in the entry's."""
    node = site.node
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _reckoned(node.slice):
        asked = isinstance(site.parent, ast.Compare) and isinstance(site.parent.ops[0], ast.In | ast.NotIn)
        yield site.put("place-alone", site.atom(node.slice), _ASKED if asked else 1.0)
    if not value(site) or not isinstance(node, ast.Name | ast.BinOp):
        return
    text = site.of(node)
    tables = [n for n in site.scope.near(site.line) if n in site.pool.subscripted and n not in names_of(node)]
    for rank, table in enumerate(tables[:_SEQUENCES]):
        yield site.put("look-up", f"{table}[{text}]", 1 / (1 + rank / 2))


def entry_of(site: Site) -> Iterator[Edit]:
    """An entry where its table stands: `near[node].append(x)` for `near.append(x)`, `rows[r][c]` for `rows[c]`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Name) or site.function is None or node.id not in site.pool.tables:
        return
    if isinstance(node.ctx, ast.Store) or isinstance(parent, ast.Slice):
        return
    inner = isinstance(parent, ast.Subscript) and parent.value is node
    deep = any(isinstance(n, ast.Subscript) and isinstance(n.value, ast.Subscript) for n in ast.walk(site.function))
    if inner and not deep:
        return
    used = names_of(parent.slice) if isinstance(parent, ast.Subscript) and inner else frozenset()
    near = [n for n in site.scope.near(site.line) if n != node.id and n not in site.pool.subscripted and n not in used]
    near = near[:_SEQUENCES] + ([] if inner else _indices(site))
    for rank, name in enumerate(near):
        yield site.put("entry-of", f"{node.id}[{name}]", (2.0 if name in site.pool.places else 1.0) / (1 + rank / 2))


def _indices(site: Site) -> list[str]:
    """What else is an index in the function, or could be by the line: `i + 1`, `rows[i]`."""
    nodes = list(ast.walk(site.function)) if site.function else []
    used = [n.slice for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.BinOp)]
    here = [n for n in nodes if isinstance(n, ast.BinOp | ast.Subscript) and n.lineno == site.line]
    moved = [n for n in here if isinstance(n, ast.Subscript) or isinstance(n.right, ast.Constant)]
    texts = dict.fromkeys(site.of(n) for n in (*moved, *used) if len(site.of(n)) < _SHORT)
    name = site.of(site.node)
    return [text for text in texts if name not in text][:_INDICES]


def _reckoned(place: ast.expr) -> bool:
    return not isinstance(place, ast.Slice | ast.Constant | ast.Tuple)


def other_end(site: Site) -> Iterator[Edit]:
    """Taken from the other end: `queue.pop(0)` for `queue.pop()` and back."""
    node = site.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "pop":
        return
    base = site.of(node.func.value)
    if not node.args and not node.keywords:
        yield site.put("other-end", f"{base}.pop(0)")
    elif len(node.args) == 1 and site.of(node.args[0]) in ("0", "-1"):
        yield site.put("other-end", f"{base}.pop()" if site.of(node.args[0]) == "0" else f"{base}.pop(0)")


def round_again(site: Site) -> Iterator[Edit]:
    """What is reckoned taken modulo what something else of the file is: a place that goes round."""
    node, parent = site.node, site.parent
    given = isinstance(parent, ast.Assign | ast.Return) or (isinstance(parent, ast.Subscript) and parent.slice is node)
    if not given or not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
        return
    for rank, modulus in enumerate(nearest(site, site.pool.moduli)[:_MODULI]):
        yield site.put_loose("modulo", f"({site.of(node)}) % {modulus.text}", 1 / (1 + rank))


def held(site: Site) -> Iterator[Edit]:
    """An entry only where its place is within: else the first, the last or nothing, or the place taken round."""
    node = site.node
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    if not isinstance(node.slice, ast.Name | ast.BinOp) or not isinstance(node.value, ast.Name | ast.Attribute):
        return
    base, place = site.of(node.value), site.of(node.slice)
    modulo = f"{site.atom(node.slice)} % len({base})"
    yield site.put("held", f"{base}[{modulo}]")
    for rank, other in enumerate(("None", f"{base}[0]", f"{base}[-1]", "0", '""')):
        yield site.put_loose("held", f"{site.of(node)} if {place} < len({base}) else {other}", 0.7 / (1 + rank / 2))
