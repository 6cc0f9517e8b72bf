"""What a collection begins with: the entry from which all others are made, the first element of a queue, or itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product

from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, insertable, is_text
from loopwright.engines.repair.source import Function

_KEYS = 4  # names that the first key may be
_PARTS, _FIRST = 4, 24  # what each part of a first element may be, and elements made of them


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


def first_element(site: Site) -> Iterator[Edit]:
    """A list that begins with what is taken from it: `[(row, column)]` where a loop takes `row, column` from it."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.List) or node.elts or site.function is None or not isinstance(parent, ast.Assign):
        return
    if not isinstance(parent.targets[0], ast.Name):
        return
    parts = _taken(site.function, parent.targets[0].id)
    if len(parts) < 2:
        return
    given = [a.arg for a in site.function.args.args if a.arg not in ("self", "cls")]
    ready = [n for n in site.scope.near(site.line) if n in given or _set_before(site, n, parent)]
    ways = [list(dict.fromkeys([*([p] if p in ready else []), *ready[:2], "0", "None"]))[:_PARTS] for p in parts]
    for rank, made in enumerate(list(product(*ways))[:_FIRST]):
        yield site.put("first-element", f"[({', '.join(made)})]", 1 / (1 + rank / 3))


def _taken(function: Function, name: str) -> list[str]:
    """The names under which an element of the collection is taken from it; [] where it is taken as a whole."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and name in names_of(node.value):
            target = node.targets[0]
            if called(node.value) in ("pop", "popleft", "heappop") and isinstance(target, ast.Tuple):
                return [t.id if isinstance(t, ast.Name) else "" for t in target.elts]
    return []


def too_late(site: Site) -> Iterator[Edit]:
    """A name that a loop reads ahead of all that sets it begins at the head of the loop, as the loop's own place."""
    node, loop = site.node, site.parent
    if not isinstance(loop, ast.For | ast.While) or not isinstance(node, ast.stmt) or loop.body[0] is not node:
        return
    if site.function is None or not insertable(site):
        return
    given = {a.arg for a in ast.walk(site.function) if isinstance(a, ast.arg)}
    first: dict[bool, dict[str, int]] = {True: {}, False: {}}
    for name in (n for n in ast.walk(site.function) if isinstance(n, ast.Name)):
        lines = first[isinstance(name.ctx, ast.Store)]
        lines[name.id] = min(lines.get(name.id, name.lineno), name.lineno)
    late = [n for n, line in first[False].items() if first[True].get(n, 0) > line >= loop.lineno and n not in given]
    bound = [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)] if isinstance(loop, ast.For) else []
    for unready in late:
        for rank, start in enumerate([*bound, "0", "None", "[]"]):
            yield site.insert_before("begin-unset", node, f"{unready} = {start}", 1 / (1 + rank / 2))


def unset(site: Site) -> Iterator[Edit]:
    """A name that the function uses and nothing sets: begun at the head of it."""
    node, function = site.node, site.function
    if not isinstance(node, ast.stmt) or function is None or site.parent is not function or not insertable(site):
        return
    if next((s for s in function.body if not is_text(s)), None) is not node:
        return
    for name in site.scope.unset:
        asked = set(site.pool.by_base.get(name, ()))
        if asked & {"append", "pop", "extend"}:
            forms: tuple[str, ...] = ("[]",)
        elif asked & {"add", "discard"}:
            forms = ("set()",)
        elif name in site.pool.subscripted or asked & {"get", "setdefault", "items"}:
            forms = ("{}", "[]")
        else:
            forms = ("0", "[]", "1", '""', "{}", "set()", "None", "False", "True", "-1")
        for rank, form in enumerate(forms):
            yield site.insert_before("begin-unset", node, f"{name} = {form}", 1 / (1 + rank / 3))
