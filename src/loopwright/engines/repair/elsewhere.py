"""What the project's other files import and define: where a name may come from that a file uses and nothing sets."""

from __future__ import annotations

import ast
import posixpath
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from loopwright.engines.repair.source import Function, Source


@dataclass(frozen=True)
class Elsewhere:
    """`statements` are imports by the name that each binds, the usual one first, with the directory where a relative
    one holds; `modules` are those of the project with the names that they define."""

    statements: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    modules: dict[str, frozenset[str]] = field(default_factory=dict)


def look_elsewhere(sources: Iterable[Source]) -> Elsewhere:
    """Collect the imports and the definitions of all files."""
    counts: dict[str, Counter[tuple[str, str | None]]] = {}
    modules: dict[str, frozenset[str]] = {}
    for source in sources:
        modules[module_of(source.path)] = frozenset(_defined(source.tree))
        for statement in source.tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                relative = isinstance(statement, ast.ImportFrom) and statement.level > 0
                at = posixpath.dirname(source.path) if relative else None
                for alias in statement.names:
                    one = ast.unparse(_alone(statement, alias))
                    counts.setdefault((alias.asname or alias.name).split(".")[0], Counter())[one, at] += 1
    return Elsewhere({name: [way for way, _ in found.most_common()] for name, found in counts.items()}, modules)


def module_of(path: str) -> str:
    """The name under which a file is imported, by the usual layouts."""
    plain = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
    return plain.replace("/", ".")


def _alone(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(statement, ast.Import):
        return ast.Import([alias])
    return ast.ImportFrom(statement.module, [alias], statement.level)


def _defined(tree: ast.Module) -> Iterable[str]:
    for statement in tree.body:
        if isinstance(statement, Function | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Assign):
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
