"""Where an inner loop or a place begins by the place of the loop around it: `range(i + 1, n)`, `low = i + 1`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, insertable

_FORMS = (("{} + 1", 2.0), ("{}", 1.0), ("{} - 1", 0.5))


def begun(site: Site) -> Iterator[Edit]:
    """A number that a place or a range begins with becomes one of the outer loop's; a range gets such a start."""
    node, parent = site.node, site.parent
    if isinstance(node, ast.Constant) and type(node.value) is int:
        whole = parent if not isinstance(parent, ast.Tuple) else site.parents[-2] if len(site.parents) > 1 else None
        ranged = isinstance(parent, ast.Call) and called(parent) == "range" and parent.args[0] is node
        if ranged or isinstance(whole, ast.Assign):
            for text, share in _places(site):
                yield site.put("begin-outer", text, share)
    elif isinstance(node, ast.Call) and called(node) == "range" and len(node.args) == 1:
        at = site.source.span(node.args[0])[0]
        for text, share in _places(site):
            yield site.splice("begin-outer", at, at, f"{text}, ", share)


def behind(site: Site) -> Iterator[Edit]:
    """What a loop asks of each element asked once more behind it of what nobody has read: the gap at the end."""
    node = site.node
    if not isinstance(node, ast.For) or not insertable(site):
        return
    bound = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
    unread = [n for n in site.scope.locals if n in site.scope.unread and n not in bound]
    for inner in node.body:
        if not isinstance(inner, ast.If) or inner.orelse or len(inner.body) != 1:
            continue
        done = inner.body[0]
        for name in bound:
            for other in unread:
                word = expression(rf"\b{name}\b")
                asked, made = (word.sub(other, site.of(n)) for n in (inner.test, done))
                if name in names_of(done) and "\n" not in asked + made:
                    yield site.insert_after("behind", node, f"if {asked}:\n    {made}")


def _places(site: Site) -> Iterator[tuple[str, float]]:
    statement = site.statement
    loops = [p for p in site.parents if isinstance(p, ast.For) and p is not statement]
    for rank, loop in enumerate(reversed(loops)):
        counts = isinstance(loop.iter, ast.Call) and called(loop.iter) in ("range", "enumerate", "reversed")
        for name in [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)] if counts else ():
            for form, share in _FORMS:
                yield form.format(name), share / (1 + rank)
