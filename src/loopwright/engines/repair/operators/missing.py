"""What a program may lack: the step of a loop, the first entry of a table, another element, a sibling's line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, permutations, product

from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, insertable, is_text, nearest
from loopwright.engines.repair.source import Function

_PAIRED, _PAIRS = 4, 6  # names of a statement that may have to differ, and pairs of them
_TOGETHER = 4  # parameters put in order together
_NAMES = 6  # locals that a missing statement may use
_TEXT = ("{}.lower()", "{}.strip()", "sorted({})")
_PLAIN = ("sorted({})", "list({})", "abs({})", "set({})", "int({})", "str({})")
_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def step(site: Site) -> Iterator[Edit]:
    """A change of what a while loop's condition is about, at the end of a block of the loop that has none."""
    node = site.node
    if not isinstance(node, ast.stmt) or isinstance(node, (*_ENDS, Function, ast.ClassDef)):
        return
    loop = next((p for p in reversed(site.parents) if isinstance(p, ast.While | ast.For | Function)), None)
    body = site.body_of(node)
    if not isinstance(loop, ast.While) or not body or body[-1] is not node:
        return
    known = set(site.scope.locals)
    asked = names_of(loop.test).union(*(names_of(s.test) for s in loop.body if isinstance(s, ast.If)))
    bound = {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    near = site.scope.near(site.line)[:_NAMES]
    kind = "add-step" if _changes(loop) else "lost-step"
    for name in (n for n in site.scope.near(site.line) if n in asked and n in known and n not in bound):
        first = 3.0 if name in names_of(loop.test) else 1.0
        for tail, share in (("+= 1", 1.0), ("-= 1", 0.5), *_divided(site, loop, name)):
            yield site.insert_after(kind, node, f"{name} {tail}", first * share)
        for rank, other in enumerate(n for n in near if n != name):
            share = (2.0 if other in bound else 1.0) / (1 + rank / 3)
            yield site.insert_after(kind, node, f"{name} = {other}", first * share)


def _divided(site: Site, loop: ast.While, name: str) -> Iterator[tuple[str, float]]:
    """The step that goes with a digit: where `n % 10` is asked for, `n //= 10` follows."""
    rests = [n for n in ast.walk(loop) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mod)]
    for text in dict.fromkeys(site.of(n.right) for n in rests if site.of(n.left) == name):
        yield f"//= {text}", 1.0


def _changes(loop: ast.While) -> bool:
    """False where a loop's condition speaks of names alone and nothing in the loop sets one of them."""
    if isinstance(loop.test, ast.Constant):
        return True
    inside = [n for statement in loop.body for n in ast.walk(statement)]
    bound = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    plain = not any(isinstance(n, ast.Call | ast.Attribute | ast.Subscript) for n in ast.walk(loop.test))
    return not plain or bool(bound & names_of(loop.test))


def used_up(site: Site) -> Iterator[Edit]:
    """What was found to fit into something is taken from it: `if a <= b` is followed by `b -= a`."""
    node, parent = site.node, site.parent
    if not isinstance(parent, ast.If | ast.While) or not isinstance(node, ast.stmt) or isinstance(node, _ENDS):
        return
    if node is not parent.body[-1] or not insertable(site):
        return
    for test in ast.walk(parent.test):
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            continue
        less, more = test.left, test.comparators[0]
        if isinstance(test.ops[0], ast.Gt | ast.GtE):
            less, more = more, less
        elif not isinstance(test.ops[0], ast.Lt | ast.LtE):
            continue
        if isinstance(more, ast.Name | ast.Attribute | ast.Subscript):
            yield site.insert_after("use-up", node, f"{site.of(more)} -= {site.of(less)}")


def advance(site: Site) -> Iterator[Edit]:
    """A step along links, `node = node.next`, that a loop lacks for a name which nothing in it sets."""
    node = site.node
    loop = next((p for p in reversed(site.parents) if isinstance(p, ast.While | ast.For)), None)
    if loop is None or not isinstance(node, ast.stmt) or not insertable(site):
        return
    assert site.function is not None
    inside = list(ast.walk(loop))
    bound = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    links = [
        n.attr for n in ast.walk(site.function) if isinstance(n, ast.Attribute) and n.attr not in site.pool.methods
    ]
    walked = {n.value.attr for n in inside if isinstance(n, ast.Assign) and isinstance(n.value, ast.Attribute)}
    set_here = {n.id for n in ast.walk(site.function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for name in (n for n in site.scope.near(site.line) if n in set_here and n not in bound):
        for link in links:
            share = (2.0 if link in walked else 0.5) * (1.0 if name in site.pool.by_base else 0.3)
            yield site.insert_before("advance", node, f"{name} = {name}.{link}", share)
            if not isinstance(node, _ENDS) and (site.body_of(node) or [node])[-1] is node:
                yield site.insert_after("advance", node, f"{name} = {name}.{link}", share)


def condition(site: Site) -> Iterator[Edit]:
    """A statement done only where a check of what it uses holds."""
    node = site.node
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.Break | ast.Continue):
        return
    body = site.body_of(node)
    if is_text(node) or site.function is None or not body or node.lineno != node.end_lineno:
        return
    if site.source.text[site.source.offset(node.lineno, 0) : site.source.span(node)[0]].strip():
        return
    alone = isinstance(node, ast.Break | ast.Continue)
    used = site.scope.near(site.line)[:3] if alone else [n for n in site.scope.locals if n in names_of(node)]
    first = isinstance(node, ast.Assign) and len(body) > 1  # what it sets may be used by all that follows
    text, indent = site.of(node), site.source.indent(node)
    checks: list[tuple[str, float]] = []
    for rank, name in enumerate(n for n in used if n not in ("self", "cls")):
        share = 1 / (1 + rank / 2)
        checks += [(name, share), (f"{name} > 1", share), (f"{name} > 0", share), (f"not {name}", 0.5 * share)]
        checks += [(f"{name} is not None", 0.5 * share)]
        checks += [(f"{name} not in {kept}", 1.5 * share) for kept in site.scope.collections if kept != name]
        for kept in site.scope.unasked - {name}:
            for check in (f"{name} in {kept}", f"{name} not in {kept}"):
                yield site.put("ask", f"if {check}:\n{indent}    {text}", share)
    for one, two in _unlike(site, node):
        checks += [(f"{one} != {two}", 1.5), (f"{one} < {two}", 0.5), (f"{one} > {two}", 0.5)]
    checks += [(i.text, 1 / (1 + rank / 2)) for rank, i in enumerate(nearest(site, site.pool.conditions)[:6])]
    for part in (n for n in ast.walk(node) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)):
        if isinstance(part.right, ast.Name | ast.Subscript | ast.Attribute):  # how much is missing, where it is
            checks += [(f"{site.of(part.right)} < {site.of(part.left)}", 2.0)]
    for check, share in checks:
        yield site.put("only-if", f"if {check}:\n{indent}    {text}", 0.5 * share if first else share)


def _unlike(site: Site, node: ast.stmt) -> list[tuple[str, str]]:
    """Names, and places of one entry, of a statement that may have to differ for it to be done."""
    places = [n.slice for n in ast.walk(node) if isinstance(n, ast.Subscript) and not isinstance(n.slice, ast.Slice)]
    moved = [(site.of(n), site.of(m)) for n in places for m in places if isinstance(m, ast.BinOp) and n is not m]
    inside = [(name, site.of(m)) for m in places if isinstance(m, ast.BinOp) for name in sorted(names_of(m))]
    plain = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    names = [n for n in dict.fromkeys(plain) if n in site.scope.locals and n not in site.pool.tables]
    pairs = [*moved, *inside, *combinations(names[:_PAIRED], 2)]
    return [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]][:_PAIRS]


def passed(site: Site) -> Iterator[Edit]:
    """The next argument of a function of the file, other than what it is by default: for a switch the opposite."""
    node = site.node
    if not isinstance(node, ast.Call) or not node.args or node.keywords or not isinstance(node.func, ast.Name):
        return
    found = next((u.node for u in site.source.units if u.node.name == called(node)), None)
    if found is None or any(isinstance(a, ast.Starred) for a in node.args):
        return
    names, defaults = [*found.args.posonlyargs, *found.args.args], found.args.defaults
    place = len(node.args) - (len(names) - len(defaults))
    if not 0 <= place < len(defaults):
        return
    default, end = defaults[place], site.source.span(node.args[-1])[1]
    if isinstance(default, ast.Constant) and isinstance(default.value, bool):
        yield site.splice("pass-argument", end, end, f", {not default.value}")
    given = names[len(node.args)].arg
    if given in site.scope.locals:
        yield site.splice("pass-argument", end, end, f", {given}")


def prepared(site: Site) -> Iterator[Edit]:
    """A parameter made ready ahead of what the function does with it: its absolute value, sorted, a copy."""
    node, function = site.node, site.function
    if not isinstance(node, ast.stmt) or function is None or site.parent is not function or not insertable(site):
        return
    given = [a.arg for a in (*function.args.posonlyargs, *function.args.args) if a.arg not in ("self", "cls")]
    if 2 <= len(given) <= _TOGETHER:
        names = ", ".join(given)
        yield site.insert_before("prepare", node, f"{names} = sorted(({names}))", 3.0)
    for name in given:
        asked = set(site.pool.by_base.get(name, ()))
        text = bool(asked & {"split", "strip", "lower", "upper", "isdigit", "startswith", "endswith"})
        forms = _TEXT if text else _PLAIN
        for rank, form in enumerate(forms):
            yield site.insert_before("prepare", node, f"{name} = {form.format(name)}", 1 / (1 + rank / 4))


def entry(site: Site) -> Iterator[Edit]:
    """The first entry of a table set right behind where the table is made."""
    node = site.node
    if not isinstance(node, ast.Assign) or site.function is None or not isinstance(node.targets[0], ast.Name):
        return
    if not isinstance(node.value, ast.BinOp | ast.List | ast.ListComp | ast.Dict | ast.DictComp | ast.Call):
        return
    name = node.targets[0].id
    if name not in site.pool.subscripted:
        return
    keys = ["0", *(n for n in site.scope.near(site.line)[:_NAMES] if n != name)]
    for rank, key in enumerate(keys):
        for value, share in (("1", 1.0), ("0", 1.0), ("True", 0.5), ("[]", 0.2), (key, 0.2)):
            yield site.insert_after("add-entry", node, f"{name}[{key}] = {value}", share / (1 + rank / 2))
    zeros = any(isinstance(n, ast.Constant) and n.value == 0 for n in ast.walk(node.value))
    if isinstance(node.value, ast.ListComp) and zeros:
        yield site.insert_after("add-entry", node, f"{name}[0][0] = 1", 0.5)


def element(site: Site) -> Iterator[Edit]:
    """One more element or argument like one that is there, about another name."""
    node = site.node
    if isinstance(node, ast.Call):
        plain = isinstance(node.func, ast.Name) and node.func.id in ("max", "min")
        parts = node.args if plain else []
    elif isinstance(node, ast.Tuple | ast.List | ast.Set) and not isinstance(getattr(node, "ctx", None), ast.Store):
        parts = node.elts
    else:
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append" and node.args:
        base, item = site.of(node.func.value), site.of(node.args[0])
        for name in site.scope.unread:  # what was counted and never used
            yield site.put("add-element", f"{base}.extend([{item}] * {name})", 2.0)
    written = {site.of(part) for part in parts}
    for part in parts:
        end = site.source.span(part)[1]
        for text, share in renamed(site, part):
            if text not in written:
                yield site.splice("add-element", end, end, f", {text}", share)


def renamed(site: Site, part: ast.expr) -> Iterator[tuple[str, float]]:
    """An expression with one of its names exchanged for another local."""
    start = site.source.span(part)[0]
    text = site.of(part)
    for child in ast.walk(part):
        if isinstance(child, ast.Name) and child.id in site.scope.locals:
            a, b = (place - start for place in site.source.span(child))
            for rank, name in enumerate(site.scope.near(site.line)[:_NAMES]):
                if name != child.id:
                    yield text[:a] + name + text[b:], (3 if name in site.scope.unread else 1) / (1 + rank / 3)


def counterpart(site: Site) -> Iterator[Edit]:
    """A statement once more, about other names: `left` was dealt with, `right` was not."""
    node = site.node
    if not isinstance(node, ast.Expr | ast.AugAssign | ast.Assign) or is_text(node) or site.body_of(node) is None:
        return
    if site.function is None or node.lineno != node.end_lineno:
        return
    start, text = site.source.span(node)[0], site.of(node)
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in site.scope.locals]
    spans = [(n.id, site.source.span(n)) for n in names]
    places = {(name, a - start, b - start) for name, (a, b) in spans}
    mine = list(dict.fromkeys(name for name, _, _ in sorted(places, key=lambda p: p[1])))
    others = [n for n in site.scope.near(site.line)[: _NAMES + 2] if n not in mine]
    maps = [dict([pair]) for pair in product(mine, others)]
    if len(mine) >= 2:
        maps += [{mine[0]: a, mine[1]: b} for a, b in permutations(others[:5], 2)]
    for renaming in maps:
        made = text
        for name, a, b in sorted(places, key=lambda p: -p[1]):
            made = made[:a] + renaming.get(name, name) + made[b:]
        share = (2.0 if len(renaming) == len(mine) else 0.5) * (
            2.0 if site.scope.unread & set(renaming.values()) else 1.0
        )
        yield site.insert_after("copy-renamed", node, made, share)


def elsewhere(site: Site) -> Iterator[Edit]:
    """A short statement of another function of the file put in here, where all its names are known."""
    node, function = site.node, site.function
    if not isinstance(node, ast.stmt) or function is None or not insertable(site):
        return
    local = set(site.scope.locals)
    inside = range(function.lineno, (function.end_lineno or 0) + 1)
    seen: set[str] = set()
    for other in site.pool.statements:
        text = site.of(other)
        if other.lineno in inside or text in seen or is_text(other) or not names_of(other) <= local:
            continue
        seen.add(text)
        share = 1.0 if isinstance(other, ast.Expr) else 0.5
        yield site.insert_before("copy-elsewhere", node, text, share)
        if not isinstance(node, _ENDS):
            yield site.insert_after("copy-elsewhere", node, text, share)
