"""Pieces of sequences: slices and indices put on, moved and taken off, the other part of what was cut, links."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.calls import value
from loopwright.engines.repair.site import Edit, Site

_MOST_ATOMS = 8


def slices(site: Site) -> Iterator[Edit]:
    """Slices put on, moved, or taken off; an index of another one."""
    node = site.node
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield site.put("drop-subscript", site.atom(node.value))
        part = node.slice
        if isinstance(part, ast.Slice):
            yield from _bounds(site, part)
        elif isinstance(part, ast.Tuple) and len(part.elts) == 2:
            yield site.swap("swap-elements", part.elts[0], part.elts[1])
        elif isinstance(node.value, ast.Subscript) and not isinstance(node.value.slice, ast.Slice):
            yield site.swap("swap-elements", node.value.slice, part, 2.0)
    if value(site) and isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        text = site.atom(node)
        for rank, piece in enumerate(("[1:]", "[0]", "[:-1]", "[-1]", "[1]", "[::-1]", "[:]")):
            yield site.put("add-subscript", text + piece, 1 / (1 + rank / 3))
        for rank, name in enumerate(site.scope.locals[:_MOST_ATOMS]):
            if name != text:
                pieces = [f"[{name}]", f"[{name}:]", f"[:{name}]"]
                pieces += [f"[{name} - 1]", f"[{name} + 1]"] if text in site.pool.tables else []
                for piece in pieces:
                    yield site.put("add-subscript", text + piece, 0.5 / (1 + rank / 3))


def _from_end(bound: str) -> str:
    """The same place counted from the other end."""
    if not bound.lstrip("-").isalnum():
        return ""
    return bound[1:] if bound.startswith("-") else f"-{bound}"


def _bounds(site: Site, part: ast.Slice) -> Iterator[Edit]:
    start, end = site.source.span(part)
    lower = site.of(part.lower) if part.lower else ""
    upper = site.of(part.upper) if part.upper else ""
    step = f":{site.of(part.step)}" if part.step else ""
    names = ["1", "-1", "0", *site.scope.locals[:_MOST_ATOMS]]
    ends = [("", _from_end(lower)), (_from_end(lower), ""), (_from_end(upper), ""), ("", _from_end(upper))]
    made = [
        (upper, lower),
        ("", upper),
        (lower, ""),
        *([(lower, "-1")] if lower and not upper else []),  # without what stands at both ends
        *(e for e in ends if any(e)),
        *((n, upper) for n in names),
        *((lower, n) for n in names),
    ]
    for rank, (low, high) in enumerate(made):
        if (low, high) != (lower, upper):
            yield site.splice("slice", start, end, f"{low}:{high}{step}", 1 / (1 + rank / 4))
    if step:
        yield site.splice("slice", start, end, f"{lower}:{upper}")
        yield site.splice("slice", start, end, f"{lower}:{upper}:-1", 0.5)


def piece(site: Site) -> Iterator[Edit]:
    """`word[:i]` for `word[0]` or `word[i]`, above all where `word[i:]` stands beside it."""
    node = site.node
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load) or site.function is None:
        return
    cut_here, whole = node.slice, site.of(node.value)
    if isinstance(cut_here, ast.Slice) and not cut_here.step:  # all but one: `word[:i] + word[i + 1:]`
        low, high = cut_here.lower, cut_here.upper
        if high is None and isinstance(low, ast.BinOp) and isinstance(low.op, ast.Add):
            yield site.put_loose("piece", f"{whole}[:{site.of(low.left)}] + {site.of(node)}")
        elif low is None and isinstance(high, ast.Name):
            yield site.put_loose("piece", f"{site.of(node)} + {whole}[{high.id} + 1:]", 0.5)
    if isinstance(cut_here, ast.Slice) and not cut_here.step and (cut_here.lower is None) != (cut_here.upper is None):
        bound = cut_here.lower or cut_here.upper
        assert bound is not None
        head, tail = (f"{whole}[{form.format(site.of(bound))}]" for form in (":{}", "{}:"))
        yield site.put_loose("piece", f"{tail} + {head}", 0.5)
        yield site.put_loose("piece", f"{head} + {tail}", 0.5)
    if isinstance(node.slice, ast.Slice | ast.Tuple) or not isinstance(node.value, ast.Name | ast.Attribute):
        return
    base, place = site.of(node.value), site.of(node.slice)
    made: dict[str, float] = {}
    for cut in ast.walk(site.function):
        if not isinstance(cut, ast.Subscript) or not isinstance(cut.slice, ast.Slice) or cut.slice.step:
            continue
        near = 1 / (1 + abs(cut.lineno - site.line) / 3) * (1.0 if site.of(cut.value) == base else 0.3)
        for bound in (cut.slice.lower, cut.slice.upper):
            if bound is not None:
                made.setdefault(f":{site.of(bound)}", near)
                made.setdefault(f"{site.of(bound)}:", near)
    if not isinstance(node.slice, ast.Constant):
        made.setdefault(f":{place}", 0.3)
        made.setdefault(f"{place}:", 0.3)
    for text, share in made.items():
        yield site.put("piece", f"{base}[{text}]", share)


def linked(site: Site) -> Iterator[Edit]:
    """Another node's link where a node stands: `moved.next = before.next` for `moved.next = node`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Name) or not isinstance(parent, ast.Assign) or parent.value is not node:
        return
    links = [t.attr for t in parent.targets if isinstance(t, ast.Attribute)]
    owners = {site.of(t.value) for t in parent.targets if isinstance(t, ast.Attribute)}
    for link in links:
        owning = [n for n in site.scope.near(site.line) if link in site.pool.by_base.get(n, ()) and n not in owners]
        for rank, name in enumerate(owning):
            yield site.put("link", f"{name}.{link}", 1 / (1 + rank / 3))
    if links:
        yield site.put("link", "None", 0.4)
