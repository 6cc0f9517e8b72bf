"""eslint as the project has it, run in the sandbox on the changed files."""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from loopwright.core.checks import Verdict
from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding, fresh
from loopwright.guard.checks.rules.project_tool import absent, first_line, run_tool
from loopwright.guard.checks.rules.tools import preset_core
from loopwright.guard.checks.rules.verdict import advised, judged
from loopwright.guard.policy_directives import below

_SECONDS = 120.0
_SCRIPT = frozenset({".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"})


class _Message(msgspec.Struct):
    message: str
    line: int = 1
    ruleId: str | None = None  # noqa: N815 - eslint's own name
    severity: int = 2
    fatal: bool = False


class _Linted(msgspec.Struct):
    filePath: str  # noqa: N815 - eslint's own name
    messages: list[_Message]


async def linted(rule: Directive, delta: Delta, view: Workspace, ctx: CheckContext) -> Verdict:
    """eslint on the changed files; with a preset the preset's own core is judged as well, installed or not."""
    core = tuple(preset_core(rule, delta))
    files = [f for f in delta.written(rule) if PurePosixPath(f.path).suffix in _SCRIPT]
    if not files:
        return judged(rule, core, "no changed file is one that eslint reads")
    after, problem = await _eslint(rule, files, view, ctx)
    if problem:
        named = f"not judged by eslint: {problem}"
        return judged(rule, core, named) if core else advised(rule, named + _core_held(rule))
    if after:
        async with ctx.workspace.fresh(ctx.base) as old:
            before, _ = await _eslint(rule, [f for f in files if f.before], old, ctx)
    else:
        before = {}
    found = [
        finding(rule, f.path, line, reason)
        for f in files
        for line, reason in fresh(before.get(f.path, []), after.get(f.path, []), f.before, f.after)
    ]
    seen = {(f.file, f.line) for f in found}
    found += [f for f in core if (f.file, f.line) not in seen]
    return judged(rule, found, f"eslint read {len(files)} changed files")


def _core_held(rule: Directive) -> str:
    return "; the core of the preset holds" if rule.params.get("preset") else ""


async def _eslint(
    rule: Directive, files: list[File], view: Workspace, ctx: CheckContext
) -> tuple[dict[str, list[tuple[int, str]]], str]:
    """Return the errors by file, and why it could not be run, "" where it could."""
    if not files:
        return {}, ""
    paths = [below(rule, f.path) for f in files]
    wanted = [w for w in str(rule.params.get("rule", "")).split(",") if w]
    forced = [word for name in wanted for word in ("--rule", f"{name}: error")]
    ran = await run_tool(rule, ("eslint", "--format", "json", *forced, *paths), view, ctx, _SECONDS)
    if absent(ran):
        return {}, "it is not installed where the change is judged"
    start = ran.merged.find(b"[{")
    try:
        rows = msgspec.json.decode(
            ran.merged[start:].strip().split(b"\n")[0] if start >= 0 else b"", type=list[_Linted]
        )
    except msgspec.DecodeError:
        return {}, first_line(ran) or f"it ended with status {ran.exit.status}"
    known = {f.path for f in files}
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        path = next((p for p in known if row.filePath.endswith("/" + p)), "")
        for m in row.messages:
            if m.severity > 1 and _speaks(m, wanted):
                found.setdefault(path, []).append((m.line, f"{m.ruleId or 'syntax'}: {m.message}"))
    return found, ""


def _speaks(message: _Message, wanted: list[str]) -> bool:
    if message.message.startswith("Definition for rule"):
        return False
    return not wanted or message.ruleId in wanted
