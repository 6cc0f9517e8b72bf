"""Statements at the wrong place: exchanged, moved, taken into a block or out of it, missing a second time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.site import Edit, Site, insertable, is_text
from loopwright.engines.repair.source import Function, Splice

_FARTHEST = 4  # statements that one is moved past, at most


def move(site: Site) -> Iterator[Edit]:
    """A statement exchanged with the next one, taken out of its block, or taken into the block before it."""
    node = site.node
    if not isinstance(node, ast.stmt) or isinstance(node, Function | ast.ClassDef):
        return
    body = site.body_of(node)
    if not body:
        return
    index = next(i for i, s in enumerate(body) if s is node)
    if index + 1 < len(body) and body[index + 1].lineno > (node.end_lineno or 0):
        yield site.swap("swap-statements", node, body[index + 1])
    yield from _farther(site, node, body, index)
    holder = site.parent
    simple = not isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.Try)
    if (
        simple
        and isinstance(holder, ast.If | ast.For | ast.While | ast.With)
        and len(body) > 1
        and index == len(body) - 1
        and holder.body is body
        and not getattr(holder, "orelse", None)
    ):
        yield _moved(site, node, site.source.indent(holder), "dedent")
    if simple and index and isinstance(body[index - 1], ast.If | ast.For | ast.While):
        before = body[index - 1]
        assert isinstance(before, ast.If | ast.For | ast.While)
        if not before.orelse:
            yield _moved(site, node, site.source.indent(before.body[-1]), "indent")


def _farther(site: Site, node: ast.stmt, body: list[ast.stmt], index: int) -> Iterator[Edit]:
    """The statement moved past several others of its block, or copied to the block's end."""
    source = site.source
    first, last = node.lineno, node.end_lineno or node.lineno
    if last != first or source.text[source.offset(first, 0) : source.span(node)[0]].strip():
        return
    start, end = source.offset(first, 0), source.offset(last, 0) + len(source.lines[last - 1])
    line = source.lines[first - 1]
    if not line.endswith(("\n", "\r")):
        return
    for other in body[max(0, index - _FARTHEST) : index - 1]:
        at = source.offset(other.lineno, 0)
        yield Edit(source.path, site.line, "move", (Splice(at, at, line), Splice(start, end, "")))
    for other in body[index + 2 : index + _FARTHEST + 1]:
        below = other.end_lineno or other.lineno
        at = source.offset(below, 0) + len(source.lines[below - 1])
        if source.lines[below - 1].endswith(("\n", "\r")):
            yield Edit(source.path, site.line, "move", (Splice(start, end, ""), Splice(at, at, line)))


def copied(site: Site) -> Iterator[Edit]:
    """A short statement of the same function put in here as well."""
    node = site.node
    function = site.function
    if not isinstance(node, ast.stmt) or function is None or not insertable(site):
        return
    for other in ast.walk(function):
        if not isinstance(other, ast.Assign | ast.AugAssign | ast.Expr) or is_text(other) or other is node:
            continue
        if other.lineno != other.end_lineno:
            continue
        share = 1 / (1 + abs(other.lineno - node.lineno) / 4)
        yield site.insert_before("copy", node, site.of(other), share)
        if not isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
            yield site.insert_after("copy", node, site.of(other), share)


def _moved(site: Site, node: ast.stmt, indent: str, name: str) -> Edit:
    """The statement's own lines with another indentation."""
    first, last = node.lineno, node.end_lineno or node.lineno
    start = site.source.offset(first, 0)
    end = site.source.offset(last, 0) + len(site.source.lines[last - 1])
    old = len(site.source.indent(node))
    text = "".join(indent + line[old:] if line.strip() else line for line in site.source.lines[first - 1 : last])
    return Edit(site.source.path, site.line, name, (Splice(start, end, text),))
