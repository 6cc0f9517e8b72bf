"""The acceptance commands, and the commands that AGENTS.md names as gates, on exactly the final tree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import anyio
import msgspec

from loopwright.core.checks import Change, Finding, Verdict, VerdictName
from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.running import Limits
from loopwright.guard.checks.commands.gates import Gate, gates
from loopwright.guard.checks.suite.baseline import Baseline, missing, replaced
from loopwright.guard.checks.suite.control import control
from loopwright.guard.checks.suite.files import belongs
from loopwright.guard.checks.suite.moves import accounted
from loopwright.guard.checks.suite.permission import may_change_tests
from loopwright.guard.checks.suite.run import Judged, can_count, has_python_tests, judge, run_gate
from loopwright.guard.checks.suite.static import invented
from loopwright.guard.checks.suite.surroundings import other_surroundings

A = TypeVar("A")
B = TypeVar("B")

#: Seconds for one gate that is merely listed, and for all of them: they are an offer, not a demand.
_PROPOSED_SECONDS, _ALL_PROPOSED_SECONDS = 60.0, 180.0


class CommandCheck:
    """Runs each command in a fresh view of the final tree and says what came of it."""

    id = "commands"
    cost = 100

    def __init__(self) -> None:
        self._baseline = Baseline()
        self._on_base: dict[tuple[str, str, str], Judged] = {}

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        """One verdict a command: acceptance commands, then gates from cheap to dear. Raises SandboxError."""
        if change.tree != ctx.ref.tree:
            return (_other_tree(change, ctx),)
        acceptance = tuple(dict.fromkeys(ctx.requirement.acceptance))
        verdicts = [_acceptance(await self._judge(command, change, ctx)) for command in acceptance]
        spent = 0.0
        for gate in gates(ctx.directives, change, acceptance):
            verdict = await self._gate(gate, ctx, spent, whole=not change.base)
            spent += verdict.seconds if gate.standing == "proposed" else 0.0
            verdicts.append(verdict)
        return tuple(verdicts)

    async def _judge(self, command: str, change: Change, ctx: CheckContext) -> Judged:
        """The run itself, then what could show it to be false: the control and the base, at the same time."""
        async with ctx.workspace.fresh(ctx.ref) as view:
            judged = await judge(view, command, ctx.limits)
            if not judged.passed or judged.probed is None:
                return judged
            if judged.unseen and not has_python_tests(view.files):
                return msgspec.structs.replace(judged, wrong=await self._fewer(judged, command, ctx))
            if rewritten := await _rewritten(view, change, ctx):
                return msgspec.structs.replace(judged, wrong=(f"the run rewrote tests: {', '.join(rewritten[:3])}",))
            seen = judged.probed
            wrong, base = await _both(
                lambda: control(view.executor, command, seen, ctx.limits),
                lambda: self._baseline.collect(ctx, command),
            )
        if judged.unseen:
            shut_out = "no test session was seen, though there was one on the tree before"
            wrong = (shut_out,) if base.sessions else ()
        wrong = wrong or await missing(base, seen, command, ctx, accounted(change, seen, ctx))
        if not wrong and replaced(base, seen):  # tests of the base may leave such things behind as well
            wrong = replaced(await self._baseline.run(ctx, command), seen)
        wrong = wrong or invented(base, seen, ctx.workspace.files)
        wrong = wrong or await other_surroundings(change, command, ctx)
        return msgspec.structs.replace(judged, wrong=wrong)

    async def _fewer(self, judged: Judged, command: str, ctx: CheckContext) -> tuple[str, ...]:
        """Whether a tool that has no probe says that it ran fewer tests than on the tree before."""
        if judged.tests_run is None and not can_count(command):
            return ()
        before = await self._baseline.counts(ctx, command)
        if before is None or may_change_tests(ctx.requirement):
            return ()
        if judged.tests_run is None:
            return (f"{before.run} tests ran before, and now the command says nothing of any",)
        if judged.tests_run < before.run:
            return (f"{judged.tests_run} tests ran where {before.run} ran before",)
        return ()

    async def _gate(self, gate: Gate, ctx: CheckContext, spent: float, whole: bool) -> Verdict:
        """A required gate is judged by the new tree, a proposed one only if it is green on the base.

        `whole`: the tree is judged as it stands, so there is no base that could excuse a red one.
        """
        if gate.standing == "advised":
            return _advised(gate, gate.why)
        limits = ctx.limits
        if gate.standing == "proposed":
            if spent >= _ALL_PROPOSED_SECONDS:
                return _advised(gate, "listed; not tried, since the gates before it took too long")
            seconds = min(limits.timeout or _PROPOSED_SECONDS, _PROPOSED_SECONDS)
            limits = msgspec.structs.replace(limits, timeout=seconds)
            before = await self._base(gate, ctx, limits)
            if not before.passed:
                return _advised(gate, f"listed; not adopted, since on the tree before {_reason(before)}", before)
        async with ctx.workspace.fresh(ctx.ref) as view:
            now = await run_gate(view, gate.command, gate.directory, ctx.ref if gate.writes else None, limits)
        if now.passed:
            return _gated(gate, now, "passed", "")
        if whole and gate.standing == "required" and not now.missing:
            return msgspec.structs.replace(_gated(gate, now, "failed", _reason(now)), findings=(_finding(gate, now),))
        before = await self._base(gate, ctx, limits)
        if not before.passed:
            return _advised(gate, f"it failed on the tree before as well: {_reason(before)}", now)
        return _gated(gate, now, "failed", _reason(now))

    async def _base(self, gate: Gate, ctx: CheckContext, limits: Limits) -> Judged:
        key = (ctx.base.id, gate.command, gate.directory)
        if key not in self._on_base:
            async with ctx.workspace.fresh(ctx.base) as view:
                kept = ctx.base if gate.writes else None
                self._on_base[key] = await run_gate(view, gate.command, gate.directory, kept, limits)
        return self._on_base[key]


async def _rewritten(view: Workspace, change: Change, ctx: CheckContext) -> list[str]:
    """Tests, and what configures them, that are not what they were before the run in this view."""
    after = await view.checkpoint()
    if after.tree == ctx.ref.tree:
        return []
    known = {file.path: file.after for file in change.files}
    return [
        file.path
        for file in (await view.change(after)).files
        if file.kind != "add" and belongs(file.path) and (file.path not in known or known[file.path] != file.after)
    ]


async def _both(one: Callable[[], Awaitable[A]], other: Callable[[], Awaitable[B]]) -> tuple[A, B]:
    """Run both at once and return what they return; the first error of either is raised as it is."""
    found: dict[str, object] = {}

    async def keep(name: str, make: Callable[[], Awaitable[object]]) -> None:
        found[name] = await make()

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(keep, "one", one)
            group.start_soon(keep, "other", other)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return cast(A, found["one"]), cast(B, found["other"])


def _reason(judged: Judged) -> str:
    return f"{judged.missing} is not installed" if judged.missing else "; ".join(judged.wrong)


def _acceptance(judged: Judged) -> Verdict:
    reason = "; ".join(judged.wrong)
    if judged.missing:
        reason = f"{judged.missing} is not installed where the command runs"
    return Verdict(
        check="commands",
        kind="command",
        name=judged.command,
        verdict="passed" if judged.passed else "not_run" if judged.missing else "failed",
        exit=judged.exit,
        reason=judged.reason,
        tests_run=judged.tests_run,
        tests_failed=judged.tests_failed,
        evidence="\n".join(filter(None, (reason, judged.evidence))),
        seconds=judged.seconds,
    )


def _gated(gate: Gate, judged: Judged, verdict: VerdictName, reason: str) -> Verdict:
    return Verdict(
        check=gate.check,
        kind="directive",
        name=gate.command,
        verdict=verdict,
        source=gate.source,
        level="block",
        exit=judged.exit,
        reason=judged.reason,
        tests_run=judged.tests_run,
        tests_failed=judged.tests_failed,
        evidence="\n".join(filter(None, (reason, judged.evidence))),
        seconds=judged.seconds,
    )


def _finding(gate: Gate, judged: Judged) -> Finding:
    """What a baseline can know: a red gate in the same words each time."""
    reason = f"`{gate.command}` does not pass: {_reason(judged)}"
    return Finding(gate.check, gate.command, reason, source=gate.source)


def _advised(gate: Gate, why: str, judged: Judged | None = None) -> Verdict:
    return Verdict(
        check=gate.check,
        kind="directive",
        name=gate.command,
        verdict="advised",
        source=gate.source,
        level="warn",
        exit=judged.exit if judged else None,
        evidence=why,
        seconds=judged.seconds if judged else 0.0,
    )


def _other_tree(change: Change, ctx: CheckContext) -> Verdict:
    return Verdict(
        check="commands",
        kind="command",
        name="the tree under test",
        verdict="failed",
        evidence=f"the change describes tree {change.tree[:12]}, the checks were asked about {ctx.ref.tree[:12]}",
    )
