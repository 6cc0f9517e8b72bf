"""Edits of constants: numbers, booleans, None, strings, empty literals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site

_RECKONED = (ast.BinOp, ast.Compare, ast.AugAssign, ast.Call, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Set,
             ast.Dict, ast.Return, ast.IfExp)  # fmt: skip
_NAMES = 6  # names that stand in a number's place
_AGAIN = 3  # names that a call has already
_PARTED = 0.2  # share of an index that would no longer be that of the other operand
_CLOSE = 0.6  # least share of equal characters for one string to be taken as a misspelling of another


def number(site: Site) -> Iterator[Edit]:
    """One more, one less, its negative, the small ones, those used elsewhere."""
    node = site.node
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return
    value = node.value
    assert isinstance(value, int | float)
    written = site.of(node)
    seen = {repr(value)}
    for other, share in _numbers(site, value, written):
        if other not in seen and not (other.startswith("-") and isinstance(site.parent, ast.UnaryOp)):
            seen.add(other)
            text = other if not other.startswith("-") else _negative(site, other)
            odd = "wraps" if other == "0" and _wraps(site) else "idle" if _idle(site, other) else ""
            kind = odd or ("fitted" if _fitted(value, other) else "number")
            yield site.put(kind, text, _PARTED * share if _parts(site) else share)


def _parts(site: Site) -> bool:
    """True for an index that what stands beside it has as well: `a[0] - b[0]` and `a[0] == x and b[0] == x`."""
    entry, pair = site.parent, site.parents[-2] if len(site.parents) > 1 else None
    if not isinstance(entry, ast.Subscript):
        return False
    if isinstance(pair, ast.Compare) and isinstance(site.parents[-3], ast.BoolOp):
        others = [n for value in site.parents[-3].values if value is not pair for n in ast.walk(value)]
        return any(isinstance(n, ast.Subscript) and site.of(n.slice) == site.of(site.node) for n in others)
    if not isinstance(pair, ast.BinOp) or not isinstance(pair.op, ast.Sub):
        return False
    other = pair.right if pair.left is entry else pair.left
    return isinstance(other, ast.Subscript) and site.of(other.slice) == site.of(site.node)


def named(site: Site) -> Iterator[Edit]:
    """A name in a number's place: `total - 1` where `total - weight` is meant, `place = 0` where `place = low` is."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Constant) or type(node.value) is not int:
        return
    if not isinstance(parent, (*_RECKONED, ast.Assign)):
        return
    beside = names_of(parent)
    kind = "started" if isinstance(parent, ast.Assign) else "number-to-name"
    near = [n for n in site.scope.near(site.line) if n not in site.pool.subscripted]
    apart = [n for n in near if n not in beside]
    for rank, name in enumerate(apart[:_NAMES]):
        yield site.put(kind, name, (3 if name in site.scope.unread else 1) / (1 + rank / 3))
    for rank, name in enumerate([n for n in site.scope.near(site.line) if n in site.pool.tables][:_AGAIN]):
        yield site.put(kind, f"len({name})", 0.5 / (1 + rank))
    again = [n for n in near if n in beside] if isinstance(parent, ast.Call) else []
    for rank, name in enumerate(again[:_AGAIN]):
        yield site.put(kind, name, 0.5 / (1 + rank))
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.BitAnd) and parent.right is node:
        text = site.atom(parent.left)
        yield site.put("number-to-name", f"-{text}", 2.0)
        yield site.put("number-to-name", f"({text} - 1)", 2.0)


def _numbers(site: Site, value: int | float, written: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, int) and not isinstance(value, bool):
        hexadecimal = written[:2].lower() == "0x"
        show = hex if hexadecimal else repr
        yield show(value - 1), 1.0
        yield show(value + 1), 1.0
        yield show(-value), 0.4
        for small in (0, 1, 2, -1):
            yield repr(small), 0.15
        for end in ("-2", "2", "-3") if _index(site) else ():
            yield end, 0.3
        for far in (value * 2, value // 2, value * 10, value // 10):
            yield repr(far), 0.05
    else:
        for other in (value - 1, value + 1, value * 2, value / 2, 0.0, 1.0, -value, 0.5, value * 10, value / 10):
            yield repr(other), 0.5
    for text in (*site.pool.numbers, *site.pool.test_numbers):
        yield text, 0.04
    yield "None", 0.05


def _index(site: Site) -> bool:
    """True for the index of an entry."""
    signed = isinstance(site.parent, ast.UnaryOp) and len(site.parents) > 1
    entry, place = (site.parents[-2], site.parent) if signed else (site.parent, site.node)
    return isinstance(entry, ast.Subscript) and entry.slice is place


def _fitted(before: int | float, text: str) -> bool:
    """True for a larger number in place of 0 or 1: one that happens to fit the tests, more often than not."""
    return abs(before) <= 1 and text.lstrip("-").isdigit() and int(text.lstrip("-")) > 1


def _idle(site: Site, text: str) -> bool:
    """True where the number would make its operation do nothing: `+ 0`, `* 1`, `+= 0`."""
    operator = site.parent.op if isinstance(site.parent, ast.BinOp | ast.AugAssign) else None
    return (text == "0" and isinstance(operator, ast.Add | ast.Sub)) or (
        text == "1" and isinstance(operator, ast.Mult | ast.Div | ast.FloorDiv | ast.Pow)
    )


def _wraps(site: Site) -> bool:
    """True for the start of a range where an index is one less than what runs from it: 0 would reach the last entry."""
    loop = site.parents[-2] if len(site.parents) > 1 else None
    call = site.parent
    if not isinstance(loop, ast.For) or not isinstance(call, ast.Call) or called(call) != "range":
        return False
    if len(call.args) < 2 or call.args[0] is not site.node or not isinstance(loop.target, ast.Name):
        return False
    nodes = (n for statement in loop.body for n in ast.walk(statement))
    return any(_less_than(n.slice, loop.target.id) for n in nodes if isinstance(n, ast.Subscript))


def _less_than(place: ast.expr, name: str) -> bool:
    if not isinstance(place, ast.BinOp) or not isinstance(place.op, ast.Sub):
        return False
    return isinstance(place.left, ast.Name) and place.left.id == name


def _negative(site: Site, text: str) -> str:
    return f"({text})" if isinstance(site.parent, ast.BinOp | ast.Attribute | ast.UnaryOp) else text


def boolean(site: Site) -> Iterator[Edit]:
    """True for False."""
    if isinstance(site.node, ast.Constant) and isinstance(site.node.value, bool):
        yield site.put("boolean", str(not site.node.value))
        yield site.put("boolean", "None", 0.15)
        if isinstance(site.parent, ast.Assign) and any(isinstance(p, ast.For | ast.While) for p in site.parents):
            yield site.put("toggle", f"not {site.of(site.parent.targets[0])}")


def none(site: Site) -> Iterator[Edit]:
    """A value where there is None, None where there is a value."""
    node, parent = site.node, site.parent
    if isinstance(node, ast.Constant) and node.value is None:
        for text, share in (
            ("True", 1.0),
            ("False", 1.0),
            ('""', 1.0),
            ("0", 1.0),
            ("[]", 0.7),
            ("{}", 0.7),
            ("1", 0.5),
            ("()", 0.4),
            ("set()", 0.3),
        ):
            yield site.put("none-to-literal", text, share)
        sides = (parent.left, *parent.comparators) if isinstance(parent, ast.Compare) else ()
        compared = {site.of(side) for side in sides}
        for rank, name in enumerate(n for n in site.scope.locals if n not in compared):
            yield site.put("none-to-name", name, 1 / (1 + rank / 4))
        near = [s for s in (*site.pool.strings, *site.pool.test_strings) if 0 < len(s) < 20]
        for text in dict.fromkeys(near):
            yield site.put("none-to-string", repr(text))
    elif (
        isinstance(node, ast.expr)
        and isinstance(parent, ast.Call | ast.Return | ast.keyword)
        and not isinstance(node, ast.Starred)
        and getattr(parent, "func", None) is not node
    ):
        yield site.put("to-none", "None")


def empty(site: Site) -> Iterator[Edit]:
    """A literal with one more or one less around it: [] and [[]], [x] and []."""
    node = site.node
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        if isinstance(node, ast.List) and not node.elts:
            yield site.put("literal", "[[]]", 0.6)
            for rank, name in enumerate(site.scope.locals):
                yield site.put("literal", f"[{name}]", 1 / (1 + rank))
                yield site.put("literal", name, 1 / (1 + rank))
            times = isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, ast.Mult)
            for text in ("()", "None", "{}", "set()", "[0]", '[""]', "[None]"):
                yield site.put("literal", text, 3.0 if times and text[0] == "[" else 0.2)
        elif node.elts and isinstance(node, ast.List):
            yield site.put("literal", "[]", 0.5)
            for one in node.elts:
                if len(node.elts) > 1:
                    yield site.put("drop-element", "[" + ", ".join(site.of(e) for e in node.elts if e is not one) + "]")
        for one, two in zip(node.elts, node.elts[1:], strict=False):
            yield site.swap("swap-elements", one, two)
    elif isinstance(node, ast.Dict) and not node.keys:
        for text in ("[]", "None", "set()"):
            yield site.put("literal", text, 0.2)


def string(site: Site) -> Iterator[Edit]:
    """A string without what was put around it, in another case, or the nearest string used elsewhere."""
    node = site.node
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str | bytes):
        return
    if isinstance(site.parent, ast.Expr):  # a docstring
        return
    written = site.of(node)
    shape = re.fullmatch(r"([A-Za-z]*)('''|\"\"\"|'|\")(.*)\2", written, re.DOTALL)
    if shape is None:
        return
    prefix, quote, body = shape[1], shape[2], shape[3]
    seen = {body}
    for text, share, name in _strings(site, body, node.value):
        if text not in seen and quote not in text:
            seen.add(text)
            yield site.put(name, f"{prefix}{quote}{text}{quote}", share)


def _strings(site: Site, body: str, value: str | bytes) -> Iterator[tuple[str, float, str]]:
    for width in (2, 1, 3):  # a marker put around a string
        inner = body[width:-width]
        if len(body) >= 2 * width and body[:width] in (body[-width:], body[-width:][::-1]):
            yield inner, 1.0, "string-unwrap"
    for other in (body.lower(), body.upper(), body.capitalize(), body.title(), body.swapcase()):
        yield other, 0.7, "string-case"
    yield re.sub(r"\\[A-Z]", lambda m: m[0].lower(), body.lower()), 0.4, "string-case"
    if isinstance(value, str):
        for other, share in _like(site, value):
            yield _escaped(other), share, "string-like"
    for other in (body.strip(), body + " ", " " + body, body[1:], body[:-1], body + "\\n", body + ".", ""):
        yield other, 0.3, "string-trim"
    used = [*site.pool.strings, *site.pool.test_strings]
    for other in dict.fromkeys(used):
        yield _escaped(other), 0.3 if len(other) < 30 else 0.1, "string-other"


def _like(site: Site, value: str) -> Iterator[tuple[str, float]]:
    """Strings, and words of strings, that are the same but for case or a few characters."""
    folded = value.casefold()
    for pool, weight in ((site.pool.test_strings, 1.0), (site.pool.strings, 0.8)):
        for other in pool:
            found = other.casefold().find(folded) if len(value) > 2 else -1
            if found >= 0 and other[found : found + len(value)] != value:
                yield other[found : found + len(value)], weight
            if other != value and abs(len(other) - len(value)) <= 2 and _overlap(other, value) >= _CLOSE:
                yield other, weight * 0.8


def _overlap(one: str, two: str) -> float:
    same = sum(a == b for a, b in zip(one, two, strict=False))
    back = sum(a == b for a, b in zip(reversed(one), reversed(two), strict=False))
    return max(same, back) / max(len(one), len(two), 1)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
