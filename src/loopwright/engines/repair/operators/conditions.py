"""Edits of conditions and of whole expressions with ingredients from the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations

from loopwright.engines.repair.operators.calls import value
from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, nearest

_CHECKED = 8  # names that a missing check may be about
_BESIDE = 2.5  # share of an expression of the lines beside this one: what is checked is what is then used
_NAMED = 4  # names of a condition whose counterpart may be missing
_KEYS = 3.0  # share of a check that what a loop takes is not what was asked for
_COMPARED = 6  # names that a missing comparison may be about
_ITERABLES = (
    "{}", "enumerate({})", "{}.items()", "range({})", "range(len({}))", "range(1, {})", "reversed({})", "sorted({})",
    "{}.values()", "{}[1:]", "{}[:-1]", "{}.split()", "list({})", "{}.keys()", "zip({0}, {0}[1:])",
)  # fmt: skip


def is_condition(site: Site) -> bool:
    """True for a whole condition of if, while, a conditional expression or a comprehension."""
    parent, node = site.parent, site.node
    if isinstance(parent, ast.If | ast.While | ast.IfExp):
        return parent.test is node
    return isinstance(parent, ast.comprehension) and any(c is node for c in parent.ifs)


def parts(site: Site) -> Iterator[Edit]:
    """One more part in a condition: a check for None or emptiness of what it uses, a condition used elsewhere."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    text = site.atom(node) if isinstance(node, ast.BoolOp | ast.IfExp | ast.Lambda) else site.of(node)
    for check, word, share in _checks(site, node):
        yield site.put_loose("add-check", f"{check} {word} {text}", share)
        yield site.put_loose("add-check", f"{text} {word} {check}", share)
    for rank, other in enumerate(nearest(site, site.pool.conditions)):
        part = f"({other.text})" if " or " in other.text or " and " in other.text else other.text
        for word in ("and", "or"):
            yield site.put_loose("add-condition", f"{text} {word} {part}", 1 / (1 + rank / 5))
            yield site.put_loose("add-condition", f"{text} {word} not ({part})", 0.3 / (1 + rank / 5))


def _checks(site: Site, node: ast.expr) -> Iterator[tuple[str, str, float]]:
    """Short checks of the operands of a condition and of the locals, and the word that joins each."""
    mine: list[str] = []
    for child in ast.walk(node):
        if isinstance(child, ast.Name | ast.Attribute) and isinstance(child.ctx, ast.Load):
            if isinstance(child, ast.Attribute):
                mine.append(site.of(child.value))
            mine.append(site.of(child))
    order = list(dict.fromkeys([*mine, *site.scope.locals]))
    for rank, name in enumerate(n for n in order if n not in ("self", "cls")):
        if rank >= _CHECKED:
            break
        for check, word in (
            (f"{name} is None", "or"),
            (f"not {name}", "or"),
            (name, "and"),
            (f"{name} is not None", "and"),
        ):
            yield check, word, 1 / (1 + rank / 3)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            yield name, "or", 1.5 / (1 + rank / 3)


def compared(site: Site) -> Iterator[Edit]:
    """One more comparison in a condition: a bound, an equality, membership in a collection that is kept."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    text = site.atom(node) if isinstance(node, ast.BoolOp | ast.IfExp | ast.Lambda) else site.of(node)
    near = site.scope.near(site.line)[:_COMPARED]
    mine = names_of(node)
    for rank, name in enumerate(near):
        share = (2 if name in mine else 1) / (1 + rank / 3)
        for kept in site.scope.collections:
            if kept != name:
                yield site.put_loose("add-membership", f"{text} and {name} not in {kept}", 2 * share)
                yield site.put_loose("add-membership", f"{text} or {name} in {kept}", share)
                yield site.put_loose("add-membership", f"{text} and {name} in {kept}", share)
        for other in (*near, "0", "1"):
            if other == name:
                continue
            for word in ("and", "or"):
                for symbol in ("<", ">", "<=", ">=", "==", "!="):
                    apart = symbol == "!=" and word == "and" and _keys(site, name, other)
                    likely = _KEYS * share if apart else share
                    yield site.put_loose("add-comparison", f"{text} {word} {name} {symbol} {other}", likely)
            if isinstance(node, ast.Name | ast.Compare):
                for symbol in (">", "<", ">=", "<="):
                    yield site.put_loose("add-comparison", f"{text} and {name} {symbol} 2", 0.7 * share)


def _keys(site: Site, one: str, two: str) -> bool:
    """True for what a loop takes and what the function looks up: `other != person` beside `near[person]`."""
    bound = {
        n.id for p in site.parents if isinstance(p, ast.For) for n in ast.walk(p.target) if isinstance(n, ast.Name)
    }
    return two in site.scope.parameters and two in site.pool.places and one in bound


def sibling(site: Site) -> Iterator[Edit]:
    """One more part like one that is there, about another name: `f(left)` becomes `f(left) and f(right)`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.BoolOp | ast.Compare | ast.Call) or isinstance(parent, ast.BoolOp):
        return
    if not (is_condition(site) or isinstance(parent, ast.Return)):
        return
    words: tuple[str, ...] = ("and", "or")
    if isinstance(node, ast.BoolOp):
        words = ("and",) if isinstance(node.op, ast.And) else ("or",)
    text = site.of(node)
    for part in node.values if isinstance(node, ast.BoolOp) else [node]:
        for other, share in _renamed(site, part):
            for word in words:
                yield site.put_loose("add-sibling", f"{text} {word} {other}", share)


def _renamed(site: Site, part: ast.expr) -> Iterator[tuple[str, float]]:
    """The part with one of its names exchanged for another local."""
    start = site.source.span(part)[0]
    text = site.of(part)
    near = site.scope.near(site.line)[:_COMPARED]
    found: list[tuple[int, int, str]] = []
    for child in ast.walk(part):
        if isinstance(child, ast.Name) and child.id in site.scope.locals:
            a, b = (place - start for place in site.source.span(child))
            found.append((a, b, child.id))
            for rank, name in enumerate(near):
                if name != child.id:
                    yield text[:a] + name + text[b:], (3 if name in site.scope.unread else 1) / (1 + rank / 3)
    words = list(dict.fromkeys(word for _, _, word in found))
    for lone in (n for n in near if n in site.scope.unread):  # the counterpart that nobody reads, and what goes with it
        for one, two, three in permutations(words[:_NAMED], 3):
            swapped = {one: lone, two: three, three: two}
            renamed = text
            for low, high, word in sorted(found, reverse=True):
                renamed = renamed[:low] + swapped.get(word, word) + renamed[high:]
            if two < three:
                yield renamed, 3.0
    for (a, b, one), (c, d, two) in permutations(found, 2):  # what nobody reads goes with another name of its kind
        for lone in (n for n in near if n in site.scope.unread):
            for rank, name in enumerate(n for n in near if n not in (one, two, lone)):
                made = [(a, b, lone), (c, d, name)]
                renamed = text
                for low, high, word in sorted(made, reverse=True):
                    renamed = renamed[:low] + word + renamed[high:]
                yield renamed, 2 / (1 + rank / 3)


def replaced(site: Site) -> Iterator[Edit]:
    """The condition exchanged for another one of the file, for a name, or made constant."""
    if not is_condition(site) or not isinstance(site.node, ast.expr):
        return
    for rank, other in enumerate(nearest(site, site.pool.conditions)):
        yield site.put_loose("other-condition", other.text, 1 / (1 + rank / 5))
    for rank, name in enumerate(site.scope.locals):
        if site.of(site.node) != name:
            yield site.put("condition-to-name", name, 1 / (1 + rank / 3))
            yield site.put_loose("condition-to-name", f"not {name}", 0.6 / (1 + rank / 3))
            yield site.put_loose("condition-to-name", f"{name} is None", 0.3 / (1 + rank / 3))
            yield site.put_loose("condition-to-name", f"{name} is not None", 0.3 / (1 + rank / 3))
    for rank, name in enumerate(site.pool.by_base.get("self", ()) if "self" in site.scope.locals else ()):
        if name not in site.pool.methods and site.of(site.node) != f"self.{name}":
            yield site.put("condition-to-name", f"self.{name}", 1 / (1 + rank / 3))
            yield site.put_loose("condition-to-name", f"not self.{name}", 0.6 / (1 + rank / 3))
    for text in ("True", "False"):
        if site.of(site.node) != text:
            yield site.put("constant-condition", text)


def comparison_shift(site: Site) -> Iterator[Edit]:
    """`<= 1` for `== 0`: operator and bound moved together."""
    node = site.node
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return
    right = node.comparators[0]
    if not isinstance(right, ast.Constant) or type(right.value) is not int:
        return
    left, bound = site.of(node.left), right.value
    for symbol in ("<=", "<", ">=", ">", "==", "!="):
        for other in (bound - 1, bound + 1):
            yield site.put_loose("comparison-shift", f"{left} {symbol} {other}")


def expression(site: Site) -> Iterator[Edit]:
    """Another expression of the file in this one's place."""
    node, parent = site.node, site.parent
    filled = isinstance(node, ast.Constant | ast.List | ast.Dict | ast.Tuple) and isinstance(
        parent,
        ast.Assign
        | ast.AugAssign
        | ast.Return
        | ast.For
        | ast.comprehension
        | ast.keyword
        | ast.Call
        | ast.AnnAssign
        | ast.Lambda,
    )
    if not (value(site) or filled) or isinstance(getattr(node, "ctx", ast.Load()), ast.Store):
        return
    if isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
        for rank, other in enumerate(nearest(site, site.pool.iterables)):
            yield site.put("other-iterable", other.text, 1 / (1 + rank / 5))
        if filled:
            yield from _made_iterables(site)
    around = {site.of(p) for p in site.parents if isinstance(p, ast.expr)}
    others = [other for other in nearest(site, site.pool.expressions) if other.text not in around]
    for rank, other in enumerate(others):
        name = "fill" if filled else "expression"
        beside = _BESIDE if abs(other.line - site.line) <= 1 else 1.0
        yield site.put_loose(name, other.text, beside / (1 + rank / 5))
    if filled:
        yield from _made(site)


def _made_iterables(site: Site) -> Iterator[Edit]:
    """Iterables of the names in scope."""
    for rank, name in enumerate(site.scope.locals):
        share = 1 / (1 + rank / 3)
        forms = [form.format(name) for form in _ITERABLES]
        for place, text in enumerate(forms):
            yield site.put("made-iterable", text, share / (1 + place / 4))
        for attr in site.pool.by_base.get(name, ()):
            tail = "()" if attr in site.pool.methods else ""
            yield site.put("made-iterable", f"{name}.{attr}{tail}", share)
    for name, parameters in site.pool.parameters.items():
        if len(parameters) <= 2:
            for other in site.scope.locals:
                yield site.put("made-iterable", f"{name}({other})", 0.3)
                yield site.put("made-iterable", f"self.{name}({other})", 0.2)
    for name in site.pool.globals:
        yield site.put("made-iterable", name, 0.2)


def _made(site: Site) -> Iterator[Edit]:
    """Small calls made of the names in scope, for a value that was lost."""
    local = site.scope.locals[:10]
    for name in local:
        for attr in site.pool.by_base.get(name, ()):
            if attr in site.pool.methods:
                yield site.put("made", f"{name}.{attr}()", 1.0)
                for other in local:
                    if other != name:
                        yield site.put("made", f"{name}.{attr}({other})", 0.3)
            else:
                yield site.put("made", f"{name}.{attr}", 1.0)
        for builtin in ("len", "list", "str", "int", "sorted", "set", "dict", "iter", "tuple"):
            yield site.put("made", f"{builtin}({name})", 0.4)
        yield site.put("made", f"[{name}]", 0.4)
    for name, parameters in site.pool.parameters.items():
        own = bool(parameters) and parameters[0] == "self"
        wanted = len(parameters) - own
        head = f"self.{name}" if own else name
        if wanted == 0:
            yield site.put("made", f"{head}()", 0.5)
        for other in local:
            if wanted >= 1 and other != "self":
                yield site.put("made", f"{head}({other})", 0.4)


def branches(site: Site) -> Iterator[Edit]:
    """A conditional expression with its branches exchanged, or one of them alone."""
    node = site.node
    if isinstance(node, ast.IfExp):
        yield site.swap("swap-branches", node.body, node.orelse)
        yield site.put("one-branch", site.atom(node.body))
        yield site.put("one-branch", site.atom(node.orelse))
    elif isinstance(node, ast.comprehension):
        for clause in node.ifs:
            start, end = site.source.span(clause)
            at = site.source.text.rfind("if", 0, start)
            yield site.splice("drop-clause", at, end, "")
    elif (
        isinstance(node, ast.Call)
        and called(node) in ("sorted", "min", "max", "sort")
        and not node.keywords
        and node.args
    ):
        end = site.source.span(node.args[-1])[1]
        for text in (", reverse=True", ", key=len", ", key=str"):
            yield site.splice("add-argument", end, end, text, 0.3)
