"""The bundled scanners as checks: what a change brings that they mark. One that is not installed is never a pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import anyio
import msgspec

from loopwright.core.checks import Change, Finding, Verdict
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Level
from loopwright.guard.checks.baseline import PATH as BASELINE
from loopwright.guard.checks.rules.delta import Delta, File, is_test
from loopwright.guard.checks.rules.tools import ToolMissing
from loopwright.guard.checks.rules.verdict import places
from loopwright.guard.checks.scanners.tools import SCANNERS, Mark, Marks, Scanner

#: What two scanners number alike is told once: S324 of ruff is B324 of bandit.
_TWINS = ("ruff", "bandit")


class ScannerCheck:
    """Runs every scanner at once over the changed files as they were and as they are; only what is new counts."""

    id = "scanners"
    cost = 20

    def __init__(self, scanners: Sequence[Scanner] = SCANNERS) -> None:
        self._scanners = tuple(scanners)

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        """One verdict a scanner; none where the change holds nothing that it reads."""
        files = [f for f in Delta(change, ctx.blobs).files if f.kind != "delete" and f.moves_text and f.after.strip()]
        found: dict[str, Verdict] = {}

        async def judge(scanner: Scanner, mine: list[File]) -> None:
            found[scanner.name] = await _judge(scanner, mine)

        async with anyio.create_task_group() as group:
            for scanner in self._scanners:
                if mine := [f for f in files if _reads(scanner, f)]:
                    group.start_soon(judge, scanner, mine)
        return _told_once(tuple(found[s.name] for s in self._scanners if s.name in found))


def _reads(scanner: Scanner, file: File) -> bool:
    if file.path == BASELINE:  # digests look like secrets
        return False
    return scanner.reads(file.path, file.language)


async def _judge(scanner: Scanner, files: list[File]) -> Verdict:
    try:
        after = await scanner.scan({f.path: f.after for f in files})
        before = await scanner.scan({f.path: f.before for f in files if f.before and after.get(f.path)})
    except ToolMissing as missing:
        why = f"{missing}: install loopwright[checks], or {scanner.package} by itself"
        return Verdict(_id(scanner), "scanner", _named(scanner), "not_run", level="warn", evidence=why)
    found = tuple(finding for file in files for finding in _fresh(scanner, file, before, after))
    return _judged(_id(scanner), _named(scanner), places(found) or f"changed files judged: {len(files)}", found)


def _fresh(scanner: Scanner, file: File, before: Marks, after: Marks) -> list[Finding]:
    """Marks that the old text did not have; one is told by its rule and the text of its line."""
    known = Counter(_key(mark, file.before) for mark in before.get(file.path, ()))
    found = []
    for mark in after.get(file.path, ()):
        key = _key(mark, file.after)
        if known[key]:
            known[key] -= 1
            continue
        level: Level = "warn" if is_test(file.path) else mark.level
        reason = f"{mark.rule}: {mark.message}"
        found.append(Finding(_id(scanner), mark.rule, reason, level, file.path, mark.line, _named(scanner)))
    return found


def _key(mark: Mark, text: str) -> tuple[str, str]:
    lines = text.splitlines()
    return mark.rule, lines[mark.line - 1].strip() if 0 < mark.line <= len(lines) else ""


def _told_once(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Leave out of the second twin what the first one said of the same line."""
    first, second = (f"scanner.{name}" for name in _TWINS)
    said = {(f.file, f.line, f.name[1:]) for v in verdicts if v.check == first for f in v.findings}
    return tuple(
        _with(v, tuple(f for f in v.findings if (f.file, f.line, f.name[1:]) not in said)) if v.check == second else v
        for v in verdicts
    )


def _with(verdict: Verdict, findings: tuple[Finding, ...]) -> Verdict:
    if findings == verdict.findings:
        return verdict
    evidence = places(findings) or "nothing but what ruff said of the same lines"
    return msgspec.structs.replace(_judged(verdict.check, verdict.name, evidence, findings), seconds=verdict.seconds)


def _id(scanner: Scanner) -> str:
    return f"scanner.{scanner.name}"


def _named(scanner: Scanner) -> str:
    return f"{scanner.title} {scanner.version}".rstrip()


def _judged(check: str, name: str, evidence: str, findings: tuple[Finding, ...]) -> Verdict:
    blocks = any(f.level == "block" for f in findings)
    return Verdict(
        check=check,
        kind="scanner",
        name=name,
        verdict="failed" if findings else "passed",
        level="block" if blocks or not findings else "warn",
        evidence=evidence,
        findings=findings,
    )
