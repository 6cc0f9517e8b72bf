"""One slip made in several places of a line: a number or a name exchanged or moved by one wherever it stands."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from loopwright.engines.repair.operators.conditions import is_condition
from loopwright.engines.repair.site import Edit, Site
from loopwright.engines.repair.source import Splice

_NAMES = 6  # names that may be meant
_MOST = 4  # places of one line


def exchanged(site: Site) -> Iterator[Edit]:
    """Each number and each local that a statement or a condition has more than once, exchanged in all its places."""
    node = site.node
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.expr):
        return
    if isinstance(node, ast.expr) and not is_condition(site):
        return
    if site.function is None or node.lineno != node.end_lineno:
        return
    numbers: dict[int, list[ast.expr]] = defaultdict(list)
    names: dict[str, list[ast.expr]] = defaultdict(list)
    for child in ast.walk(node):
        if isinstance(child, ast.Constant) and type(child.value) is int:
            numbers[child.value].append(child)
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load) and child.id in site.scope.locals:
            names[child.id].append(child)
    for value, places in numbers.items():
        for near in dict.fromkeys((value + 1, value - 1, 0, 1)):
            if near != value and near >= 0:
                yield from _all(site, "number-throughout", places, str(near), 1.0)
    for name, places in names.items():
        for rank, other in enumerate([n for n in site.scope.near(site.line) if n != name][:_NAMES]):
            share = (3.0 if other in site.scope.unread else 1.0) / (1 + rank / 3)
            yield from _all(site, "name-throughout", places, other, share)
        for text in (f"-{name}", f"({name} + 1)", f"({name} - 1)"):
            yield from _all(site, "name-throughout", places, text, 0.7)


def _all(site: Site, kind: str, places: list[ast.expr], text: str, share: float) -> Iterator[Edit]:
    if 1 < len(places) <= _MOST:
        splices = tuple(Splice(*site.source.span(place), text) for place in places)
        yield Edit(site.source.path, site.line, kind, splices, share)
