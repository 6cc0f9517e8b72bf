"""Rules that only a running application shows: it is started in the sandbox, asked, and stopped.

The part that the sources show is judged first, since it names a line; what holds there is then probed. A probe that
could not run is never a pass: the rule is then held in part, or advised, and the evidence says why.
"""

from __future__ import annotations

import contextlib

import anyio.to_thread
import msgspec

from loopwright.core.checks import Change, Finding, Ref, Verdict
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.guard.checks.probes.coverage import Measured, judge_coverage, measure
from loopwright.guard.checks.probes.diff_coverage import judge_change_coverage
from loopwright.guard.checks.probes.judge import PROBED, Outcome, judge
from loopwright.guard.checks.probes.run import Observed, observe
from loopwright.guard.checks.probes.tests import judge_tests
from loopwright.guard.checks.rules.check import judge_all
from loopwright.guard.checks.rules.concepts import SOURCES, USED
from loopwright.guard.checks.rules.delta import Delta, finding, is_test
from loopwright.guard.checks.rules.manifest import is_manifest
from loopwright.guard.checks.rules.probed import of_change, probe_of
from loopwright.guard.checks.rules.verdict import verdict_on


class ProbeCheck:
    """Judges the rules that ask for a probe; one start of the application for all of them, kept for each tree."""

    id = "probes"
    cost = 90

    def __init__(self) -> None:
        self._seen: dict[tuple[str, tuple[str, ...]], Observed] = {}
        self._tested: dict[str, Outcome] = {}
        self._covered: dict[str, Measured] = {}

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        """One verdict for each rule that a probe judges. Raises SandboxError."""
        rules = tuple(r for r in ctx.directives if probe_of(r))
        if not rules:
            return ()
        async with contextlib.AsyncExitStack() as stack:
            view = await stack.enter_async_context(ctx.workspace.fresh(ctx.ref))
            delta = Delta(change, ctx.blobs, view.files)
            read = await anyio.to_thread.run_sync(judge_all, rules, delta)
            runs = any(_runs(f.path) for f in delta.files)
            wants = tuple(sorted({probe_of(r) for r, v in zip(rules, read, strict=True) if v.verdict != "failed"}))
            return tuple(
                [
                    verdict
                    if verdict.verdict == "failed"
                    else await self._probe(rule, verdict, delta, wants, runs, ctx)
                    for rule, verdict in zip(rules, read, strict=True)
                ]
            )

    async def _probe(
        self, rule: Directive, read: Verdict, delta: Delta, wants: tuple[str, ...], runs: bool, ctx: CheckContext
    ) -> Verdict:
        """What the running application adds to what the sources say."""
        if not runs:
            return _with(read, "not probed: the change holds nothing that runs")
        if of_change(rule):
            return await self._covered_change(rule, read, delta, ctx)
        now = await self._outcome(rule, ctx.ref, wants, ctx)
        if now.holds is None:
            return _with(read, now.evidence)
        if now.holds:
            return verdict_on(rule, "passed", now.evidence)
        before = await self._outcome(rule, ctx.base, wants, ctx)
        if before.holds is False:
            return verdict_on(rule, "partly", f"as before the change: {now.evidence}")
        return verdict_on(rule, "failed", now.evidence, (_suspect(rule, delta, now.evidence),))

    async def _outcome(self, rule: Directive, ref: Ref, wants: tuple[str, ...], ctx: CheckContext) -> Outcome:
        what = probe_of(rule)
        if what == "coverage":
            return judge_coverage(rule, await self._measured(ref, ctx))
        if what == "tests":
            if ref.tree not in self._tested:
                self._tested[ref.tree] = await judge_tests(ref, ctx.directives, ctx)
            return self._tested[ref.tree]
        asked = tuple(w for w in wants if w in PROBED)
        if (ref.tree, asked) not in self._seen:
            self._seen[ref.tree, asked] = await observe(ref, asked, ctx.directives, ctx)
        return judge(what, self._seen[ref.tree, asked])

    async def _measured(self, ref: Ref, ctx: CheckContext) -> Measured:
        if ref.tree not in self._covered:
            self._covered[ref.tree] = await measure(ref, ctx)
        return self._covered[ref.tree]

    async def _covered_change(self, rule: Directive, read: Verdict, delta: Delta, ctx: CheckContext) -> Verdict:
        """What the tests reach of the lines that the change brings; a whole tree has none."""
        if delta.whole:
            return _with(read, "it judges changes: name one with --base")
        outcome, (file, line) = await judge_change_coverage(rule, await self._measured(ctx.ref, ctx), delta)
        if outcome.holds is None:
            return _with(read, outcome.evidence)
        if outcome.holds:
            return verdict_on(rule, "passed", outcome.evidence)
        return verdict_on(rule, "failed", outcome.evidence, (finding(rule, file, line, outcome.evidence),))


def _runs(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return path.endswith((*SOURCES, ".json")) or is_manifest(path) or name in ("Procfile", ".env.example")


def _with(read: Verdict, evidence: str) -> Verdict:
    return msgspec.structs.replace(read, evidence=f"{read.evidence}; {evidence}")


def _suspect(rule: Directive, delta: Delta, evidence: str) -> Finding:
    """Name the changed line that speaks of the idea, else the only source that changed, else no place."""
    sources = [f for f in delta.of(rule) if f.path.endswith(SOURCES) and not is_test(f.path)]
    pattern = USED.get(probe_of(rule))
    for file in sources if pattern else ():
        for number, line in file.added_lines:
            if pattern and pattern.search(line):
                return finding(rule, file.path, number, evidence)
    for file in sources if pattern else ():
        if pattern and len(pattern.findall(file.before)) > len(pattern.findall(file.after)):
            return finding(rule, file.path, 1, evidence)
    if len(sources) == 1:
        return finding(rule, sources[0].path, min(sources[0].added, default=1), evidence)
    return finding(rule, "", 0, evidence)
