"""Which parts of a tree must not reach which: what a rule about layers comes to on the folders that are there.

An import is read where it stands; a chain of them (`models` -> `helpers` -> `controllers`) needs a graph of all. Tools
that build one are told these boundaries: import-linter for Python, dependency-cruiser for JavaScript and TypeScript.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import is_test
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import below, in_scope, strings

#: Words of a rule that speak of more than the import itself.
_AT_ALL = expression(r"\b(?:depend|know|independent|decoupled|isolated|reach|reference)", re.IGNORECASE)
#: Folders of packages that others wrote.
_OF_OTHERS = frozenset({"node_modules", "site-packages", "venv", "vendor", "dist", "build", "coverage"})


class Boundary(Fact, frozen=True):
    """Folders and modules (paths without a suffix), and those that nothing in them may reach."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]


class Edge(Fact, frozen=True):
    """One import of a chain: the file and line it stands at, and the file that it imports."""

    file: str
    line: int
    imported: str


Chain = tuple[Edge, ...]


def speaks_of_chains(rule: Directive) -> bool:
    """Return whether a rule is broken by a chain of imports as well as by one."""
    if rule.kind != "layer" or rule.params.get("from") == "**":
        return False
    return bool(strings(rule, "order")) or bool(_AT_ALL.search(rule.text))


def boundaries(rule: Directive, paths: Iterable[str]) -> tuple[Boundary, ...]:
    """Return what the rule keeps apart among the files at these paths, tests left out."""
    parts = _parts(p for p in paths if in_scope(rule, p) and own(p))
    if order := strings(rule, "order"):
        layers = [_topmost(p for p in parts if bears(posixpath.basename(p), name)) for name in order]
        pairs = [(low, high) for n, low in enumerate(layers) for high in layers[:n]]
    elif folder := str(rule.params.get("siblings") or ""):
        apart = [p for p in parts if bears(posixpath.basename(posixpath.dirname(p)), folder)]
        pairs = [((one,), tuple(p for p in apart if p != one)) for one in apart]
    else:
        sources = _topmost(p for p in parts if _is(str(rule.params.get("from", "")), below(rule, p)))
        targets = _topmost(p for p in parts if any(_is(t, below(rule, p)) for t in strings(rule, "forbid")))
        pairs = [(sources, targets)]
    return tuple(b for one in pairs if (b := _apart(*one)))


def bears(folder: str, name: str) -> bool:
    """Return whether a folder is called by a layer's name, in the singular or the plural."""
    single = name.rstrip("/").rsplit("/", 1)[-1]
    same = folder == single or folder.rstrip("s") == single.rstrip("s")
    return same or folder == single.removesuffix("ies") + "y" or folder + "s" == single


def own(path: str) -> bool:
    """Return whether a file is one of the project's own sources and no test."""
    return not is_test(path) and not any(s.startswith(".") or s in _OF_OTHERS for s in path.split("/")[:-1])


def _parts(paths: Iterable[str]) -> tuple[str, ...]:
    found: set[str] = set()
    for path in paths:
        part = path.rsplit(".", 1)[0] if "." in posixpath.basename(path) else path
        while part and part not in found:
            found.add(part)
            part = posixpath.dirname(part)
    return tuple(sorted(found))


def _topmost(parts: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for part in sorted(parts):
        if not any(_inside(part, one) for one in kept):
            kept.append(part)
    return tuple(kept)


def _inside(part: str, folder: str) -> bool:
    return part == folder or part.startswith(folder + "/")


def _is(name: str, part: str) -> bool:
    """Return whether a part is what a rule names: by its path, the end of it, or a pattern."""
    name = name.strip("/").removesuffix("/**").removesuffix("/*")
    if not name or "*" in name:
        return bool(name) and path_matches(part, name)
    dotted = name.replace(".", "/")
    return any(part == n or part.endswith("/" + n) for n in (name, dotted))


def _apart(sources: tuple[str, ...], targets: tuple[str, ...]) -> Boundary | None:
    """Return the boundary without parts that lie within one another, None where a side is empty."""
    targets = tuple(t for t in targets if not any(_inside(t, s) or _inside(s, t) for s in sources))
    return Boundary(sources, targets) if sources and targets else None
