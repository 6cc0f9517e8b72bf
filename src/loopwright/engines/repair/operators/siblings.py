"""A statement made like its sibling, where both have the same form but for one part, or the same target."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.composed import in_other_arm
from loopwright.engines.repair.operators.mirror import Renaming, renamed
from loopwright.engines.repair.operators.symbols import ARITHMETIC
from loopwright.engines.repair.site import Edit, Site, is_text

_SIBLINGS = 8  # statements that one may have to be made like
_OTHER_ARM = 0.3  # share where the sibling stands in the other arm of the same `if`: both would do the same
_MADE = ast.Assign | ast.AugAssign | ast.Expr | ast.Return
_SET = ast.Assign | ast.AugAssign


def filled(site: Site) -> Iterator[Edit]:
    """A part made like the sibling's, where two statements have the same form but for one part of them.

    `back = min(y, a)` beside `move = min(x, b - y)` becomes `back = min(y, a - x)`.
    """
    node, function = site.node, site.function
    if not isinstance(node, _MADE) or is_text(node) or function is None:
        return
    others = [s for s in ast.walk(function) if isinstance(s, _MADE) and type(s) is type(node) and s is not node]
    for other in sorted(others, key=lambda s: abs(s.lineno - site.line))[:_SIBLINGS]:
        found: Renaming = {}
        holes: list[tuple[ast.AST, ast.AST]] = []
        _differing(other, node, found, holes)
        apart = in_other_arm(site, node, other)
        if not apart:
            yield from _tails(site, other, node)
        if len(holes) != 1 or len(set(found.values())) != len(found) or not all(_whole(h) for h in holes[0]):
            continue
        names = _for_hole(found, *holes[0])
        made = renamed(site.of(holes[0][0]), names)
        if made != site.of(holes[0][1]) and "\n" not in made:
            tight = not isinstance(holes[0][1], ast.Name) or isinstance(holes[0][0], ast.BinOp | ast.IfExp)
            share = (_OTHER_ARM if apart else 1.0) / (1 + abs(other.lineno - site.line) / 3)
            around = _around(node, holes[0][1])
            yield site.put("fill-part", f"({made})" if tight and _binds(around) else made, share, node=holes[0][1])


def _tails(site: Site, other: ast.stmt, node: ast.stmt) -> Iterator[Edit]:
    """What a sibling with the same target joins its value with: `made += last + str(count)` for `made += last`."""
    if not isinstance(node, _SET) or not isinstance(other, _SET) or _target(site, other) != _target(site, node):
        return
    theirs, mine = other.value, node.value
    if not isinstance(theirs, ast.BinOp) or isinstance(mine, ast.BinOp):
        return
    symbol = ARITHMETIC[type(theirs.op)]
    text = site.atom(mine)
    for made in (f"{text} {symbol} {site.atom(theirs.right)}", f"{site.atom(theirs.left)} {symbol} {text}"):
        if made != site.of(theirs) and "\n" not in made:
            yield site.put("sibling-tail", made, 1.0, node=mine)


def _target(site: Site, node: ast.Assign | ast.AugAssign) -> str:
    return site.of(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def _for_hole(found: Renaming, one: ast.AST, two: ast.AST) -> Renaming:
    """The renaming with what the parts alone hold: names that change places, then those left over in their order."""
    names = {b: a for a, b in found.items() if b not in found} | found
    theirs, mine = ([n.id for n in ast.walk(part) if isinstance(n, ast.Name)] for part in (one, two))
    left = [n for n in dict.fromkeys(theirs) if n not in names]
    free = [n for n in dict.fromkeys(mine) if n not in names.values()]
    return names | dict(zip(left, free, strict=False))


def _whole(node: ast.AST) -> bool:
    return isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", ast.Load()), ast.Store)


def _around(statement: ast.AST, part: ast.AST) -> ast.AST | None:
    return next((n for n in ast.walk(statement) if any(c is part for c in ast.iter_child_nodes(n))), None)


def _binds(node: ast.AST | None) -> bool:
    return isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.BoolOp | ast.Attribute)


def _differing(one: ast.AST, two: ast.AST, found: Renaming, holes: list[tuple[ast.AST, ast.AST]]) -> None:
    """Names of the one by those of the other, and the parts at which they differ in form."""
    ones, twos = list(ast.iter_child_nodes(one)), list(ast.iter_child_nodes(two))
    if isinstance(one, ast.Name) and isinstance(two, ast.Name):
        if found.setdefault(one.id, two.id) != two.id:
            holes.append((one, two))
    elif isinstance(one, ast.Constant) and isinstance(two, ast.Constant):
        if one.value != two.value and type(one.value) is not type(two.value):
            holes.append((one, two))
    elif isinstance(one, ast.operator | ast.cmpop) and isinstance(two, ast.operator | ast.cmpop):
        if type(one) is not type(two):
            holes.append((one, two))
    elif type(one) is not type(two) or len(ones) != len(twos) or getattr(one, "attr", "") != getattr(two, "attr", ""):
        holes.append((one, two))
    else:
        for a, b in zip(ones, twos, strict=True):
            _differing(a, b, found, holes)
