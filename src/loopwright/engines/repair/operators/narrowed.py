"""One more thing asked: a bound, what is asked of other values, what a comprehension takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product

from loopwright.core.expression import expression
from loopwright.engines.repair.operators.conditions import is_condition
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site, nearest

_NAME = expression(r"(?<![\w.])[A-Za-z_]\w*")
_BOUNDED, _BOUNDS = 3, 6  # parameters that a missing bound may be about, and numbers that it may be
_COMPREHENDED = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_FILTERS = 6  # conditions of the file that a comprehension may lack


def bounded(site: Site) -> Iterator[Edit]:
    """One more bound in a condition: a number that a parameter has in the file or its tests."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    if site.function is None:
        return
    text = site.atom(node) if isinstance(node, ast.BoolOp | ast.IfExp | ast.Lambda) else site.of(node)
    given = [a.arg for a in (*site.function.args.posonlyargs, *site.function.args.args) if a.arg not in ("self", "cls")]
    mine = names_of(node)
    used = {n for n in (*site.pool.numbers, *site.pool.test_numbers) if n.isdigit() and n not in ("0", "1")}
    numbers = sorted(used, key=int)[:_BOUNDS]
    for rank, (name, number) in enumerate(product(given[:_BOUNDED], numbers)):
        share = (1.0 if name in mine else 2.0) / (1 + rank / 4)
        for symbol in (">", "<", ">=", "<="):
            yield site.put_loose("add-bound", f"{text} and {name} {symbol} {number}", share)
            yield site.put_loose("add-bound", f"{text} or {name} {symbol} {number}", 0.3 * share)


def derived(site: Site) -> Iterator[Edit]:
    """One more part in a condition: what is asked of some values elsewhere, asked of the values made of them."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    made = site.scope.made
    text = site.atom(node) if isinstance(node, ast.IfExp | ast.Lambda) else site.of(node)
    for rank, other in enumerate(nearest(site, site.pool.conditions)):
        heads = [name for name in made if made[name] & other.names]
        renaming = {old: new for new in heads for old in made[new] & other.names if old not in made}
        if not renaming:
            continue
        asked = _renamed(other.text, renaming)
        if asked in text:
            continue
        part = f"({asked})" if " or " in asked or " and " in asked else asked
        for word in ("and", "or"):
            yield site.put_loose("add-derived", f"{text} {word} {part}", 1 / (1 + rank / 3))
            yield site.put_loose("add-derived", f"{text} {word} not ({part})", 0.5 / (1 + rank / 3))


def filtered(site: Site) -> Iterator[Edit]:
    """A comprehension that takes only what is there, or what a condition of the file holds for."""
    node = site.node
    if not isinstance(node, ast.comprehension) or node.ifs:
        return
    end = site.source.span(node.iter)[1]
    names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
    for rank, name in enumerate(names):
        yield site.splice("add-clause", end, end, f" if {name}", 1 / (1 + rank))
        yield site.splice("add-clause", end, end, f" if {name} is not None", 0.3 / (1 + rank))
        yield site.splice("add-clause", end, end, f" if not {name}", 0.2 / (1 + rank))
    near = [n for n in site.scope.near(site.line) if n in site.pool.tables]
    for rank, (table, name) in enumerate(product(near[:_BOUNDED], names)):
        for form in ("{0}[{1}]", "not {0}[{1}]", "{1} in {0}", "{1} not in {0}"):
            yield site.splice("add-clause", end, end, f" if {form.format(table, name)}", 0.4 / (1 + rank))
    usable = [i for i in site.pool.conditions if i.names & set(names) and site.scope.fits(i.names - set(names))]
    for rank, other in enumerate(usable[:_FILTERS]):
        yield site.splice("add-clause", end, end, f" if {other.text}", 0.5 / (1 + rank))
    for outer in (p for p in site.parents[-1:] if isinstance(p, _COMPREHENDED)):
        before = [
            n.id for c in outer.generators if c is not node for n in ast.walk(c.target) if isinstance(n, ast.Name)
        ]
        if outer.generators[-1] is node:
            for one, two in product(before, names):
                yield site.splice("add-clause", end, end, f" if {one} == {two}", 0.7)
                yield site.splice("add-clause", end, end, f" if {one} != {two}", 0.5)
    if len(names) == 2:
        for symbol in ("!=", "<", "=="):
            yield site.splice("add-clause", end, end, f" if {names[0]} {symbol} {names[1]}", 0.3)


def _renamed(text: str, renaming: dict[str, str]) -> str:
    return _NAME.sub(lambda found: renaming.get(found[0], found[0]), text)
