"""The acceptance commands, and the commands that AGENTS.md names as gates, on exactly the final tree."""

from __future__ import annotations

from loopwright.core.checks import Change, Verdict
from loopwright.core.ports import CheckContext
from loopwright.guard.checks.commands_run import Judged, judge


class CommandCheck:
    """Runs each command in a fresh view of the final tree and says what came of it."""

    id = "commands"
    cost = 100

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        """One verdict a command, acceptance commands first. Raises SandboxError."""
        if change.tree != ctx.ref.tree:
            return (_other_tree(change, ctx),)
        verdicts: list[Verdict] = []
        for command in dict.fromkeys(ctx.requirement.acceptance):
            async with ctx.workspace.fresh(ctx.ref) as view:
                judged = await judge(view, command, ctx.limits)
            verdicts.append(_acceptance(judged))
        return tuple(verdicts)


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
        tests_run=judged.tests_run,
        tests_failed=judged.tests_failed,
        evidence="\n".join(filter(None, (reason, judged.evidence))),
        seconds=judged.seconds,
    )


def _other_tree(change: Change, ctx: CheckContext) -> Verdict:
    return Verdict(
        check="commands",
        kind="command",
        name="the tree under test",
        verdict="failed",
        evidence=f"the change describes tree {change.tree[:12]}, the checks were asked about {ctx.ref.tree[:12]}",
    )
