"""Imports that are missing or misspelt: a name that is used and nothing binds, a module that is not there."""

from __future__ import annotations

import ast
import difflib
import importlib
import posixpath
import sys
from collections.abc import Collection, Iterator

from loopwright.engines.repair.site import Edit, Site
from loopwright.engines.repair.source import Function, Source, Splice

#: Modules of the standard library that names are commonly imported from, the usual ones first.
_SHELF = (
    *("collections", "typing", "dataclasses", "pathlib", "datetime", "functools", "itertools", "enum", "abc"),
    *("contextlib", "collections.abc", "copy", "decimal", "fractions", "math", "operator", "string", "heapq", "bisect"),
    *("textwrap", "types", "statistics", "uuid", "json", "re"),
)
#: By what custom calls them.
_CUSTOM = {"np": "import numpy as np", "pd": "import pandas as pd", "plt": "import matplotlib.pyplot as plt"}
_ALIKE = 0.7  # how much alike a misspelt name and the one that is meant are
_MOST = 3  # names that may be meant


def lacking(site: Site) -> Iterator[Edit]:
    """The import of a name that the place uses and nothing in the file binds."""
    if "*" in site.pool.globals:  # nobody knows what that binds
        return
    bound = {*site.scope.locals, *site.pool.globals, *site.pool.builtins, *site.pool.parameters}
    for name in dict.fromkeys(n for n in _used(site.node) if n not in bound):
        start, before, after = _place(site.source)
        for rank, statement in enumerate(_ways(site, name)):
            text = (before + statement + after).replace("\n", site.source.newline)
            yield site.splice("add-import", start, start, text, 1 / (1 + rank))


def misspelt(site: Site) -> Iterator[Edit]:
    """A module or a name of an import that is not there: one much like it, wherever its name stands."""
    node = site.node
    if isinstance(node, ast.ImportFrom) and node.module and not node.level and not _is_module(site, node.module):
        start = site.source.text.index(node.module, site.source.span(node)[0])
        for rank, other in enumerate(_near(node.module, _modules(site))):
            yield site.splice("other-import", start, start + len(node.module), other, 1 / (1 + rank))
    if not isinstance(node, ast.alias):
        return
    parent = site.parent
    if isinstance(parent, ast.Import) and not _is_module(site, node.name):
        meant = _near(node.name, _modules(site))
    elif isinstance(parent, ast.ImportFrom) and node.name not in (names := _names(site, parent)):
        meant = _near(node.name, names)
    else:
        return
    for rank, other in enumerate(meant):
        start, _ = site.source.span(node)
        splices = [Splice(start, start + len(node.name), other)]
        if not node.asname and "." not in node.name:  # where it is used under the right name already, that stays
            splices += [Splice(*site.source.span(place), other) for place in _uses(site.source, node.name)]
        yield Edit(site.source.path, site.line, "other-import", tuple(splices), 1 / (1 + rank))


def _used(node: ast.AST) -> Iterator[str]:
    """The name that a place is, or those of the annotations that belong to it."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
        return
    parts: list[ast.AST | None] = [node.annotation] if isinstance(node, ast.AnnAssign) else []
    if isinstance(node, Function):
        args = node.args
        given = (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg)
        parts = [node.returns, *(arg.annotation for arg in given if arg)]
    for part in parts:
        yield from (n.id for n in ast.walk(part) if isinstance(n, ast.Name)) if part else ()


def _ways(site: Site, name: str) -> list[str]:
    """Statements that import the name: as others do, from where it is defined, from the library."""
    here = posixpath.dirname(site.source.path)
    known = site.pool.elsewhere
    found = [text for text, at in known.statements.get(name, ()) if at in (None, here)]
    found += [f"from {module} import {name}" for module, names in known.modules.items() if name in names]
    if _is_module(site, name):
        found.append(f"import {name}")
    if name in _CUSTOM:
        found.append(_CUSTOM[name])
    found += [f"from {module} import {name}" for module in _SHELF if name in _public(module)]
    return list(dict.fromkeys(found))[: 2 * _MOST]


def _place(source: Source) -> tuple[int, str, str]:
    """Where an import is put in, and what stands before and behind it: with the others, else ahead of all code."""
    last: ast.stmt | None = None
    for statement in source.tree.body:
        told = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not isinstance(statement, ast.Import | ast.ImportFrom) and not (told and last is None):
            break
        last = statement
    if last is None:
        first = source.tree.body[0] if source.tree.body else None
        line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]) if first else 1
        return source.offset(line, 0), "", "\n\n\n"
    line = last.end_lineno or last.lineno
    behind = source.offset(line, 0) + len(source.lines[line - 1])
    if not source.lines[line - 1].endswith(("\n", "\r")):
        return behind, "\n", ""
    return behind, "\n" if isinstance(last, ast.Expr) else "", "\n"


def _modules(site: Site) -> list[str]:
    return [*site.pool.elsewhere.modules, *sorted(n for n in sys.stdlib_module_names if not n.startswith("_"))]


def _is_module(site: Site, name: str) -> bool:
    top = name.split(".")[0]
    return top in sys.stdlib_module_names or any(m.split(".")[0] == top for m in site.pool.elsewhere.modules)


def _names(site: Site, statement: ast.ImportFrom) -> Collection[str]:
    """The names that a module is known to have; () where nothing is known of it."""
    if statement.level or not statement.module:
        return ()
    return site.pool.elsewhere.modules.get(statement.module, ()) or _public(statement.module)


def _public(module: str) -> Collection[str]:
    return dir(importlib.import_module(module)) if module in _SHELF else ()


def _near(name: str, names: Collection[str]) -> list[str]:
    return [near for near in difflib.get_close_matches(name, names, _MOST, _ALIKE) if near != name]


def _uses(source: Source, name: str) -> list[ast.Name]:
    return [node for node in ast.walk(source.tree) if isinstance(node, ast.Name) and node.id == name]
