"""What a function asks of itself: one more call, an argument that grows less, a value worked on like its sibling."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from loopwright.engines.repair.operators.calls import value
from loopwright.engines.repair.operators.naming import family
from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, insertable
from loopwright.engines.repair.source import Function

_CALLS = 14  # further calls of itself that a value may lack
_WAYS = 4  # what each argument of such a call may be
_LIKE = 6  # calls that a value may be worked on like
_BEGINNINGS = ("0", '""', "[]")
_LENGTHS, _NAMES = 3, 4


def another_call(site: Site) -> Iterator[Edit]:
    """A call of the function itself once more, with other arguments: `f(a[2:], b) or f(a, b[1:])`."""
    node, function = site.node, site.function
    if function is None or not isinstance(site.parent, ast.Return | ast.Assign | ast.IfExp | ast.AugAssign):
        return
    if not isinstance(node, ast.Call | ast.BoolOp | ast.BinOp):
        return
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call) and called(n) == function.name]
    if len(calls) != 1 or calls[0].keywords or not calls[0].args:
        return
    made = _others(site, function, calls[0])
    truth = isinstance(node, ast.BoolOp) or _truth(function)
    mixed = isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And)
    text = f"({site.of(node)})" if mixed else site.of(node)
    for rank, other in enumerate(made[:_CALLS]):
        share = 1 / (1 + rank / 4)
        if truth:
            yield site.put_loose("another-call", f"{other} or {text}", share)
            yield site.put_loose("another-call", f"{text} and {other}", 0.6 * share)
        else:
            yield site.put_loose("another-call", f"{text} + {other}", share)
            yield site.put("another-call", f"max({text}, {other})", 0.7 * share)
            yield site.put("another-call", f"min({text}, {other})", 0.5 * share)


def _truth(function: Function) -> bool:
    """True where the function says yes or no."""
    values = [n.value for n in ast.walk(function) if isinstance(n, ast.Return)]
    return any(isinstance(v, ast.Constant) and isinstance(v.value, bool) for v in values) or any(
        isinstance(v, ast.UnaryOp) and isinstance(v.op, ast.Not) for v in values
    )


def _others(site: Site, function: Function, call: ast.Call) -> list[str]:
    """Calls that differ from this one, each argument as it is in another call, as given, or one step on."""
    given = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if isinstance(call.func, ast.Attribute):
        given = given[1:]
    if len(given) < len(call.args):
        return []
    ways: list[list[str]] = []
    for place, part in enumerate(call.args):
        name = given[place]
        texts = [site.of(part), name, *_used(site, function, place), *_steps(site, function, name)]
        ways.append(list(dict.fromkeys(texts))[:_WAYS])
    head, mine = site.of(call.func), ", ".join(given[: len(call.args)])
    made = [", ".join(parts) for parts in product(*ways)]
    known = site.of(function)
    fresh = [f"{head}({text})" for text in made if text != mine and f"{head}({text})" not in known]
    return sorted(fresh, key=lambda text: -sum(name in text for name in given))


def _used(site: Site, function: Function, place: int) -> list[str]:
    """What other calls of the function itself give at this place."""
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and called(n) == function.name]
    return [site.of(c.args[place]) for c in calls if len(c.args) > place and not isinstance(c.args[place], ast.Starred)]


def _steps(site: Site, function: Function, name: str) -> list[str]:
    """The parameter one step on: a shorter rest where it is cut, a smaller number where it is reckoned with."""
    nodes = list(ast.walk(function))
    if any(isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name) and n.value.id == name for n in nodes):
        return [f"{name}[1:]", f"{name}[2:]"]
    reckoned = [n for n in nodes if isinstance(n, ast.BinOp) and name in names_of(n)]
    return [f"{name} - 1", f"{name} + 1"] if reckoned else []


def less(site: Site) -> Iterator[Edit]:
    """A parameter that a call of the function itself hands on as it was, less what was dealt with."""
    node, call, function = site.node, site.parent, site.function
    if not isinstance(node, ast.Name) or not isinstance(call, ast.Call) or function is None:
        return
    given = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if called(call) != function.name or node.id not in given or call.func is node:
        return
    near = [n for n in site.scope.near(site.line) if n != node.id]
    lengths = [f"len({n})" for n in near if n in site.scope.collections or n in site.pool.subscripted][:_LENGTHS]
    amounts = ["1", *lengths, *(n for n in near if n not in site.scope.collections)][: 1 + _LENGTHS + _NAMES]
    for rank, amount in enumerate(amounts):
        share = 1 / (1 + rank / 4)
        for symbol, part in (("-", 1.0), ("+", 0.5), ("//", 0.2), ("%", 0.3)):
            yield site.put_loose("hand-less", f"{node.id} {symbol} {amount}", share * part)
        if not amount.isdigit():
            yield site.put_loose("hand-less", f"{amount} % {node.id}", 0.3 * share)


def worked_on(site: Site) -> Iterator[Edit]:
    """A value worked on as another one is: `b = f(right, table)` beside `a = f(left, table)`, for `b = right`."""
    if not value(site) or site.function is None:
        return
    if isinstance(site.node, ast.BinOp):
        return
    text, around = site.of(site.node), {site.of(p) for p in site.parents if isinstance(p, ast.Call)}
    made: dict[str, float] = {}
    for call in sorted(_calls(site.function), key=lambda c: abs(c.lineno - site.line)):
        start, whole = site.source.span(call)[0], site.of(call)
        if whole in around:
            continue
        for part in call.args:
            if isinstance(part, ast.Name | ast.Subscript | ast.Attribute):
                a, b = site.source.span(part)
                other = whole[: a - start] + text + whole[b - start :]
                same = type(part) is type(site.node)
                away = abs(call.lineno - site.line)
                if site.of(part) == text and isinstance(call.func, ast.Name):
                    for word in family(call.func.id):
                        made.setdefault(word + whole[len(call.func.id) :], 1 / (1 + away / 4))
                elif other != whole and names_of(part) != names_of(site.node):
                    made.setdefault(other, (1.0 if same else 0.4) / (1 + away / 4))
    for other, share in list(made.items())[:_LIKE]:
        yield site.put("work-on", other, share)


def called_within(site: Site) -> Iterator[Edit]:
    """A call, as a statement, of a function that stands within this one, or of this one from within itself."""
    node = site.node
    if not isinstance(node, ast.stmt) or not insertable(site) or site.function is None:
        return
    outer = next(p for p in site.parents if isinstance(p, Function))
    inner = [n for n in ast.walk(outer) if isinstance(n, Function) and n is not outer]
    for function in inner:
        if function is not site.function and not any(f is function for f in ast.walk(site.function)):
            continue
        calls = [n for n in ast.walk(outer) if isinstance(n, ast.Call) and called(n) == function.name]
        own = [c for c in calls if any(n is c for n in ast.walk(function))]
        inside = function is site.function
        if function.lineno > node.lineno or (own if inside else len(calls) > len(own)):
            continue  # it is called from there already
        for rank, text in enumerate(_given(site, function, inside)[:_CALLS]):
            made = f"{function.name}({text})"
            share = 1 / (1 + rank / 4)
            yield site.insert_before("call-within", node, made, share)
            if not isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
                yield site.insert_after("call-within", node, made, share)


def _given(site: Site, function: Function, inside: bool) -> list[str]:
    """Arguments for a call of a function of the unit: names at hand, and what a recursion begins with."""
    given = [a.arg for a in function.args.args]
    near = [n for n in site.scope.near(site.line) if n != function.name]
    if inside:
        ways = [
            [n for n in near if n not in given][:_WAYS] if place == 0 else [name] for place, name in enumerate(given)
        ]
    else:
        inner = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        ready = [n for n in near if n not in inner and n not in given]
        ways = [[*_BEGINNINGS, *ready[:2]] if len(given) > 1 else [*ready[:_WAYS], *_BEGINNINGS] for _ in given]
    return [", ".join(parts) for parts in product(*ways)]


@lru_cache(maxsize=32)
def _calls(function: Function) -> list[ast.Call]:
    """Calls by a plain name or of a method that give something and are on one line."""
    dropped = {id(n.value) for n in ast.walk(function) if isinstance(n, ast.Expr)}
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and n.args and id(n) not in dropped]
    return [c for c in calls if not c.keywords and c.lineno == c.end_lineno and called(c) not in ("range", "enumerate")]
