"""Edits of operator symbols: comparisons, arithmetic, boolean operators, negation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from loopwright.core.expression import expression
from loopwright.engines.repair.site import ATOMIC, Edit, Site
from loopwright.engines.repair.source import Splice

COMPARISONS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_NEAR: dict[str, dict[str, float]] = {
    "==": {"!=": 1.0, "<=": 0.3, ">=": 0.3, "<": 0.3, ">": 0.3, "in": 0.3, "is": 0.2},
    "!=": {"==": 1.0, "<": 0.5, ">": 0.5, "<=": 0.5, ">=": 0.5, "not in": 0.3, "is not": 0.2},
    "<": {"<=": 1.3, ">": 0.7, ">=": 0.6, "!=": 0.25, "==": 0.25},
    "<=": {"<": 1.3, ">=": 0.7, ">": 0.6, "==": 0.25, "!=": 0.25},
    ">": {">=": 1.3, "<": 0.7, "<=": 0.6, "!=": 0.25, "==": 0.25},
    ">=": {">": 1.3, "<=": 0.7, "<": 0.6, "==": 0.25, "!=": 0.25},
    "is": {"is not": 1.0, "==": 0.5, "!=": 0.2, "in": 0.2},
    "is not": {"is": 1.0, "!=": 0.5, "==": 0.2},
    "in": {"not in": 1.0, "==": 0.5},
    "not in": {"in": 1.0, "!=": 0.5},
}
_WIDE = ("==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in")
ARITHMETIC = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.MatMult: "@",
}
_PAIRS = {
    "+": ("-", "*"),
    "-": ("+", "%"),
    "*": ("/", "//", "**", "+"),
    "/": ("//", "*"),
    "//": ("/", "*", "%"),
    "%": ("/", "//", "+"),
    "**": ("*",),
    "<<": (">>",),
    ">>": ("<<",),
    "|": ("&", "^"),
    "&": ("|", "^"),
    "^": ("&", "|", "**"),
    "@": ("*",),
}
_SET = 0.1  # share of `!=` where both are made the same
_WHOLE = 0.1  # share of a comparison of an element with the whole collection
_BITS = ("<<", ">>", "|", "&", "^")
_IDLE = ("*", "/", "//", "**", "%")  # with 1 they leave a number as it is, or make it 0
_LESS = 1.5  # share of `-=` for an entry that a loop sets
_GROWS = 2.5  # share of the symbol with which an assignment in a loop adds up instead
_SYMBOL = expression(r"is\s+not|not\s+in|[<>=!]=|\*\*|//|<<|>>|[-+*/%|&^@<>]|\bis\b|\bin\b|\band\b|\bor\b")


def _between(site: Site, left: ast.AST, right: ast.AST, wanted: str) -> tuple[int, int] | None:
    """Where the operator stands between two operands."""
    start, end = site.source.span(left)[1], site.source.span(right)[0]
    text = re.sub(r"#[^\n]*", lambda m: " " * len(m[0]), site.source.text[start:end])
    for found in _SYMBOL.finditer(text):
        if re.sub(r"\s+", " ", found[0]) == wanted:
            return start + found.start(), start + found.end()
    return None


def compare(site: Site) -> Iterator[Edit]:
    """Another comparison; the neighbours of the one written weigh most."""
    node = site.node
    if not isinstance(node, ast.Compare):
        return
    left = node.left
    for symbol, right in zip(node.ops, node.comparators, strict=True):
        written = COMPARISONS[type(symbol)]
        place = _between(site, left, right, written)
        whole = _holds(site, right) and not _holds(site, left)
        left = right
        if place is None:
            continue
        for other, share in _likely(written, node).items():
            kept = share if not whole or "in" in other.split() else _WHOLE * share
            kept *= _SET if other in ("!=", "is not") and _sets(site) else 1.0
            yield site.splice("comparison", *place, _spaced(site, place, other), kept)


def _sets(site: Site) -> bool:
    """True where what is compared is made the same: `if a != b: b = a` does what `b = a` does."""
    node, parent = site.node, site.parent
    if not isinstance(parent, ast.If) or not isinstance(node, ast.Compare):
        return False
    sides = {site.of(node.left), *(site.of(c) for c in node.comparators)}
    done = [s for s in parent.body if isinstance(s, ast.Assign)]
    return any({site.of(s.targets[0]), site.of(s.value)} <= sides for s in done)


def _holds(site: Site, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in site.scope.collections


def _likely(written: str, node: ast.Compare) -> dict[str, float]:
    """Other comparisons by their weight: what is compared with a word is seldom ordered."""
    constants = [side.value for side in (node.left, *node.comparators) if isinstance(side, ast.Constant)]
    near = _NEAR[written]
    if any(value is None for value in constants):
        near = {"is not": 1.0, "is": 1.0, "==": 0.3, "!=": 0.3}
    elif any(isinstance(value, str | bytes | bool) for value in constants):
        near = {"!=": 1.0, "==": 1.0, "in": 0.6, "not in": 0.6, **{word: 0.4 * share for word, share in near.items()}}
        near |= {"!=": 1.0, "==": 1.0}
    return {word: near.get(word, 0.1) for word in (*near, *_WIDE) if word != written}


def _spaced(site: Site, place: tuple[int, int], word: str) -> str:
    """A word needs white space around it where a symbol had none."""
    if not word[0].isalpha():
        return word
    text = site.source.text
    return (" " * (not text[place[0] - 1].isspace())) + word + (" " * (not text[place[1]].isspace()))


def compare_sides(site: Site) -> Iterator[Edit]:
    """`a < b` for `b < a`."""
    node = site.node
    if (
        isinstance(node, ast.Compare)
        and len(node.ops) == 1
        and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.In | ast.NotIn)
    ):
        yield site.swap("swap-compared", node.left, node.comparators[0])


def arithmetic(site: Site) -> Iterator[Edit]:
    """Another arithmetic or bit operator."""
    node = site.node
    if isinstance(node, ast.BinOp):
        written = ARITHMETIC[type(node.op)]
        place = _between(site, node.left, node.right, written)
        if place:
            one = isinstance(node.right, ast.Constant) and node.right.value == 1
            for edit in _others(site, "arithmetic", place, written, ""):
                symbol = edit.splices[0].text
                strange = symbol in _BITS and written not in _BITS and not site.scope.bits
                yield replace(edit, operator="idle") if strange or (one and symbol in _IDLE) else edit
    elif isinstance(node, ast.AugAssign):
        written = ARITHMETIC[type(node.op)]
        start, end = site.source.span(node.target)[1], site.source.span(node.value)[0]
        at = site.source.text.find(written + "=", start, end)
        if at >= 0:
            one = isinstance(node.value, ast.Constant) and node.value.value == 1
            for edit in _others(site, "arithmetic", (at, at + len(written) + 1), written, "="):
                if one and edit.splices[0].text.rstrip("=") in _IDLE:
                    yield replace(edit, operator="idle")
                else:
                    yield edit
            yield site.splice("overwrite", at, at + len(written) + 1, "=")
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Tuple | ast.List | ast.Starred):
            return
        start, end = site.source.span(target)[1], site.source.span(node.value)[0]
        at = site.source.text.find("=", start, end)
        loop = any(isinstance(p, ast.For | ast.While) for p in site.parents)
        grown = "|=" if isinstance(node.value, ast.Set | ast.SetComp) else "+="
        for rank, symbol in enumerate(("+=", "-=", "*=", "|=", "//=", "&=", "/=")):
            often = loop or (isinstance(target, ast.Attribute) and isinstance(node.value, ast.Constant))
            share = _GROWS if often and symbol == grown and not _made(site) else 1 / (1 + rank)
            share = max(share, _LESS) if symbol == "-=" and loop and isinstance(target, ast.Subscript) else share
            yield site.splice("augmented", at, at + 1, symbol, share)


def _made(site: Site) -> bool:
    """True where an object is made: what is set there begins."""
    return site.function is not None and site.function.name == "__init__"


def _others(site: Site, name: str, place: tuple[int, int], written: str, tail: str) -> Iterator[Edit]:
    near = _PAIRS[written]
    wide = [s for s in ARITHMETIC.values() if s != written and s not in near and s != "@"]
    for rank, other in enumerate((*near, *wide)):
        share = 1.0 if rank < len(near) else 0.4
        if other in _BITS and written not in _BITS and not site.scope.bits:
            share = 0.06  # numbers are seldom meant bit by bit where nothing else is
        yield site.splice(name, *place, other + tail, share)


def operands(site: Site) -> Iterator[Edit]:
    """Operands exchanged, or one of them alone."""
    node = site.node
    if not isinstance(node, ast.BinOp):
        return
    if not isinstance(node.op, ast.Add | ast.Mult | ast.BitOr | ast.BitAnd) or not _numeric(node):
        yield site.swap("swap-operands", node.left, node.right)
    for side in (node.left, node.right):
        shift = side is node.left and isinstance(node.right, ast.Constant) and node.right.value == 1
        one = "drop-shift" if shift and isinstance(node.op, ast.Add | ast.Sub) else "one-operand"
        yield site.put(one, site.atom(side) if not isinstance(side, ATOMIC) else site.of(side))


def _numeric(node: ast.BinOp) -> bool:
    return any(isinstance(n, ast.Constant) and isinstance(n.value, int | float) for n in (node.left, node.right))


def boolean(site: Site) -> Iterator[Edit]:
    """`and` for `or`, and a condition without one of its parts."""
    node = site.node
    if not isinstance(node, ast.BoolOp):
        return
    written, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for left, right in zip(node.values, node.values[1:], strict=False):
        place = _between(site, left, right, written)
        if place:
            yield site.splice("and-or", *place, other, _guarding(site, left, right, other))
    if len(node.values) > 2:
        places = [_between(site, a, b, written) for a, b in zip(node.values, node.values[1:], strict=False)]
        splices = tuple(Splice(*place, other) for place in places if place)
        yield Edit(site.source.path, site.line, "and-or", splices)
    yield from _flipped(site, node, other)
    for index, value in enumerate(node.values):
        rest = [v for i, v in enumerate(node.values) if i != index]
        start, end = site.source.span(rest[0])[0], site.source.span(rest[-1])[1]
        if index in (0, len(node.values) - 1):
            yield site.put("drop-condition", site.source.text[start:end], node=node)
        else:
            before, after = site.source.span(node.values[index - 1])[1], site.source.span(value)[1]
            yield site.splice("drop-condition", before, after, "")


def _flipped(site: Site, node: ast.BoolOp, other: str) -> Iterator[Edit]:
    """`not a or b` for `a and b`, and back."""
    if len(node.values) != 2:
        return
    first, second = node.values
    if isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.Not):
        turned = site.of(first.operand)
    else:
        turned = f"not {site.atom(first)}"
    yield site.put_loose("flip", f"{turned} {other} {site.of(second)}")


def _guarding(site: Site, check: ast.expr, use: ast.expr, word: str) -> float:
    """How well the word joins a check of a value with a use of it: `x and x[0]`, `x is None or x.empty`."""
    if _same_subject(site, check, use):
        return 2.0 if word == "or" else 0.2  # nothing equals two things at once
    negative = isinstance(check, ast.UnaryOp) and isinstance(check.op, ast.Not)
    checked: ast.expr = check.operand if isinstance(check, ast.UnaryOp) else check
    if isinstance(checked, ast.Compare) and len(checked.ops) == 1:
        negative ^= isinstance(checked.ops[0], ast.Is | ast.Eq)
        checked = checked.left
    text = site.of(checked)
    bases = [n.value for n in ast.walk(use) if isinstance(n, ast.Subscript | ast.Attribute)]
    if not any(site.of(base) == text for base in bases):
        return 1.0
    return 1.0 if (word == "or") == negative else 0.15


def _same_subject(site: Site, one: ast.expr, two: ast.expr) -> bool:
    """True for `x is a` and `x is b`, or `x == a` and `x == b`."""
    if not (isinstance(one, ast.Compare) and isinstance(two, ast.Compare)):
        return False
    equal = all(isinstance(op, ast.Is | ast.Eq) for op in (*one.ops, *two.ops))
    return equal and site.of(one.left) == site.of(two.left)


def share_taken(site: Site) -> Iterator[Edit]:
    """What comes of an operation taken from, or added to, what was there: `x -= x // p` for `x //= p`."""
    node = site.node
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult | ast.FloorDiv | ast.Div | ast.Mod):
        target, text = site.of(node.target), site.of(node.value)
        value = text if isinstance(node.value, ast.Name | ast.Constant | ast.Call | ast.Subscript) else f"({text})"
        for symbol in ("-", "+"):
            yield site.put("take-share", f"{target} {symbol}= {target} {ARITHMETIC[type(node.op)]} {value}")


def rounded_up(site: Site) -> Iterator[Edit]:
    """A division that leaves no part out: `-(-a // b)` for `a // b`."""
    node = site.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
        yield site.put("round-up", f"-(-{site.atom(node.left)} // {site.atom(node.right)})")
