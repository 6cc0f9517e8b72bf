"""Values held between two others: a comparison that goes on, and the other half of one that another branch makes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.engines.repair.operators.conditions import is_condition
from loopwright.engines.repair.operators.mirror import OPPOSITES
from loopwright.engines.repair.operators.symbols import COMPARISONS
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site

_ORDERED = {"<": ("<", "<="), "<=": ("<=", "<"), ">": (">", ">="), ">=": (">=", ">")}
_BOUNDS, _NAMES = 6, 4  # what a value may be held by, and places of an entry that may hold it
_WORD = expression(r"[A-Za-z_]\w*")
_TURNED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def chained(site: Site) -> Iterator[Edit]:
    """A comparison of two that goes on to a third: `a < b <= c` for `a < b`."""
    node = site.node
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or site.function is None:
        return
    symbol = COMPARISONS[type(node.ops[0])]
    if symbol not in _ORDERED or isinstance(node.comparators[0], ast.Constant):
        return
    text = site.of(node)
    for rank, bound in enumerate(_bounds(site, node)):
        for place, other in enumerate(_ORDERED[symbol]):
            share = 1 / ((1 + rank / 3) * (1 + place / 3))
            yield site.put_loose("chain", f"{text} {other} {bound}", share)
            yield site.put_loose("chain", f"{bound} {other} {text}", share)


def _bounds(site: Site, node: ast.Compare) -> list[str]:
    """What else is compared in the function, and the entries beside those that are compared here."""
    mine = {site.of(side) for side in (node.left, *node.comparators)}
    found: list[str] = []
    for entry in (node.left, *node.comparators):
        if isinstance(entry, ast.Subscript) and isinstance(entry.slice, ast.Name):
            places = [n for n in site.scope.near(site.line) if n in site.pool.places or n in OPPOSITES]
            found += [f"{site.of(entry.value)}[{n}]" for n in places[:_NAMES]]
    for other in ast.walk(site.function or node):
        if isinstance(other, ast.Compare) and other is not node:
            found += [site.of(side) for side in (other.left, *other.comparators)]
    usable = [t for t in dict.fromkeys(found) if t not in mine and len(t) < 40]
    return usable[:_BOUNDS]


def mirrored(site: Site) -> Iterator[Edit]:
    """What another condition asks, asked of the opposite: `low <= x < mid` is to `mid < x <= high` as left to right."""
    node, function = site.node, site.function
    if not isinstance(node, ast.expr) or function is None or not is_condition(site):
        return
    mine = names_of(node)
    for other in ast.walk(function):
        test = other.test if isinstance(other, ast.If | ast.While) else None
        if test is None or test is node or len(names_of(test) & mine) < min(2, len(mine)):
            continue
        made = _opposite(site, test)
        if made and made != site.of(node):
            yield site.put_loose("mirror-condition", made)


def _opposite(site: Site, test: ast.expr) -> str:
    """The condition about the other end, by its names; "" where it speaks of no end."""
    known = {*site.scope.locals, *site.pool.attributes}
    words = {w: OPPOSITES[w] for w in _WORD.findall(site.of(test)) if OPPOSITES.get(w) in known}
    if not words:
        return ""
    if isinstance(test, ast.Compare) and len(test.ops) > 1 and all(COMPARISONS[type(o)] in _TURNED for o in test.ops):
        parts = [site.of(part) for part in (test.left, *test.comparators)][::-1]
        symbols = [COMPARISONS[type(o)] for o in test.ops][::-1]
        text = parts[0] + "".join(f" {s} {p}" for s, p in zip(symbols, parts[1:], strict=True))
    else:
        text = site.of(test)
    return _WORD.sub(lambda word: words.get(word[0], word[0]), text)
