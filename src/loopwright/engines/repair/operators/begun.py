"""What a table begins with: the entry from which all others are made."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.engines.repair.pool import names_of
from loopwright.engines.repair.site import Edit, Site

_KEYS = 4  # names that the first key may be


def first_entry(site: Site) -> Iterator[Edit]:
    """An empty table that begins with an entry: `{0: 1}`, `{start: None}`, `{"": [""]}` for `{}`."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Dict) or node.keys or site.function is None:
        return
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
        return
    name = parent.targets[0].id
    given = [a.arg for a in site.function.args.args if a.arg not in ("self", "cls")]
    ready = [n for n in site.scope.near(site.line) if n in given or _set_before(site, n, parent)]
    ready.sort(key=lambda n: n in site.pool.subscripted)
    keys = ["0", *ready[:_KEYS], '""', "1", "()"]
    for rank, key in enumerate(keys):
        for place, value in enumerate(_values(site, name, key)):
            yield site.put("first-entry", f"{{{key}: {value}}}", 1 / ((1 + rank / 2) * (1 + place / 2)))


def _set_before(site: Site, name: str, statement: ast.stmt) -> bool:
    nodes = ast.walk(site.function) if site.function else ()
    lines = [n.lineno for n in nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)]
    return bool(lines) and min(lines) < statement.lineno


def _values(site: Site, table: str, key: str) -> list[str]:
    """First values of the kind that the function puts into the table."""
    kept = [
        n.value
        for n in ast.walk(site.function or site.node)
        if isinstance(n, ast.Assign | ast.AugAssign)
        and isinstance(target := n.targets[0] if isinstance(n, ast.Assign) else n.target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and target.value.id == table
    ]
    inner = [n for value in kept for n in ast.walk(value)]
    if any(isinstance(n, ast.List | ast.ListComp) for n in inner):
        return ["[]", f"[{key}]"]
    if any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in inner):
        return ['""', key]
    if any(isinstance(n, ast.BinOp | ast.Constant) for n in inner) or not kept:
        return ["0", "1", *([key] if names_of(ast.parse(key, mode="eval")) else [])]
    return ["None", "0", "1", key]
