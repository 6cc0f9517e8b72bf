"""Edits of calls, subscripts and single values: arguments, wrapping, off by one, slices."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeGuard

from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, nearest
from loopwright.engines.repair.source import Function

_WRAPPERS = (
    "list", "len", "str", "int", "set", "sorted", "tuple", "abs", "bool", "reversed", "dict", "iter", "sum", "float",
    "repr", "enumerate", "round", "any", "all", "range",
)  # fmt: skip
_OF_NUMBERS = ("abs", "int", "round", "float", "str", "range")
#: Which calls a value is likely to lack, by where it stands or what it is.
_WRAPPED: dict[str, tuple[str, ...]] = {
    "iterated": ("sorted", "reversed", "enumerate", "range", "list", "set"),
    "difference": ("abs", "int", "round"),
    "joined": ("sorted", "reversed", "list", "str"),
    "compared": ("len", "abs", "int", "str", "set", "sorted"),
    "made": ("sum", "max", "min", "sorted", "set", "list", "any", "all", "tuple"),
    "item": ("int", "str", "float", "abs", "len", "tuple"),
    "returned": ("list", "len", "sorted", "int", "str", "sum", "bool", "tuple"),
}
_METHODS = (".strip()", ".lower()", ".upper()", ".copy()", ".items()", ".keys()", ".values()", ".split()",
            ".rstrip()", ".lstrip()")  # fmt: skip
_MOST_ATOMS = 8
_ONCE = 0.3  # share of the best so far where nothing is done over and over
_HALF = 0.4  # share of one more or less within a half
_TWICE = 0.3  # share of a name that the comparison has already
_NUMBERS = (
    "len",
    "index",
    "find",
    "rfind",
    "count",
    "bisect",
    "bisect_left",
    "bisect_right",
    "sum",
    "max",
    "min",
    "int",
)


def arguments(site: Site) -> Iterator[Edit]:
    """Arguments exchanged, dropped, doubled or put in."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    args = [a for a in node.args if not isinstance(a, ast.Starred)]
    for index, one in enumerate(args):
        for two in args[index + 1 :]:
            if site.of(one) != site.of(two):
                yield site.swap("swap-arguments", one, two)
    for this, following in zip(node.keywords, node.keywords[1:], strict=False):
        yield site.swap("swap-arguments", this.value, following.value)
    whole: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    whole.sort(key=lambda a: (a.lineno, a.col_offset))
    for index in range(len(whole)):
        yield _without(site, whole, index)
    yield from _more(site, node, whole)


def _without(site: Site, whole: list[ast.expr | ast.keyword], index: int) -> Edit:
    start, end = site.source.span(whole[index])
    if index + 1 < len(whole):
        end = site.source.span(whole[index + 1])[0]
    elif index:
        start = site.source.span(whole[index - 1])[1]
    return site.splice("drop-argument", start, end, "")


def _more(site: Site, node: ast.Call, whole: list[ast.expr | ast.keyword]) -> Iterator[Edit]:
    """One more argument: a keyword other calls of this function pass, a local, a usual constant."""
    if len(whole) == 1 and isinstance(whole[0], ast.GeneratorExp):
        return
    close = site.source.span(node)[1] - 1
    if whole:
        at, lead = site.source.span(whole[-1])[1], ", "
    else:
        at, lead = close, ""
    name = called(node)
    have = {k.arg for k in node.keywords}
    local = site.scope.locals
    for rank, text in enumerate(site.pool.keywords.get(name, ())):
        if text.split("=")[0] not in have:
            yield site.splice("add-argument", at, at, lead + text, 2 / (1 + rank))
    for parameter in site.pool.parameters.get(name, ()):
        if parameter in local and parameter not in have:
            yield site.splice("add-argument", at, at, f"{lead}{parameter}={parameter}", 1.0)
            yield site.splice("add-argument", at, at, f"{lead}{parameter}", 0.5)
    if not node.keywords:
        for rank, text in enumerate((*local, "0", "1", "None", "True", "False", '""', "-1", "2")):
            yield site.splice("add-argument", at, at, lead + text, 1 / (2 + rank / 2))
        front = site.source.span(whole[0])[0] if whole else close
        for rank, text in enumerate((*local, "None", "0", "1", '""') if whole else ()):
            yield site.splice("add-argument", front, front, text + ", ", 1 / (2 + rank / 2))
        for rank, other in enumerate(nearest(site, site.pool.expressions)[:_MOST_ATOMS]):
            yield site.splice("add-argument", at, at, lead + other.text, 0.5 / (2 + rank / 2))
        for left, right in pairwise(whole):
            for rank, name in enumerate(local):
                between = site.source.span(left)[1], site.source.span(right)[0]
                yield site.splice("add-argument", *between, f", {name}, ", 0.5 / (2 + rank / 2))
        used = [s for s in (*site.pool.strings, *site.pool.test_strings, *site.pool.attributes) if 0 < len(s) <= 12]
        for text in dict.fromkeys(used):
            yield site.splice("add-string-argument", at, at, lead + repr(text), 1.0)
            if whole:
                yield site.splice("add-string-argument", front, front, repr(text) + ", ", 0.7)


def unwrap(site: Site) -> Iterator[Edit]:
    """A call becomes its argument, or what its method was called on."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    for one in node.args:
        if not isinstance(one, ast.Starred):
            yield site.put("unwrap", site.atom(one))
    if isinstance(node.func, ast.Attribute):
        yield site.put("unwrap", site.atom(node.func.value))


def value(site: Site) -> bool:
    """True for an expression that is read as a value of its own."""
    node, parent = site.node, site.parent
    if not isinstance(
        node,
        ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.BinOp | ast.IfExp | ast.ListComp | ast.GeneratorExp,
    ):
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or isinstance(parent, ast.Expr):
        return False
    if isinstance(parent, ast.Call) and parent.func is node:
        return False
    return not isinstance(parent, ast.Attribute | ast.FormattedValue | ast.Starred) and not (
        isinstance(parent, ast.ClassDef | ast.arg | ast.FunctionDef | ast.AnnAssign) and site.source
    )


def off_by(site: Site) -> Iterator[Edit]:
    """A value one more or one less, or more or less by another number in scope."""
    node = site.node
    if not value(site) or isinstance(node, ast.ListComp | ast.GeneratorExp):
        return
    text = site.atom(node)
    if not (_shifted(node) or (_shifted(site.parent) and site.parent.left is node)):
        for symbol in ("+", "-"):
            yield site.put_loose("off-by-one", f"{text} {symbol} 1", _counted(site) * _entries(site) * _halved(site))
    lower = site.parent.lower if isinstance(site.parent, ast.Slice) and site.parent.upper is node else None
    if lower is not None:
        yield site.put_loose("off-by-name", f"{site.of(lower)} + {text}", 3.0)
    for rank, name in enumerate(site.scope.near(site.line)[:_MOST_ATOMS]):
        if name != text:
            share = (3 if name in site.scope.unread else 1) / (1 + rank / 4)
            share *= _TWICE if isinstance(site.parent, ast.Compare) and name in names_of(site.parent) else 1.0
            for symbol, part in (("-", 1.0), ("+", 1.0), ("*", 0.5), ("//", 0.15), ("%", 0.2), ("/", 0.1)):
                yield site.put_loose("off-by-name", f"{text} {symbol} {name}", part * share)
            place = _shifted(site.parent) and site.parent.left is site.node and isinstance(site.node, ast.Name)
            yield site.put_loose("off-by-name", f"{name} + {text}", (2.0 if place else 0.5) * share)
            yield site.put_loose("off-by-name", f"{name} - {text}", 0.4 * share)
    for symbol in ("* 2", "// 2", "** 2", "+ 2", "- 2"):
        yield site.put_loose("scaled", f"{text} {symbol}")
    for number in [n for n in site.pool.numbers if n not in ("0", "1", "2")][:3]:
        yield site.put_loose("scaled", f"{text} % {number}", 0.5)


def _shifted(node: ast.AST | None) -> TypeGuard[ast.BinOp]:
    """True where a number is added to something or taken from it already."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.right, ast.Constant):
        return False
    return isinstance(node.op, ast.Add | ast.Sub)


def _standing(site: Site) -> str:
    """Where the value stands, or what it is, as far as that says which call it may lack."""
    node, parent = site.node, site.parent
    if isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
        return "iterated"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return "difference"
    if isinstance(parent, ast.Call) and called(parent) == "join":
        return "joined"
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        return "made"
    if isinstance(parent, ast.Compare):
        return "compared"
    if isinstance(parent, ast.ListComp | ast.GeneratorExp | ast.SetComp) and parent.elt is node:
        return "item"
    return "returned" if isinstance(parent, ast.Return) else ""


def _counted(site: Site) -> float:
    """How likely a value is one too many or too few: less where it only names something."""
    return _counted_there(site) * _counting(site.node) * (1.0 if site.scope.counts else 0.4)


def _halved(site: Site) -> float:
    """Less within a half: most middles serve, and one more or less passes the tests of what is at fault elsewhere."""
    for node in (site.node, *site.parents[-2:]):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv) and isinstance(node.right, ast.Constant):
            return _HALF if node.right.value == 2 else 1.0
    return 1.0


def _entries(site: Site) -> float:
    """Less for an entry compared with another entry of the same: they hold what is kept, not places."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Subscript) or not isinstance(parent, ast.Compare):
        return 1.0
    others = (side for side in (parent.left, *parent.comparators) if side is not node)
    same = any(isinstance(o, ast.Subscript) and site.of(o.value) == site.of(node.value) for o in others)
    return _TWICE if same else 1.0


def _counting(node: ast.AST) -> float:
    """How likely the value is a number or a place: calls mostly give something else."""
    if isinstance(node, ast.Call):
        return 1.0 if called(node) in _NUMBERS else 0.4
    return 0.7 if isinstance(node, ast.Attribute) else 1.0


def _counted_there(site: Site) -> float:
    parent = site.parent
    if isinstance(parent, ast.Slice):
        return 1.3
    if isinstance(parent, ast.Call):
        return 1.0 if called(parent) in ("range", "islice", "randrange", "divmod", "pow") else 0.4
    if isinstance(parent, ast.Compare) and all(
        isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.In) for op in parent.ops
    ):
        return 0.4
    return 0.5 if isinstance(parent, ast.Tuple | ast.keyword) else 1.0


def wrap(site: Site) -> Iterator[Edit]:
    """A value in a call that makes it another kind of value or bounds it."""
    node = site.node
    if not value(site):
        return
    text = site.of(node)
    inner = text[1:-1] if isinstance(node, ast.GeneratorExp) else text
    around = site.parent.func.id if isinstance(site.parent, ast.Call) and isinstance(site.parent.func, ast.Name) else ""
    likely = _WRAPPED.get(_standing(site), ())
    for rank, name in enumerate(likely):
        if name != around:
            yield site.put("wrap", f"{name}({inner})", 1.5 / (1 + rank / 2))
    wrappers = _OF_NUMBERS if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add | ast.Mult) else _WRAPPERS
    for rank, name in enumerate(wrappers):
        if name != around and name not in likely:
            yield site.put("wrap", f"{name}({inner})", (0.15 if likely else 1) / (1 + rank / 3))
    for name in ("max", "min"):
        yield site.put("bound", f"{name}(0, {text})", 1.0)
        for rank, other in enumerate(site.scope.near(site.line)[:_MOST_ATOMS]):
            if other != text:
                yield site.put("bound", f"{name}({other}, {text})", 0.8 / (1 + rank / 4))
        for rank, piece in enumerate(nearest(site, site.pool.expressions)[:_MOST_ATOMS]):
            if text not in piece.text and abs(piece.line - site.line) <= 2:
                yield site.put("bound", f"{name}({piece.text}, {text})", 0.6 / (1 + rank / 4))
        statement = site.parent
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and statement.value is node:
            target = site.of(statement.targets[0])
            usual = any(i.text.startswith(f"{name}(") for i in site.pool.expressions)
            share = 1.0 if any(isinstance(p, ast.For | ast.While) for p in site.parents) else _ONCE
            yield site.put("best-so-far", f"{name}({target}, {text})", share * (2.0 if usual else 0.7))
    yield site.put("in-list", f"[{text}]")
    yield site.put("in-list", f"({text},)", 0.4)
    for method in _METHODS:
        yield site.put("wrap-method", site.atom(node) + method)
    within = {n.name for p in site.parents if isinstance(p, Function) for n in p.body if isinstance(n, Function)}
    for name, parameters in site.pool.parameters.items():
        if name != around and (name in site.pool.callables or name in within) and len(parameters) >= 1:
            yield site.put("wrap-own", f"{name}({text})", 1.0 if len(parameters) == 1 else 0.3)
        elif parameters[:1] == ["self"] and len(parameters) == 2 and "self" in site.scope.locals:
            yield site.put("wrap-own", f"self.{name}({text})")


def subscript_base(site: Site) -> Iterator[Edit]:
    """The default of dict.get, `x.get(k)` for `x[k]` and back."""
    node = site.node
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice):
        key = site.of(node.slice)
        for default in ("", ", 0", ", None", ', ""', ", []"):
            yield site.put("get", f"{site.atom(node.value)}.get({key}{default})")
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        yield site.put("get", f"{site.atom(node.func.value)}[{site.of(node.args[0])}]")
