"""Edits of statements: deleted, put in, returned, and jumps exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product

from loopwright.engines.repair.pool import called
from loopwright.engines.repair.site import Edit, Site, insertable, is_text
from loopwright.engines.repair.source import Function, Splice

_MOST = 10
_LINKED = 8  # names whose attribute may be what is returned
_BESIDE = 5  # names, words and links that a returned value is made of


def jump(site: Site) -> Iterator[Edit]:
    """break, continue, pass and return exchanged."""
    node = site.node
    bare = isinstance(node, ast.Return) and node.value is None
    if not bare and not isinstance(node, ast.Break | ast.Continue | ast.Pass):
        return
    loop = any(isinstance(p, ast.For | ast.While | ast.AsyncFor) for p in site.parents)
    words = ["break", "continue"] if loop else []
    for word in (*words, "pass", "return"):
        if word != site.of(node):
            yield site.put("jump", word, 0.3 if word in ("pass", "return") else 1.0)
    if isinstance(node, ast.Pass):
        yield site.put("jump", "raise", 0.3)


def returned(site: Site) -> Iterator[Edit]:
    """Another value returned; an expression's value returned; yield from for yield; a missing await."""
    node = site.node
    if isinstance(node, ast.Return):
        yield from _other_return(site, node)
    elif isinstance(node, ast.Expr):
        start, _ = site.source.span(node)
        value = node.value
        if isinstance(value, ast.Yield) and value.value is not None:
            yield site.put("yield", f"yield from {site.of(value.value)}", node=value)
        elif isinstance(value, ast.YieldFrom):
            yield site.put("yield", f"yield {site.of(value.value)}", node=value)
        elif isinstance(value, ast.Call):
            yield site.splice("add-return", start, start, "return ")
            yield site.splice("add-return", start, start, "yield from ", 0.3)
            if isinstance(site.function, ast.AsyncFunctionDef):
                yield site.splice("await", start, start, "await ")
    elif isinstance(node, ast.Raise) and node.exc is not None:
        yield site.put("raise-to-return", f"return {site.of(node.exc)}")
        yield site.put("raise-to-return", "return", 0.5)
        yield site.put("raise-to-return", "pass", 0.5)
        yield site.put("raise-to-return", "raise", 0.5)
    elif (
        isinstance(node, ast.Call)
        and isinstance(site.function, ast.AsyncFunctionDef)
        and not isinstance(site.parent, ast.Await | ast.Expr)
    ):
        yield site.put_loose("await", f"await {site.of(node)}")
    elif isinstance(node, ast.Await):
        yield site.put("await", site.of(node.value))


def _other_return(site: Site, node: ast.Return) -> Iterator[Edit]:
    written = site.of(node.value) if node.value else ""
    for rank, name in enumerate(site.scope.locals):
        if name != written:
            yield site.put("return-value", f"return {name}", 1 / (1 + rank / 4))
            if written and not isinstance(node.value, ast.Constant):
                yield site.put("return-sum", f"return {name} + {written}", 1 / (1 + rank / 4))
            for symbol in ("== 0", "> 0"):
                yield site.put("return-test", f"return {name} {symbol}", 1 / (1 + rank / 4))
            yield site.put("return-test", f"return not {name}", 1 / (1 + rank / 4))
            yield site.put("return-test", f"return len({name}) == 0", 0.3 / (1 + rank / 4))
    if written in ("0", "1"):
        given = [a.arg for a in site.function.args.args] if site.function else []
        for rank, name in enumerate(dict.fromkeys([*reversed(given), *site.scope.near(site.line)[:_BESIDE]])):
            for test in (f"{name} == 0", name, f"not {name}"):
                yield site.put("return-test", f"return 1 if {test} else 0", 1 / (1 + rank / 2))
    if written in ("True", "False"):
        near, short = site.scope.near(site.line)[:_BESIDE], [w for w in site.pool.strings if 0 < len(w) <= 12]
        for rank, (name, word) in enumerate(product(near, short[:_BESIDE])):
            yield site.put("return-test", f"return {word!r} in {name}", 1 / (1 + rank / 4))
    elif isinstance(node.value, ast.Name | ast.Attribute):
        links = [attr for attr in site.pool.attributes if attr not in site.pool.methods][:_BESIDE]
        near = [n for n in site.scope.near(site.line) if n != "_"][:_LINKED]
        for (rank, name), (place, link) in product(enumerate(near), enumerate(links)):
            if f"{name}.{link}" != written:
                yield site.put("return-attribute", f"return {name}.{link}", 1 / ((1 + rank / 4) * (1 + place / 2)))
    for text in ("None", "True", "False", "0", "1", "-1", "[]", "{}", '""'):
        if text != written:
            yield site.put("return-constant", f"return {text}")
    if node.value is not None:
        yield site.put("return-to-yield", f"yield {written}")


def delete(site: Site) -> Iterator[Edit]:
    """A statement less, an else less, a condition around statements less."""
    node = site.node
    if not isinstance(node, ast.stmt) or isinstance(node, Function | ast.ClassDef | ast.Import | ast.ImportFrom):
        return
    body = site.body_of(node)
    if body is None:
        return
    first, last = node.lineno, node.end_lineno or node.lineno
    alone = site.source.lines[first - 1].strip().startswith(site.of(node).split("\n", 1)[0].strip()[:20])
    if len(body) == 1 or not alone:
        yield site.put("delete", "pass")
    else:
        start = site.source.offset(first, 0)
        end = site.source.offset(last, 0) + len(site.source.lines[last - 1])
        yield site.splice("delete", start, end, "")


def defaults(site: Site) -> Iterator[Edit]:
    """A list or dictionary that all calls share as a parameter's default, made anew in each call."""
    node = site.node
    if not isinstance(node, Function):
        return
    positional = [*node.args.posonlyargs, *node.args.args]
    pairs = list(zip(reversed(positional), reversed(node.args.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None]
    body = [statement for statement in node.body if not is_text(statement)]
    if not body or body[0].lineno == node.lineno:
        return
    for argument, default in pairs:
        shared = isinstance(default, ast.List | ast.Dict | ast.Set | ast.Call)
        if shared:
            text = f"if {argument.arg} is None:\n    {argument.arg} = {site.of(default)}"
            made = site.insert_before("mutable-default", body[0], text)
            given = Splice(*site.source.span(default), "None")
            yield Edit(site.source.path, site.line, "mutable-default", (given, *made.splices))


def insert(site: Site) -> Iterator[Edit]:
    """A statement more: a missing change of a collection, a missing assignment."""
    node = site.node
    if not isinstance(node, ast.stmt) or not insertable(site):
        return
    for text, operator, share in (*_changes(site), *_assignments(site)):
        yield site.insert_before(operator, node, text, share)
        if not isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
            yield site.insert_after(operator, node, text, share * 0.8)


def _changes(site: Site) -> Iterator[tuple[str, str, float]]:
    """Calls that change a local collection, with the locals as arguments."""
    kinds = site.scope.collections
    local = site.scope.near(site.line)[:_MOST]
    for rank, name in enumerate(local):
        if kinds.get(name) == "append" and isinstance(site.node, ast.Return):
            for method in ("reverse", "sort"):
                yield f"{name}.{method}()", "add-call", 3 / (1 + rank / 4)
        for method in ("append", "add", "extend", "update", "remove", "pop"):
            seen = method in site.pool.by_base.get(name, ())
            made = kinds.get(name) == method
            if not (seen or made) and method not in ("append", "add"):
                continue
            for place, other in enumerate(local):
                if other != name:
                    share = (3 if made else 2 if seen else 0.2) / ((1 + rank / 4) * (1 + place / 4))
                    yield f"{name}.{method}({other})", "add-call", share
    for other in list(site.pool.by_base.get("self", ()))[:_MOST]:
        if other in site.pool.methods:
            yield f"self.{other}()", "add-call", 0.5


def _assignments(site: Site) -> Iterator[tuple[str, str, float]]:
    local = site.scope.near(site.line)[:_MOST]
    for rank, name in enumerate(local):
        for place, other in enumerate(local):
            if other != name:
                share = 1 / ((1 + rank / 4) * (1 + place / 4))
                yield f"{name} = {other}", "add-assignment", share
                yield f"{name} += {other}", "add-assignment", 0.4 * share
                yield f"{name} -= {other}", "add-assignment", 0.2 * share
        for tail in ("+= 1", "-= 1", "= 0", "= None", "= []", "= 1"):
            yield f"{name} {tail}", "add-assignment", 0.4 / (1 + rank / 4)


def assigned(site: Site) -> Iterator[Edit]:
    """Targets exchanged, or what is made of them; the value of a call assigned to what it was called on."""
    node = site.node
    if isinstance(node, ast.DictComp):
        yield site.swap("swap-elements", node.key, node.value)
    elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Tuple):
        for one, two in zip(node.target.elts, node.target.elts[1:], strict=False):
            yield site.swap("swap-targets", one, two)
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Tuple):
            for one, two in zip(target.elts, target.elts[1:], strict=False):
                yield site.swap("swap-elements", one, two)
        if isinstance(node.value, ast.Call):
            start, end = site.source.span(target)[0], site.source.span(node.value)[0]
            yield site.splice("drop-target", start, end, "")
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        func = node.value.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            start = site.source.span(node)[0]
            yield site.splice("add-target", start, start, f"{func.value.id} = ")
        elif node.value.args and isinstance(node.value.args[0], ast.Name) and called(node.value):
            start = site.source.span(node)[0]
            yield site.splice("add-target", start, start, f"{node.value.args[0].id} = ")


def otherwise(site: Site) -> Iterator[Edit]:
    """`elif` for a new `if` and back; handlers and keywords of blocks."""
    node = site.node
    if isinstance(node, ast.If):
        at = site.source.span(node)[0]
        if site.source.text[at : at + 4] == "elif":
            yield site.splice("elif", at, at + 4, "if")
        elif site.source.text[at : at + 2] == "if":
            body = site.body_of(node) or []
            index = next((i for i, s in enumerate(body) if s is node), 0)
            if index and isinstance(body[index - 1], ast.If) and not body[index - 1].orelse:  # type: ignore[attr-defined]
                yield site.splice("elif", at, at + 2, "elif")
        start = site.source.span(node)[0]
        width = 4 if site.source.text[start : start + 4] == "elif" else 2
        if not node.orelse and width == 2:
            yield site.splice("if-while", start, start + 2, "while")
    elif isinstance(node, ast.While):
        start = site.source.span(node)[0]
        yield site.splice("if-while", start, start + 5, "if")
