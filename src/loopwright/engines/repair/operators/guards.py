"""A missing guard: where a check holds, the loop goes on to its next turn or the function is left."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site, insertable, is_text, nearest

_MOST = 10
_ENDS = 4  # ways out behind a statement that sets something
_SETTLED = 6  # names that a value just made may equal
_EQUAL = 4  # locals that a missing guard may find equal
_CONSTANTS = {
    "truth": ("return False", "return True"),
    "list": ("return []",),
    "number": ("return 0",),
    "text": ('return ""',),
}


def guarded(site: Site) -> Iterator[Edit]:
    """A check with a way out ahead of the statement, or behind it where it is about what the statement sets."""
    node = site.node
    if not isinstance(node, ast.stmt) or not insertable(site):
        return
    near = sorted(site.scope.near(site.line)[:6], key=lambda name: name not in names_of(node))
    ends = ways_out(site)
    last = isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue)
    for rank, check in enumerate(_checks(site, near)):
        for place, end in enumerate(ends):
            share = 1 / ((1 + rank / 3) * (1 + place / 3))
            yield site.insert_before("guard", node, f"if {check}:\n    {end}", share)
            if not last and (site.body_of(node) or [node])[-1] is node:
                yield site.insert_after("guard", node, f"if {check}:\n    {end}", 0.8 * share)
    for name, checks in (("settled", _settled(site)), ("overstepped", _overstepped(node, near))):
        for rank, check in enumerate(checks):
            for place, end in enumerate(ends[:_ENDS]):
                share = 1 / ((1 + rank / 3) * (1 + place / 3))
                yield site.insert_after(name, node, f"if {check}:\n    {end}", share)


def _checks(site: Site, near: list[str]) -> list[str]:
    """What may have to be checked ahead of the statement."""
    node, function = site.node, site.function
    loop = any(isinstance(p, ast.For | ast.While) for p in site.parents)
    first = next((s for s in function.body if not is_text(s)), None) if function else None
    if not loop and first is not node and not isinstance(node, ast.Return | ast.If | ast.For | ast.While):
        return []
    found: list[str] = []
    for name in near:
        found += [f"not {name}", f"{name} is None"]
        found += [f"{name} in {kept}" for kept in site.scope.collections if kept != name]
    found += [i.text for i in nearest(site, site.pool.conditions)[:_MOST]]
    found += [f"{one} == {two}" for one, two in combinations(near[:_EQUAL], 2)]
    return found + [f"{name} {check}" for name in near[:2] for check in ("== 0", "<= 0", "<= 1", "< 0")]


def _settled(site: Site) -> list[str]:
    """What may have come out of an assignment."""
    node = site.node
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return []
    made, given = node.targets[0].id, site.function.args.args if site.function else []
    names = [a.arg for a in given]
    near = sorted(site.scope.near(site.line)[:_MOST], key=lambda name: name not in names)
    return [f"{made} == {n}" for n in near if n != made][:_SETTLED]


def _overstepped(node: ast.stmt, near: list[str]) -> list[str]:
    """What a number may have come to with this step."""
    if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Name):
        return []
    name, others = node.target.id, [n for n in near if n != node.target.id][:2]
    if isinstance(node.op, ast.Sub | ast.FloorDiv):
        return [f"{name} < 0", f"{name} == 0", *(f"{name} < {n}" for n in others)]
    return [f"{name} == 0", f"{name} > 0", *(f"{name} {symbol} {n}" for n in others for symbol in (">", "=="))]


def ways_out(site: Site) -> list[str]:
    """How the function is left, or the loop goes on, the likeliest first: as elsewhere, or with a value of its kind."""
    loop = any(isinstance(p, ast.For | ast.While) for p in site.parents)
    mine = [n for n in ast.walk(site.function) if isinstance(n, ast.Return)] if site.function else []
    values = [n.value for n in mine if n is not site.node and n.value is not None]
    chosen = [v for value in values if isinstance(value, ast.IfExp) for v in (value.body, value.orelse)]
    signs = [f"return {site.of(v)}" for v in chosen if not isinstance(v, ast.Name)]
    elsewhere = [f"return {site.of(v)}" for v in values if v.lineno == v.end_lineno]
    elsewhere = list(dict.fromkeys([*signs, *elsewhere]))[-2:]
    ends = [*signs[:2], "continue", "break"] if loop else elsewhere
    if mine and all(n.value is None for n in mine):
        return list(dict.fromkeys([*ends, "return"]))
    kinds = {_kind(site, value) for value in [*values, *chosen]}
    names = [f"return {name}" for name in site.scope.locals[:3]]
    fitting = list(_CONSTANTS) if not kinds or "any" in kinds else [kind for kind in _CONSTANTS if kind in kinds]
    constants = [text for kind in fitting for text in _CONSTANTS[kind]]
    return list(dict.fromkeys([*ends, "return None", "return", *constants, *([] if kinds == {"truth"} else names)]))


def _kind(site: Site, value: ast.expr) -> str:
    """What sort of value is returned, as far as its form says."""
    if isinstance(value, ast.Constant):
        of = {bool: "truth", int: "number", float: "number", str: "text"}
        return of.get(type(value.value), "none")
    if isinstance(value, ast.Compare) or (isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)):
        return "truth"
    if isinstance(value, ast.List | ast.ListComp):
        return "list"
    if isinstance(value, ast.Name) and site.scope.collections.get(value.id) == "append":
        return "list"
    return "text" if isinstance(value, ast.JoinedStr) else "any"
