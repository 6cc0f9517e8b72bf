"""Tests under change: which of their files a change touches, what it weakens, and how the original tests fare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from loopwright.core.checks import Change, FileChange, Finding, Verdict
from loopwright.core.ports import Blobs, CheckContext
from loopwright.core.rules import Level
from loopwright.guard.checks.suite.aware import tricks
from loopwright.guard.checks.suite.config import config_weakenings
from loopwright.guard.checks.suite.files import Belonging, belongs, is_importable, shadows
from loopwright.guard.checks.suite.original import original_tests
from loopwright.guard.checks.suite.permission import explains, may_change_tests, names_file
from loopwright.guard.checks.suite.python import Weakening, bodies, weakenings
from loopwright.guard.checks.suite.script import script_weakenings
from loopwright.guard.checks.suite.support import Support, examples_lost, runs_examples

_SCRIPTS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts")
_HOW = "a request that wants tests changed has to say so"


class TestsCheck:
    """Judges what a change does to the tests. Every test file it touches is a finding, harmless ones as warnings."""

    __test__ = False  # pytest would take the name for a test class

    id = "tests"
    cost = 10

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        """Verdicts on touched tests, on source that knows it is tested, on the original tests. Raises SandboxError."""
        if not change.base:  # a whole tree: there is no before to weaken
            return ()
        support = Support(change, ctx)
        touched: dict[str, Belonging] = {f.path: kind for f in change.files if (kind := _belongs(f, ctx, support))}
        findings = tuple(_findings(change, touched, ctx))
        verdicts = [_verdict("the tests themselves", findings)] if change.files else []
        if aware := tuple(_aware(change, touched, ctx.blobs)):
            verdicts.append(_verdict("source that knows it is tested", aware, check="tests-source"))
        names = {f.name for f in findings}
        # What is red already needs no run to be refused.
        if names & {"changed", "excused", "added"} and not any(v.red for v in verdicts):
            # What was added may not be what makes the others pass, but says nothing of those that may change.
            required = "changed" in names or "excused" not in names
            verdicts += await original_tests(change, tuple(touched), ctx, required=required)
        return tuple(verdicts)


def _belongs(file: FileChange, ctx: CheckContext, support: Support) -> Belonging:
    kind = belongs(file.path, support.run)
    if not kind and support.judges(file):
        return "test"
    if kind == "shared configuration":
        before, after = _contents(file, ctx.blobs)
        return kind if config_weakenings(file.path, before, after, ctx.requirement.acceptance) else ""
    return kind


def _contents(file: FileChange, blobs: Blobs) -> tuple[bytes | None, bytes | None]:
    before, after = (blobs.get(address) if address is not None else None for address in (file.before, file.after))
    return before, after


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")


def _findings(change: Change, touched: dict[str, Belonging], ctx: CheckContext) -> Iterator[Finding]:
    allowed = may_change_tests(ctx.requirement)
    moved = frozenset(
        body
        for file in change.files
        if file.path.endswith(".py") and file.after is not None
        for body in bodies(_text(_contents(file, ctx.blobs)[1]))
    )
    kept = frozenset(file.after for file in change.files if file.after is not None)
    tree: tuple[str, ...] | None = None
    for file in change.files:
        kind = touched.get(file.path, "")
        if not kind and runs_examples(ctx):
            for weak in examples_lost(file.path, *(_text(c) for c in _contents(file, ctx.blobs))):
                yield _finding(file, "test", weak, allowed, ctx)
        if kind:
            for weak in _judge(file, kind, ctx, moved, kept):
                yield _finding(file, kind, weak, allowed, ctx)
        if other := _read_before(file, ctx):
            reason = f"{file.path} would be read in place of {other}"
            yield Finding("tests", "shadow", reason, "block", file.path)
        if file.kind == "add" and is_importable(file.path):
            if tree is None:
                added = {f.path for f in change.files if f.kind == "add"}
                tree = tuple(e.path for e in ctx.workspace.files.walk() if e.path not in added)
            if stands_for := shadows(file.path, tree):
                level: Level = "warn" if names_file(ctx.requirement, file.path) else "block"
                reason = f"{file.path} would be imported in place of {stands_for}"
                yield Finding("tests", "shadow", reason, level, file.path)


def _read_before(file: FileChange, ctx: CheckContext) -> str:
    """The build file that make no longer reads where this one was added."""
    path = PurePosixPath(file.path)
    later = {"GNUmakefile": ("makefile", "Makefile"), "makefile": ("Makefile",)}.get(path.name, ())
    others = (path.with_name(name).as_posix() for name in later) if file.kind == "add" else ()
    return next((other for other in others if ctx.workspace.files.stat(other) is not None), "")


def _judge(
    file: FileChange, kind: Belonging, ctx: CheckContext, moved: frozenset[str], kept: frozenset[str]
) -> tuple[Weakening, ...]:
    before, after = _contents(file, ctx.blobs)
    if kind == "bytecode":
        return (Weakening(0, "compiled code was planted: it would run in place of the source"),)
    if kind in ("configuration", "shared configuration"):
        return config_weakenings(file.path, before, after, ctx.requirement.acceptance) or ()
    if before is None:
        return (Weakening(0, "", changed=True),)
    if file.path.endswith(".py"):
        return weakenings(_text(before), _text(after), moved) or (Weakening(0, "", changed=True),)
    if after is None:
        whole = file.before in kept
        return (Weakening(0, f"the file was {'moved' if whole else 'deleted'}", changed=whole),)
    if file.path.endswith(_SCRIPTS) or _is_source(file.path):
        return script_weakenings(_text(before), _text(after)) or (Weakening(0, "", changed=True),)
    return (Weakening(0, "test data was changed", changed=True),)


def _is_source(path: str) -> bool:
    return path.endswith((".go", ".rs", ".java", ".kt", ".rb", ".cs", ".cc", ".cpp", ".php"))


def _finding(file: FileChange, kind: Belonging, weak: Weakening, allowed: bool, ctx: CheckContext) -> Finding:
    reason = weak.reason or f"a test file was {'added' if file.kind == 'add' else 'changed'}; nothing in it is weaker"
    named = "configuration" in kind and names_file(ctx.requirement, file.path)
    excused = allowed or named or explains(ctx.requirement, *(_text(c) for c in _contents(file, ctx.blobs)))
    level: Level = "warn"
    if not ctx.requirement.tests_may_change:
        level, reason = "block", f"{reason} (this request allows no change of tests)"
    elif kind == "bytecode" or not (weak.changed or excused):
        level, reason = "block", f"{reason} ({_HOW})"
    if file.kind == "add" and kind == "test":
        name = "added"
    else:
        name = "excused" if excused else "changed"
    return Finding("tests", name, reason, level, file.path, weak.line)


def _aware(change: Change, touched: dict[str, Belonging], blobs: Blobs) -> Iterator[Finding]:
    for file in change.files:
        if file.path in touched or file.after is None or not file.path.endswith((".py", *_SCRIPTS)):
            continue
        before, after = _contents(file, blobs)
        for trick in tricks(_text(before), _text(after), file.path.endswith(".py")):
            level: Level = "block" if trick.sure else "warn"
            yield Finding("tests-source", "aware", trick.reason, level, file.path, trick.line)


def _verdict(name: str, findings: tuple[Finding, ...], check: str = "tests") -> Verdict:
    bad = [f for f in findings if f.level == "block"]
    return Verdict(
        check=check,
        kind="safety",
        name=name,
        verdict="failed" if bad else "passed",
        evidence="\n".join(_line(f) for f in bad or findings)
        or "no test, and nothing that configures tests, was touched",
        findings=findings,
    )


def _line(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return f"{place}: {finding.reason}"
