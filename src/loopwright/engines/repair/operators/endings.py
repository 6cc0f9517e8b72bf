"""How a function ends: what it made is given only where it is complete, and a loop gets an end that it puts away at."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.guards import ways_out
from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site

_WHOLES = 4  # collections, and numbers, that what was made may have to be as long as
_NOTHING = ("None", "[]", "-1", "False")
_ENDS = (("0", 1.0), ("None", 1.0), ("1", 0.5), ("-1", 0.5), ('""', 0.5))


def complete(site: Site) -> Iterator[Edit]:
    """What was made is returned only where it is as long as what it was made of, else nothing is."""
    node = site.node
    if not isinstance(node, ast.Return) or not isinstance(node.value, ast.Name | ast.Call | ast.ListComp):
        return
    if site.function is None or site.parent is not site.function:
        return
    near = site.scope.near(site.line)
    made = [n for n in near if n in names_of(node.value) and n in site.scope.collections]
    given = [a.arg for a in (*site.function.args.posonlyargs, *site.function.args.args)]
    text = site.of(node.value)
    for name in made[:2]:
        wholes = sorted((n for n in near if n in site.pool.tables and n != name), key=lambda n: n not in given)
        sized = [f"len({n})" for n in wholes][:_WHOLES]
        counted = [n for n in given if n not in site.pool.tables][:_WHOLES]
        for rank, whole in enumerate([*sized, *counted]):
            for place, nothing in enumerate(_nothing(site)):
                share = 1 / ((1 + rank / 2) * (1 + place / 2))
                yield site.put("complete", f"return {text} if len({name}) == {whole} else {nothing}", share)


def _nothing(site: Site) -> list[str]:
    """What the function gives where there is nothing to give: as elsewhere in it first."""
    elsewhere = [end.removeprefix("return ") for end in ways_out(site)]
    return list(dict.fromkeys([*(e for e in elsewhere if e in _NOTHING), *_NOTHING]))


def sentinel(site: Site) -> Iterator[Edit]:
    """One more element behind the last: the loop puts away what it gathered only where something else follows."""
    node, parent = site.node, site.parent
    loop = next((p for p in reversed(site.parents) if isinstance(p, ast.For)), None)
    counted = isinstance(parent, ast.Call) and called(parent) == "enumerate" and parent.args[0] is node
    inside = loop is not None and (loop.iter is node or (counted and loop.iter is parent))
    if loop is None or not inside or not isinstance(node, ast.Name | ast.Attribute | ast.Call):
        return
    if isinstance(node, ast.Call) and called(node) not in ("sorted", "list"):
        return
    if not any(isinstance(s, ast.If) for s in loop.body):
        return
    text = site.of(node)
    words = {"isdigit", "isalpha", "isalnum", "isspace", "lower", "upper"} & set(site.pool.methods)
    for end, share in _ENDS:
        yield site.put("sentinel", f"[*{text}, {end}]", share)
    for rank, piece in enumerate(dict.fromkeys([" ", *(s for s in site.pool.strings if len(s) == 1)])):
        yield site.put("sentinel", f"{text} + {piece!r}", (1.0 if words else 0.5) / (1 + rank))
