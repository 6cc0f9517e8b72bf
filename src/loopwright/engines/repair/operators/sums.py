"""Terms and factors that a sum lacks: a factor like its neighbour's, what an expression elsewhere adds, a measure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.symbols import ARITHMETIC
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site, nearest

_NEAR, _PARTS, _WHOLES = 6, 4, 6  # names, entries and lengths, and larger expressions that are tried
_RECKONED = (ast.BinOp, ast.Compare, ast.AugAssign, ast.Assign, ast.Return, ast.Call, ast.Subscript)


def factor(site: Site) -> Iterator[Edit]:
    """A factor for a term beside a product: `a * d + b * c` for `a * d + b`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Name | ast.Subscript | ast.Call | ast.Constant) or not isinstance(parent, ast.BinOp):
        return
    if not isinstance(parent.op, ast.Add | ast.Sub):
        return
    other = parent.right if parent.left is node else parent.left
    products = ast.Mult | ast.Div | ast.FloorDiv
    if not isinstance(other, ast.BinOp) or not isinstance(other.op, products):
        return
    text = site.of(node)
    near = [n for n in site.scope.near(site.line) if n not in site.pool.tables and n not in names_of(node)]
    for rank, name in enumerate(near[:_NEAR]):
        yield site.put_loose("factor", f"{text} * {name}", 1 / (1 + rank / 4))


def larger(site: Site) -> Iterator[Edit]:
    """A sum or difference of the function of which this name is a part: `r + dr` for `dr`."""
    node = site.node
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or site.function is None:
        return
    if isinstance(site.parent, ast.Attribute) or getattr(site.parent, "func", None) is node:
        return
    around = {site.of(p) for p in site.parents if isinstance(p, ast.expr)}
    sums = [n for n in ast.walk(site.function) if isinstance(n, ast.BinOp) and node.id in names_of(n)]
    texts = {site.of(n): n for n in sorted(sums, key=lambda n: -abs(n.lineno - site.line))}
    found = [text for text in reversed(texts) if text not in around and "\n" not in text]
    for rank, text in enumerate(found[:_WHOLES]):
        yield site.put_loose("larger", text, 1 / (1 + rank / 3))


def measured(site: Site) -> Iterator[Edit]:
    """A value with an entry or a length added, taken away or multiplied."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Name | ast.Constant | ast.Subscript | ast.Call) or not isinstance(parent, _RECKONED):
        return
    if isinstance(node, ast.Constant) and type(node.value) is not int:
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or getattr(parent, "func", None) is node:
        return
    text, parts = site.of(node), _parts(site)
    for rank, part in enumerate(parts):
        share = 1 / (1 + rank / 3)
        if isinstance(node, ast.Constant):
            yield site.put("measure", part, share)
            continue
        for symbol, likely in (("-", 1.0), ("+", 1.0), ("*", 0.4), ("%", 0.3)):
            yield site.put_loose("add-measure", f"{text} {symbol} {part}", likely * share)
        yield site.put_loose("add-measure", f"{part} - {text}", 0.5 * share)


def _parts(site: Site) -> list[str]:
    """Lengths of what is measured or gone through near by, and entries of tables at the places at hand."""
    near = site.scope.near(site.line)
    tables = [n for n in near if n in site.pool.tables]
    lengths = [i.text for i in nearest(site, site.pool.expressions) if i.text.startswith("len(")]
    lengths += [f"len({name})" for name in tables]
    places = [n for n in near if n in site.pool.places]
    entries = [f"{table}[{place}]" for table in tables for place in places[:2] if table != place]
    mine = site.of(site.node)
    found = [*list(dict.fromkeys(lengths))[:_PARTS], *list(dict.fromkeys(entries))[:_PARTS]]
    return [part for part in found if part != mine and part not in mine]


def small_modulus(site: Site) -> Iterator[Edit]:
    """A name taken modulo a number of the file or its tests: `hour % 12` for `hour`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    if not isinstance(parent, ast.BinOp | ast.Subscript | ast.Return | ast.Assign):
        return
    if isinstance(parent, ast.BinOp) and ARITHMETIC[type(parent.op)] == "%":
        return
    numbers = [n for n in (*site.pool.numbers, *site.pool.test_numbers) if n.isdigit() and int(n) > 1]
    for rank, number in enumerate(list(dict.fromkeys(numbers))[:_NEAR]):
        yield site.put_loose("modulo-number", f"{node.id} % {number}", 1 / (1 + rank / 3))
