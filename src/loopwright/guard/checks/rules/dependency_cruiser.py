"""Chains of imports in JavaScript and TypeScript, found by the project's own dependency-cruiser, in the sandbox."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.boundaries import Boundary, Chain, Edge
from loopwright.guard.checks.rules.delta import Delta, File
from loopwright.guard.checks.rules.imports import imports
from loopwright.guard.checks.rules.project_tool import absent, first_line, run_tool
from loopwright.guard.checks.rules.tools import ToolMissing

_SECONDS = 120.0
_ENDINGS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".json")
_LEFT_OUT = r"(^|/)(node_modules|dist|build|coverage|\.[^/]+)/|\.(test|spec)\.[cm]?[jt]sx?$"
_SCRIPT = (
    "command -v depcruise >/dev/null || exit 127; "
    'c=$(mktemp -d)/boundaries.json; cat >"$c"; exec depcruise --config "$c" --output-type json .'
)


class _Rule(msgspec.Struct):
    name: str


class _Step(msgspec.Struct):
    name: str


class _Violation(msgspec.Struct):
    from_: str = msgspec.field(name="from")
    to: str = ""
    rule: _Rule = msgspec.field(default_factory=lambda: _Rule(""))
    via: list[_Step | str] = []


class _Summary(msgspec.Struct):
    violations: list[_Violation]


class _Cruised(msgspec.Struct):
    summary: _Summary


async def script_chains(
    bounds: Sequence[Boundary], rule: Directive, delta: Delta, view: Workspace, ctx: CheckContext
) -> list[Chain]:
    """Return the chains that cross a boundary in the tree of a view. Raises ToolMissing, SandboxError."""
    prefix = f"{rule.scope}/" if rule.scope else ""
    settings = msgspec.json.encode(_settings(bounds, prefix))
    ran = await run_tool(rule, ("sh", "-c", _SCRIPT), view, ctx, _SECONDS, settings)
    if absent(ran):
        raise ToolMissing("dependency-cruiser is not installed where the change is judged")
    try:
        cruised = msgspec.json.decode(ran.out, type=_Cruised)
    except msgspec.DecodeError:
        raise ToolMissing(f"dependency-cruiser gave no result: {first_line(ran)}") from None
    found = []
    for violation in cruised.summary.violations:
        steps = [violation.from_, *(s if isinstance(s, str) else s.name for s in violation.via or [violation.to])]
        found.append(tuple(_edges([prefix + s for s in steps], delta)))
    return found


def _settings(bounds: Iterable[Boundary], prefix: str) -> dict[str, object]:
    forbidden = [
        {
            "name": str(number),
            "severity": "error",
            "from": {"path": _paths(bound.sources, prefix)},
            "to": {"path": _paths(bound.targets, prefix), "reachable": True},
        }
        for number, bound in enumerate(bounds)
    ]
    options = {"doNotFollow": {"path": "node_modules"}, "exclude": {"path": _LEFT_OUT}, "tsPreCompilationDeps": True}
    return {"forbidden": forbidden, "options": options}


def _paths(parts: Iterable[str], prefix: str) -> str:
    return "|".join(rf"^{re.escape(part.removeprefix(prefix))}(/|\.[^/]*$)" for part in parts)


def _edges(steps: list[str], delta: Delta) -> Iterator[Edge]:
    changed = {f.path: f for f in delta.files}
    for importer, imported in itertools.pairwise(steps):
        yield Edge(importer, _line(changed.get(importer), imported), imported)


def _line(file: File | None, imported: str) -> int:
    """Return the line of a changed file that imports another, 0 for what is not told: the tool names no lines."""
    if file is None or file.kind == "delete":
        return 0
    wanted = posixpath.splitext(imported)[0].removesuffix("/index")
    for each in imports(file, file.after):
        module = each.module
        if each.relative:
            module = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), module))
        module = posixpath.splitext(module)[0] if posixpath.splitext(module)[1] in _ENDINGS else module
        module = module.removesuffix("/index")
        if module == wanted or (not each.relative and wanted.endswith("/" + module.lstrip("@~#/").partition("/")[2])):
            return each.line
    return 0
