"""What an expression may lack or hold at the wrong place: a term like the others, the other half, a shift."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import permutations

from loopwright.engines.repair.operators.conditions import is_condition
from loopwright.engines.repair.operators.mirror import OPPOSITES
from loopwright.engines.repair.operators.missing import renamed
from loopwright.engines.repair.operators.symbols import ARITHMETIC
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site, insertable, nearest
from loopwright.engines.repair.source import Function

Gathering = ast.Assign | ast.AugAssign | ast.Expr

_PART = 4  # an expression of which this one is a part is at most so many times as long
_SMALL = 2  # the largest number to which something may have been added
_ASKED, _OTHERS = 2, 4  # names that a part may depend on, and values that may stand in for one that is missing
_TABLES = 3  # tables whose entry may be added
_ALIKE = 0.6  # share of equal characters from which on one expression may be a slip of the other


def alike(site: Site) -> Iterator[Edit]:
    """Another expression of the function that reads almost the same."""
    node = site.node
    if not isinstance(node, ast.Compare | ast.BinOp | ast.Call | ast.Subscript | ast.BoolOp):
        return
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(site.parent, ast.Expr):
        return
    text = site.of(node)
    around = {site.of(p) for p in site.parents if isinstance(p, ast.expr)}
    pool = site.pool.conditions if is_condition(site) else site.pool.expressions
    for other in nearest(site, pool):
        if other.text in around:
            continue
        if text in other.text and len(other.text) <= _PART * len(text):
            yield site.put_loose("alike", other.text, _ALIKE)
            continue
        match = SequenceMatcher(None, text, other.text, autojunk=False)
        if min(match.real_quick_ratio(), match.quick_ratio()) < _ALIKE:
            continue
        ratio = match.ratio()
        if ratio >= _ALIKE:
            yield site.put_loose("alike", other.text, ratio)


def another(site: Site) -> Iterator[Edit]:
    """One more term of a sum or factor of a product, like one that is there, about another name."""
    node = site.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Mult | ast.Sub):
        return
    if isinstance(site.parent, ast.BinOp) and type(site.parent.op) is type(node.op):
        return
    symbol = ARITHMETIC[type(node.op)]
    text, written = site.of(node), {site.of(n) for n in ast.walk(node) if isinstance(n, ast.expr)}
    for part in (node.right, node.left):
        if part is node.left and (isinstance(part, ast.Constant | ast.BinOp) or symbol == "-"):
            continue
        for other, share in renamed(site, part):
            if other not in written:
                yield site.put("add-term", f"{text} {symbol} {other}", share)


def entry_added(site: Site) -> Iterator[Edit]:
    """An entry of a table added to a value, above all of one never looked into: `begin + cost[task]` for `begin`."""
    node, parent = site.node, site.parent
    given = isinstance(parent, ast.Assign | ast.AugAssign | ast.Return) and parent.value is node
    within = isinstance(parent, ast.Call | ast.Tuple) and isinstance(getattr(parent, "ctx", ast.Load()), ast.Load)
    if not isinstance(node, ast.Name | ast.Subscript | ast.Call) or not (given or within):
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or (within and getattr(parent, "func", None) is node):
        return
    near, text = site.scope.near(site.line), site.of(node)
    tables = [n for n in near if n in site.pool.tables and n not in names_of(node)]
    tables.sort(key=lambda n: n in site.pool.subscripted)
    targets = [t for t in getattr(parent, "targets", []) if isinstance(t, ast.Subscript)]
    keys = [site.of(t.slice) for t in targets]
    for rank, table in enumerate(tables[:_TABLES]):
        share = (1.0 if table not in site.pool.subscripted else 0.4) * (1.0 if given else 0.4) / (1 + rank / 2)
        for place, key in enumerate(dict.fromkeys([*keys, *(n for n in near if n not in site.pool.tables)][:_OTHERS])):
            yield site.put_loose("add-table-entry", f"{text} + {table}[{key}]", share / (1 + place / 2))


def lost(site: Site) -> Iterator[Edit]:
    """A number to which a name was added, or from a name taken: `1` becomes `place + 1`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Constant) or type(node.value) is not int or not 0 < node.value <= _SMALL:
        return
    if not isinstance(parent, ast.IfExp | ast.Return | ast.Assign | ast.Call | ast.Compare | ast.AugAssign | ast.Slice):
        return
    for rank, name in enumerate(site.scope.near(site.line)[:_OTHERS]):
        for symbol in ("+", "-"):
            yield site.put_loose("lost-term", f"{name} {symbol} {site.of(node)}", 1 / (1 + rank / 3))


def optional(site: Site) -> Iterator[Edit]:
    """The tail of a sum only where something is there: `head + ("-" + tail if tail else "")`."""
    node = site.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
        return
    if isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, ast.Add):
        return
    chain: list[ast.expr] = [node]
    while isinstance(chain[0], ast.BinOp) and isinstance(chain[0].op, ast.Add):
        chain[:1] = [chain[0].left, chain[0].right]
    words = any(isinstance(n, ast.JoinedStr) or _text(n) for n in ast.walk(node))
    nothing = '""' if words else "[]" if any(isinstance(n, ast.List) for n in chain) else "0"
    for cut in range(1, len(chain)):
        head, tail = " + ".join(site.of(part) for part in chain[:cut]), chain[cut:]
        rest = " + ".join(site.of(part) for part in tail)
        read = [n.id for part in tail for n in ast.walk(part) if isinstance(n, ast.Name)]
        for rank, name in enumerate([n for n in dict.fromkeys(read) if n in site.scope.locals][:_ASKED]):
            share = (2.0 if cut < len(chain) - 1 or len(chain) == 2 else 1.0) / (1 + rank)
            yield site.put_loose("optional", f"{head} + ({rest} if {name} else {nothing})", share)


def _text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def fallback(site: Site) -> Iterator[Edit]:
    """Another value where the one that is given is nothing: `one or two`."""
    node, parent = site.node, site.parent
    given = isinstance(parent, ast.Assign | ast.Return | ast.AnnAssign | ast.keyword) and parent.value is node
    given = given or (isinstance(parent, ast.Dict) and any(v is node for v in parent.values))
    if not given or not isinstance(node, ast.Name | ast.Attribute | ast.Call):
        return
    text = site.of(node)
    short = [repr(s) for s in site.pool.strings if 0 < len(s) <= _SMALL]
    for rank, other in enumerate([*short[:_OTHERS], "0", "1", "[]"] if isinstance(node, ast.Name) else ()):
        yield site.put_loose("or-else", f"{text} or {other}", 0.5 / (1 + rank / 3))
    for rank, name in enumerate([n for n in site.scope.near(site.line) if n != text][:_OTHERS]):
        yield site.put_loose("or-else", f"{text} or {name}", 1 / (1 + rank / 3))


def half(site: Site) -> Iterator[Edit]:
    """The other half: what is done for `left` is done for `right`, and both are joined."""
    node = site.node
    if not isinstance(node, ast.Call) or isinstance(site.parent, ast.Expr) or site.function is None:
        return
    other = _other(site, node)
    whole = site.of(site.function)
    if not other or other in whole:
        return
    text = site.of(node)
    for call in ("max", "min"):
        yield site.put("other-half", f"{call}({text}, {other})")
    for word in ("+", "or", "and"):
        yield site.put_loose("other-half", f"{text} {word} {other}")


def half_behind(site: Site) -> Iterator[Edit]:
    """The other half of what a statement of the function gathers, gathered behind this statement."""
    node, function = site.node, site.function
    simple = isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.If | ast.For)
    if not simple or function is None or not insertable(site):
        return
    assert isinstance(node, ast.stmt)
    whole = site.of(function)
    for done in ast.walk(function):
        if not isinstance(done, Gathering) or done.lineno > node.lineno:
            continue
        calls = [n for n in ast.walk(done) if isinstance(n, ast.Call)]
        for call in calls:
            other = _other(site, call)
            if other and other not in whole:
                yield from _gathered(site, node, done, call, other)


def _gathered(site: Site, node: ast.stmt, done: Gathering, call: ast.Call, other: str) -> Iterator[Edit]:
    if isinstance(done, ast.Expr):
        start, (a, b) = site.source.span(done)[0], site.source.span(call)
        text = site.of(done)
        yield site.insert_after("other-half", node, text[: a - start] + other + text[b - start :])
        return
    target = (
        done.targets[0] if isinstance(done, ast.Assign) else done.target if isinstance(done, ast.AugAssign) else None
    )
    if isinstance(target, ast.Name):
        listed = {"append", "extend"} & set(site.pool.by_base.get(target.id, ()))
        made = [f"{target.id}.extend({other})", f"{target.id} += {other}"]
        yield site.insert_after("other-half", node, made[0 if listed else 1])


def _other(site: Site, call: ast.Call) -> str:
    """The call about the opposite: of its attribute or name; "" where it has none."""
    start, text = site.source.span(call)[0], site.of(call)
    known = {*site.pool.attributes, *site.scope.locals}
    for argument in call.args:
        for child in ast.walk(argument):
            word = child.attr if isinstance(child, ast.Attribute) else child.id if isinstance(child, ast.Name) else ""
            if word in OPPOSITES and OPPOSITES[word] in known:
                end = site.source.span(child)[1] - start
                return text[: end - len(word)] + OPPOSITES[word] + text[end:]
    return ""


def shift(site: Site) -> Iterator[Edit]:
    """What one argument is less or more by moved to another argument: `f(n - 1, k)` becomes `f(n, k - 1)`."""
    node = site.node
    if isinstance(node, ast.Call):
        parts = node.args
    elif isinstance(node, ast.Tuple) and isinstance(site.parent, ast.Subscript):
        parts = node.elts
    else:
        return
    start, text = site.source.span(node)[0], site.of(node)
    for one, two in permutations(parts, 2):
        if not isinstance(one, ast.BinOp) or not isinstance(one.op, ast.Add | ast.Sub):
            continue
        if not isinstance(one.right, ast.Constant | ast.Name) or isinstance(two, ast.Constant | ast.Starred):
            continue
        tail = text[site.source.span(one.left)[1] - start : site.source.span(one)[1] - start]
        made = [(site.source.span(one), site.of(one.left)), (site.source.span(two), f"{site.of(two)}{tail}")]
        whole = text
        for (a, b), part in sorted(made, reverse=True):
            whole = whole[: a - start] + part + whole[b - start :]
        yield site.put("moved-shift", whole)


def nested(site: Site) -> Iterator[Edit]:
    """Another function that stands ready within this one, or this one itself, called in this one's place."""
    node = site.node
    if not isinstance(node, ast.Name) or not isinstance(site.parent, ast.Call) or site.parent.func is not node:
        return
    inner = {n.name for p in site.parents if isinstance(p, Function) for n in ast.walk(p) if isinstance(n, Function)}
    wanted = len(site.parent.args)
    for name in sorted(inner - {node.id}):
        fits = len(site.pool.parameters.get(name, ())) == wanted
        yield site.put("nested", name, 1.0 if fits else 0.2)


def bit_asked(site: Site) -> Iterator[Edit]:
    """One bit of a number asked for: `mask >> i & 1` for `mask & i` or `mask >> i`."""
    node = site.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.BitAnd | ast.RShift | ast.LShift):
        return
    one, two = site.atom(node.left), site.atom(node.right)
    yield site.put_loose("bit-asked", f"{one} >> {two} & 1", 2.0 if not isinstance(node.right, ast.Constant) else 0.5)
    yield site.put_loose("bit-asked", f"{one} & 1 << {two}")


def regrouped(site: Site) -> Iterator[Edit]:
    """`(a + b) * c` for `a + b * c` and back, and the two operators exchanged."""
    node = site.node
    if not isinstance(node, ast.BinOp):
        return
    for inner, left in ((node.left, True), (node.right, False)):
        if not isinstance(inner, ast.BinOp):
            continue
        one, two = (inner.op, node.op) if left else (node.op, inner.op)
        a, b, c = (inner.left, inner.right, node.right) if left else (node.left, inner.left, inner.right)
        x, y, z = site.atom(a), site.atom(b), site.atom(c)
        first, second = ARITHMETIC[type(one)], ARITHMETIC[type(two)]
        yield site.put_loose(
            "regroup", f"{x} {first} ({y} {second} {z})" if left else f"({x} {first} {y}) {second} {z}"
        )
        if first != second:
            yield site.put_loose("exchange-operators", f"{x} {second} {y} {first} {z}")
