"""Rules about layers where a chain of imports breaks them as well: what is read in the change, and what tools reach."""

from __future__ import annotations

from collections.abc import Iterable

import anyio.to_thread

from loopwright.core.checks import Finding, Verdict
from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.boundaries import Chain, boundaries, speaks_of_chains
from loopwright.guard.checks.rules.delta import Delta, File, finding
from loopwright.guard.checks.rules.dependency_cruiser import script_chains
from loopwright.guard.checks.rules.import_linter import python_chains
from loopwright.guard.checks.rules.imports import new_imports
from loopwright.guard.checks.rules.layers import layer
from loopwright.guard.checks.rules.tools import ToolMissing
from loopwright.guard.checks.rules.verdict import judged
from loopwright.guard.policy_directives import strings

_PYTHON = ("python",)
_SCRIPT = ("javascript", "typescript")


def has_chains(rule: Directive, delta: Delta) -> bool:
    """Return whether the change imports something in a language whose chains a tool reaches."""
    return speaks_of_chains(rule) and bool(_importing(rule, delta, (*_PYTHON, *_SCRIPT)))


async def layered(rule: Directive, delta: Delta, view: Workspace, ctx: CheckContext) -> Verdict:
    """Return the verdict on imports, and on chains of them where the tool is there. Raises SandboxError."""
    found = list(await anyio.to_thread.run_sync(lambda: list(layer(rule, delta))))
    seen = {(f.file, f.line) for f in found}
    told = [f"changed files judged: {len(delta.of(rule))}"]
    for name, languages in (("import-linter", _PYTHON), ("dependency-cruiser", _SCRIPT)):
        files = _importing(rule, delta, languages)
        if not files:
            continue
        try:
            chains = await _chains(rule, delta, files, view, ctx)
            fresh = _fresh(rule, chains, delta, seen)
            if fresh and not strings(rule, "order") and await _common(rule, delta, files, ctx):
                told.append(f"{name}: chains of imports were there before the change, so that they break nothing now")
                continue
        except ToolMissing as missing:
            told.append(f"chains of imports are not judged: {missing}")
            continue
        told.append(f"{name} looked for chains of imports")
        found += fresh
        seen |= {(f.file, f.line) for f in fresh}
    return judged(rule, found, "; ".join(told))


async def _chains(rule: Directive, delta: Delta, files: list[File], view: Workspace, ctx: CheckContext) -> list[Chain]:
    paths = [p for p in delta.tree() if p.endswith(".py")] if files[0].language == "python" else delta.tree()
    bounds = boundaries(rule, paths)
    if not bounds:
        return []
    if files[0].language == "python":
        return await python_chains(bounds, [f.path for f in files], delta)
    return await script_chains(bounds, rule, delta, view, ctx)


async def _common(rule: Directive, delta: Delta, files: list[File], ctx: CheckContext) -> bool:
    """Return whether the tree before the change has such chains: its authors then read the rule as one of imports."""
    async with ctx.workspace.fresh(ctx.base) as old:
        before = await _chains(rule, delta.base(), files, old, ctx)
    return any(len(chain) > 1 for chain in before)


def _importing(rule: Directive, delta: Delta, languages: tuple[str, ...]) -> list[File]:
    return [f for f in delta.written(rule) if f.language in languages and new_imports(f)]


def _fresh(rule: Directive, chains: Iterable[Chain], delta: Delta, seen: set[tuple[str, int]]) -> list[Finding]:
    """Return one finding for each import that the change brings in and that closes a chain."""
    added = {f.path: f.added for f in delta.files if f.kind != "delete"}
    found: dict[tuple[str, int], Finding] = {}
    for chain in sorted(chains, key=len):
        for edge in chain if len(chain) > 1 else ():
            place = (edge.file, edge.line)
            if edge.line in added.get(edge.file, ()) and place not in seen and place not in found:
                through = " -> ".join((chain[0].file, *(e.imported for e in chain)))
                found[place] = finding(rule, *place, f"it closes a chain of imports that the rule forbids: {through}")
    return list(found.values())
