"""Runs the original tests on the new code: what was changed among the tests is put back, in a view of its own."""

from __future__ import annotations

from loopwright.core.checks import Change, Verdict
from loopwright.core.ports import CheckContext
from loopwright.guard.checks.suite.probe import Orders, Probed, run_probed
from loopwright.guard.checks.suite.run import tail


async def original_tests(
    change: Change, touched: tuple[str, ...], ctx: CheckContext, *, required: bool
) -> list[Verdict]:
    """One verdict an acceptance command; a red one blocks only where `required`. Raises SandboxError."""
    patch: dict[str, bytes | None] = {
        file.path: ctx.blobs.get(file.before) if file.before is not None else None
        for file in change.files
        if file.path in touched
    }
    verdicts: list[Verdict] = []
    for command in dict.fromkeys(ctx.requirement.acceptance):
        async with ctx.workspace.fresh(ctx.ref, patch) as view:
            probed = await run_probed(view.executor, command, Orders(), ctx.limits)
        verdicts.append(_verdict(command, probed, required))
    return verdicts


def _verdict(command: str, probed: Probed, required: bool) -> Verdict:
    passed = probed.ran.ok and not probed.tests_failed
    none = bool(probed.sessions) and not probed.outcomes
    said = "there were no tests before" if none else "" if passed else "the original tests fail on the new code"
    return Verdict(
        check="tests",
        kind="safety",
        name=f"original tests: {command}",
        verdict="not_run" if none else "passed" if passed else "failed",
        level="block" if required and not none else "warn",
        exit=probed.ran.exit.status,
        tests_run=probed.tests_run if probed.sessions else None,
        tests_failed=probed.tests_failed if probed.sessions else None,
        evidence="\n".join(filter(None, (said, tail(probed.ran.text())))),
        seconds=probed.ran.exit.usage.wall,
    )
