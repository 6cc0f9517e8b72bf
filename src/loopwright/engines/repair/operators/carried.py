"""What a recursion or a queue carries along, what a generator gives, and what goes together: tables, heaps, halves."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, insertable
from loopwright.engines.repair.source import Function

_GIVEN = 5  # names that a lost yield may give
_JOINED = (("{0} + {1}", 2.0), ("{0} - {1}", 1.0), ("{0} + [{1}]", 1.0), ("{1} + {0}", 0.5), ("{0} + 1", 0.5))
_MORE = {ast.Set: "{0} | {{{1}}}", ast.List: "{0} + [{1}]", ast.Tuple: "{0} + ({1},)"}
_NOTHING = ("[]", "()", '""', "0", "None", "{}")


def along(site: Site) -> Iterator[Edit]:
    """What the function was given goes into what it gives itself: `f(letter)` becomes `f(prefix + letter)`."""
    node, function = site.node, site.function
    if not isinstance(node, ast.Call) or function is None or called(node) != function.name:
        return
    given = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if isinstance(node.func, ast.Attribute) and given:
        given = given[1:]
    yield from _joined(site, zip(node.args, given, strict=False))


def told(site: Site) -> Iterator[Edit]:
    """What a function asks a collection for, put into it where the collection is handed on: `f(seen | {node})`."""
    node, function = site.node, site.function
    if not isinstance(node, ast.Call) or function is None or called(node) != function.name:
        return
    given = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    for part in node.args:
        if not isinstance(part, ast.Name) or part.id not in given:
            continue
        for kept in site.scope.kept:
            if kept.asked and kept.name == part.id and kept.names <= set(site.scope.locals):
                for rank, form in enumerate(_forms(function)):
                    yield site.put("tell", form.format(part.id, kept.element), 1 / (1 + rank), node=part)


def _forms(function: Function) -> list[str]:
    """How a collection with one more element is written: as elsewhere in the function first."""
    found: list[str] = []
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Set | ast.List | ast.Tuple):
            found.append(_MORE[type(node.right)])
    return list(dict.fromkeys([*found, *_MORE.values()]))


def along_queue(site: Site) -> Iterator[Edit]:
    """What was taken from a queue goes into what is put there at the same place: `cost + step` for `step`."""
    node, function = site.node, site.function
    if not isinstance(node, ast.Tuple) or not isinstance(site.parent, ast.Call) or function is None:
        return
    for taken in ast.walk(function):
        if not isinstance(taken, ast.Assign) or not isinstance(taken.value, ast.Call) or len(taken.targets) != 1:
            continue
        target = taken.targets[0]
        if isinstance(target, ast.Tuple) and len(target.elts) == len(node.elts):
            names = [t.id if isinstance(t, ast.Name) else "" for t in target.elts]
            yield from _joined(site, zip(node.elts, names, strict=True))


def _joined(site: Site, pairs: Iterable[tuple[ast.expr, str]]) -> Iterator[Edit]:
    """Each expression joined with the name that belongs to it, where it does not speak of it."""
    for part, name in pairs:
        if not name or isinstance(part, ast.Starred) or name in names_of(part):
            continue
        text = site.atom(part)
        for form, share in _JOINED:
            yield site.put("carry-along", form.format(name, text), share, node=part)


def other_way(site: Site) -> Iterator[Edit]:
    """A call of the function itself once more with its two places exchanged, `f(a[1], b[2]) and f(a[2], b[1])`."""
    node = site.node
    own = {p.name for p in site.parents if isinstance(p, Function)}
    if not isinstance(node, ast.Call) or called(node) not in own or isinstance(site.parent, ast.Expr):
        return
    other = _exchanged(site, node)
    if not other or other in site.of(site.function or node):
        return
    text = site.of(node)
    for word, share in (("and", 2.0), ("or", 1.0), ("+", 1.0)):
        yield site.put_loose("other-way", f"{text} {word} {other}", share)
    for call in ("max", "min"):
        yield site.put("other-way", f"{call}({text}, {other})", 0.5)


def _exchanged(site: Site, call: ast.Call) -> str:
    """The call with its two places (constant indices or attributes) exchanged; "" where there are not two."""
    marks: list[tuple[int, int, str]] = []
    start, text = site.source.span(call)[0], site.of(call)
    for child in (n for argument in call.args for n in ast.walk(argument)):
        end = site.source.span(child)[1] - start if isinstance(child, ast.expr) else 0
        if isinstance(child, ast.Attribute) and child.attr not in site.pool.methods:
            marks.append((end - len(child.attr), end, child.attr))
        elif isinstance(child, ast.Subscript) and isinstance(child.slice, ast.Constant):
            a, b = site.source.span(child.slice)
            marks.append((a - start, b - start, site.of(child.slice)))
    words = list(dict.fromkeys(word for _, _, word in marks))
    if len(words) != 2:
        return ""
    swap = {words[0]: words[1], words[1]: words[0]}
    for a, b, word in sorted(marks, reverse=True):
        text = text[:a] + swap[word] + text[b:]
    return text


def beside(site: Site) -> Iterator[Edit]:
    """Tables that go together: behind `one[k] = a` stands `two[k] = b`, where `two` is filled elsewhere as well."""
    node = site.node
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not insertable(site) or site.function is None:
        return
    target = node.targets[0]
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return
    name, key = target.value.id, site.of(target.slice)
    body = {site.of(s) for s in site.body_of(node) or []}
    for two, filler in _fillers(site):
        if two != name and not any(text.startswith(f"{two}[") for text in body):
            ready = names_of(filler) <= set(site.scope.locals) | site.pool.builtins
            values = [site.of(filler)] if ready else []
            values += [n for n in site.scope.near(site.line)[:_GIVEN] if n not in (name, two)]
            for rank, text in enumerate(dict.fromkeys(values)):
                yield site.insert_after("fill-beside", node, f"{two}[{key}] = {text}", 1 / (1 + rank))


def same_table(site: Site) -> Iterator[Edit]:
    """What an entry gains is another entry of its table: `size[a] += size[b]` for `size[a] += 1`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Constant) or not isinstance(parent, ast.AugAssign) or parent.value is not node:
        return
    if not isinstance(parent.target, ast.Subscript):
        return
    base, own = site.of(parent.target.value), names_of(parent.target)
    near = [n for n in site.scope.near(site.line) if n not in own and n not in site.pool.subscripted]
    for rank, name in enumerate(near[:_GIVEN]):
        yield site.put("entry-of-table", f"{base}[{name}]", 1 / (1 + rank / 2))


def _fillers(site: Site) -> list[tuple[str, ast.expr]]:
    """Collections of the function and what is put into each."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(site.function) if site.function else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            base: ast.expr = node.targets[0].value
            value = node.value
        elif isinstance(node, ast.Call) and called(node) == "append" and isinstance(node.func, ast.Attribute):
            if not node.args:
                continue
            base, value = node.func.value, node.args[0]
        else:
            continue
        if isinstance(base, ast.Name):
            found.setdefault(base.id, value)
    return list(found.items())


def heap_call(site: Site) -> Iterator[Edit]:
    """A list that is kept as a heap elsewhere in the file changed as one: `heappush(xs, x)` for `xs.append(x)`."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    prefix = "heapq." if "heapq" in site.pool.globals else ""
    known = {*site.pool.globals, *(site.pool.by_base.get("heapq", ()))}
    if not prefix and not known & {"heappush", "heappop", "heapify"}:
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "pop"):
        base = site.of(node.func.value)
        made = f"heappush({base}, {site.of(node.args[0])})" if node.func.attr == "append" and node.args else ""
        made = made or (f"heappop({base})" if node.func.attr == "pop" else "")
        if made and (prefix or made.split("(")[0] in known):
            yield site.put("as-heap", prefix + made)
    elif called(node) == "heappush" and len(node.args) == 2:
        yield site.put("as-heap", f"{site.of(node.args[0])}.append({site.of(node.args[1])})", 0.1)


def given(site: Site) -> Iterator[Edit]:
    """A value that a generator does not give: nothing at all ahead of its end, a name anywhere."""
    node, function = site.node, site.function
    if not isinstance(node, ast.stmt) or function is None or not insertable(site):
        return
    yields = _yields(function)
    if not yields:
        return
    ends = isinstance(node, ast.Return | ast.Pass)
    if ends:
        alike = {type(y.value) for y in yields if isinstance(y, ast.Yield)}
        for rank, text in enumerate(_NOTHING):
            fits = (text == "[]" and ast.List in alike) or (text == "()" and ast.Tuple in alike)
            yield site.insert_before("give", node, f"yield {text}", (2.0 if fits else 1.0) / (1 + rank / 4))
    for text in dict.fromkeys(site.of(y) for y in yields):
        yield site.insert_before("give", node, text, 0.5)
        if not ends:
            yield site.insert_after("give", node, text, 0.5)
    for rank, name in enumerate(site.scope.near(site.line)[:_GIVEN]):
        for form, share in (("{}", 1.0), ("[{}]", 0.4), ("({},)", 0.2)):
            yield site.insert_before("give", node, f"yield {form.format(name)}", share / (1 + rank / 2))
            if not ends:
                yield site.insert_after("give", node, f"yield {form.format(name)}", share / (1 + rank / 2))


@lru_cache(maxsize=32)
def _yields(function: Function) -> list[ast.Yield | ast.YieldFrom]:
    return [n for n in ast.walk(function) if isinstance(n, ast.Yield | ast.YieldFrom)]
