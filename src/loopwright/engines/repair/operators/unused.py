"""What is set and never read is used: a name, or the entries of a table that is asked only what it holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.operators.calls import value
from loopwright.engines.repair.operators.conditions import is_condition
from loopwright.engines.repair.operators.guards import ways_out
from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site, insertable

_MOST = 3  # names or entries that nobody reads
_MATCHES = 9  # entries that what nobody reads may equal
_BESIDE = 3  # names that what nobody reads may be compared with
_JOINED = (("{0} - {1}", 1.0), ("{0} + {1}", 1.0), ("max({0}, {1})", 1.0), ("min({0}, {1})", 1.0), ("{0} * {1}", 0.4),
           ("{1} - {0}", 0.3), ("{0} % {1}", 0.3), ("{0} // {1}", 0.2))  # fmt: skip


def joined(site: Site) -> Iterator[Edit]:
    """A value joined with what nobody reads, or that in its place."""
    if not value(site) or site.function is None or _compared(site):
        return
    node = site.node
    text = site.atom(node)
    for rank, atom in enumerate(_unread(site)):
        if not _apart(node, atom):
            continue
        near = 1 / (1 + rank)
        for form, share in _JOINED:
            yield site.put_loose("use-unread", form.format(text, atom), share * near)
        if "[" in atom:
            yield site.put("use-unread", atom, near)


def asked(site: Site) -> Iterator[Edit]:
    """One more thing asked in a condition: whether what nobody reads equals something, or holds."""
    node = site.node
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant) or not is_condition(site):
        return
    loose = site.atom(node) if isinstance(node, ast.BoolOp | ast.IfExp | ast.Lambda) else site.of(node)
    for rank, atom in enumerate(_unread(site)):
        others = [n for n in site.scope.near(site.line) if n not in site.scope.unread and n != atom]
        for place, other in enumerate(others[:_BESIDE]):
            share = 1 / ((1 + rank) * (1 + place))
            yield site.put_loose("ask-unread", f"{loose} and {other} != {atom}", share)
            yield site.put_loose("ask-unread", f"{loose} or {other} == {atom}", 0.7 * share)
            yield site.put_loose("ask-unread", f"{loose} and {other} < {atom}", 0.3 * share)
            yield site.put_loose("ask-unread", f"{loose} and {other} > {atom}", 0.3 * share)
        yield site.put_loose("ask-unread", f"{loose} and {atom}", 0.5 / (1 + rank))
        yield site.put_loose("ask-unread", f"{loose} or {atom}", 0.5 / (1 + rank))
        yield site.put_loose("ask-unread", f"{loose} and not {atom}", 0.5 / (1 + rank))


def only_if(site: Site) -> Iterator[Edit]:
    """A statement done only where what nobody reads holds, or where it does not."""
    node = site.node
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return) or not insertable(site):
        return
    text, indent = site.of(node), site.source.indent(node)
    if node.lineno != node.end_lineno:
        return
    for rank, check in enumerate(_matched(site)):
        yield site.put("only-unread", f"if {check}:\n{indent}    {text}", 1 / (1 + rank / 3))
    owned = [f"self.{name}" for name in site.pool.truths] if "self" in site.scope.locals else []
    for rank, atom in enumerate(dict.fromkeys([*_unread(site), *owned])):
        if "[" not in atom and not names_of(node) & {atom}:
            yield site.put("only-unread", f"if {atom}:\n{indent}    {text}", 1 / (1 + rank))
            yield site.put("only-unread", f"if not {atom}:\n{indent}    {text}", 0.7 / (1 + rank))


def _matched(site: Site) -> list[str]:
    """What nobody reads compared with an entry: `letter == wanted[j]`."""
    near = [n for n in site.scope.near(site.line) if n not in site.scope.unread]
    lone = [n for n in site.scope.near(site.line) if n in site.scope.unread and n not in site.scope.collections]
    tables = [n for n in near if n in site.pool.tables or n in site.scope.parameters]
    places = [n for n in near if n in site.pool.places]
    pairs = [f"{table}[{place}]" for table in tables[:_BESIDE] for place in places[:_BESIDE] if table != place]
    return [f"{name} == {entry}" for name in lone for entry in pairs][:_MATCHES]


def guarded(site: Site) -> Iterator[Edit]:
    """A way out where what nobody reads equals what the loop has come to."""
    node = site.node
    if not isinstance(node, ast.stmt) or not insertable(site):
        return
    loop = next((p for p in reversed(site.parents) if isinstance(p, ast.For)), None)
    if loop is None or node not in loop.body:
        return
    bound = [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
    for rank, atom in enumerate(n for n in _unread(site) if n not in bound):
        for place, (name, end) in enumerate((n, e) for n in bound for e in ways_out(site)[:2]):
            text = f"if {name} == {atom}:\n    {end}"
            yield site.insert_before("skip-unread", node, text, 1 / ((1 + rank) * (1 + place)))


def _unread(site: Site) -> list[str]:
    """Names that are set and never read, and entries of tables that are only asked what they hold."""
    inner = [p for p in site.parents if isinstance(p, ast.For | ast.comprehension)]
    idle = {n.id for p in inner for n in ast.walk(p.target) if isinstance(n, ast.Name)} if len(inner) > 1 else set()
    tables = site.scope.collections.keys()
    names = [n for n in site.scope.near(site.line) if n in site.scope.unread and n not in tables and n not in idle]
    owned = [f"self.{name}" for name in site.pool.unread] if "self" in site.scope.locals else []
    return [*names[:_MOST], *site.scope.unread_entries[:_MOST], *owned[:_MOST]]


def _apart(node: ast.AST, atom: str) -> bool:
    return not names_of(node) & names_of(ast.parse(atom, mode="eval")) or "[" in atom


def _compared(site: Site) -> bool:
    """True where the value stands in a larger sum: that one is joined as a whole."""
    return isinstance(site.parent, ast.BinOp) and isinstance(site.node, ast.Constant)
